"""What a rater sees, as HTML, made from what `blind` lets out and nothing else.

Everything a system wrote goes through `escape`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from apps.i18n import Text
from apps.raters.blind import CHOICES, SCORES, BlindTask, Choice, Shown, Side, Standing
from apps.raters.content import Corners, Task
from apps.raters.office import CampaignInfo
from apps.raters.reveal import Revealed

_KEYS = {"A": "A", "B": "B", "tie": "T", "both_bad": "N"}
_ARROWS = {"A": "←", "B": "→"}
_SCRIPTS = (("ko", "[\uac00-\ud7a3]"), ("ja", "[\u3040-\u30ff]"), ("zh", "[\u4e00-\u9fff]"))


def offers(found: Sequence[CampaignInfo], per_rater: int, text: Text) -> str:
    """What a visitor without an invitation may join."""
    cards = "".join(_offer(one, per_rater, text) for one in found)
    cards = cards or f'<p class="ph-quiet">{text("raters_offers_none")}</p>'
    return f'<section class="ph-offers"><h2>{text("raters_offers")}</h2><div class="ph-columns">{cards}</div></section>'


def _offer(one: CampaignInfo, per_rater: int, text: Text) -> str:
    name = escape(one.name)
    count = text("raters_offer_count", count=min(one.items, per_rater))
    return (
        f'<article class="ph-output"><h3>{text(f"raters_task_{one.task}")}</h3><p>{escape(one.title)}</p>'
        f'<p class="ph-quiet">{text(f"raters_protocol_{one.protocol}")} {count}</p>'
        f'<button type="button" class="ph-open" data-join="{name}" data-again="{text("raters_continue")}">'
        f'{text("raters_join")}<span class="ph-sr">: {text(f"raters_task_{one.task}")}</span></button></article>'
    )


def task(found: BlindTask, text: Text) -> str:
    """One judgement: how far one is, the question, the source, and the outputs with their buttons."""
    question = text(f"raters_question_{found.task}_{_kind(found)}")
    reference = _reference(found.reference, text) if found.reference else ""
    former = f'<p class="ph-former">{former_words(found.former, text)}</p>' if found.former is not None else ""
    sides = "".join(_side(found, side, text) for side in found.sides)
    return (
        f'{progress(found.done, found.total, text)}<h2 class="ph-question" tabindex="-1">{question}</h2>{former}'
        f'<section class="ph-given" aria-label="{text("raters_source")}">'
        f'<h3 class="ph-small">{text("raters_source")} · {escape(found.domain)}</h3>'
        f"{_content(found.source, text)}{reference}</section>"
        f'<div class="ph-sides">{sides}</div>{_choices(found, text)}{_tools(found, text)}'
    )


def progress(done: int, total: int, text: Text) -> str:
    """The bar, in words as well, and the clock of this question."""
    return (
        f'<div class="ph-track"><span class="ph-bar" role="progressbar" aria-valuemin="0" aria-valuemax="{total}" '
        f'aria-valuenow="{done}" aria-label="{text("raters_progress")}">'
        f'<i style="width:{100 * done / max(total, 1):.1f}%"></i></span>'
        f'<p class="ph-quiet">{text("raters_progress_count", done=done, total=total)}</p>'
        f'<p class="ph-quiet ph-clock" role="timer" aria-live="off" aria-label="{text("raters_time")}">0:00</p></div>'
    )


def _kind(found: BlindTask) -> str:
    return found.protocol if found.protocol == "pairwise" or len(found.sides) > 1 else "single"


def _reference(reference: Shown, text: Text) -> str:
    return f'<h3 class="ph-small">{text("raters_reference")}</h3>{_content(reference, text)}'


def _side(found: BlindTask, side: Side, text: Text) -> str:
    name = text("raters_output", letter=side.letter)
    body = _reading(found.source, side.output, text) if found.task == "card_reading" else _content(side.output, text)
    scores = _scores(found.task, side.letter, text) if found.protocol == "score012" else ""
    return (
        f'<section class="ph-output ph-side" data-side="{side.letter}" aria-label="{name}">'
        f"<h3>{name}</h3>{body}{scores}</section>"
    )


def _scores(kind: Task, letter: str, text: Text) -> str:
    buttons = "".join(
        f'<button type="button" data-score="{score}" aria-pressed="false"><kbd>{score}</kbd> '
        f"<span>{text(f'raters_score_{kind}_{score}')}</span></button>"
        for score in SCORES
    )
    label = text("raters_score_of", letter=letter)
    return f'<div class="ph-scores" role="group" aria-label="{label}">{buttons}</div>'


def _choices(found: BlindTask, text: Text) -> str:
    if found.protocol != "pairwise":
        return ""
    buttons = "".join(
        f'<button type="button" data-choice="{choice}"><kbd>{_KEYS[choice]}</kbd> '
        f"<span>{text(f'raters_choice_{choice}')}</span>{_arrow(choice)}</button>"
        for choice in CHOICES
    )
    return f'<div class="ph-choices" role="group" aria-label="{text("raters_choices")}">{buttons}</div>'


def _arrow(choice: str) -> str:
    return f'<kbd class="ph-arrow" aria-hidden="true">{_ARROWS[choice]}</kbd>' if choice in _ARROWS else ""


def _tools(found: BlindTask, text: Text) -> str:
    keys = text("raters_keys_pairwise" if found.protocol == "pairwise" else "raters_keys_score012")
    return (
        f'<div class="ph-tools">{_undo(found.done > 0, text)}{_leave(text)}<p class="ph-quiet ph-keys">{keys}</p></div>'
    )


def _undo(possible: bool, text: Text) -> str:
    disabled = "" if possible else " disabled"
    return f'<button type="button" class="ph-copy" data-undo{disabled}><kbd>U</kbd> {text("raters_undo")}</button>'


def _leave(text: Text) -> str:
    return f'<button type="button" class="ph-copy" data-leave>{text("raters_leave")}</button>'


def former_words(former: Choice, text: Text) -> str:
    """What was said before it was taken back."""
    if isinstance(former, str):
        said = text(f"raters_choice_{former}")
    else:
        said = ", ".join(f"{'ABCDEF'[place]} {score}" for place, score in enumerate(former))
    return text("raters_former", said=said)


def _content(shown: Shown, text: Text) -> str:
    parts = []
    if shown.text or not shown.pictures:
        parts.append(_text(shown.text, text))
    if shown.pictures:
        figures = "".join(
            f'<li><img src="{escape(uri)}" alt="{text("raters_picture", number=number)}"></li>'
            for number, uri in enumerate(shown.pictures, 1)
        )
        parts.append(f'<ol class="ph-pictures">{figures}</ol>')
    return "".join(parts)


def _text(written: str, text: Text) -> str:
    if not written.strip():
        return f'<p class="ph-words ph-none">{text("raters_empty")}</p>'
    language = language_of(written)
    lang = f' lang="{language}"' if language else ""
    # Long ones scroll inside, so that the buttons stay in reach; the keyboard gets there as well.
    focus = ' tabindex="0" role="region" aria-label="' + text("raters_long") + '"' if len(written) > 600 else ""
    return f'<div class="ph-words"{lang}{focus}>{escape(written)}</div>'


def language_of(written: str) -> str:
    """The language whose script a text is in, so that Han characters get their shapes; empty where none shows."""
    return next((language for language, script in _SCRIPTS if re.search(script, written)), "")


def _reading(source: Shown, output: Shown, text: Text) -> str:
    """The picture with the digits a reader found outlined, the number, and whether it was accepted."""
    accepted = output.reason == "ok"
    state = "accepted" if accepted else "rejected"
    outlines = "".join(f'<polygon points="{_points(box)}"/>' for box in output.boxes)
    number = f'<p class="ph-number">{escape(output.text)}</p>' if output.text else ""
    number = number or f'<p class="ph-words ph-none">{text("raters_no_number")}</p>'
    mark = "✓" if accepted else "✕"
    return (
        f'<figure class="ph-boxed"><img src="{escape(source.pictures[0])}" alt="{text("raters_boxed")}">'
        f'<svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">{outlines}</svg></figure>{number}'
        f'<p class="ph-{state}"><span class="ph-badge"><span aria-hidden="true">{mark}</span> '
        f"{text(f'raters_reason_{output.reason}')}</span></p>"
    )


def _points(box: Corners) -> str:
    return " ".join(f"{x:.4f},{y:.4f}" for x, y in box)


def finished(standing: Standing, reveals: bool, text: Text) -> str:
    """Thanks, at the end."""
    button = (
        f'<p class="ph-quiet">{text("raters_reveal_note")}</p>'
        f'<button type="button" class="ph-open" data-reveal>{text("raters_reveal")}</button>'
        if reveals
        else ""
    )
    undo = _undo(True, text) if standing.last else ""
    return (
        f'{progress(standing.done, standing.total, text)}<section class="ph-verdict ph-accepted">'
        f'<h2 tabindex="-1" class="ph-question">{text("raters_thanks")}</h2>'
        f'<p class="ph-reason">{text("raters_thanks_text", count=standing.done)}</p>{button}'
        f'<div class="ph-tools">{undo}{_leave(text)}</div></section>'
    )


def revealed(found: Sequence[Revealed], text: Text) -> str:
    """The rater's own votes, system by system."""
    scored = any(one.mean is not None for one in found)
    columns = ["judged", *(["mean"] if scored else []), "wins", "ties", "losses"]
    head = "".join(f'<th scope="col">{text(f"raters_revealed_{name}")}</th>' for name in columns)
    rows = "".join(
        f'<tr><th scope="row">{escape(one.system)}</th>'
        + "".join(f"<td>{_figure(getattr(one, name))}</td>" for name in columns)
        + "</tr>"
        for one in found
    )
    return (
        f'<section class="ph-verdict"><h2 tabindex="-1" class="ph-question">{text("raters_revealed")}</h2>'
        f'<p class="ph-quiet">{text("raters_revealed_note")}</p><div class="ph-scroll"><table class="ph-plain"><thead>'
        f'<tr><th scope="col">{text("raters_system")}</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f'<div class="ph-tools">{_leave(text)}</div></section>'
    )


def _figure(value: float | int | None) -> str:
    return "–" if value is None else str(value) if isinstance(value, int) else f"{value:.2f}"
