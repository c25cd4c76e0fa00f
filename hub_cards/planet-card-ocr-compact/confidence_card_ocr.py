"""How sure a whole number is once its checksum is known.

A single wrong digit never passes the checksum of a valid number (ISO/IEC 7812-1 annex B), so a number with one unsure
digit that passes is nearly certain, and one with two is not. The recogniser alone cannot tell the two apart; Bayes'
rule can.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_PLAIN = np.arange(10)
_DOUBLED = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9])
"""What a digit adds to the checksum, in every second place from the right and in the others."""

MISPRINTED = 0.005
"""How often the number a card shows fails the checksum itself. Were it never, a single unsure digit would not count."""


def remainder_masses(probabilities: np.ndarray) -> np.ndarray:
    """Probability of each remainder the checksum may leave, if every digit is drawn on its own.

    Args:
        probabilities: N x 10, one distribution over the digits for every place, left to right.

    Returns:
        10 probabilities that sum to 1; the first is that of the valid numbers.
    """
    masses = np.eye(10)[0]
    for place, row in enumerate(np.asarray(probabilities, float)[::-1]):
        adds = _DOUBLED if place % 2 else _PLAIN
        masses = sum(share * np.roll(masses, add) for share, add in zip(row, adds, strict=True))
    return masses


def given_checksum(probabilities: Sequence[Sequence[float]]) -> float:
    """Probability of the number read once it is known which remainder its checksum leaves.

    By Bayes' rule m / (Z + e (1 - Z)): m is the product of the digits' probabilities, Z the mass of all numbers of
    this length and remainder, e the share `MISPRINTED` of numbers that do not keep to it. For a number that passes the
    checksum this is the probability that it is right, as far as the digits err on their own; art behind the print makes
    neighbours err together, so the threshold on it is chosen on photographs, not by arithmetic.

    Args:
        probabilities: N x 10, the digits' distributions, left to right.

    Returns:
        The probability, 0 to 1; 0 where there is no digit.
    """
    if not len(probabilities):
        return 0.0
    table = np.asarray(probabilities, float)
    values = table.argmax(1)
    places = np.arange(len(values))[::-1]
    remainder = int(np.where(places % 2, _DOUBLED[values], values).sum()) % 10
    kept = float(remainder_masses(table)[remainder])
    return min(float(table.max(1).prod()) / (kept + MISPRINTED * (1 - kept)), 1.0)
