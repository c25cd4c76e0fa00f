"""What a card reader answers: the digits, the decision and the reason, with nothing that leaks by accident.

Both readers (the CNN and its traditional rival) carry their own copy of this file, because the Hub publishes one
folder at a time; `tests/modeling/test_reading.py` keeps the copies equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Decision = Literal["accepted", "rejected"]
Reason = Literal["ok", "no_card", "too_small", "too_blurred", "uncertain_digit", "length", "checksum"]

VALID_LENGTHS = (15, 16, 19)
"""Lengths of the card numbers this reader accepts (ISO/IEC 7812 allows up to 19)."""

FEWEST_DIGITS = 8
"""With fewer digits, what was read is a date or a phone number, not a card number."""

_MESSAGES: dict[str, str] = {
    "ok": "Number read and checked.",
    "no_card": "No card number found. Put the whole number inside the frame, sharp and level.",
    "too_small": "The number is too small to read. Move the camera closer to the card.",
    "too_blurred": "The picture is too blurred to read. Hold still, and tap the number to focus.",
    "uncertain_digit": "Digit {position} is uncertain. Tilt the card to avoid glare or shadow on it and try again.",
    "length": "{count} digits were found, not grouped as the 15, 16 or 19 of a card. Show the whole number, uncovered.",
    "checksum": "The digits fail the checksum (Luhn): at least one is wrong, most likely digit {position}. Try again.",
}


def luhn_valid(number: str) -> bool:
    """Whether `number` passes the checksum of ISO/IEC 7812-1 annex B (Luhn, US patent 2,950,048).

    Raises:
        ValueError: if `number` is empty or holds anything but the ASCII digits 0-9.
    """
    if not (number.isascii() and number.isdigit()):
        raise ValueError(
            f"A card number holds only the digits 0-9, got {len(number)} characters with others among them"
        )
    doubled = (2 * int(digit) for digit in number[-2::-2])
    return (sum(map(int, number[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def mask_number(number: str, visible: int = 4) -> str:
    """`number` with all but its last `visible` digits replaced by bullets, in groups of four from the left."""
    masked = "•" * max(len(number) - visible, 0) + number[max(len(number) - visible, 0) :]
    return " ".join(masked[i : i + 4] for i in range(0, len(masked), 4))


@dataclass(frozen=True)
class Digit:
    """One digit of the number.

    Attributes:
        value: the most probable digit, "0" to "9".
        confidence: its calibrated probability, 0 to 1.
        probabilities: the probability of each of the ten digits, indexed by digit.
        corners: four (x, y) corners in pixels of the image read, clockwise from the digit's upper left.
        span: (left, right) columns in pixels of the band picture.
    """

    value: str = field(repr=False)
    confidence: float
    probabilities: tuple[float, ...] = field(repr=False)
    corners: tuple[tuple[float, float], ...]
    span: tuple[float, float]


@dataclass(frozen=True)
class Stage:
    """One step of a reading.

    Attributes:
        name: "locate", "rectify", "recognise" or "decide", in that order.
        ms: wall-clock time of the step in milliseconds.
        picture: what the step saw or made, H x W (grey) or H x W x 3 (RGB), uint8; None where there is nothing to see.
        regions: quadrilaterals found, each four (x, y) corners in pixels of the image read, clockwise from upper left.
    """

    name: Literal["locate", "rectify", "recognise", "decide"]
    ms: float
    picture: np.ndarray | None = field(default=None, repr=False)
    regions: tuple[tuple[tuple[float, float], ...], ...] = ()


@dataclass(frozen=True)
class CardReading:
    """The answer of `read()`. Its `repr` shows no digit but the last four, so that logs stay harmless.

    Attributes:
        number: the card number, only if the reading was accepted; None otherwise.
        digits: every digit found, in reading order, also when the reading was rejected.
        groups: number of digits in each printed group, e.g. (4, 4, 4, 4) or (4, 6, 5).
        decision: "accepted" or "rejected".
        reason: "ok", or the code of the first check that failed.
        confidence: probability that the whole number is right, 0 to 1; 0 if no digit was found. The CNN's takes
            the checksum as known, so it stands only where the number passed.
        stages: what happened, step by step, with times and pictures.
        ms: wall-clock time of the whole reading in milliseconds.
    """

    number: str | None = field(repr=False)
    digits: tuple[Digit, ...]
    groups: tuple[int, ...]
    decision: Decision
    reason: Reason
    confidence: float
    stages: tuple[Stage, ...] = field(repr=False)
    ms: float

    @property
    def raw(self) -> str:
        """The digits found in reading order, before any reject; for evaluation, never to be charged."""
        return "".join(digit.value for digit in self.digits)

    @property
    def masked(self) -> str:
        """The number with only its last four digits visible; bullets alone where the reading was rejected."""
        return mask_number(self.raw, visible=4 if self.decision == "accepted" else 0)

    @property
    def layout(self) -> str:
        """The printed grouping in words, e.g. "4-4-4-4"."""
        return "-".join(map(str, self.groups))

    @property
    def weakest(self) -> int | None:
        """Index of the least certain digit; None if no digit was found."""
        return min(range(len(self.digits)), key=lambda i: self.digits[i].confidence, default=None)

    @property
    def message(self) -> str:
        """The reason in words a person can act on."""
        weakest = self.weakest
        return _MESSAGES[self.reason].format(count=len(self.digits), position=0 if weakest is None else weakest + 1)

    def __repr__(self) -> str:
        return (
            f"CardReading({self.decision}, {self.reason}, {self.masked!r}, layout={self.layout!r}, "
            f"confidence={self.confidence:.4f}, ms={self.ms:.1f})"
        )


def decide(digits: tuple[Digit, ...], confidence: float, digit_threshold: float, number_threshold: float) -> Reason:
    """The rejects in the order a user can act on them: length, unsure digits, checksum, the number as a whole.

    Fewer digits than half a number are no card number; a number whose digits are mostly uncertain is called blurred;
    one with a few uncertain digits names them. The last threshold guards what would be accepted: a number that fails
    the checksum is told so, however sure it is.
    """
    if len(digits) < FEWEST_DIGITS:
        return "no_card"
    weak = sum(digit.confidence < digit_threshold for digit in digits)
    if weak > len(digits) // 3:
        return "too_blurred"
    if len(digits) not in VALID_LENGTHS:
        return "length"
    if weak:
        return "uncertain_digit"
    if not luhn_valid("".join(digit.value for digit in digits)):
        return "checksum"
    return "ok" if confidence >= number_threshold else "uncertain_digit"
