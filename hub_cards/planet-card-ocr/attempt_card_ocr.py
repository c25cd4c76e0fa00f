"""One way of reading a picture's lines, what came of it, and how attempts compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .geometry_card_ocr import NumberLine, plausible
from .reading_card_ocr import Digit, Reason, luhn_valid

SURE = 0.4
"""A number this probable from the picture alone, that fails the checksum, is taken for what is printed there."""

FAILING = 0.05
"""What a number that fails the checksum weighs against one that passes and is as probable from the picture alone."""


FEWEST = 12
"""Lines with fewer digits than this are no number that another look at them would settle."""


@dataclass(frozen=True)
class Attempt:
    """Lines, and what was read on them.

    Attributes:
        lines: in reading order, in pixels of the picture.
        picture: the band they were straightened into.
        digits: all that were found.
        groups: how many stand in each printed group.
        alone: the confidence without the checksum.
        confidence: with it.
        certain: whether that reaches its threshold.
        reason: what `decide` said.
    """

    lines: list[NumberLine]
    picture: np.ndarray | None
    digits: tuple[Digit, ...]
    groups: tuple[int, ...]
    alone: float
    confidence: float
    certain: bool
    reason: Reason

    @property
    def settled(self) -> bool:
        """Whether there is nothing to gain from another look: the number passed, or fails and is surely so printed."""
        return self.reason == "ok" or (self.reason == "checksum" and self.certain and self.alone >= SURE)

    @property
    def number(self) -> str:
        """All digits."""
        return "".join(digit.value for digit in self.digits)

    @property
    def passes(self) -> bool:
        """Whether the number is grouped as cards print it and passes the checksum."""
        return plausible(self.groups) and luhn_valid(self.number)

    @property
    def rank(self) -> tuple[bool, bool, bool, bool, bool, float]:
        """Orders attempts: accepted, grouped as cards print it, settled, passing the checksum, about as long as a
        number, sure of itself."""
        long = len(self.digits) >= FEWEST
        return self.reason == "ok", plausible(self.groups), self.settled, self.passes, long, self.alone

    @property
    def weight(self) -> tuple[bool, bool, float]:
        """Orders attempts at the same lines: accepted, grouped as cards print it, probable given that few cards fail
        the checksum."""
        return self.reason == "ok", plausible(self.groups), self.alone * (1.0 if self.passes else FAILING)


def likeliest(attempts: Sequence[Attempt], number_threshold: float) -> Attempt:
    """The best of several attempts at the same lines, as sure as the others let it be.

    Where another attempt read another number that passes the checksum too, only one can be right: the confidence is
    that of both times the best one's share.

    Args:
        attempts: at least one.
        number_threshold: least confidence of a number that is accepted.
    """
    best = max(attempts, key=lambda attempt: attempt.weight)
    rivals: dict[str, float] = {}
    for attempt in attempts:
        if attempt.passes and attempt.number != best.number:
            rivals[attempt.number] = max(rivals.get(attempt.number, 0.0), attempt.alone)
    confidence = best.confidence * best.alone / max(best.alone + sum(rivals.values()), 1e-12)
    if not rivals or confidence >= number_threshold:
        return best
    reason = "uncertain_digit" if best.reason == "ok" else best.reason
    return replace(best, confidence=confidence, certain=False, reason=reason)


NOTHING = Attempt([], None, (), (), 0.0, 0.0, False, "no_card")
"""What comes of a picture without lines."""
