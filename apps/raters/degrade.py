"""Damages an output so plainly that an attentive rater gives it the lowest mark: an attention check."""

from __future__ import annotations

import random
from collections.abc import Sequence

from apps.raters.campaign import Item
from apps.raters.content import Content, Task


def degrade(
    task: Task, items: Sequence[Item], position: int, system: int, rng: random.Random
) -> Content | None:  # fmt: skip
    """An output that is certainly wrong for an item, yet looks like the system's other outputs.

    Args:
        task: what is judged.
        items: of the campaign.
        position: of the item.
        system: position of the system whose output is replaced; the replacement is made of its other outputs.
        rng: decides which.

    Returns:
        The damaged output; None where the other items give nothing to make it of.
    """
    item = items[position]
    donors = [other.outputs[system] for other in items if other is not item and _usable(task, other, item, system)]
    if not donors:
        return None
    donor = donors[rng.randrange(len(donors))]
    if task != "translation":
        return donor
    return _mixed(item.outputs[system].text.split(), donor.text.split(), rng)


def _usable(task: Task, other: Item, item: Item, system: int) -> bool:
    """Whether the other item's output says enough to be wrong, and cannot be right, even in part, for the item."""
    donor = other.outputs[system]
    if task == "translation":
        words = set(donor.text.split())
        return len(words) >= 3 and not any(words & set(own.text.split()) for own in item.outputs)
    if task == "card_reading":
        read = donor.reason == "ok" and donor.boxes
        return bool(read) and not any(_digits(donor) == _digits(own) for own in item.outputs)
    # Another search of the same domain may well have found what fits this one.
    found = set(donor.pictures)
    return bool(found) and other.domain != item.domain and not any(found & set(own.pictures) for own in item.outputs)


def _digits(output: Content) -> str:
    return "".join(filter(str.isdigit, output.text))


def _mixed(own: list[str], donor: list[str], rng: random.Random) -> Content:
    """Every third word of the output and the donor's words, out of order: of the right length, and no sentence."""
    kept = own[::3]
    wanted = max(len(own), 3) - len(kept)
    words = kept + [donor[i % len(donor)] for i in range(max(wanted, 1))]
    first = list(words)
    while words == first:
        rng.shuffle(words)
    return Content(text=" ".join(words))
