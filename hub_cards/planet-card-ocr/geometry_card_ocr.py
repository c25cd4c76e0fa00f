"""Lines in a picture, the straight band they are rectified into, and the way back from band columns to the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import median

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

END_MARGIN = 0.5
"""Space kept before the first and after the last digit of a line, in digit heights."""

Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class NumberLine:
    """One printed line of a number, in pixels of some picture.

    Attributes:
        left, right: ends of its centre line, (x, y).
        left_height, right_height: digit height at either end; they differ under perspective.
        score: mean detector probability along the line, 0..1.
    """

    left: tuple[float, float]
    right: tuple[float, float]
    left_height: float
    right_height: float
    score: float = 1.0

    @property
    def length(self) -> float:
        return float(np.hypot(self.right[0] - self.left[0], self.right[1] - self.left[1]))

    @property
    def height(self) -> float:
        return (self.left_height + self.right_height) / 2

    @property
    def angle(self) -> float:
        """Degrees from the picture's x axis, clockwise as seen, since y points down."""
        return float(np.degrees(np.arctan2(self.right[1] - self.left[1], self.right[0] - self.left[0])))

    def scaled(self, factor: float) -> NumberLine:
        """The same line in a picture `factor` times as large."""
        (x0, y0), (x1, y1) = self.left, self.right
        ends = (x0 * factor, y0 * factor), (x1 * factor, y1 * factor)
        return NumberLine(*ends, self.left_height * factor, self.right_height * factor, self.score)

    def moved(self, x: float, y: float) -> NumberLine:
        """The same line in a picture that shows (x, y) more to the left and above."""
        (x0, y0), (x1, y1) = self.left, self.right
        return NumberLine((x0 + x, y0 + y), (x1 + x, y1 + y), self.left_height, self.right_height, self.score)

    def extended(self, before: float, after: float) -> NumberLine:
        """The same line, longer by shares of its length before its left and after its right end."""
        left, right = self.point(np.array([-before, 1 + after]), np.zeros(2))
        return NumberLine(tuple(left), tuple(right), self.left_height, self.right_height, self.score)

    def nudged(self, taller: float, lower: float, turn: float) -> NumberLine:
        """The same line as if it had been found a little differently.

        Args:
            taller: factor on the digit height.
            lower: digit heights further down.
            turn: digit heights by which its right end goes down and its left end up.
        """
        left, right = self.point(np.array([0.0, 1.0]), np.array([lower - turn, lower + turn]))
        return NumberLine(tuple(left), tuple(right), self.left_height * taller, self.right_height * taller, self.score)

    @property
    def reversed(self) -> NumberLine:
        """The same line read from its other end, as in a picture that is upside down."""
        return NumberLine(self.right, self.left, self.right_height, self.left_height, self.score)

    def turned_back(self, height: int) -> NumberLine:
        """The line in a picture `height` pixels tall, found in that picture turned a quarter clockwise."""
        (x0, y0), (x1, y1) = self.left, self.right
        return NumberLine((y0, height - x0), (y1, height - x1), self.left_height, self.right_height, self.score)

    def point(self, along: np.ndarray, across: np.ndarray) -> np.ndarray:
        """Picture points at `along` (0 = left end, 1 = right end) and `across` (digit heights below the centre line).

        Both are arrays of one shape; returns that shape x 2.
        """
        left, right = np.asarray(self.left), np.asarray(self.right)
        direction = (right - left) / max(self.length, 1e-6)
        normal = np.array([-direction[1], direction[0]])
        along, across = np.asarray(along)[..., None], np.asarray(across)[..., None]
        height = self.left_height + along * (self.right_height - self.left_height)
        return left + along * (right - left) + across * height * normal

    @property
    def corners(self) -> Corners:
        """Its four corners, clockwise from the upper left."""
        points = self.point(np.array([0.0, 1.0, 1.0, 0.0]), np.array([-0.5, -0.5, 0.5, 0.5]))
        return tuple((float(x), float(y)) for x, y in points)


@dataclass(frozen=True)
class BandSegment:
    """Where one line lies inside the band: its first column, its width in columns, and the line it came from."""

    start: int
    width: int
    line: NumberLine

    def corners(self, left: float, right: float, digit_share: float = 0.5) -> Corners:
        """Picture corners of the band columns left..right, clockwise from the upper left."""
        return self.all_corners([(left, right)], digit_share)[0]

    def all_corners(self, spans: Sequence[tuple[float, float]], digit_share: float = 0.5) -> list[Corners]:
        """The same for several pairs of columns at once."""
        along = (np.reshape(spans, (-1, 2))[:, [0, 1, 1, 0]] - self.start) / self.width
        points = self.line.point(along, np.broadcast_to(np.array([-1, -1, 1, 1]) * digit_share, along.shape))
        return [tuple(map(tuple, quad)) for quad in points.tolist()]


