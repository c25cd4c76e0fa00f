"""Do raters agree, with each other and with themselves?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import krippendorff
import numpy as np
from sklearn.metrics import cohen_kappa_score

from apps.raters.records import Export
from apps.raters.resampling import interval, wilson
from apps.raters.study import Ratings, ratings_of

LEVELS = (0, 1, 2)
LOW = 0.4
"""Below this alpha, agreement is called low."""

RESAMPLES = 1_000


@dataclass(frozen=True)
class Agreement:
    """Agreement between raters.

    Attributes:
        alpha: Krippendorff's alpha, ordinal; None where nothing varies or nobody shares a question.
        ci95: its 95 % interval, by a bootstrap over items.
        questions: those judged by two raters or more.
        kappa: mean quadratic-weighted kappa over all pairs of raters; None where no pair has one.
        kappa_range: the lowest and the highest.
        pairs: pairs of raters that have a kappa.
    """

    alpha: float | None
    ci95: tuple[float, float] | None
    questions: int
    kappa: float | None
    kappa_range: tuple[float, float] | None
    pairs: int

    @property
    def low(self) -> bool:
        """Whether agreement is low; an alpha that cannot be computed is not called so."""
        return self.alpha is not None and self.alpha < LOW


@dataclass(frozen=True)
class Consistency:
    """Agreement of raters with themselves, on what they were asked twice.

    Attributes:
        repeats: outputs (or pairs of them) judged twice.
        equal: those judged alike.
        ci95: 95 % interval of their share.
        kappa: quadratic-weighted kappa between first and second; None where it is not defined.
    """

    repeats: int
    equal: int
    ci95: tuple[float, float] | None
    kappa: float | None

    @property
    def share(self) -> float | None:
        """Share judged alike; None without repeats."""
        return self.equal / self.repeats if self.repeats else None


def agreement_of(export: Export, rng: np.random.Generator, resamples: int = RESAMPLES) -> Agreement:
    """Agreement between the raters of an export, on votes that count."""
    ratings = ratings_of(export)
    counts = value_counts(ratings)
    shared = counts.sum(axis=1) >= 2
    alpha = alpha_of(counts)
    kappas = [kappa for kappa in _kappas(ratings) if kappa is not None]
    return Agreement(
        alpha=alpha,
        ci95=None if alpha is None else _alpha_interval(ratings, counts, rng, resamples),
        questions=int(shared.sum()),
        kappa=float(np.mean(kappas)) if kappas else None,
        kappa_range=(min(kappas), max(kappas)) if kappas else None,
        pairs=len(kappas),
    )


def value_counts(ratings: Ratings) -> np.ndarray:
    """How many raters gave each level to each question, U x levels."""
    return np.stack([(ratings.values == level).sum(axis=0) for level in LEVELS], axis=1)


def alpha_of(counts: np.ndarray) -> float | None:
    """Krippendorff's alpha for ordinal data (Krippendorff, Content Analysis, 2004, ch. 11).

    Args:
        counts: U x levels.

    Returns:
        Alpha; None where it is not defined: no question has two votes, or all such votes are the same.
    """
    shared = counts[counts.sum(axis=1) >= 2]
    if (shared.sum(axis=0) > 0).sum() < 2:
        return None
    return float(krippendorff.alpha(value_counts=shared, level_of_measurement="ordinal", value_domain=list(LEVELS)))


def kappa_of(first: np.ndarray, second: np.ndarray) -> float | None:
    """Quadratic-weighted kappa (Cohen 1968) of two raters on the same questions; None where it is not defined."""
    if len(np.unique(np.concatenate([first, second]))) < 2:
        return None
    return float(cohen_kappa_score(first.astype(int), second.astype(int), labels=LEVELS, weights="quadratic"))


def consistency_of(export: Export) -> Consistency:
    """How often raters said the same when they were asked again."""
    asked = {(r.rater, r.place): r for r in export.records if not r.undone}
    first, second = [], []
    for record in asked.values():
        former = asked.get((record.rater, record.repeats)) if record.kind == "repeat" else None
        if former is not None:
            first += _levels(former.choice)
            second += _levels(record.choice)
    if not first:
        return Consistency(0, 0, None, None)
    equal = sum(a == b for a, b in zip(first, second, strict=True))
    return Consistency(len(first), equal, wilson(equal, len(first)), kappa_of(np.array(first), np.array(second)))


def _levels(choice: str | tuple[int, ...]) -> list[int]:
    # A repeat shows the sides in the same order, so left and right mean the same both times.
    return [{"A": 0, "B": 2}.get(choice, 1)] if isinstance(choice, str) else list(choice)


def _kappas(ratings: Ratings) -> list[float | None]:
    kappas = []
    for a, b in combinations(ratings.values, 2):
        both = ~np.isnan(a) & ~np.isnan(b)
        kappas.append(kappa_of(a[both], b[both]) if both.any() else None)
    return kappas


def _alpha_interval(
    ratings: Ratings, counts: np.ndarray, rng: np.random.Generator, resamples: int
) -> tuple[float, float] | None:  # fmt: skip
    items = np.unique(ratings.item)
    questions = [np.nonzero(ratings.item == item)[0] for item in items]
    samples = []
    for _ in range(resamples):
        drawn = rng.integers(0, len(items), len(items))
        alpha = alpha_of(counts[np.concatenate([questions[i] for i in drawn])])
        if alpha is not None:
            samples.append(alpha)
    return interval(np.array(samples)) if samples else None
