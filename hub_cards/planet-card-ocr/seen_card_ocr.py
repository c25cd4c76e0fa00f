"""A straightened band and what the recogniser saw in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from .geometry_card_ocr import BandSegment, group_sizes
from .reading_card_ocr import Digit
from .recogniser_card_ocr import STEP, ReadDigit, best_path, digit_near, number_probability
from .slots_card_ocr import BETWEEN, NEAR, Slots, slots


@dataclass(frozen=True)
class SeenBand:
    """A band of C columns and the recogniser's answer to it, S = C / 2 steps.

    Attributes:
        band: R x C grey levels in 0..255.
        segments: the place of every line in it.
        log_probabilities: S x 11.
        extents: S x 2, band columns.
        slots: the places that count, where not every digit seen does.
    """

    band: Tensor
    segments: tuple[BandSegment, ...]
    log_probabilities: Tensor
    extents: Tensor
    slots: Slots | None = None

    def without_ends(self, steps: int) -> SeenBand:
        """The same without so many steps at either end."""
        columns, inner = steps * STEP, slice(steps, len(self.extents) - steps)
        segments = tuple(replace(segment, start=segment.start - columns) for segment in self.segments)
        band = self.band[:, columns : self.band.shape[1] - columns]
        return SeenBand(band, segments, self.log_probabilities[inner], self.extents[inner])

    @property
    def picture(self) -> np.ndarray:
        """The band as a picture, R x C uint8."""
        return self.band.round().clamp(0, 255).to(torch.uint8).numpy()

    @cached_property
    def seen(self) -> list[ReadDigit]:
        """All digits in it, from left to right."""
        return best_path(self.log_probabilities, self.extents)

    @cached_property
    def found(self) -> list[ReadDigit]:
        """Those that count, from left to right."""
        if self.slots is None:
            return self.seen
        reach = NEAR * self.slots.step
        return [
            digit_near(self.log_probabilities, self.extents, middle, reach) if index is None else self.seen[index]
            for index, middle in zip(self.slots.seen, self.slots.middles, strict=True)
        ]

    def in_slots(self) -> SeenBand | None:
        """The same with the digits alone that stand where cards print them; None where too few do."""
        places = slots([digit.middle for digit in self.seen], [digit.confidence for digit in self.seen])
        return places and replace(self, slots=places)

    def leaves_out(self, sure: float) -> bool:
        """Whether a digit at least so sure, that stands between the places or where the next would be, counts not."""
        if self.slots is None:
            return False
        counted, reach = set(self.slots.seen), BETWEEN[1] * self.slots.step
        first, last = self.slots.middles[0] - reach, self.slots.middles[-1] + reach
        left_out = (digit for index, digit in enumerate(self.seen) if index not in counted)
        return any(digit.confidence >= sure and first <= digit.middle <= last for digit in left_out)

    @property
    def probability(self) -> float:
        """How probable exactly these digits are, given the band."""
        return number_probability(self.log_probabilities, self.found)

    def in_picture(self, digit_height: int) -> tuple[tuple[Digit, ...], tuple[int, ...]]:
        """The digits with their corners in the picture the lines are in, and how many stand in each printed group.

        Args:
            digit_height: in band rows.
        """
        if not self.found:
            return (), ()
        starts = np.array([segment.start for segment in self.segments[1:]])
        on_line = np.searchsorted(starts, [item.middle for item in self.found], side="right").tolist()
        spans = [(item.left, item.right) for item in self.found]
        corners = [
            quad
            for index, segment in enumerate(self.segments)
            for quad in segment.all_corners([span for span, on in zip(spans, on_line, strict=True) if on == index])
        ]
        digits = tuple(
            Digit(str(item.value), item.confidence, item.probabilities, *place)
            for item, *place in zip(self.found, corners, spans, strict=True)
        )
        return digits, self.slots.groups if self.slots else group_sizes(spans, on_line, digit_height)