def rectify(
    grey: Tensor, lines: list[NumberLine], band_height: int, digit_height: int
) -> tuple[Tensor, list[BandSegment]]:
    """Straightens lines into one band, side by side in reading order.

    Large print is sampled finer than the band and averaged down, so that it does not alias.

    Args:
        grey: 1 x 1 x H x W in 0..255, the picture the lines are in.
        lines: at least one.
        band_height, digit_height: rows of the band and of a digit in it.

    Returns:
        The band, 1 x 1 x band_height x W', W' a multiple of 4, and the place of every line in it.
    """
    pieces, segments, start = [], [], 0
    for line in lines:
        margin = END_MARGIN * line.height / max(line.length, 1e-6)
        wide = NumberLine(
            tuple(line.point(np.array(-margin), np.array(0.0))), tuple(line.point(np.array(1 + margin), np.array(0.0))),
            line.left_height, line.right_height, line.score,
        )  # fmt: skip
        width = int(np.clip(4 * round(wide.length / wide.height * digit_height / 4), 16, 1024))
        pieces.append(_sample(grey, wide, width, band_height, digit_height))
        segments.append(BandSegment(start, width, wide))
        start += width
    return torch.cat(pieces, -1), segments


def _sample(grey: Tensor, line: NumberLine, width: int, band_height: int, digit_height: int) -> Tensor:
    """One line as a straight strip: 1 x 1 x band_height x width."""
    finer = int(np.clip(np.ceil(line.height / digit_height - 0.25), 1, 6))
    along = ((np.arange(width * finer) + 0.5) / (width * finer)).astype(np.float32)
    across = ((np.arange(band_height * finer) + 0.5) / finer - band_height / 2) / digit_height
    size = np.array([grey.shape[-1], grey.shape[-2]])
    # along a row, points move in even steps: digit height changes linearly with the place on the line
    first, last = ((2 * line.point(np.full_like(across, end), across) / size - 1).astype(np.float32) for end in (0, 1))
    points = first[:, None] + along[:, None] * (last - first)[:, None]
    grid = torch.from_numpy(points)[None].to(grey.device)
    strip = F.grid_sample(grey, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return F.avg_pool2d(strip, finer) if finer > 1 else strip


PRINTED = {15: ((4, 6, 5),), 16: ((4, 4, 4, 4),), 19: ((4, 4, 4, 4, 3), (6, 13))}
"""How cards group numbers of each length on one line."""


def _slips(count: int) -> set[tuple[int, ...]]:
    """Groupings of `count` digits that come of a printed one by losing a digit or reading one too many."""
    slips = set()
    for step in (1, -1):
        for template in PRINTED.get(count + step, ()):
            slips |= {(*template[:i], group - step, *template[i + 1 :]) for i, group in enumerate(template)}
    return slips - set(PRINTED.get(count, ()))


def group_sizes(spans: list[tuple[float, float]], lines: list[int], digit_height: float) -> tuple[int, ...]:
    """Digits per printed group, from the gaps between neighbours.

    Of the groupings cards print, and those that one digit too few or too many makes of them, the one whose gaps stand
    out most; a single group where none does.

    Args:
        spans: left and right end of every digit in band columns, in reading order.
        lines: index of the line each digit stands on.
        digit_height: in band rows.
    """
    if len(set(lines)) > 1:
        return tuple(lines.count(line) for line in sorted(set(lines)))
    gaps = [b[0] - a[1] for a, b in pairwise(spans)]
    best: tuple[float, tuple[int, ...]] = (0.15 * digit_height, (len(spans),))
    for template in (*PRINTED.get(len(spans), ()), *sorted(_slips(len(spans)))):
        breaks = {end - 1 for end in accumulate(template[:-1])}
        inside = median(gap for index, gap in enumerate(gaps) if index not in breaks)
        best = max(best, (min(gaps[index] for index in breaks) - inside, template))
    return best[1]


def plausible(groups: tuple[int, ...]) -> bool:
    """Whether cards print numbers in such groups.

    Losing a digit turns 4-4-4-4 into 3-4-4-4, losing three turns 6-13 into 3-13; no card has either.
    """
    return groups in PRINTED.get(sum(groups), ())
