"""From the detector's maps to lines, and from lines to guesses at which of them make up the number.

The order of the digit groups comes from here, by geometry alone: four groups in the wrong order would still pass the
Luhn checksum, so no later check could catch them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .detector_card_ocr import MAPS, STRIDE, cell_centres
from .geometry_card_ocr import NumberLine

MOST_GUESSES = 4
"""How many guesses at the number are read at most; each costs one run of the recogniser."""


@dataclass(frozen=True)
class _Votes:
    """Cells that take themselves for part of a number: N of each.

    Attributes:
        points: N x 2, the nearest point of the centre line, in frame pixels.
        weight: detector probability.
        height: digit height in frame pixels.
        direction: N x 2 unit vectors of reading.
    """

    points: np.ndarray
    weight: np.ndarray
    height: np.ndarray
    direction: np.ndarray

    def __getitem__(self, cells) -> _Votes:
        return _Votes(self.points[cells], self.weight[cells], self.height[cells], self.direction[cells])

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def turn(self) -> np.ndarray:
        """2 x 2 matrix whose rows are the mean direction of reading and the direction down the page."""
        x, y = (self.direction * self.weight[:, None]).sum(0)
        length = max(float(np.hypot(x, y)), 1e-6)
        return np.array([[x, y], [-y, x]]) / length


def regions(cells: np.ndarray, width: int) -> list[list[int]]:
    """Cells that touch each other, corners included.

    Args:
        cells: N indexes into a grid flattened row by row, ascending.
        width: of the grid.

    Returns:
        Ascending indexes into `cells`; the region whose last cell comes first is first.
    """
    left_over = {cell: index for index, cell in enumerate(cells.tolist())}
    found = []
    for seed in cells.tolist():
        if seed not in left_over:
            continue
        region, reached = [left_over.pop(seed)], [seed]
        for cell in reached:
            x = cell % width
            for to in range(-(x > 0), 1 + (x < width - 1)):
                for near in (cell + to - width, cell + to, cell + to + width):
                    if near in left_over:
                        region.append(left_over.pop(near))
                        reached.append(near)
        found.append(sorted(region))
    return sorted(found, key=lambda region: region[-1])


def fit_lines(maps: Tensor, threshold: float) -> list[NumberLine]:
    """Lines of digits in one frame, the most visible first.

    Cells above the threshold vote with the nearest point of their line. Votes of one connected region are split where
    their density down the page has separate peaks; pieces that continue each other are joined; each line is fitted by
    weighted least squares.

    Args:
        maps: 6 x H/8 x W/8, channels as in `MAPS`.
        threshold: least probability of a voting cell.
    """
    probability = maps[0].float().sigmoid()
    mask = probability > threshold
    if not mask.any():
        return []
    field = dict(zip(MAPS, maps[:, mask].double().numpy(), strict=True))
    steps = np.stack([field["offset_x"], field["offset_y"]], -1)
    votes = _Votes(
        cell_centres(*mask.shape)[mask].double().numpy() + steps * STRIDE,
        probability[mask].double().numpy(),
        np.exp(field["log_height"]) * STRIDE,
        np.stack([field["cosine"], field["sine"]], -1),
    )
    cells = torch.nonzero(mask.flatten())[:, 0].numpy()
    rows = [row for region in regions(cells, mask.shape[1]) for row in _rows(votes, np.array(region))]
    return [line for _, line in _joined(votes, [row for row in rows if len(row) >= 2])]


def _rows(votes: _Votes, cells: np.ndarray) -> list[np.ndarray]:
    """Splits one region's cells into printed rows, at the peaks of their weighted density down the page."""
    part = votes[cells]
    down = part.points @ part.turn[1]
    height = float(np.median(part.height))
    grid = np.arange(down.min() - height, down.max() + height, height / 8)
    density = (part.weight * np.exp(-0.5 * ((grid[:, None] - down[None]) / (0.2 * height)) ** 2)).sum(1)
    inner = density[1:-1]
    peaks = grid[1:-1][(inner > density[:-2]) & (inner >= density[2:]) & (inner > 0.2 * density.max())]
    nearest = np.abs(down[:, None] - peaks[None])
    owner = np.where(nearest.min(1) <= 0.5 * height, nearest.argmin(1), -1)
    return [cells[owner == index] for index in range(len(peaks))]


