"""Exports made by hand: a few votes whose figures can be computed on paper."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from apps.raters.campaign import Settings
from apps.raters.records import Export, ExportedItem, Record

A, B, C = "first@one", "second@two", "third@three"
MIRRORED = {"A": "B", "B": "A", "tie": "tie", "both_bad": "both_bad"}


def record(item: str, rater: str, sides: Sequence[str], choice, **changes) -> Record:
    """A vote about an item "domain-number"."""
    values = {
        "campaign": "hand", "item": item, "domain": item.split("-")[0], "kind": "judge",
        "sides": tuple(tuple(side.split("+")) for side in sides),
        "choice": tuple(choice) if isinstance(choice, list) else choice,
        "rater": rater, "place": 0, "milliseconds": 4_000, "app_version": "test", "seed": 5, "date": "2016-01-01",
    }  # fmt: skip
    return Record(**(values | changes))


def export(records: Sequence[Record], systems=(A, B), protocol="score012", groups=None) -> Export:
    """An export of these votes; `groups` says which systems gave the same, by item."""
    items = sorted({one.item for one in records} | set(groups or {}))
    apart = tuple((system,) for system in systems)
    return Export(
        Settings("hand", "By hand", "translation", protocol),
        tuple(systems),
        tuple(ExportedItem(item, item.split("-")[0], (groups or {}).get(item, apart)) for item in items),
        tuple(sorted({one.rater for one in records})),
        tuple(records),
    )


def random_export(seed: int, items: int = 13, raters: int = 3, protocol: str = "score012", systems=(A, B, C)) -> Export:
    """Random votes on every item, sides in random order; in comparisons all pairs are judged."""
    rng = random.Random(seed)
    records = []
    for number in range(raters):
        for i in range(items):
            item = f"d{i % 3}-{i}"
            if protocol == "score012":
                sides = rng.sample(systems, len(systems))
                records.append(record(item, f"r{number}", sides, [rng.randrange(3) for _ in sides]))
            else:
                for first in range(len(systems)):
                    for second in range(first + 1, len(systems)):
                        sides = rng.sample((systems[first], systems[second]), 2)
                        records.append(record(item, f"r{number}", sides, rng.choice(list(MIRRORED))))
    return export([replace(one, place=place) for place, one in enumerate(records)], systems, protocol)


def flipped(one: Record) -> Record:
    """The same judgement with the sides shown the other way round."""
    choice = MIRRORED[one.choice] if isinstance(one.choice, str) else one.choice[::-1]
    return replace(one, sides=one.sides[::-1], choice=choice)
