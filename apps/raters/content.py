"""What can be judged: a text, pictures, a reading of a card; and what each task wants of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Task = Literal["translation", "card_reading", "fashion_retrieval"]
Reason = Literal["", "ok", "no_card", "too_small", "too_blurred", "uncertain_digit", "length", "checksum"]
Corners = tuple[tuple[float, float], ...]

TASKS: tuple[Task, ...] = get_args(Task)
REASONS: tuple[Reason, ...] = get_args(Reason)
LONGEST_TEXT = 10_000
MOST_PICTURES = 12
MOST_DIGITS = 32
MOST_VISIBLE = 4
"""Digits of a card number that a campaign may show; the others are masked before they get here."""


@dataclass(frozen=True)
class Content:
    """A source, a reference or an output; which fields it has depends on the task.

    Attributes:
        text: a sentence, a guide, or a card number masked to its last four digits.
        pictures: file names relative to the campaign's file, or `data:` URIs.
        boxes: the four corners of each digit read, as (x, y) fractions of the picture's width and height.
        reason: why a card reader accepted ("ok") or rejected.
    """

    text: str = ""
    pictures: tuple[str, ...] = ()
    boxes: tuple[Corners, ...] = ()
    reason: Reason = ""

    def to_json(self) -> dict[str, Any]:
        """Its fields that hold something, ready for JSON."""
        return {name: value for name, value in vars(self).items() if value}


def content_from_json(value: object) -> Content:
    """A content as it stands in a file: a text alone, or a mapping of fields.

    Raises:
        ValueError: if it is neither, or a field is unknown, of the wrong kind or too long.
    """
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, Mapping):
        raise ValueError(f"a content is a text or an object, got {type(value).__name__}")
    unknown = sorted(set(value) - set(Content.__dataclass_fields__))
    if unknown:
        raise ValueError(f"a content has text, pictures, boxes and reason, got {', '.join(map(repr, unknown))}")
    return Content(
        text=_text(value.get("text", "")),
        pictures=_pictures(value.get("pictures", ())),
        boxes=_boxes(value.get("boxes", ())),
        reason=_reason(value.get("reason", "")),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text is a string, got {type(value).__name__}")
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"text has {LONGEST_TEXT:,} characters at most, got {len(value):,}")
    return value


def _pictures(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) and name for name in value):
        raise ValueError(f"pictures is a list of file names, got {str(value)[:60]!r}")
    if len(value) > MOST_PICTURES:
        raise ValueError(f"pictures has {MOST_PICTURES} entries at most, got {len(value)}")
    return tuple(value)


def _boxes(value: object) -> tuple[Corners, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_DIGITS:
        raise ValueError(f"boxes is a list of {MOST_DIGITS} quadrilaterals at most, got {str(value)[:60]!r}")
    return tuple(_corners(box) for box in value)


def _corners(box: object) -> Corners:
    try:
        corners = tuple((float(x), float(y)) for x, y in box)  # type: ignore[union-attr]
    except (TypeError, ValueError):
        raise ValueError(f"a box is four [x, y] corners, got {str(box)[:60]!r}") from None
    if len(corners) != 4 or not all(-1 <= part <= 2 for corner in corners for part in corner):
        raise ValueError(f"a box is four corners in fractions of the picture, got {str(box)[:60]!r}")
    return corners


def _reason(value: object) -> Reason:
    if value not in REASONS:
        raise ValueError(f"reason is one of {', '.join(filter(None, REASONS))}, got {value!r}")
    return value  # type: ignore[return-value]


def check_source(task: Task, content: Content) -> None:
    """Raises ValueError if `content` cannot be the source of an item of this task."""
    if task == "translation":
        _only(content, "text", "a translation's source is a text")
    elif task == "card_reading":
        _only(content, "pictures", "a card's source is one picture")
        if len(content.pictures) != 1:
            raise ValueError(f"a card's source is one picture, got {len(content.pictures)}")
    elif not (content.text or content.pictures) or content.boxes or content.reason:
        raise ValueError("a search's source is a guide (text), a query picture, or both")


def check_output(task: Task, content: Content) -> None:
    """Raises ValueError if `content` cannot be a system's output for this task. An empty answer is an answer."""
    if task == "translation":
        if content.pictures or content.boxes or content.reason:
            raise ValueError("a translation is a text and nothing else")
    elif task == "card_reading":
        if content.pictures or not content.reason:
            raise ValueError("a card's reading has a reason ('ok' where it was accepted) and no picture")
        visible = sum(character.isdigit() for character in content.text)
        if visible > MOST_VISIBLE:
            raise ValueError(f"a card's reading shows {MOST_VISIBLE} digits at most, the others masked; got {visible}")
    elif content.text or content.boxes or content.reason:
        raise ValueError("a search's output is a list of pictures and nothing else")


def _only(content: Content, field: str, message: str) -> None:
    if list(content.to_json()) != [field]:
        raise ValueError(f"{message}, got {', '.join(content.to_json()) or 'nothing'}")
