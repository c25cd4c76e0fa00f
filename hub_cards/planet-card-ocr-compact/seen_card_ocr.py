"""A straightened band and what the recogniser saw in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from .geometry_card_ocr import BandSegment, group_sizes
from .reading_card_ocr import Digit
from .recogniser_card_ocr import STEP, ReadDigit, best_path, number_probability


@dataclass(frozen=True)
class SeenBand:
    """A band of C columns and the recogniser's answer to it, S = C / 2 steps.

    Attributes:
        band: R x C grey levels in 0..255.
        segments: the place of every line in it.
        log_probabilities: S x 11.
        extents: S x 2, band columns.
    """

    band: Tensor
    segments: tuple[BandSegment, ...]
    log_probabilities: Tensor
    extents: Tensor

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
    def found(self) -> list[ReadDigit]:
        """The digits in it, from left to right."""
        return best_path(self.log_probabilities, self.extents)

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
        return digits, group_sizes(spans, on_line, digit_height)
