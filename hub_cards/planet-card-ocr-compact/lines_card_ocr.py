"""From the detector's maps to lines, and from lines to guesses at which of them make up the number.

The order of the digit groups comes from here, by geometry alone: four groups in the wrong order would still pass the
Luhn checksum, so no later check could catch them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

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


def connected(mask: Tensor) -> Tensor:
    """Labels of the 8-connected regions of a mask: H x W int64, 0 outside, some positive number per region."""
    labels = (torch.arange(1, mask.numel() + 1, device=mask.device).view(mask.shape) * mask).float()
    while True:
        spread = F.max_pool2d(labels[None, None], 3, 1, 1)[0, 0] * mask
        if torch.equal(spread, labels):
            return labels.long()
        labels = spread


def fit_lines(maps: Tensor, threshold: float) -> list[NumberLine]:
    """Lines of digits in one frame, the most visible first.

    Cells above the threshold vote with the nearest point of their line. Votes of one connected region are split where
    their density down the page has separate peaks; pieces that continue each other are joined; each line is fitted by
    weighted least squares.

    Args:
        maps: 6 x H/8 x W/8, channels as in `MAPS`.
        threshold: least probability of a voting cell.
    """
    field = dict(zip(MAPS, maps.float(), strict=True))
    probability = field["score"].sigmoid()
    mask = probability > threshold
    if not mask.any():
        return []
    points = cell_centres(*mask.shape)[mask] + torch.stack([field["offset_x"], field["offset_y"]], -1)[mask] * STRIDE
    votes = _Votes(
        points.double().numpy(),
        probability[mask].double().numpy(),
        (field["log_height"][mask].exp() * STRIDE).double().numpy(),
        torch.stack([field["cosine"], field["sine"]], -1)[mask].double().numpy(),
    )
    region = connected(mask)[mask].numpy()
    pieces = [piece for label in np.unique(region) for piece in _rows(votes, np.flatnonzero(region == label))]
    pieces = _joined(votes, [piece for piece in pieces if len(piece) >= 2])
    pieces.sort(key=lambda piece: -votes.weight[piece].sum())
    return [_fit(votes[piece]) for piece in pieces]


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


def _joined(votes: _Votes, pieces: list[np.ndarray]) -> list[np.ndarray]:
    """Joins pieces that continue each other: alike in height and direction, in line, and less than 3 heights apart."""
    pieces = sorted(pieces, key=lambda piece: -votes.weight[piece].sum())
    index = 0
    while index < len(pieces):
        line = _fit(votes[pieces[index]])
        partner = next((k for k in range(index + 1, len(pieces)) if _continues(line, _fit(votes[pieces[k]]))), None)
        if partner is None:
            index += 1
        else:
            pieces[index] = np.concatenate([pieces[index], pieces.pop(partner)])
    return pieces


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
    u, v = (votes.points @ turn.T).T
    keep = np.ones(len(u), bool)
    for _ in range(2):
        middle = np.average(u[keep], weights=votes.weight[keep])
        basis = np.stack([np.ones(keep.sum()), u[keep] - middle], 1)
        gram = basis.T @ (basis * votes.weight[keep, None]) + np.diag([1e-6, STRIDE**2])
        level = np.linalg.solve(gram, basis.T @ (votes.weight[keep] * v[keep]))
        size = np.linalg.solve(gram, basis.T @ (votes.weight[keep] * np.log(votes.height[keep])))
        near = np.abs(v - level[0] - level[1] * (u - middle)) <= 0.5 * np.median(votes.height)
        keep = near if near.sum() >= 2 else keep
    ends = np.array([u[keep].min(), u[keep].max()])
    along = ends - middle
    left, right = np.stack([ends, level[0] + level[1] * along], 1) @ turn
    left_height, right_height = np.exp(size[0] + size[1] * along)
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
