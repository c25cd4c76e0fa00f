"""The figures of a campaign as HTML: the table of points, differences, strengths, agreement, attention, plots."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from apps.i18n import Text
from apps.raters.checks import MOST_FAILED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from apps.raters.figures import Comparison, Estimate, Figures


def results(figures: Figures, text: Text) -> str:
    """Everything an administrator reads of the votes so far."""
    counts = figures.counts
    collected = text("raters_results_collected", **vars(counts))
    parts = [f'<h2 tabindex="-1">{text("raters_results")}</h2><p>{collected}</p>']
    if figures.total is None:
        return "".join(parts) + f'<p class="ph-quiet">{text("raters_results_none")}</p>'
    parts += [_points(figures, text), _plots(figures, text)]
    if figures.comparisons:
        parts.append(_compared("raters_results_differences", figures.comparisons, text))
    if figures.without_flagged:
        parts.append(_compared("raters_results_without_flagged", figures.without_flagged, text))
    parts += [_strengths(figures, text), _agreement(figures, text), _attention(figures, text)]
    method = text("raters_results_method", resamples=f"{figures.resamples:,}", seed=figures.seed)
    return "".join(parts) + f'<p class="ph-quiet">{method}</p>'


def _points(figures: Figures, text: Text) -> str:
    head = [text("raters_results_domain"), text("raters_results_items"), text("raters_results_out_of")]
    rows = [
        [escape(row.name) or text("raters_results_all"), str(row.items), str(row.out_of), *map(_estimate, row.points)]
        for row in (*figures.rows, figures.total)
        if row
    ]
    note = text(f"raters_results_worth_{figures.settings.protocol}")
    return _section("raters_results_points", note, [*head, *map(_code, figures.systems)], rows, text)


def _compared(title: str, comparisons: Sequence[Comparison], text: Text) -> str:
    names = ("pair", "more", "items_split", "p", "p_corrected", "verdict")
    rows = [
        [
            f"{_code(one.a)} – {_code(one.b)}",
            _estimate(one.difference, "+.1f"),
            f"{one.better} / {one.equal} / {one.worse}",
            _p(one.p),
            _p(one.p_corrected),
            text("raters_results_differ" if one.found else "raters_results_alike"),
        ]
        for one in comparisons
    ]
    note = text("raters_results_differences_note")
    return _section(title, note, [text(f"raters_results_{name}") for name in names], rows, text)


def _strengths(figures: Figures, text: Text) -> str:
    if not figures.strengths:
        return ""
    rows = [[_code(name), _estimate(one, "+.0f")] for name, one in zip(figures.systems, figures.strengths, strict=True)]
    head = [text("raters_system"), text("raters_results_elo")]
    return _section("raters_results_strengths", text("raters_results_strengths_note"), head, rows, text)


def _agreement(figures: Figures, text: Text) -> str:
    one, own = figures.agreement, figures.consistency
    rows = [
        [
            text("raters_results_alpha"),
            _value(one.alpha, one.ci95),
            text("raters_results_questions", count=one.questions),
        ],
        [
            text("raters_results_kappa"),
            _value(one.kappa, one.kappa_range),
            text("raters_results_pairs", count=one.pairs),
        ],
        [text("raters_results_own"), _value(own.share, own.ci95), f"{own.equal} / {own.repeats}"],
        [text("raters_results_own_kappa"), _value(own.kappa, None), text("raters_results_repeats", count=own.repeats)],
    ]
    head = [text("raters_results_measure"), text("home_value"), text("raters_results_from")]
    warning = f'<p class="ph-caution">{text("raters_results_low")}</p>' if one.low else ""
    return warning + _section("raters_results_agreement", text("raters_results_agreement_note"), head, rows, text)


def _attention(figures: Figures, text: Text) -> str:
    seen = [one for one in figures.attention if one.checks]
    if not seen:
        return ""
    rows = [
        [_code(one.rater), f"{one.failed} / {one.checks}", text("raters_admin_flagged") if one.flagged else "–"]
        for one in seen
    ]
    head = [text("raters_admin_rater"), text("raters_admin_checks"), text("raters_admin_state")]
    note = text("raters_results_attention_note", share=f"{MOST_FAILED:.0%}")
    return _section("raters_results_attention", note, head, rows, text)


def _section(title: str, note: str, head: Sequence[str], rows: Sequence[Sequence[str]], text: Text) -> str:
    cells = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    lines = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    )
    return (
        f'<h3>{text(title)}</h3><p class="ph-quiet">{note}</p><div class="ph-scroll"><table class="ph-plain"><thead>'
        f"<tr>{cells}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _plots(figures: Figures, text: Text) -> str:
    # Imported here: drawing takes a second to get ready, and raters never need it.
    from apps.raters.fonts import drawing
    from apps.raters.plots import differences_plot, points_plot

    with drawing():
        drawn = [(name, plot(figures)) for name, plot in (("points", points_plot), ("differences", differences_plot))]
        return "".join(
            f'<img class="ph-plot" alt="{text(f"raters_results_plot_{name}")}" src="{_png(figure)}">'
            for name, figure in drawn
            if figure is not None
        )


def _png(figure: Figure) -> str:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110)
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


def _estimate(one: Estimate, form: str = ".1f") -> str:
    low, high = one.ci95
    return f"<strong>{one.value:{form}}</strong> <small>{low:{form}} … {high:{form}}</small>".replace("-", "−")


def _value(value: float | None, bounds: tuple[float, float] | None) -> str:
    if value is None:
        return "–"
    interval = f" <small>{bounds[0]:.2f} … {bounds[1]:.2f}</small>" if bounds else ""
    return f"<strong>{value:.2f}</strong>{interval}".replace("-", "−")


def _p(value: float) -> str:
    return "&lt; 0.001" if value < 0.001 else f"{value:.3f}"


def _code(name: str) -> str:
    return f"<code>{escape(name)}</code>"