def _joined(votes: _Votes, pieces: list[np.ndarray]) -> list[tuple[np.ndarray, NumberLine]]:
    """Joins pieces that continue each other: alike in height and direction, in line, and less than 3 heights apart.

    Returns:
        The cells of each piece and its line, the most visible first.
    """

    def weight(fitted: tuple[np.ndarray, NumberLine]) -> float:
        return -votes.weight[fitted[0]].sum()

    left_over = sorted(((piece, _fit(votes[piece])) for piece in pieces), key=weight)
    joined = []
    while left_over:
        piece, line = left_over.pop(0)
        partner = next((k for k, (_, other) in enumerate(left_over) if _continues(line, other)), None)
        if partner is None:
            joined.append((piece, line))
        else:
            whole = np.concatenate([piece, left_over.pop(partner)[0]])
            left_over.insert(0, (whole, _fit(votes[whole])))
    return sorted(joined, key=weight)


def _continues(line: NumberLine, other: NumberLine) -> bool:
    left, right = np.array(line.left), np.array(line.right)
    unit = (right - left) / max(line.length, 1e-6)
    ends = np.array([other.left, other.right]) - left
    along, across = ends @ unit, ends @ np.array([-unit[1], unit[0]])
    gap = max(along.min() - line.length, -along.max(), 0.0)
    alike = 0.67 < other.height / line.height < 1.5
    return alike and gap < 3 * line.height and bool((np.abs(across) < 0.5 * line.height).all())


def _fit(votes: _Votes) -> NumberLine:
    """A straight line through votes, by weighted ridge regression of position and log height, refitted once without
    outliers."""
    turn = votes.turn
    u, v = turn @ votes.points.T
    size, bound = np.log(votes.height), 0.5 * np.median(votes.height)
    keep = np.ones(len(u), bool)
    for _ in range(2):
        weight = votes.weight[keep]
        middle = float(weight @ u[keep] / weight.sum())
        along = u[keep] - middle
        # about the weighted middle, level and slope are independent of each other
        flat, steep = weight.sum() + 1e-6, weight @ along**2 + STRIDE**2
        (level, rise), (size_level, size_rise) = (
            (weight @ values[keep] / flat, (weight * along) @ values[keep] / steep) for values in (v, size)
        )
        near = np.abs(v - level - rise * (u - middle)) <= bound
        keep = near if near.sum() >= 2 else keep
    ends = np.array([u[keep].min(), u[keep].max()]) - middle
    left, right = np.stack([middle + ends, level + rise * ends], 1) @ turn
    left_height, right_height = np.exp(size_level + size_rise * ends)
    return NumberLine(tuple(left), tuple(right), float(left_height), float(right_height), float(votes.weight.mean()))


def guesses(lines: list[NumberLine]) -> list[list[NumberLine]]:
    """Which lines may make up the number, the most likely first: single long lines, and stacks of short ones.

    Args:
        lines: the most visible first.

    Returns:
        At most `MOST_GUESSES` lists of lines, each in reading order.
    """
    long = [line for line in lines if line.length > 7 * line.height]
    short = [line for line in lines if line not in long and line.length > 1.2 * line.height]
    stacks = _stacks(short)
    singles = [[line] for line in long]
    # an upright block outweighs long lines only where it has all four of its rows
    ranked = [s for s in stacks if len(s) == 4] + singles if stacks and len(stacks[0]) == 4 else singles + stacks
    rest = [[line] for line in short if not any(line in stack for stack in stacks)]
    return (ranked + rest)[:MOST_GUESSES]


def _stacks(short: list[NumberLine]) -> list[list[NumberLine]]:
    """Columns of two to four short lines below each other, alike in height, direction and left end."""
    left_over, stacks = list(short), []
    while left_over:
        seed = left_over[0]
        column = [line for line in left_over if line is seed or _below(seed, line)]
        left_over = [line for line in left_over if line not in column]
        down = np.array([-np.sin(np.radians(seed.angle)), np.cos(np.radians(seed.angle))])
        column.sort(key=lambda line: float((np.array(line.left) + np.array(line.right)) @ down))
        if len(column) > 4:
            stacks += sorted((column[i : i + 4] for i in range(len(column) - 3)), key=lambda s: _unevenness(s, down))
        elif len(column) > 1:
            stacks.append(column)
    return sorted(stacks, key=len, reverse=True)


def _below(seed: NumberLine, line: NumberLine) -> bool:
    direction = np.radians(seed.angle)
    along = (np.array(line.left) - np.array(seed.left)) @ np.array([np.cos(direction), np.sin(direction)])
    turned = (line.angle - seed.angle + 180) % 360 - 180
    return 0.67 < line.height / seed.height < 1.5 and abs(along) < 1.5 * seed.height and abs(turned) < 15


def _unevenness(stack: list[NumberLine], down: np.ndarray) -> float:
    """How unevenly rows are spaced and how unlike their heights are; 0 is a perfect block."""
    at = np.array([np.array(line.left) @ down for line in stack])
    heights = np.array([line.height for line in stack])
    lengths = np.array([line.length for line in stack])
    return float(np.diff(at).std() / heights.mean() + heights.std() / heights.mean() + lengths.std() / lengths.mean())
