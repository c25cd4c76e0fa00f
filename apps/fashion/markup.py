"""What was seen and understood, as HTML: the photograph with its garments, the guide in words, attributes, category.

Everything a visitor typed, and everything a seller wrote, goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from apps.card_ocr.pictures import data_uri
from apps.fashion.answers import Answer
from apps.fashion.pictures import placed
from apps.fashion.wording import Speech
from apps.i18n import Text
from modeling.fashion_search.guide_fashion_search import Guide
from modeling.fashion_search.results_fashion_search import Attribute, Box, Category, Note

FIELDS = ("category", "gender", "colours", "pattern", "material", "neckline", "sleeve")
MOST_WORDS = 40
_LABEL, _ROW = (0.4, 0.06), 0.065
"""What a box's label takes up at most, as shares of the photograph's width and height; and how far its rows stand
apart."""

_ELSEWHERE = ("conflict", "unknown_words", "no_good_match")
"""Notes that stand with the guide's own words, or above the answers."""


def waiting(text: Text) -> str:
    """What stands in the photograph's place before the first answer."""
    return f'<div class="ph-verdict ph-empty"><p>{text("fashion_waiting")}</p></div>'


def failure(title: str, message: str) -> str:
    """What stands in the photograph's place when nothing could be searched with."""
    return (
        f'<section class="ph-verdict ph-rejected" role="alert"><p class="ph-badge"><span aria-hidden="true">!</span> '
        f'{escape(title)}</p><p class="ph-reason">{escape(message)}</p></section>'
    )


def share(value: float) -> str:
    """A confidence as it is read beside a name: two decimals, never 1.00 where doubt is left."""
    return f"{min(value, 0.99) if value < 1 else value:.2f}"


def garment_labels(answer: Answer, speech: Speech) -> list[str]:
    """The garments as they are numbered: "1 · bag 0.93"."""
    return [
        f"{place} · {speech.word('garment', one.label)}" + (f" {share(one.score)}" if one.score else "")
        for place, one in enumerate(answer.garments, start=1)
    ]


def seen(answer: Answer, speech: Speech) -> str:
    """The photograph with numbered boxes. The mouse may choose one; the radio group below is for everyone."""
    chosen, labels = answer.chosen, garment_labels(answer, speech)
    places = sorted(range(len(labels)), key=lambda place: -_area(answer.garments[place].box))
    rows = label_rows([one.box for one in answer.garments], chosen, answer.size)
    boxes = "".join(_box(answer, place, labels[place], place == chosen, rows[place]) for place in places)
    main = answer.main
    if chosen is None and main and main.result.box and answer.item is None and labels:
        boxes += f'<i class="ph-region" style="{placed(main.result.box, answer.size)}"></i>'
    if answer.item is not None:
        caption = speech("fashion_seen_item", title=escape(answer.item.title or answer.item.uri))
    elif not answer.outcomes or all(outcome.pending for outcome in answer.outcomes):
        caption = speech("fashion_looking")
    else:
        caption = speech("fashion_seen", count=len(labels)) if labels else speech("fashion_seen_none")
    alt = speech("fashion_photo_alt", garments=escape(", ".join(labels) or "–"))
    busy = "" if answer.done else ' aria-busy="true"'
    return (
        f'<section class="ph-seen" aria-label="{speech("fashion_seen_title")}"{busy}><div class="ph-photo">'
        f'<img src="{data_uri(answer.photo)}" alt="{alt}">{boxes}</div>'
        f'<p class="ph-quiet" role="status">{caption}</p></section>'
    )


def understood(answer: Answer, speech: Speech) -> str:
    """What the guide said, and what was doubtful about the search."""
    parts = [guide_chips(answer.guide, speech)] if answer.guide else []
    notes = answer.main.result.notes if answer.main else ()
    parts.append(notices([note for note in notes if note.key not in _ELSEWHERE], speech))
    if answer.item is None and answer.guide is None and answer.query.pick is None and answer.main:
        parts.append(f'<p class="ph-hint">{speech("fashion_say_which")}</p>')
    inner = "".join(parts)
    return f'<section class="ph-understood">{inner}</section>' if inner else ""


