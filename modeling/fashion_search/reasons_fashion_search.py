"""Why an item is an answer, in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .results_fashion_search import Item, Note

if TYPE_CHECKING:
    from .ranking_fashion_search import Target

COLOURS_ALIKE = 0.8
"""From here on colours are alike enough to be named as a reason."""


def reasons(
    item: Item, target: Target, agreed: Mapping[str, float], cosine: float | None, colour: float | None
) -> tuple[Note, ...]:
    """The reasons for an item, the weightiest first.

    Args:
        item: the answer.
        target: what was looked for.
        agreed: field of the guide -> how far the item is what is wanted; "text": the tf-idf cosine of other words.
        cosine: of the features; None where only words were searched.
        colour: how alike the colours are; None where they did not count.
    """
    found = []
    if cosine is not None:
        found.append(Note("look", "similar look {value}", value=f"{max(cosine, 0):.2f}"))
    if colour is not None and colour >= COLOURS_ALIKE:
        found.append(Note("colours", "similar colours {value}", value=f"{colour:.2f}"))
    for name, share in agreed.items():
        if share == 1 and name in target.wanted:
            found.append(Note("wanted", "as asked: {value}", value=_shown(item, name, target), field=name))
    found += _shared(item, target, {"colour" if name == "colours" else name for name in agreed if agreed[name] == 1})
    if agreed.get("text"):
        found.append(Note("text", "words {value}", value=f"{agreed['text']:.2f}"))
    return tuple(found)


def _shared(item: Item, target: Target, told: set[str]) -> list[Note]:
    """Words that the item and the picture share and that are not told; the garment where the category differs."""
    found = []
    for one in target.attributes:
        mine = item.category if one.group == "category" else item.attribute(one.group)
        if one.group not in {"parent", *told} and one.value and one.value == mine:
            found.append(Note("same", "same {group}: {value}", group=one.group, value=one.value))
    named = told | {note.values["group"] for note in found}
    if target.garment and target.garment == item.garment and "category" not in named:
        found.append(Note("same", "same {group}: {value}", group="garment", value=item.garment))
    return found


def _shown(item: Item, name: str, target: Target) -> str:
    own = {"category": item.category, "colours": item.colour, "gender": item.gender}.get(name)
    return own or " / ".join(target.wanted[name])
