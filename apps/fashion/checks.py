"""What visitors and programs give, checked in words that say what is wrong and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from apps.fashion.events import GUIDE_CHARACTERS, MOST
from apps.i18n import Text

FILTERS = ("category", "colour", "gender", "price_min", "price_max")
_LISTED = 60


def checked_picture(upload: object, text: Text) -> str:
    """The path of an uploaded picture.

    Raises:
        ValueError: if there is none.
    """
    path = upload.get("path") if isinstance(upload, Mapping) else None
    if not path:
        raise ValueError(text("fashion_error_no_picture"))
    return path


def checked_guide(guide: object, text: Text) -> str:
    """A guide without blanks around it; "" for none.

    Raises:
        ValueError: if it is no text, or too long.
    """
    if guide is None:
        return ""
    if not isinstance(guide, str):
        raise ValueError(text("fashion_error_no_text", kind=type(guide).__name__))
    if len(guide) > GUIDE_CHARACTERS:
        raise ValueError(text("fashion_error_long", limit=f"{GUIDE_CHARACTERS:,}", count=f"{len(guide):,}"))
    return guide.strip()


def checked_box(box: object, size: tuple[int, int], text: Text) -> tuple[float, float, float, float] | None:
    """A box that lies in a picture, if only in part.

    Args:
        box: (x0, y0, x1, y1) in pixels, or None or empty for none.
        size: width and height of the picture.
        text: the visitor's language.

    Raises:
        ValueError: if it is no box, is empty, or lies outside.
    """
    if box is None or box in ([], ()):
        return None
    sides = list(box) if isinstance(box, Sequence) and not isinstance(box, str) else []
    if len(sides) != 4 or not all(_is_number(side) for side in sides):
        raise ValueError(text("fashion_error_box", box=repr(box)[:60]))
    x0, y0, x1, y1 = map(float, sides)
    inside = min(x1, size[0]) - max(x0, 0) >= 1 and min(y1, size[1]) - max(y0, 0) >= 1
    if not inside:
        values = {"box": ", ".join(f"{side:g}" for side in sides), "width": size[0], "height": size[1]}
        raise ValueError(text("fashion_error_outside", **values))
    return x0, y0, x1, y1


def checked_count(k: object, text: Text) -> int:
    """How many answers are wanted.

    Raises:
        ValueError: if it is no whole number from 1 to `MOST`.
    """
    if not _is_number(k) or k not in range(1, MOST + 1):
        raise ValueError(text("fashion_error_k", most=MOST, value=repr(k)[:40]))
    return int(k)


def checked_filters(filters: object, known: Mapping[str, Collection[str]], text: Text) -> dict[str, Any]:
    """What is to be seen only, without what filters nothing.

    Args:
        filters: some of `FILTERS`; colours as a text or a list of texts.
        known: the words of the gallery by "category", "colour" and "gender"; empty where there is no gallery.
        text: the visitor's language.

    Raises:
        ValueError: for other names, words that the gallery does not know, and prices that are none or crossed.
    """
    if filters is None:
        return {}
    if not isinstance(filters, Mapping):
        raise ValueError(text("fashion_error_filters", known=", ".join(FILTERS), given=repr(filters)[:60]))
    if strangers := sorted(set(map(str, filters)) - set(FILTERS)):
        raise ValueError(text("fashion_error_filters", known=", ".join(FILTERS), given=", ".join(strangers)[:60]))
    kept = {name: value for name, value in filters.items() if value not in (None, "", [], ())}
    for group in ("category", "colour", "gender"):
        if group in kept and known.get(group):
            _check_words(group, kept[group], known[group], text)
    low, high = (_price(kept.get(name), text) for name in ("price_min", "price_max"))
    if low is not None and high is not None and low > high:
        raise ValueError(text("fashion_error_prices", low=f"{low:g}", high=f"{high:g}"))
    return kept


def _check_words(group: str, given: object, known: Collection[str], text: Text) -> None:
    words = [given] if isinstance(given, str) or not isinstance(given, Sequence) else given
    if group != "colour" and not isinstance(given, str):
        words = [repr(given)[:40]]
    if strangers := [str(word)[:40] for word in words if word not in known]:
        listed = sorted(known)[:_LISTED]
        values = {"value": ", ".join(strangers[:5]), "known": ", ".join(listed)}
        raise ValueError(text(f"fashion_error_{group}", **values))


def _price(value: object, text: Text) -> float | None:
    if value is None:
        return None
    if not _is_number(value) or value < 0:
        raise ValueError(text("fashion_error_price", value=repr(value)[:40]))
    return float(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
