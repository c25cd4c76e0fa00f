"""Guides from whatever people give, what they want of an item, and what is doubtful about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from .postings_fashion_search import WORN_BY
from .results_fashion_search import Item, Note
from .tree_fashion_search import at_or_below, path_to

if TYPE_CHECKING:
    from .guide_fashion_search import Guide

FIELDS = ("category", "gender", "colours", "pattern", "material", "neckline", "sleeve")
"""Fields of a guide that say something of a garment, the weightiest first."""

SELLERS = ("material", "neckline", "sleeve")
"""Those that only sellers' titles say: no picture is labelled with them. What no candidate has is not asked."""

_SEVERAL = ("colours", "material")

Wanted = dict[str, tuple[str, ...]]
"""Field of a guide -> the words of which an item should have one."""


class Extractor(Protocol):
    """Takes guides out of text. See `GuideExtractor`."""

    def extract(self, text: str) -> Guide:
        """What a text says of a garment."""


def as_guide(guide: Guide | str | Mapping[str, Any] | None, extractor: Extractor) -> Guide | None:
    """A guide of whatever kind was given.

    Args:
        guide: a guide; text it is extracted from; or its fields by name, "colour" being short for "colours".
        extractor: for texts.

    Raises:
        ValueError: for fields that guides do not have.
    """
    if guide is None or (isinstance(guide, str) and not guide.strip()):
        return None
    if isinstance(guide, str):
        return extractor.extract(guide)
    if not isinstance(guide, Mapping):
        return guide
    from .guide_fashion_search import Guide  # here, for guides are made by whoever calls in all other cases

    values = {("colours" if name == "colour" else name): value for name, value in guide.items() if value}
    if strangers := sorted(set(values) - set(FIELDS)):
        raise ValueError(f"A guide has the fields {', '.join(FIELDS)}, got {', '.join(strangers)}")
    return Guide(**{name: _words(value) if name in _SEVERAL else value for name, value in values.items()})


def wanted_words(guide: Guide | None, tree: Mapping[str, str]) -> Wanted:
    """What a guide asks of an item. Of a category that the tree does not know, its nearest node counts."""
    if guide is None:
        return {}
    category = guide_category(guide, tree)
    found = {name: _words(getattr(guide, name)) for name in FIELDS if name != "category" and getattr(guide, name)}
    return ({"category": (category,)} if category else {}) | found


def guide_category(guide: Guide | None, tree: Mapping[str, str]) -> str:
    """The node of the tree that a guide means, "" if there is none."""
    if guide is None or not guide.category:
        return ""
    named = guide.tokens.get("category", ""), guide.category, *sorted(guide.garment_classes)
    return next((node for node in named if node in tree), "")


def fulfilled(item: Item, field: str, values: tuple[str, ...], tree: Mapping[str, str]) -> float:
    """How far an item is what is wanted: 1 if it is, 0 if not, 0.5 for another category of the wanted one's kind."""
    if field == "category":
        if any(at_or_below(node, item.category, tree) for node in values):
            return 1.0
        kinds = {path_to(node, tree)[-2] for node in values if len(path_to(node, tree)) > 2}
        return 0.5 if kinds & set(path_to(item.category, tree)) else 0.0
    if field == "gender":
        return float(any(item.gender in WORN_BY.get(one, (one,)) for one in values))
    if field == "colours":
        return float(item.colour in values)
    has = {_plain(one) for one in _words(item.guide.get(field, ()))} | {_plain(item.attribute(field))}
    return float(any(_plain(one) in has for one in values))


def leftover(guide: Guide | None, wanted: Wanted, text: str | None) -> str:
    """The words of a text that are looked for as they are: those not understood, or all where none was."""
    if guide is None:
        return ""
    return " ".join(guide.unknown) if wanted else (text or "").strip()


def guide_notes(guide: Guide | None, unknown: bool = True) -> list[Note]:
    """What is doubtful about a guide; with `unknown`, which words were not understood too."""
    if guide is None:
        return []
    notes = []
    for field, values in guide.conflicts:
        sentence = "The guide says {values} at once ({field}); {chosen}."
        used = _words(getattr(guide, field, None) or getattr(guide, f"{field}s", None) or ())
        chosen = f"{used[0]} was taken" if used else "neither was taken"
        notes.append(Note("conflict", sentence, values=" and ".join(values), field=field, chosen=chosen))
    if unknown and guide.unknown:
        notes.append(Note("unknown_words", "Not understood: {words}.", words=", ".join(guide.unknown)))
    return notes


def guide_record(guide: Guide | None) -> dict[str, Any]:
    """A guide as the catalogue keeps it: its fields, empty ones left out."""
    if guide is None:
        return {}
    kept = {name: getattr(guide, name) for name in (*FIELDS, "unknown")}
    record = {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items() if value}
    if guide.conflicts:
        record["conflicts"] = [[field, list(values)] for field, values in guide.conflicts]
    return record


def _words(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _plain(word: str) -> str:
    return word.lower().replace("_", "-")


__all__ = [
    "FIELDS",
    "Extractor",
    "Wanted",
    "as_guide",
    "fulfilled",
    "guide_category",
    "guide_notes",
    "guide_record",
    "leftover",
    "wanted_words",
]
