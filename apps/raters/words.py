"""The figures of a campaign in words and tables, for Markdown and PDF alike."""

from __future__ import annotations

from dataclasses import dataclass

from apps.raters.agreement import LOW
from apps.raters.bradley_terry import PRIOR
from apps.raters.checks import MOST_FAILED
from apps.raters.figures import Comparison, Estimate, Figures

_PROTOCOLS = {
    "score012": "every output scored 0 (not usable), 1 (usable) or 2 (excellent)",
    "pairwise": "of two outputs the better chosen, or a tie, or both bad",
}


@dataclass(frozen=True)
class Section:
    """A heading with paragraphs and perhaps a table.

    Attributes:
        title: the heading.
        paragraphs: before the table.
        head: column headings; empty without a table.
        rows: cells as text.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def sections(figures: Figures) -> tuple[Section, ...]:
    """Everything a report says, in its order."""
    if figures.total is None:
        return (_collected(figures), Section("Result", ("No item is judged yet.",)))
    result = [_collected(figures), _table(figures)]
    if figures.comparisons:
        result.append(_compared("Differences", figures.comparisons, figures.settings.protocol == "pairwise"))
    if figures.without_flagged:
        title = "Differences without the raters who failed too many checks"
        result.append(_compared(title, figures.without_flagged, figures.settings.protocol == "pairwise"))
    if figures.strengths:
        result.append(_strong(figures))
    return (*result, _agreeing(figures), _attentive(figures), _method(figures))


def _collected(figures: Figures) -> Section:
    counts = figures.counts
    rows = [
        ("Task", figures.settings.task.replace("_", " ")),
        ("Protocol", _PROTOCOLS[figures.settings.protocol]),
        ("Items judged", f"{counts.judged} of {counts.items}, each by {counts.least_raters} raters or more"),
        ("Items with outputs that look alike", str(counts.alike)),
        ("Raters", str(counts.raters)),
        ("Votes that count", str(counts.votes)),
        ("Repeats, checks, taken back", f"{counts.repeats}, {counts.checks}, {counts.undone}"),
    ]
    if counts.median_seconds is not None:
        rows.append(("Median time for a question", f"{counts.median_seconds:.1f} s"))
    return Section("What was collected", (), ("", ""), tuple(rows))


def _table(figures: Figures) -> Section:
    rows = [
        (row.name or "all", str(row.items), str(row.out_of), *(_estimate(points) for points in row.points))
        for row in (*figures.rows, figures.total)
        if row is not None
    ]
    worth = {
        "score012": "the mean of its raters' scores",
        "pairwise": "the share of its comparisons that were won, a tie being half",
    }[figures.settings.protocol]
    text = f"An item is worth {worth}; in brackets, 95 % intervals."
    return Section("Points", (text,), ("Domain", "Items", "Out of", *figures.systems), tuple(rows))


def _compared(title: str, comparisons: tuple[Comparison, ...], pairwise: bool) -> Section:
    rows = tuple(
        (
            one.a,
            one.b,
            _estimate(one.difference, signed=True),
            f"{one.better} / {one.equal} / {one.worse}",
            _p(one.p),
            _p(one.p_corrected),
            "differ" if one.found else "not told apart",
        )
        for one in comparisons
    )
    text = "Two systems differ only where the corrected test says so and the interval leaves out zero."
    if pairwise:
        text += " A difference is half of comparisons won minus half of those lost, summed over items."
    head = ("First", "Second", "Points more", "Items better / equal / worse", "p", "p corrected", "Verdict")
    return Section(title, (text,), head, rows)


def _strong(figures: Figures) -> Section:
    rows = tuple(
        (system, _estimate(strength, signed=True))
        for system, strength in zip(figures.systems, figures.strengths, strict=True)
    )
    text = (
        "Bradley-Terry strengths in Elo points about their mean; 400 points are odds of ten to one. "
        f"Ties count as half a win, and {PRIOR:g} tie was added between every two systems."
    )
    if figures.settings.protocol == "score012":
        text += " The higher of two scores wins."
    return Section("Strength", (text,), ("System", "Elo points"), rows)


def _agreeing(figures: Figures) -> Section:
    one, own = figures.agreement, figures.consistency
    rows = [
        ("Krippendorff's alpha, ordinal", _or_none(one.alpha, one.ci95), f"{one.questions} questions"),
        ("Weighted kappa, mean (range) of pairs", _or_none(one.kappa, one.kappa_range), f"{one.pairs} pairs"),
        ("Raters with themselves, same answer", _or_none(own.share, own.ci95), f"{own.equal} of {own.repeats}"),
        ("Raters with themselves, weighted kappa", _or_none(own.kappa, None), f"{own.repeats} repeats"),
    ]
    text = ()
    if one.low:
        text = (f"Agreement is LOW: alpha is below {LOW}. Read every difference above with that in mind.",)
    elif one.alpha is None:
        text = ("Agreement cannot be computed: no question has two raters, or all votes are the same.",)
    return Section("Agreement", text, ("", "Value", "From"), tuple(rows))


def _attentive(figures: Figures) -> Section:
    rows = tuple(
        (one.rater, str(one.checks), str(one.failed), "FLAGGED" if one.flagged else "")
        for one in figures.attention
        if one.checks
    )
    if not rows:
        return Section("Attention", ("No damaged output was judged.",))
    text = f"Who passed over more than {MOST_FAILED:.0%} of the damaged outputs is flagged; their votes still count."
    return Section("Attention", (text,), ("Rater", "Damaged outputs", "Not noticed", ""), rows)


def _method(figures: Figures) -> Section:
    text = (
        f"Intervals: percentile bootstrap over items within domains, {figures.resamples:,} resamples (at most 2,000 "
        "for strengths, 1,000 for alpha), an item keeping all its raters and systems. They speak of other sentences, "
        "not of other raters. p: two-sided sign-flip test over items; corrected after Holm for all pairs of systems. "
        f"Seed {figures.seed}. Repeats and damaged outputs count for no system."
    )
    return Section("Method", (text,))


def _estimate(estimate: Estimate, signed: bool = False) -> str:
    low, high = estimate.ci95
    form = "+.1f" if signed else ".1f"
    return f"{estimate.value:{form}} ({low:{form}} to {high:{form}})"


def _or_none(value: float | None, bounds: tuple[float, float] | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if bounds is None else f"{value:.2f} ({bounds[0]:.2f} to {bounds[1]:.2f})"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
