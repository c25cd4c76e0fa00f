"""Which of the digits seen on a line stand where cards print digits, and which were seen in the art between them.

A number is printed in even steps, with wider ones between its groups. Of the printed forms, the one whose steps explain
the digits seen best tells which of them to leave out, and where one is missing. The best alignment of places and digits
is found as for sequences (Needleman and Wunsch 1970). Dims: N digits seen, L places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import median

import numpy as np

from .geometry_card_ocr import PRINTED

WITHIN, BETWEEN = (0.7, 1.3), (1.2, 2.4)
"""From digit to digit in a group, and from group to group, in units of the line's median step."""

UNEVEN = 0.5
"""What a step within a group costs that is as short or long as it may be."""

MISSING, STRAY, BEYOND_ENDS = 1.0, 0.7, 0.4
"""What a place without a digit costs, and, times its confidence, a digit left out between places and beyond them."""

NEAR = 0.3
"""A digit that was not seen is looked for within so many steps of its place."""

LEAST_SEEN = 0.8
"""Share of the places at which digits must have been seen."""


@dataclass(frozen=True)
class Slots:
    """Places of a number in printed form.

    Attributes:
        groups: how many digits stand in each group.
        seen: which of the N digits stands at each place, from left to right; None where none was seen.
        middles: L places in band columns.
        step: from digit to digit within a group, in band columns.
    """

    groups: tuple[int, ...]
    seen: tuple[int | None, ...]
    middles: tuple[float, ...]
    step: float


def slots(middles: Sequence[float], confidences: Sequence[float]) -> Slots | None:
    """The printed form that explains the digits best that were seen on one line.

    Args:
        middles: N band columns, ascending.
        confidences: N, 0 to 1.

    Returns:
        None where no form explains enough of them.
    """
    if len(middles) < LEAST_SEEN * min(PRINTED):
        return None
    at, sure = np.asarray(middles, float), np.asarray(confidences, float)
    step = median(b - a for a, b in pairwise(at.tolist()))
    aligned = [(*_aligned(groups, at / step, sure), groups) for forms in PRINTED.values() for groups in forms]
    score, seen, groups = max(aligned, key=lambda one: one[0])
    if not np.isfinite(score) or sum(index is not None for index in seen) < LEAST_SEEN * len(seen):
        return None
    return Slots(groups, seen, _places(seen, groups, at.tolist(), step), step)


def _aligned(groups: tuple[int, ...], at: np.ndarray, sure: np.ndarray) -> tuple[float, tuple[int | None, ...]]:
    """The score of the best alignment of a form with the digits at `at` (N, in steps), and the digit at every place."""
    count, breaks = len(at), set(accumulate(groups[:-1]))
    before = np.cumsum(sure) - sure  # confidence of all digits further left
    within, across = _gains(at, before, sure, WITHIN, UNEVEN), _gains(at, before, sure, BETWEEN, 0.0)
    scores: list[np.ndarray] = []
    came: list[list[tuple[int, int] | None]] = []
    for place in range(sum(groups)):
        missed = MISSING * place if place < 2 else np.inf  # a number begins at its first place or its second
        ways = [(-BEYOND_ENDS * before - missed)[None]]
        if place > 0:
            near = across[0] if place in breaks else within[0]
            ways.append(scores[-1][:, None] + near)
        if place > 1:
            far = across[1] if {place, place - 1} & breaks else within[1]
            ways.append(scores[-2][:, None] + far - MISSING)
        table = np.concatenate(ways)
        scores.append(table.max(0) + sure)
        came.append([_whence(way, place, count) for way in table.argmax(0).tolist()])
    after = BEYOND_ENDS * (sure.sum() - before - sure)
    ends = np.concatenate([scores[-1] - after, scores[-2] - after - MISSING])
    last = int(ends.argmax())
    return float(ends[last]), _traced(came, (len(scores) - 1 - last // count, last % count))


def _whence(way: int, place: int, count: int) -> tuple[int, int] | None:
    """The (place, digit) before this place: row 0 of its ways begins there, `count` rows each come one and two on."""
    back, digit = divmod(way - 1, count)
    return None if way == 0 else (place - 1 - back, digit)


def _gains(
    at: np.ndarray, before: np.ndarray, sure: np.ndarray, reach: tuple[float, float], uneven: float
) -> list[np.ndarray]:
    """What it gains to go from digit to digit (N x N, row to column) one place on, and two: minus infinity out of
    reach, else minus what unevenness and the digits between cost."""
    apart = at - at[:, None]
    between = STRAY * (before - (before + sure)[:, None])
    low, high = reach
    gains = []
    for further in (0, 1):
        off = apart - further
        cost = uneven * ((off - 1) / (high - 1)) ** 2 + between
        gains.append(np.where((off >= low) & (off <= high), -cost, -np.inf))
    return gains


def _traced(came: list[list[tuple[int, int] | None]], last: tuple[int, int]) -> tuple[int | None, ...]:
    """The digit at every place, from the last (place, digit) back along the way it was reached."""
    seen: list[int | None] = [None] * len(came)
    at: tuple[int, int] | None = last
    while at is not None:
        place, digit = at
        seen[place] = digit
        at = came[place][digit]
    return tuple(seen)


def _places(seen: tuple[int | None, ...], groups: tuple[int, ...], at: list[float], step: float) -> tuple[float, ...]:
    """Where every place is: at its digit, or one step from a neighbour in its group."""
    middles = []
    starts = {0, *accumulate(groups)}
    for place, index in enumerate(seen):
        if index is not None:
            middles.append(at[index])
        elif place not in starts:
            middles.append(at[seen[place - 1]] + step)
        else:
            middles.append(at[seen[place + 1]] - step)
    return tuple(middles)


__all__ = ["BETWEEN", "NEAR", "Slots", "slots"]
