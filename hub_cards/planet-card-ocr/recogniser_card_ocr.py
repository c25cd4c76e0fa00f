"""The second CNN: which digits stand in the band, where, and how sure?

The network slides along the rectified band without ever being told how many digits there are: every column of
its output is a distribution over ten digits and "nothing here". Dimensions: B bands, W columns, S = W/2 output
steps, C = 11 classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .detector_card_ocr import ConvBlock, standardise

BLANK = 10
"""Class of the steps that show no digit (the blank of CTC, Graves 2006)."""

STEP = 2
"""Band columns per output step."""

SAME_PLACE = 5.5
"""Digits closer than this many band columns, centre to centre, cannot both be there: the narrowest print needs 8."""


class DigitRecogniser(nn.Module):
    """Reads a band of 32 rows: four pooled stages collapse the height, two convolutions look along the number.

    Args:
        channels: widths of the five stages.
        digit_height: height of a digit in band rows; the unit of the predicted widths.
        folded: without batch normalisations, see `CardOcrConfig`.
    """

    def __init__(self, channels: list[int] | tuple[int, ...], digit_height: int, folded: bool = False):
        super().__init__()
        block = partial(ConvBlock, folded=folded)
        c1, c2, c3, c4, c5 = channels
        self.digit_height = digit_height
        self.features = nn.Sequential(
            block(1, c1), nn.MaxPool2d(2),  # B x c1 x 16 x W/2
            block(c1, c2), block(c2, c2), nn.MaxPool2d(2),  # B x c2 x 8 x W/4
            block(c2, c3), block(c3, c3), nn.MaxPool2d((2, 1)),  # B x c3 x 4 x W/4
            block(c3, c4), block(c4, c4),
        )  # fmt: skip
        self.collapse = block(c4, c5, (4, 1), padding=0)
        self.along = nn.Sequential(nn.Dropout(0.1), *block(c5, c5, (1, 3), padding=(0, 1)))
        # each stride-4 column answers for its two halves
        self.head = nn.Conv2d(c5, 2 * (BLANK + 1 + 2), 1)

    def forward(self, band: Tensor) -> tuple[Tensor, Tensor]:
        """Class logits and digit extents along grey bands.

        Args:
            band: B x 1 x 32 x W in 0..255, W a multiple of 4.

        Returns:
            B x S x 11 logits, and B x S x 2 distances in band columns from the step's centre to the left and right end
            of the digit there (meaningless where the class is blank).
        """
        x = self.along(self.collapse(self.features(standardise(band))))  # B x c5 x 1 x W/4
        batch, _, _, columns = x.shape
        x = self.head(x).view(batch, 2, BLANK + 3, columns).permute(0, 3, 1, 2).reshape(batch, 2 * columns, BLANK + 3)
        return x[..., : BLANK + 1], F.softplus(x[..., BLANK + 1 :]) * self.digit_height / 2


@dataclass(frozen=True)
class ReadDigit:
    """A digit as the recogniser saw it: its ten probabilities and its left and right end in band columns."""

    probabilities: tuple[float, ...]
    confidence: float
    left: float
    right: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def value(self) -> int:
        return max(range(BLANK), key=self.probabilities.__getitem__)


def read_digits(logits: Tensor, extents: Tensor, temperature: float) -> tuple[list[ReadDigit], float]:
    """What a band shows, and how sure that is.

    Args:
        logits: S x 11.
        extents: S x 2, band columns.
        temperature: divides the logits (Guo 2017).

    Returns:
        The digits from left to right, and their `number_probability`.
    """
    log_probabilities = F.log_softmax(logits.float() / temperature, -1)
    digits = best_path(log_probabilities, extents)
    return digits, number_probability(log_probabilities, digits)


def number_probability(log_probabilities: Tensor, digits: Sequence[ReadDigit]) -> float:
    """The probability of exactly these digits given the band from the first to the last of them, over all alignments.

    See Graves 2006, equation 3. What lies beyond the ends is art and table, and one digit more there would be one too
    many for any card.

    Args:
        log_probabilities: S x 11.
        digits: from left to right; the probability of none is 0.0.
    """
    if not digits:
        return 0.0
    first = max(int((digits[0].left - SAME_PLACE) / STEP), 0)
    last = min(int((digits[-1].right + SAME_PLACE) / STEP) + 1, len(log_probabilities))
    target = torch.tensor([[digit.value for digit in digits]])
    sizes = torch.tensor([last - first]), torch.tensor([len(digits)])
    loss = F.ctc_loss(log_probabilities[first:last, None], target, *sizes, blank=BLANK, reduction="none")
    return float(torch.exp(-loss[0]))


def best_path(log_probabilities: Tensor, extents: Tensor) -> list[ReadDigit]:
    """Best-path decoding of one band (Graves 2006, section 3.2): a run of equal non-blank steps is one digit.

    Of two digits that stand in the same place, the less certain one is dropped.

    Args:
        log_probabilities: S x 11.
        extents: S x 2, band columns.

    Returns:
        The digits from left to right.
    """
    probabilities, extents = log_probabilities.double().exp().numpy(), extents.double().numpy()
    best = probabilities.argmax(-1)
    edges = (np.flatnonzero(np.diff(best)) + 1).tolist()
    peaks = [
        start + int(probabilities[start:end, best[start]].argmax())
        for start, end in zip([0, *edges], [*edges, len(best)], strict=True)
        if best[start] != BLANK
    ]
    return _apart(_digits(probabilities, extents, peaks))


def digit_near(log_probabilities: Tensor, extents: Tensor, middle: float, reach: float) -> ReadDigit:
    """The digit that is likeliest within `reach` band columns of `middle`, however unlikely one is there at all."""
    probabilities, extents = log_probabilities.double().exp().numpy(), extents.double().numpy()
    last = len(probabilities) - 1
    first, end = (min(max(int((middle + side * reach) / STEP), 0), last) for side in (-1, 1))
    peak = first + int(probabilities[first : end + 1, :BLANK].max(1).argmax())
    return _digits(probabilities, extents, [peak])[0]


def _digits(probabilities: np.ndarray, extents: np.ndarray, steps: list[int]) -> list[ReadDigit]:
    """The likeliest digit at each of some steps of S x 11 probabilities and S x 2 extents."""
    at = np.array(steps, int)
    ten = probabilities[at, :BLANK]
    shares, confidences = (ten / ten.sum(1, keepdims=True)).tolist(), ten.max(1).tolist()
    ends = ((at[:, None] + 0.5) * STEP + extents[at] * [-1, 1]).tolist()
    return [
        ReadDigit(tuple(share), confidence, *end)
        for share, confidence, end in zip(shares, confidences, ends, strict=True)
    ]


def _apart(digits: list[ReadDigit]) -> list[ReadDigit]:
    """Drops digits that stand within `SAME_PLACE` columns of a more certain one."""
    in_order = sorted(digits, key=lambda digit: digit.middle)
    if all(after.middle - before.middle >= SAME_PLACE for before, after in pairwise(in_order)):
        return in_order
    kept: list[ReadDigit] = []
    for digit in sorted(digits, key=lambda digit: -digit.confidence):
        if all(abs(digit.middle - other.middle) >= SAME_PLACE for other in kept):
            kept.append(digit)
    return sorted(kept, key=lambda digit: digit.middle)
