"""The home page as HTML: what the hub is, and one card per system with its measured numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from apps.card_ocr.markup import kilobytes
from apps.i18n import Text, has_text
from apps.results import SPACE, Figure, Results, quantity

_PROMISES = ("local", "measured", "honest")

LEADING = 4
"""So many figures of a system's first model are seen at once; the others unfold."""


@dataclass(frozen=True)
class SystemCard:
    """What the home page says about one system.

    Attributes:
        slug: the page's address below the hub's.
        key: the prefix of its texts: `<key>_name` and `<key>_summary`.
        models: names of its models that have a card page.
        results: the measured numbers of its models.
    """

    slug: str
    key: str
    models: tuple[str, ...]
    results: tuple[Results, ...]


def render(systems: Sequence[SystemCard], text: Text) -> str:
    """The whole page in one language."""
    cards = "".join(_system(system, text) for system in systems)
    promises = "".join(
        f"<li><h3>{text(f'home_promise_{name}')}</h3><p>{text(f'home_promise_{name}_text')}</p></li>"
        for name in _PROMISES
    )
    return (
        f'<div class="ph-hero"><h1>{text("home_title")}</h1><p class="ph-lead">{text("home_lead")}</p></div>'
        f'<section class="ph-systems"><h2>{text("home_systems")}</h2>{cards}</section>'
        f'<section class="ph-promises"><h2>{text("home_promises")}</h2><ul>{promises}</ul></section>'
    )


def _system(system: SystemCard, text: Text) -> str:
    name = text(f"{system.key}_name")
    links = "".join(
        f'<a class="ph-link" href="./{model}">{text("home_card")}: {escape(model)}</a>' for model in system.models
    )
    leading = "".join(_figures(results, system.key, text, LEADING) for results in system.results[:1])
    rest = "".join(
        f"<details><summary>{text('home_more', model=escape(results.model))}</summary>"
        f"{_figures(results, system.key, text)}</details>"
        for place, results in enumerate(system.results)
        if place or len(results.headline) > LEADING
    )
    return (
        f'<article class="ph-system"><header><h3>{name}</h3><p>{text(f"{system.key}_summary")}</p>'
        f'<p class="ph-actions"><a class="ph-open" href="./{system.slug}">{text("home_open")}'
        f'<span class="ph-sr">: {name}</span><span aria-hidden="true"> →</span></a>{links}</p></header>'
        f"{leading}{rest}</article>"
    )


def _figures(results: Results, key: str, text: Text, most: int | None = None) -> str:
    rows = "".join(_row(figure, key, text) for figure in results.headline[:most])
    head = "".join(f'<th scope="col">{text(f"home_{name}")}</th>' for name in ("metric", "value", "rival", "goal"))
    source = text(
        "home_source",
        date=escape(results.date),
        samples=f"{results.samples:,}",
        dataset=escape(results.dataset),
        command=f"<code>{escape(results.command)}</code>",
    )
    caption = escape(results.model)
    if results.weights_bytes:
        caption += f" · {text('home_weights', size=kilobytes(results.weights_bytes))}"
    return (
        f'<table class="ph-figures"><caption>{caption}</caption>'
        f'<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p class="ph-source">{source}</p>'
    )


def _row(figure: Figure, key: str, text: Text) -> str:
    notes = []
    if figure.interval:
        low, high = figure.interval
        notes.append(text("home_ci", low=low, high=high))
    if figure.n is not None:
        notes.append(text("home_n", n=f"{figure.n:,}"))
    value = f"<strong>{quantity(figure.value, figure.unit)}</strong><small>{' · '.join(notes)}</small>"
    own_label = f"metric_{key}_{figure.key}"
    label = text(own_label) if has_text(own_label) else escape(figure.label)
    cells = {"value": value, "rival": _rival(figure), "goal": _goal(figure, text)}
    # Phones show each cell under its own heading.
    columns = "".join(f'<td data-label="{text(f"home_{name}")}">{cell}</td>' for name, cell in cells.items())
    return f'<tr><th scope="row">{label}</th>{columns}</tr>'


def _rival(figure: Figure) -> str:
    if figure.rival is None:
        return "–"
    name = f"<small>{escape(figure.rival_name)}</small>" if figure.rival_name else ""
    return f"{quantity(figure.rival, figure.unit)}{name}"


def _goal(figure: Figure, text: Text) -> str:
    if figure.goal is None:
        return "–"
    sign = "≥" if figure.higher_is_better else "≤"
    word = "met" if figure.met else "missed"
    mark = "✓" if figure.met else "✕"
    return (
        f"{sign}{SPACE}{quantity(figure.goal, figure.unit)}"
        f'<small class="ph-{word}"><span aria-hidden="true">{mark}</span> {text(f"home_{word}")}</small>'
    )
