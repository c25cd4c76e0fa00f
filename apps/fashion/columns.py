"""What every way to search found, as HTML: columns side by side, tabs on phones, a card for every answer."""

from __future__ import annotations

from html import escape

from apps.card_ocr.markup import milliseconds
from apps.fashion.answers import Answer, Outcome
from apps.fashion.markup import bar_of, notices
from apps.fashion.wording import Speech
from modeling.fashion_search.results_fashion_search import Hit, SearchResult

MOST_REASONS = 3
WEAK = "no_good_match"
"""Key of the note that no answer is a good one; it stands above the answers themselves."""

STAGES = ("guide", "load", "detect", "region", "describe", "classify", "encode", "colours", "postings", "index", "rank")


def columns(answer: Answer, good_only: bool, speech: Speech) -> str:
    """All outcomes. On phones one is shown at a time, chosen by its tab."""
    if not answer.outcomes:
        return ""
    tabs = "".join(
        f'<button type="button" role="tab" aria-controls="fashion-found-{outcome.kind}" data-tab="{outcome.kind}" '
        f'aria-selected="{"false" if place else "true"}" tabindex="{-1 if place else 0}">'
        f"{_name(outcome, speech)}</button>"
        for place, outcome in enumerate(answer.outcomes)
    )
    cells = "".join(
        _column(answer, outcome, place == 0, good_only, speech) for place, outcome in enumerate(answer.outcomes)
    )
    busy = "" if answer.done else ' aria-busy="true"'
    return (
        f'<section class="ph-found" aria-label="{speech("fashion_found")}"{busy}><h2>{speech("fashion_found")}</h2>'
        f'<p class="ph-quiet">{speech("fashion_found_text")}</p>'
        f'<div class="ph-tablist" role="tablist" aria-label="{speech("fashion_found")}">{tabs}</div>'
        f'<div class="ph-ways" data-count="{len(answer.outcomes)}">{cells}</div></section>'
    )


def _name(outcome: Outcome, speech: Speech) -> str:
    return speech(f"fashion_kind_{outcome.kind}")


def _column(answer: Answer, outcome: Outcome, first: bool, good_only: bool, speech: Speech) -> str:
    head = (
        f"<header><h3>{_name(outcome, speech)}</h3>"
        f'<p class="ph-quiet">{speech(f"fashion_kind_{outcome.kind}_text")}</p>'
        f"{_timing(outcome, speech)}</header>"
    )
    if outcome.pending:
        body = f'<p class="ph-quiet ph-wait">{speech("fashion_pending")}</p>'
    elif outcome.result is None:
        body = f'<p class="ph-problem">{escape(outcome.problem)}</p>'
    else:
        body = _hits(answer, outcome, outcome.result, good_only, speech)
    return (
        f'<article class="ph-way" role="tabpanel" id="fashion-found-{outcome.kind}" data-kind="{outcome.kind}" '
        f'aria-label="{_name(outcome, speech)}"{" data-shown" if first else ""}>{head}{body}</article>'
    )


def _timing(outcome: Outcome, speech: Speech) -> str:
    if outcome.result is None:
        return ""
    ms = dict(outcome.result.ms)
    total = ms.pop("total", 0.0)
    stages = [name for name in STAGES if name in ms] + [name for name in ms if name not in STAGES]
    longest = max([*ms.values(), 1e-9])
    rows = "".join(
        f'<div class="ph-time"><dt>{speech.group(f"stage_{name}") if name in STAGES else escape(name)}</dt>'
        f"<dd>{bar_of(ms[name] / longest)}{milliseconds(ms[name])}</dd></div>"
        for name in stages
    )
    compared = speech("fashion_compared", count=f"{outcome.result.candidates:,}") if outcome.result.candidates else ""
    return (
        f'<details class="ph-timing"><summary><strong>{milliseconds(total)}</strong> '
        f'<span class="ph-quiet">{speech("fashion_times")}</span></summary><dl class="ph-times">{rows}</dl>'
        f'<p class="ph-quiet">{compared} {escape(outcome.name)} <code>{escape(outcome.revision)}</code></p></details>'
    )


def _hits(answer: Answer, outcome: Outcome, result: SearchResult, good_only: bool, speech: Speech) -> str:
    # The notes of the first column stand with the guide above.
    said = set() if outcome is answer.main else set(answer.main.result.notes if answer.main else ())
    own = [note for note in result.notes if outcome is not answer.main and note not in said and note.key != WEAK]
    lead = notices(own, speech)
    hits = [hit for hit in result.hits if not good_only or hit.score >= result.threshold]
    if result.hits and not result.good:
        weak = next((speech.note(note) for note in result.notes if note.key == WEAK), speech("fashion_no_good"))
        lead += f'<p class="ph-no-match"><span aria-hidden="true">✕</span> {weak}</p>'
    elif not result.hits and not result.notes:
        lead += f'<p class="ph-problem">{speech("fashion_nothing")}</p>'
    cards = "".join(_card(hit, outcome, result, speech) for hit in hits)
    return lead + (f'<ol class="ph-hits">{cards}</ol>' if cards else "")


def _card(hit: Hit, outcome: Outcome, result: SearchResult, speech: Speech) -> str:
    item = hit.item
    title = escape(item.title or item.uri)
    picture = outcome.pictures.get(item.id)
    image = f'<img src="{picture}" alt="{title}">' if picture else f'<p class="ph-gone">{speech("fashion_gone")}</p>'
    price = f'<span class="ph-price">{item.price:,.2f}</span>' if item.price is not None else ""
    good = hit.score >= result.threshold
    mark = "" if good else f'<span class="ph-sr">{speech("fashion_weak")}</span>'
    reasons = "".join(f"<li>{speech.reason(note)}</li>" for note in hit.why[:MOST_REASONS])
    twins = f'<p class="ph-twins">{speech("fashion_twins", count=len(hit.duplicates))}</p>' if hit.duplicates else ""
    label = f"{speech('fashion_use')}: {title}"
    return (
        f'<li class="ph-hit{"" if good else " ph-weak-hit"}">{image}<h4>{title}</h4>'
        f'<p class="ph-score">{bar_of(hit.score)}<b>{hit.score:.2f}</b>{mark}{price}</p>'
        f'<ul class="ph-why">{reasons}</ul>{twins}'
        f'<button type="button" class="ph-use" data-item="{item.id}" data-engine="{outcome.engine}" '
        f'aria-label="{label}">{speech("fashion_use")}</button></li>'
    )
