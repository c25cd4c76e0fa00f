"""From a line somewhere in the frame to an upright band of fixed height, and back.

Frames are grey H x W; bands are 32 x W grey, text on the middle 24 rows, 20 columns from digit to digit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from .features_card_ocr_classic import BAND_ROWS, PITCH, TEXT_ROWS


@dataclass(frozen=True)
class Line:
    """A straight line of digits that may be there.

    Attributes:
        x, y: a point on its middle axis, in frame pixels.
        angle: its slope in radians, clockwise from the right.
        height: height of its digits in frame pixels.
        score: how much it looks like a line of print; only comparable within one search.
    """

    x: float
    y: float
    angle: float
    height: float
    score: float = 0.0

    def moved(self, along: float, across: float) -> Line:
        """The line shifted in its own directions, by digit heights."""
        c, s = np.cos(self.angle) * self.height, np.sin(self.angle) * self.height
        return replace(self, x=float(self.x + along * c - across * s), y=float(self.y + along * s + across * c))

    def scaled(self, factor: float) -> Line:
        """The same line in a frame whose pixels were multiplied by `factor`, pixel centres at whole numbers."""
        shift = 0.5 * factor - 0.5
        return replace(self, x=self.x * factor + shift, y=self.y * factor + shift, height=self.height * factor)


def band_map(line: Line, pitch: float, columns: int) -> np.ndarray:
    """The 2 x 3 matrix from band pixels to frame pixels; the line's point is the middle of the band.

    Args:
        line: where the text is.
        pitch: distance between digits, in digit heights.
        columns: width of the band.
    """
    across = line.height / TEXT_ROWS
    along = line.height * pitch / PITCH
    c, s = np.cos(line.angle), np.sin(line.angle)
    linear = np.array([[c * along, -s * across], [s * along, c * across]])
    middle = np.array([(columns - 1) / 2, (BAND_ROWS - 1) / 2])
    return np.column_stack([linear, np.array([line.x, line.y]) - linear @ middle])


def cut_band(pyramid: list[np.ndarray], line: Line, pitch: float, columns: int) -> np.ndarray:
    """Cuts the band of a line, 32 x columns uint8, from the pyramid level where digits are 24 to 48 pixels high."""
    level = int(np.clip(np.floor(np.log2(max(line.height, 1) / TEXT_ROWS)), 0, len(pyramid) - 1))
    matrix = band_map(line.scaled(0.5**level), pitch, columns)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(pyramid[level], matrix, (columns, BAND_ROWS), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def build_pyramid(grey: np.ndarray) -> list[np.ndarray]:
    """The frame and its halves, down to about 320 pixels."""
    levels = [grey]
    while max(levels[-1].shape) > 640:
        half = (max(levels[-1].shape[1] // 2, 1), max(levels[-1].shape[0] // 2, 1))
        levels.append(cv2.resize(levels[-1], half, interpolation=cv2.INTER_AREA))
    return levels


def corners_of(matrix: np.ndarray, left: float, right: float) -> tuple[tuple[float, float], ...]:
    """Frame corners of the text between two band columns, clockwise from its upper left."""
    top, bottom = (BAND_ROWS - TEXT_ROWS) / 2 - 0.5, (BAND_ROWS + TEXT_ROWS) / 2 - 0.5
    points = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    return tuple((float(x), float(y)) for x, y in points @ matrix[:, :2].T + matrix[:, 2])


__all__ = ["Line", "band_map", "build_pyramid", "corners_of", "cut_band"]
