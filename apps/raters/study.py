"""The votes of an export as arrays: I items, S systems, R raters, U questions that raters can agree on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from apps.raters.records import Export
from apps.raters.reveal import duels

_ORDINAL = {"A": 0, "tie": 1, "both_bad": 1, "B": 2}
_MIRRORED = {"A": "B", "B": "A"}


@dataclass(frozen=True)
class Study:
    """What the votes that count say, item by item.

    Attributes:
        systems: S names.
        domains: in the order of their first item.
        domain: I, index of each item's domain.
        values: I x S, what an item's output is worth: the mean score over raters (0 to 2), or the mean share of the
            comparisons with every other system that it won, a tie being half (0 to 1). NaN where not all is judged.
        shares: I x S x S, share of an item's votes that prefer row to column, a tie being half; NaN where nobody judged
            both. Outputs that look alike tie without a vote, once there are votes at all.
        top: the best possible value, 2 or 1.
    """

    systems: tuple[str, ...]
    domains: tuple[str, ...]
    domain: np.ndarray
    values: np.ndarray
    shares: np.ndarray
    top: int

    @property
    def judged(self) -> np.ndarray:
        """I booleans: items whose outputs are all judged."""
        return ~np.isnan(self.values).any(axis=1)

    def difference(self, a: int, b: int) -> np.ndarray:
        """I differences between systems `a` and `b`, in values; NaN where not both are judged."""
        if self.top == 1:
            # By votes that compare these two, not through their other opponents.
            return (self.shares[:, a, b] - self.shares[:, b, a]) / 2
        return self.values[:, a] - self.values[:, b]


def study_of(export: Export, without: frozenset[str] = frozenset()) -> Study:
    """The study of an export, raters named in `without` left out."""
    place = {item.id: i for i, item in enumerate(export.items)}
    column = {system: s for s, system in enumerate(export.systems)}
    domains = tuple(dict.fromkeys(item.domain for item in export.items))
    shape = len(export.items), len(export.systems)
    votes, points = np.zeros((*shape, shape[1])), np.zeros((*shape, shape[1]))
    scored, scores = np.zeros(shape), np.zeros(shape)
    for record in export.records:
        if not record.counts or record.rater in without:
            continue
        i = place[record.item]
        for a, b, outcome in duels(record):
            for row, col, sign in ((column[a], column[b], outcome), (column[b], column[a], -outcome)):
                votes[i, row, col] += 1
                points[i, row, col] += (1 + sign) / 2
        if not isinstance(record.choice, str):
            for side, score in zip(record.sides, record.choice, strict=True):
                for system in side:
                    scored[i, column[system]] += 1
                    scores[i, column[system]] += score
    shares = _ratio(points, votes)
    for i, item in enumerate(export.items):
        for group in item.groups if votes.any() else ():
            for a, b in combinations(group, 2):
                shares[i, column[a], column[b]] = shares[i, column[b], column[a]] = 0.5
    pairwise = export.settings.protocol == "pairwise"
    return Study(
        systems=export.systems,
        domains=domains,
        domain=np.array([domains.index(item.domain) for item in export.items]),
        values=_against_all(shares) if pairwise else _ratio(scores, scored),
        shares=shares,
        top=1 if pairwise else 2,
    )


@dataclass(frozen=True)
class Ratings:
    """Votes on an ordinal scale, for agreement.

    Attributes:
        raters: R pseudonyms.
        values: R x U: scores, or 0, 1, 2 for "the first system", "neither", "the second"; NaN where not judged.
        item: U, index of the item each question is about.
    """

    raters: tuple[str, ...]
    values: np.ndarray
    item: np.ndarray


def ratings_of(export: Export, kind: str = "judge") -> Ratings:
    """The standing votes of one kind; a question is one output, or one pair of outputs, of an item."""
    place = {item.id: i for i, item in enumerate(export.items)}
    cells: dict[tuple[int, tuple[tuple[str, ...], ...]], dict[str, int]] = defaultdict(dict)
    for record in export.records:
        if record.undone or record.kind != kind:
            continue
        i = place[record.item]
        if isinstance(record.choice, str):
            sides = tuple(sorted(record.sides, key=lambda side: export.systems.index(side[0])))
            choice = record.choice if sides == record.sides else _MIRRORED.get(record.choice, record.choice)
            cells[i, sides][record.rater] = _ORDINAL[choice]
        else:
            for side, score in zip(record.sides, record.choice, strict=True):
                cells[i, (side,)][record.rater] = score
    raters = tuple(rater for rater in export.raters if any(rater in cell for cell in cells.values()))
    questions = sorted(cells)
    values = np.full((len(raters), len(questions)), np.nan)
    for u, question in enumerate(questions):
        for rater, value in cells[question].items():
            values[raters.index(rater), u] = value
    return Ratings(raters, values, np.array([i for i, _ in questions], dtype=int))


def _ratio(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)


def _against_all(shares: np.ndarray) -> np.ndarray:
    size = shares.shape[1]
    others = ~np.eye(size, dtype=bool)
    return np.stack([shares[:, s, others[s]].mean(axis=1) for s in range(size)], axis=1)
