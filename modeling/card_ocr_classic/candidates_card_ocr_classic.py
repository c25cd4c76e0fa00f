"""A number as it was fitted to the picture: its rows, where its digits are, and the evidence for them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .features_card_ocr_classic import PITCH, STRIDE
from .fitting_card_ocr_classic import Chain
from .rectifying_card_ocr_classic import Line, band_map, corners_of


@dataclass(frozen=True)
class Row:
    """One printed line of a number as it was fitted.

    Attributes:
        line: the text's axis in frame pixels; its point is the middle of the band.
        pitch: distance of neighbouring digits, in digit heights.
        columns: width of the band the chain refers to.
        chain: the digits' positions.
    """

    line: Line
    pitch: float
    columns: int
    chain: Chain

    @property
    def matrix(self) -> np.ndarray:
        """Band pixels to frame pixels, 2 x 3."""
        return band_map(self.line, self.pitch, self.columns)

    @property
    def ends(self) -> tuple[int, int]:
        """First and last band column of the number, with half a pitch of margin beyond the end digits."""
        left, right = self.chain.positions[0] * STRIDE - PITCH, self.chain.positions[-1] * STRIDE + PITCH
        return max(left, 0), min(right, self.columns - 1)


@dataclass(frozen=True)
class Candidate:
    """A number as it was fitted: one row, or the four rows of a block.

    Attributes:
        rows: in reading order.
        score: sum of the rows' scores.
        evidence: log-odds of every digit against "no digit".
        logits: N x 11 for N digits.
        band: 32 x W grey, the rows side by side.
    """

    rows: tuple[Row, ...]
    score: float
    evidence: np.ndarray
    logits: np.ndarray
    band: np.ndarray

    @property
    def probabilities(self) -> np.ndarray:
        """N x 10: how probable each digit is, given that there is one."""
        shown = np.exp(self.logits[:, :10] - self.logits[:, :10].max(1, keepdims=True))
        return shown / shown.sum(1, keepdims=True)

    @property
    def summary(self) -> np.ndarray:
        """What `trust` weighs: 1, the log-odds that all digits are right, mean and least evidence of a digit."""
        together = float(np.clip(np.prod(self.probabilities.max(1)), 1e-9, 1 - 1e-6))
        odds = np.log(together / (1 - together))
        return np.array([1.0, odds, self.evidence.mean(), self.evidence.min()], np.float32)

    @property
    def groups(self) -> tuple[int, ...]:
        """Digits of each printed group."""
        return tuple(count for row in self.rows for count in row.chain.groups)

    @property
    def height(self) -> float:
        """Least digit height of the rows in frame pixels."""
        return min(row.line.height for row in self.rows)

    @property
    def regions(self) -> tuple[tuple[tuple[float, float], ...], ...]:
        """One quadrilateral per row, in frame pixels."""
        half = PITCH / 2
        places = [(row, [place * STRIDE for place in row.chain.positions]) for row in self.rows]
        return tuple(corners_of(row.matrix, place[0] - half, place[-1] + half) for row, place in places)

    @property
    def corners(self) -> list[tuple[tuple[float, float], ...]]:
        """One quadrilateral per digit, in frame pixels."""
        half = PITCH / 2
        return [
            corners_of(row.matrix, place * STRIDE - half, place * STRIDE + half)
            for row in self.rows
            for place in row.chain.positions
        ]

    @property
    def spans(self) -> list[tuple[float, float]]:
        """Left and right column of every digit in `band`."""
        half, start, spans = PITCH / 2, 0, []
        for row in self.rows:
            left, right = row.ends
            middles = [start + place * STRIDE - left for place in row.chain.positions]
            spans += [(float(middle - half), float(middle + half)) for middle in middles]
            start += right - left + 1
        return spans


def log_odds(logits: np.ndarray) -> np.ndarray:
    """Log-odds of any digit against "no digit", cut to -4..6 so that no single place decides: N x 11 -> N."""
    highest = logits[:, :10].max(1)
    digit = highest + np.log(np.exp(logits[:, :10] - highest[:, None]).sum(1))
    return np.clip(digit - logits[:, 10], -4, 6)


def centred(row: Row) -> Row:
    """The same fit with the line's point moved to the middle of the number."""
    middle = (row.chain.positions[0] + row.chain.positions[-1]) / 2 * STRIDE
    off = (middle - (row.columns - 1) / 2) * row.pitch / PITCH
    shift = round(off * PITCH / row.pitch / STRIDE)
    positions = tuple(place - shift for place in row.chain.positions)
    return replace(
        row,
        line=row.line.moved(shift * STRIDE * row.pitch / PITCH, 0),
        chain=replace(row.chain, positions=positions),
    )


__all__ = ["Candidate", "Row", "centred", "log_odds"]
