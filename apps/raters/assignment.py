"""Who sees what, in which order and on which side: decided once, when a rater is invited, from the campaign's seed."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from apps.raters.campaign import Protocol, Settings
from apps.raters.content import Content

Kind = Literal["judge", "repeat", "check"]
Group = tuple[int, ...]

GAP = 10
"""Judgements at least between a question and its repeat, or its damaged twin, where there are enough."""

FEWEST_FOR_CHECKS = 5
"""With fewer judgements than this a rater gets neither repeats nor checks."""

NEAR = 0.02
"""Digit boxes whose corners differ by less than this share of the picture look the same."""


@dataclass(frozen=True)
class Unit:
    """One question: an item and the distinct outputs to judge side by side.

    Attributes:
        item: position of the item in the campaign.
        groups: for each distinct output the positions of the systems that gave it, ascending.
    """

    item: int
    groups: tuple[Group, ...]

    @property
    def key(self) -> str:
        """Its name in the database."""
        return f"{self.item}:" + "|".join("+".join(map(str, group)) for group in self.groups)


@dataclass(frozen=True)
class Planned:
    """One place in a rater's list.

    Attributes:
        kind: "judge" counts; "repeat" asks an earlier place again; "check" has one output damaged.
        unit: what is asked.
        sides: the unit's groups in the order shown.
        repeats: the earlier place, of a repeat.
        damaged: the damaged side, of a check.
        damage: what is shown there instead.
    """

    kind: Kind
    unit: Unit
    sides: tuple[Group, ...]
    repeats: int | None = None
    damaged: int | None = None
    damage: Content | None = None


Damage = Callable[[Unit, Group, random.Random], Content | None]
"""`damage(unit, group, rng)`: the output of that group damaged; None where it cannot be."""


def alike(a: Content, b: Content) -> bool:
    """Whether two outputs look the same to a rater: spaces apart in text, boxes moved by a hair."""
    if a.text.split() != b.text.split() or a.pictures != b.pictures or a.reason != b.reason:
        return False
    if len(a.boxes) != len(b.boxes):
        return False
    pairs = ((p, q) for one, other in zip(a.boxes, b.boxes, strict=True) for p, q in zip(one, other, strict=True))
    return all(abs(p[0] - q[0]) < NEAR and abs(p[1] - q[1]) < NEAR for p, q in pairs)


def groups_of(outputs: Sequence[Content]) -> tuple[Group, ...]:
    """Positions of the outputs, those that look alike together, each group and all groups ascending."""
    groups: list[list[int]] = []
    for position, output in enumerate(outputs):
        known = next((group for group in groups if alike(outputs[group[0]], output)), None)
        if known is None:
            groups.append([position])
        else:
            known.append(position)
    return tuple(map(tuple, groups))


def units_of(items: Sequence[Sequence[Content]], protocol: Protocol) -> tuple[Unit, ...]:
    """Every question of a campaign, in the order of its items.

    "score012" asks once an item, about all distinct outputs; "pairwise" once for every two of them, so not at all where
    all systems agree.

    Args:
        items: the outputs of each item.
        protocol: of the campaign.
    """
    units = []
    for item, outputs in enumerate(items):
        groups = groups_of(outputs)
        sets = combinations(groups, 2) if protocol == "pairwise" else [groups]
        units += [Unit(item, tuple(chosen)) for chosen in sets]
    return tuple(units)


def order_of(unit: Unit, turn: int, nth: int) -> tuple[Group, ...]:
    """The groups in the order shown.

    The order turns by one place from rater to rater and from question to question, so that among as many of either as
    there are outputs, every output stands once in every place (a cyclic Latin square); every other block of questions
    runs backwards, so that neighbours change as well.

    Args:
        unit: the question.
        turn: how many raters were given it before.
        nth: its number among the campaign's questions about the same groups.
    """
    size = len(unit.groups)
    base = unit.groups if (nth // size) % 2 == 0 else unit.groups[::-1]
    shift = (turn + nth) % size
    return base[shift:] + base[:shift]


def plan(
    units: Sequence[Unit], covered: Mapping[str, int], turns: Mapping[str, int], number: int, settings: Settings,
    damage: Damage,
) -> tuple[Planned, ...]:  # fmt: skip
    """The list of one rater.

    Args:
        units: every question of the campaign.
        covered: how many raters that still take part were given each question, by its key.
        turns: how many raters were ever given it.
        number: the rater's, from 0.
        settings: of the campaign.
        damage: damages an output for a check.
    """
    rng = random.Random(f"{settings.seed}/rater/{number}")
    ordered = _ordered(_least_covered(units, covered, settings, number), settings.seed, number)
    nth = _nth(units)
    judged = [Planned("judge", unit, order_of(unit, turns.get(unit.key, 0), nth[unit.key])) for unit in ordered]
    gap = min(GAP, len(ordered) // 2)
    rows: list[tuple[float, Planned]] = [(float(i), row) for i, row in enumerate(judged)]
    rows += _repeats(judged, _count(settings.repeats, ordered), gap, rng)
    rows += _checks(units, ordered, _count(settings.checks, ordered), gap, rng, number, damage)
    rows.sort(key=lambda row: row[0])
    place = {row.unit: i for i, (_, row) in enumerate(rows) if row.kind == "judge"}
    return tuple(replace(row, repeats=place[row.unit]) if row.kind == "repeat" else row for _, row in rows)


def _least_covered(
    units: Sequence[Unit], covered: Mapping[str, int], settings: Settings, number: int
) -> Sequence[Unit]:
    if settings.per_rater is None or settings.per_rater >= len(units):
        return units
    shuffled = list(units)
    random.Random(f"{settings.seed}/choice/{number}").shuffle(shuffled)
    return sorted(shuffled, key=lambda unit: covered.get(unit.key, 0))[: settings.per_rater]


def _ordered(units: Sequence[Unit], seed: int, number: int) -> list[Unit]:
    """A seeded order; every second rater has the one before backwards, so that no question is always a late one."""
    rank = {unit: random.Random(f"{seed}/order/{number // 2}/{unit.key}").random() for unit in units}
    return sorted(units, key=rank.__getitem__, reverse=bool(number % 2))


def _nth(units: Sequence[Unit]) -> dict[str, int]:
    seen: dict[tuple[Group, ...], int] = defaultdict(int)
    nth = {}
    for unit in units:
        nth[unit.key] = seen[unit.groups]
        seen[unit.groups] += 1
    return nth


def _count(share: float, units: Sequence[Unit]) -> int:
    if not share or len(units) < FEWEST_FOR_CHECKS:
        return 0
    return max(1, round(share * len(units)))


def _repeats(judged: Sequence[Planned], count: int, gap: int, rng: random.Random) -> list[tuple[float, Planned]]:
    size = len(judged)
    early = range(size - gap)
    chosen = rng.sample(early, min(count, len(early)))
    return [
        (i + gap + rng.random() * (size - i - gap), Planned("repeat", judged[i].unit, judged[i].sides)) for i in chosen
    ]


def _checks(
    units: Sequence[Unit], ordered: Sequence[Unit], count: int, gap: int, rng: random.Random, number: int,
    damage: Damage,
) -> list[tuple[float, Planned]]:  # fmt: skip
    """Questions the rater has not otherwise, where there are any; else far from their undamaged twin."""
    own = {unit: i for i, unit in enumerate(ordered)}
    candidates = [unit for unit in units if unit not in own] or list(ordered)
    rng.shuffle(candidates)
    rows: list[tuple[float, Planned]] = []
    for unit in candidates:
        if len(rows) == count:
            break
        sides = list(unit.groups)
        rng.shuffle(sides)
        damaged = (number + len(rows)) % len(sides)
        content = damage(unit, sides[damaged], rng)
        if content is not None:
            row = Planned("check", unit, tuple(sides), damaged=damaged, damage=content)
            rows.append((_far(own.get(unit), len(ordered), gap, rng), row))
    return rows


def _far(place: int | None, size: int, gap: int, rng: random.Random) -> float:
    """A place at random, at least `gap` from `place`."""
    if place is None:
        return rng.random() * size
    before, after = max(place - gap, 0), max(size - place - gap, 0)
    draw = rng.random() * (before + after)
    return draw if draw < before else place + gap + (draw - before)
