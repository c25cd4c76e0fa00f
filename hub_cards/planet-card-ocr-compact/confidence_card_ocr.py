"""How sure a whole number is once its checksum is known.

A single wrong digit never passes the checksum of a valid number (ISO/IEC 7812-1 annex B), so a number with one unsure
digit that passes is nearly certain, and one with two is not. The recogniser alone cannot tell the two apart; Bayes'
rule can.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_DOUBLED = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9])
"""What a digit adds to the checksum in every second place from the right; in the others it adds itself."""

_HALVED = np.argsort(_DOUBLED)
"""Which digit adds how much there."""

MISPRINTED = 0.005
"""How often the number a card shows fails the checksum itself. Were it never, a single unsure digit would not count."""


def remainder_masses(probabilities: np.ndarray) -> np.ndarray:
    """Probability of each remainder the checksum may leave, if every digit is drawn on its own.

    The remainder is a sum modulo 10, so its distribution is the cyclic convolution of the places' own: a product of
    their discrete Fourier transforms.

    Args:
        probabilities: N x 10, one distribution over the digits for every place, left to right.

    Returns:
        10 probabilities that sum to 1; the first is that of the valid numbers.
    """
    adds = np.array(probabilities, float).reshape(-1, 10)
    adds[-2::-2] = adds[-2::-2, _HALVED]
    return np.fft.ifft(np.fft.fft(adds).prod(0)).real.clip(0)


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
