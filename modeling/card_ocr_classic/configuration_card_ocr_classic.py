"""Configuration of the traditional card reader: where to look for lines, and the thresholds of the two rejects."""

from __future__ import annotations

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig


@strict
class CardOcrClassicConfig(PreTrainedConfig):
    """Search ranges and decision thresholds of `CardOcrClassicModel`.

    You will most likely change the two thresholds: `digit_threshold` and `number_threshold` trade coverage for silent
    errors. Training writes them from validation data.

    Args:
        frame_side: lines are searched in a copy of the picture whose longest side is at most this many pixels.
        line_heights: heights of digits searched for, in pixels of that copy.
        line_angles: slopes of number lines searched for, in degrees, clockwise.
        pitches: distances between neighbouring digits tried, in digit heights.
        spacings: distances between the four rows of a 4 x 4 block tried, in digit heights.
        line_candidates: single lines handed from the locator to the classifier.
        block_candidates: 4 x 4 blocks handed from the locator to the classifier.
        sure_evidence: mean log-odds (digit against no digit, cut at 6) of a line above which blocks are not searched.
        hidden: hidden units of the ANN.
        line_threshold: least mean log-odds (digit against no digit) along a line for it to count as a number.
        least_digit_height: digits lower than this many pixels of the copy are answered with "too_small".
        digit_threshold: a digit below this confidence rejects the number, 0..1.
        number_threshold: a number below this confidence is rejected, 0..1.
    """

    model_type = "planet_card_ocr_classic"

    # localisation
    frame_side: int = 640
    line_heights: list[float] | tuple[float, ...] = (7.5, 9.6, 12.3, 15.7, 20.1, 25.8, 33.0)
    line_angles: list[float] | tuple[float, ...] = (-20.0, -15.0, -10.0, -5.0, 0.0, 5.0, 10.0, 15.0, 20.0)
    pitches: list[float] | tuple[float, ...] = (0.74, 0.82, 0.91, 1.01)
    spacings: list[float] | tuple[float, ...] = (1.5, 1.8)
    line_candidates: int = 5
    block_candidates: int = 3
    sure_evidence: float = 4.5
    # recognition
    hidden: int = 96
    # decision
    line_threshold: float = 0.5
    least_digit_height: float = 6.0
    digit_threshold: float = 0.5
    number_threshold: float = 0.5

    def __post_init__(self, **kwargs):
        super().__post_init__(**kwargs)
        for name in ("line_heights", "line_angles", "pitches", "spacings"):
            if not getattr(self, name):
                raise ValueError(f"{name} must not be empty")
        if min(self.line_heights) < 4 or min(self.pitches) <= 0.3 or min(self.spacings) <= 1:
            raise ValueError(
                "line_heights must be at least 4 pixels, pitches above 0.3 and spacings above 1, got "
                f"{self.line_heights}, {self.pitches}, {self.spacings}"
            )
        if self.line_candidates < 1 or self.block_candidates < 0 or self.hidden < 1:
            raise ValueError(
                "line_candidates and hidden must be at least 1 and block_candidates at least 0, got "
                f"{self.line_candidates}, {self.hidden}, {self.block_candidates}"
            )
        for name in ("digit_threshold", "number_threshold"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, got {getattr(self, name)}")


__all__ = ["CardOcrClassicConfig"]
