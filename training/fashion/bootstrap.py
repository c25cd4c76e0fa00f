"""Confidence intervals by resampling pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def interval(
    per_picture: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], rounds: int = 1000, seed: int = 7
) -> tuple[float, float]:
    """The middle 95 % of a statistic over resampled pictures (Efron, 1979).

    Args:
        per_picture: P x C, what is counted of each picture.
        statistic: sums over pictures, R x C -> R.
        rounds: how often pictures are drawn, as many as there are, with replacement.
        seed: of the draws.

    Raises:
        ValueError: if there is no picture.
    """
    count = len(per_picture)
    if not count:
        raise ValueError("An interval needs at least one picture")
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=rounds)  # R x P
    low, high = np.quantile(statistic(weights @ per_picture), [0.025, 0.975])
    return float(low), float(high)


def accuracy(right: np.ndarray) -> dict[str, float | list[float] | int]:
    """Share of right answers, its interval, and of how many pictures.

    Args:
        right: P bool.
    """
    counts = np.stack([right, np.ones(len(right))], 1).astype(float)
    low, high = interval(counts, lambda sums: sums[:, 0] / sums[:, 1])
    return {"accuracy": float(np.mean(right)), "ci": [low, high], "pictures": len(right)}
