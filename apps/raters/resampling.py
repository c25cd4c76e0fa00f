"""How sure are we? A bootstrap over sentences and a test by flipping signs; B resamples of I items."""

from __future__ import annotations

import numpy as np

RESAMPLES = 10_000
EXACT = 14
"""Up to so many differences that are not zero, all sign patterns are tried instead of a sample."""

_CHUNK = 2_000_000


def resampled_counts(strata: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES) -> np.ndarray:
    """How often each item is drawn in each resample, B x I.

    Items are the clusters: an item keeps all its raters and all its systems, so that what they share cancels (Efron &
    Tibshirani, An Introduction to the Bootstrap, 1993, ch. 8). Drawn with replacement within each stratum, because the
    number of sentences of a domain was fixed and not drawn.

    Args:
        strata: I labels.
        rng: decides.
        resamples: B.
    """
    counts = np.zeros((resamples, len(strata)), dtype=np.int32)
    for stratum in np.unique(strata):
        (members,) = np.nonzero(strata == stratum)
        counts[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=resamples)
    return counts


def interval(samples: np.ndarray) -> tuple[float, float]:
    """The 95 % percentile interval of B samples."""
    low, high = np.percentile(samples, [2.5, 97.5])
    return float(low), float(high)


def sign_flip_test(differences: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES) -> float:
    """The two-sided p value of "the differences are symmetric about zero" (Fisher's randomisation test).

    Every item's difference keeps its size and gets a random sign; p is the share of sign patterns whose sum is at least
    as far from zero as the sum seen: of all patterns where these are few, else of a sample and the pattern seen.

    Args:
        differences: one an item, finite.
        rng: draws signs.
        resamples: sign patterns in a sample.
    """
    sizes = differences[differences != 0]
    seen = abs(differences.sum()) * (1 - 1e-12)
    if len(sizes) <= EXACT:
        patterns = (np.arange(2 ** len(sizes))[:, None] >> np.arange(len(sizes))) & 1
        return float(np.mean(np.abs((2 * patterns - 1) @ sizes) >= seen))
    beyond, rows = 0, max(1, _CHUNK // len(sizes))
    for start in range(0, resamples, rows):
        signs = rng.integers(0, 2, size=(min(rows, resamples - start), len(sizes)), dtype=np.int8)
        beyond += int(np.sum(np.abs((2.0 * signs - 1) @ sizes) >= seen))
    return (beyond + 1) / (resamples + 1)


def holm(p_values: list[float]) -> list[float]:
    """The p values corrected for being many (Holm 1979), in their order."""
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = largest
    return corrected


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927).

    Raises:
        ValueError: if there are no observations.
    """
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"a share needs 0 <= successes <= n and n > 0, got {successes} of {n}")
    z2 = 1.959963984540054**2
    centre, spread = successes + z2 / 2, (z2 * (successes * (n - successes) / n + z2 / 4)) ** 0.5
    return (centre - spread) / (n + z2), (centre + spread) / (n + z2)
