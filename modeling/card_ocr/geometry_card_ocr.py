"""From the detector's maps to lines, from lines to one straight band, and from band columns back to the picture.

The order of the digit groups comes from here, by geometry alone: four groups in the wrong order would still pass the
Luhn checksum, so no later check could catch them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .detector_card_ocr import MAPS, STRIDE, cell_centres

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


def fit_lines(maps: Tensor, threshold: float) -> list[NumberLine]:
    """Number lines of one frame from the detector's output, in reading order (top to bottom along the text).

    Cells above the threshold vote with the nearest point of their line; votes are turned upright by their mean
    direction, split into lines by their height on the page, and each line is fitted by weighted least squares.

    Args:
        maps: 6 x H/8 x W/8, channels as in `MAPS`.
        threshold: least probability of a voting cell.
    """
    field = dict(zip(MAPS, maps.float(), strict=True))
    probability = field["score"].sigmoid()
    chosen = probability > threshold
    if int(chosen.sum()) < 2:
        return []
    centres = cell_centres(*probability.shape)[chosen]
    votes = centres + torch.stack([field["offset_x"], field["offset_y"]], -1)[chosen] * STRIDE
    weight = probability[chosen].double().numpy()
    heights = (field["log_height"][chosen].exp() * STRIDE).double().numpy()
    direction = np.array([float((field[name][chosen] * probability[chosen]).sum()) for name in ("cosine", "sine")])
    direction /= max(np.linalg.norm(direction), 1e-6)
    turn = np.array([direction, [-direction[1], direction[0]]])
    upright = votes.double().numpy() @ turn.T
    lines = []
    for members in _split(upright[:, 1], 0.45 * float(np.median(heights))):
        for part in _split(upright[members, 0], max(4 * float(np.median(heights[members])), 4 * STRIDE)):
            cells = members[part]
            if len(cells) >= 2:
                lines.append((weight[cells].sum(), _fit(upright[cells], weight[cells], heights[cells], turn)))
    return _one_number(lines)


def _split(values: np.ndarray, gap: float) -> list[np.ndarray]:
    """Indices of `values` in ascending order, cut wherever neighbours lie further apart than `gap`."""
    order = np.argsort(values)
    return np.split(order, np.flatnonzero(np.diff(values[order]) > gap) + 1)


def _fit(points: np.ndarray, weight: np.ndarray, heights: np.ndarray, turn: np.ndarray) -> NumberLine:
    """A straight line through upright votes (N x 2), refitted once without outliers; `turn` is undone at the end."""
    u, v = points.T
    keep = np.ones(len(u), bool)
    for _ in range(2):
        ridge = np.diag([1e-6, 25.0 * STRIDE**2])
        basis = np.stack([np.ones(keep.sum()), u[keep] - u.mean()], 1)
        gram = basis.T @ (basis * weight[keep, None]) + ridge
        level = np.linalg.solve(gram, basis.T @ (weight[keep] * v[keep]))
        size = np.linalg.solve(gram, basis.T @ (weight[keep] * np.log(heights[keep])))
        keep = np.abs(v - level[0] - level[1] * (u - u.mean())) <= 0.5 * np.median(heights)
        if keep.sum() < 2:
            keep[:] = True
    ends = np.array([u[keep].min(), u[keep].max()])
    along = ends - u.mean()
    left, right = np.stack([ends, level[0] + level[1] * along], 1) @ turn
    left_height, right_height = np.exp(size[0] + size[1] * along)
    return NumberLine(tuple(left), tuple(right), float(left_height), float(right_height), float(weight.mean()))


def _one_number(found: list[tuple[float, NumberLine]]) -> list[NumberLine]:
    """Of the lines found, those that make up the most visible number: one long line, or a stack of short ones."""
    if not found:
        return []
    mass, main = max(found, key=lambda pair: pair[0])
    if main.length > 8 * main.height:
        return [main]
    alike = [line for m, line in found if m > 0.3 * mass and 0.6 < line.height / main.height < 1.67]
    alike = [line for line in alike if line.length > 1.0 * main.height]
    direction = np.radians(main.angle)
    down = np.array([-np.sin(direction), np.cos(direction)])
    alike.sort(key=lambda line: float((np.asarray(line.left) + np.asarray(line.right)) @ down))
    return alike or [main]


@dataclass(frozen=True)
class BandSegment:
    """Where one line lies inside the band: its first column, its width in columns, and the line it came from."""

    start: int
    width: int
    line: NumberLine

    def corners(self, left: float, right: float, digit_share: float = 0.5) -> Corners:
        """Picture corners of the band columns left..right, clockwise from the upper left."""
        along = (np.array([left, right, right, left]) - self.start) / self.width
        points = self.line.point(along, np.array([-1, -1, 1, 1]) * digit_share)
        return tuple((float(x), float(y)) for x, y in points)


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
    along = (np.arange(width * finer) + 0.5) / (width * finer)
    across = ((np.arange(band_height * finer) + 0.5) / finer - band_height / 2) / digit_height
    points = line.point(*np.broadcast_arrays(along[None, :], across[:, None]))
    size = np.array([grey.shape[-1], grey.shape[-2]])
    grid = torch.from_numpy((2 * points / size - 1).astype(np.float32))[None].to(grey.device)
    strip = F.grid_sample(grey, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return F.avg_pool2d(strip, finer) if finer > 1 else strip


_TEMPLATES = {15: ((4, 6, 5),), 16: ((4, 4, 4, 4),), 19: ((4, 4, 4, 4, 3), (6, 13))}


def group_sizes(spans: list[tuple[float, float]], lines: list[int], digit_height: float) -> tuple[int, ...]:
    """Digits per printed group, from the gaps between neighbours.

    Args:
        spans: left and right end of every digit in band columns, in reading order.
        lines: index of the line each digit stands on.
        digit_height: in band rows.
    """
    if len(set(lines)) > 1:
        return tuple(lines.count(line) for line in sorted(set(lines)))
    gaps = np.array([b[0] - a[1] for a, b in pairwise(spans)])
    best: tuple[float, tuple[int, ...]] = (0.15 * digit_height, (len(spans),))
    for template in _TEMPLATES.get(len(spans), ()):
        breaks = np.cumsum(template)[:-1] - 1
        excess = float(gaps[breaks].min() - np.median(np.delete(gaps, breaks)))
        best = max(best, (excess, template))
    return best[1]
