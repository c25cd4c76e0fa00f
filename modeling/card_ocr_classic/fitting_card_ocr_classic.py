"""Placing the digits of a number along a band: a regular pitch with some play, found by dynamic programming.

Every position of the band has an evidence e: the log-odds that a digit is centred there. A number is a chain of
positions about one pitch apart, with wider steps between printed groups, nothing that looks like a digit one pitch
beyond either end, and the largest sum of evidence (Viterbi over positions; Casey and Lecolinet, "A survey of methods
and strategies in character segmentation", PAMI 1996, call this recognition-based segmentation).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from .features_card_ocr_classic import PITCH, STRIDE

LAYOUTS = ((4, 4, 4, 4), (4, 6, 5), (4, 4, 4, 4, 3), (6, 13))
"""Printed groupings of a number on one line."""

_STEP = PITCH // STRIDE
_WITHIN = np.arange(_STEP - 2, _STEP + 3)
_BETWEEN = np.arange(_STEP + 2, 2 * _STEP + 4)
_WITHIN_COST = (0.12 * (_WITHIN - _STEP) ** 2).astype(np.float32)
_BETWEEN_COST = np.full(len(_BETWEEN), 0.5, np.float32)


@dataclass(frozen=True)
class Chain:
    """Digit positions along one band.

    Attributes:
        score: sum of the evidence less the costs.
        positions: position of each digit, in units of STRIDE columns.
        groups: digits of each printed group.
    """

    score: float
    positions: tuple[int, ...]
    groups: tuple[int, ...]


def best_chain(evidence: np.ndarray, layouts: tuple[tuple[int, ...], ...] = LAYOUTS) -> Chain | None:
    """The chain with the highest score over all layouts; None where the band is too short for any.

    Args:
        evidence: T log-odds (digit against no digit), one for every STRIDE columns.
        layouts: groupings to try.
    """
    count = len(evidence)
    alone = -np.maximum(np.pad(evidence, _STEP + 1, constant_values=-1.0), 0)
    before, after = alone[:count], alone[2 * (_STEP + 1) :]
    # layouts that begin alike share their beginnings: kinds of steps so far -> (totals, origins)
    begun: dict[tuple[bool, ...], tuple[np.ndarray, np.ndarray | None]] = {(): (evidence + before, None)}
    best = None
    for layout in layouts:
        if count < sum(layout) * _STEP:
            continue
        ends = set(accumulate(layout))
        wide = tuple(index in ends for index in range(1, sum(layout)))
        for done in range(1, len(wide) + 1):
            if wide[:done] not in begun:
                steps, costs = (_BETWEEN, _BETWEEN_COST) if wide[done - 1] else (_WITHIN, _WITHIN_COST)
                total, origin = _advance(begun[wide[: done - 1]][0], steps, costs)
                begun[wide[:done]] = total + evidence, origin
        final = begun[wide][0] + after
        place = int(np.argmax(final))
        if best is None or final[place] > best.score:
            positions = [place]
            for done in range(len(wide), 0, -1):
                positions.append(int(begun[wide[:done]][1][positions[-1]]))
            best = Chain(float(final[place]), tuple(reversed(positions)), layout)
    return best


def _advance(total: np.ndarray, steps: np.ndarray, costs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best predecessor of every position: its total less the step's cost, and where it is."""
    count, reach = len(total), int(steps[-1])
    padded = np.concatenate([np.full(reach, -1e9, total.dtype), total])
    # row i holds the totals `steps[i]` positions back
    options = np.stack([padded[reach - step : reach - step + count] for step in steps]) - costs[:, None]
    choice = options.argmax(0)
    every = np.arange(count)
    return options[choice, every], np.maximum(every - steps[choice], 0)


__all__ = ["LAYOUTS", "Chain", "best_chain"]