def guide_chips(guide: Guide, speech: Speech) -> str:
    """The words that were understood, those that were not, and those that contradict each other."""
    rows = []
    for name in FIELDS:
        value = getattr(guide, name)
        for token in (value,) if isinstance(value, str) else value or ():
            rows.append(_chip(speech.group(name), speech.word(name, token)))
    if not rows:
        rows.append(f'<li class="ph-quiet">{speech("fashion_guide_nothing")}</li>')
    items = "".join(rows)
    extra = ""
    if guide.unknown:
        words = "".join(f'<li class="ph-unknown-word">{escape(word)}</li>' for word in guide.unknown[:MOST_WORDS])
        extra += f'<p class="ph-quiet">{speech("fashion_guide_unknown")}</p><ul class="ph-guide">{words}</ul>'
    for name, values in guide.conflicts:
        said = " / ".join(escape(speech.word(name, value)) for value in values)
        extra += f'<p class="ph-caution">{speech("fashion_guide_conflict", group=speech.group(name), values=said)}</p>'
    return f'<h3>{speech("fashion_guide_title")}</h3><ul class="ph-guide">{items}</ul>{extra}'


def notices(notes: Iterable[Note], speech: Speech) -> str:
    """Notes of a search, as a list."""
    items = "".join(f"<li>{speech.note(note)}</li>" for note in notes)
    return f'<ul class="ph-cautions">{items}</ul>' if items else ""


def described(answer: Answer, speech: Speech) -> str:
    """The attributes in the order they were said, and the category as surely as it is known."""
    main = answer.main
    if main is None or not main.result.attributes:
        return ""
    result = main.result
    tiles = "".join(_tile(one, speech) for one in result.attributes)
    lead = speech("fashion_attributes_text") if any(one.forced for one in result.attributes) else ""
    category = _hedged(result.category, speech) if result.category else ""
    note = f'<p class="ph-quiet">{lead}</p>' if lead else ""
    return (
        f'<section class="ph-described"><h2>{speech("fashion_attributes")}</h2>{note}'
        f'<ol class="ph-attributes">{tiles}</ol>{category}</section>'
    )


def _tile(one: Attribute, speech: Speech) -> str:
    foot = f'<small class="ph-by-guide">{speech("fashion_given")}</small>' if one.forced else ""
    bar = "" if one.forced else bar_of(one.confidence) + f"<small>{share(one.confidence)}</small>"
    return (
        f'<li class="ph-attribute{" ph-forced" if one.forced else ""}"><span>{escape(speech.group(one.group))}</span>'
        f"<b>{escape(speech.word(one.group, one.value))}</b>{bar}{foot}</li>"
    )


def _hedged(category: Category, speech: Speech) -> str:
    """The path from the root to the node that is sure enough, and the leaf that is only likely."""
    path = "".join(f"<li>{escape(speech.word('category', node))}</li>" for node in category.path[:-1])
    sure = (
        f'<li class="ph-sure"><b>{escape(speech.word("category", category.hedged))}</b> '
        f"<small>{speech('fashion_sure', share=share(category.hedged_confidence))}</small></li>"
    )
    likely = ""
    if category.leaf != category.hedged:
        likely = (
            f'<li class="ph-likely"><b>{escape(speech.word("category", category.leaf))}</b> '
            f"<small>{speech('fashion_likely', share=share(category.confidence))}</small></li>"
        )
    return f'<h3>{speech("fashion_category")}</h3><ol class="ph-path">{path}{sure}{likely}</ol>'


def bar_of(value: float) -> str:
    """A value between 0 and 1 as a bar; the number stands beside it."""
    return f'<span class="ph-bar" aria-hidden="true"><i style="width:{100 * min(max(value, 0), 1):.0f}%"></i></span>'


def _chip(group: str, word: str) -> str:
    return f"<li><small>{escape(group)}</small> {escape(word)}</li>"


def label_rows(boxes: Sequence[Box], chosen: int | None, size: tuple[int, int]) -> list[int]:
    """How many rows below the head of its box every label stands, so that none covers another.

    Args:
        boxes: x0, y0, x1, y1 in pixels.
        chosen: place of the box whose label stays at the head, if any.
        size: width and height of the photograph.
    """
    rows, taken = [0] * len(boxes), []
    for place in sorted(range(len(boxes)), key=lambda place: (place != chosen, place)):
        left, top = boxes[place][0] / size[0], boxes[place][1] / size[1]
        while any(abs(left - x) < _LABEL[0] and abs(top - y) < _LABEL[1] for x, y in taken):
            rows[place] += 1
            top += _ROW
        taken.append((left, top))
    return rows


def _box(answer: Answer, place: int, label: str, chosen: bool, row: int) -> str:
    box = answer.garments[place].box
    # Labels far to the right grow to the left, so that they stay in the photograph.
    marks = " data-chosen" * chosen + " data-right" * (box[0] > 0.6 * answer.size[0])
    lower = f";--row:{row}" if row else ""
    return (
        f'<button type="button" class="ph-box" data-pick="{place}" tabindex="-1" aria-hidden="true"{marks} '
        f'style="{placed(box, answer.size)}{lower}"><span>{escape(label)}</span></button>'
    )


def _area(box: Sequence[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
