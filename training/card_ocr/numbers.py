"""Card numbers that belong to nobody, and the ways cards print them.

Training numbers mostly fail the checksum on purpose: no issuer can have given them out, so their digits may be
uniform in every position. Numbers that pass it start with a specimen prefix of the payment networks' public test
ranges, or with a major industry identifier no bank uses (ISO/IEC 7812-1: 0, 1, 8 and 9).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from modeling.card_ocr.reading_card_ocr import luhn_valid

SPECIMEN_PREFIXES = {
    15: ("378282", "371449", "0", "1", "8", "9"),
    16: ("400000", "411111", "424242", "510510", "555555", "222300", "601111", "353011", "356600", "0", "1", "8", "9"),
    19: ("0", "1", "8", "9"),
}


@dataclass(frozen=True)
class Layout:
    """How a number is printed.

    Attributes:
        name: "4-4-4-4", "4-6-5", "4-4-4-4-3", "6-13", "4x4" or "vertical".
        groups: digits in each printed group, in reading order.
        stacked: whether each group has a line of its own.
        portrait: whether the card stands upright.
    """

    name: str
    groups: tuple[int, ...]
    stacked: bool = False
    portrait: bool = False

    @property
    def length(self) -> int:
        return sum(self.groups)


STANDARD = Layout("4-4-4-4", (4, 4, 4, 4))
ODD_LAYOUTS = (
    Layout("4-6-5", (4, 6, 5)),
    Layout("4-4-4-4-3", (4, 4, 4, 4, 3)),
    Layout("6-13", (6, 13)),
    Layout("4x4", (4, 4, 4, 4), stacked=True),
    Layout("vertical", (4, 4, 4, 4), stacked=True, portrait=True),
    Layout("vertical", (4, 4, 4, 4), portrait=True),
)


def with_check_digit(body: str) -> str:
    """`body` and the digit that makes it pass the Luhn checksum."""
    return next(body + str(digit) for digit in range(10) if luhn_valid(body + str(digit)))


def specimen_number(rng: np.random.Generator, length: int) -> str:
    """A number of `length` digits that passes the checksum, on a prefix no issued card has."""
    prefix = SPECIMEN_PREFIXES[length][rng.integers(len(SPECIMEN_PREFIXES[length]))]
    body = prefix + "".join(map(str, rng.integers(0, 10, length - 1 - len(prefix))))
    return with_check_digit(body)


def invalid_number(rng: np.random.Generator, length: int) -> str:
    """Uniform random digits that fail the checksum, so that no card can carry them."""
    valid = with_check_digit("".join(map(str, rng.integers(0, 10, length - 1))))
    return valid[:-1] + str((int(valid[-1]) + int(rng.integers(1, 10))) % 10)
