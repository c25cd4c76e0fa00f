"""Finding lines of print by image processing alone: top-hat, black-hat and oriented box filters.

Strokes thinner than half a digit's height answer to the top-hat (light print) or the black-hat (dark print); card
art, edges and tables mostly do not. A line of print is then a long thin row of such answers with quiet rows above and
below it, at one of a few heights and slopes. A 4 x 4 block is four short rows at equal distances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .rectifying_card_ocr_classic import Line

UNIT = 6
"""Digits are brought to this height in pixels before lines are searched."""

LINE_LENGTH = 11.0
"""Length of the row filter in digit heights; number lines are 11 to 20 digit heights long."""

BLOCK_LENGTH = 3.3
"""Length in digit heights of the four digits of a block's row."""

_KEPT = 12


def stroke_energy(grey: np.ndarray, height: float) -> np.ndarray:
    """How much each place looks like strokes of digits `height` pixels high.

    Args:
        grey: H x W uint8.
        height: of the digits, in pixels.

    Returns:
        Float32, about H x W times UNIT / height: 0 nowhere, 1 average, cut at 3, so that a dark card counts as much
        as a bright table.
    """
    factor = min(1.0, 2 * UNIT / height)
    if factor < 1:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(grey, (0, 0), max(0.06 * height * factor, 0.6))
    size = int(max(0.5 * height * factor, 3)) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    light = cv2.morphologyEx(smooth, cv2.MORPH_TOPHAT, disc)
    dark = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, disc)
    rest = UNIT / (height * factor)
    energy = cv2.resize(np.maximum(light, dark), None, fx=rest, fy=rest, interpolation=cv2.INTER_AREA)
    energy = energy.astype(np.float32)
    return np.minimum(energy / (cv2.blur(energy, (12 * UNIT, 6 * UNIT)) + 1), 3)


@dataclass(frozen=True)
class View:
    """Stroke energy of the frame for one digit height, turned so that lines of one slope lie level.

    Attributes:
        energy: float32 map in which such digits are UNIT pixels high.
        back: 2 x 3 matrix from the turned map to the unturned one.
        angle: slope in degrees, clockwise.
        height: digit height in frame pixels.
        frame: H, W of the frame.
    """

    energy: np.ndarray
    back: np.ndarray
    angle: float
    height: float
    frame: tuple[int, int]

    def line(self, y: int, x: int, score: float) -> Line:
        """The line through a place of the map, in frame pixels; its score is negative outside the frame."""
        at = ((self.back @ np.array([x, y, 1.0])) + 0.5) * (self.height / UNIT) - 0.5
        inside = 0 <= at[0] < self.frame[1] and 0 <= at[1] < self.frame[0]
        return Line(float(at[0]), float(at[1]), float(np.deg2rad(self.angle)), self.height, score if inside else -1.0)


def views_of(grey: np.ndarray, heights: Sequence[float], angles: Sequence[float]) -> list[View]:
    """Every combination of digit height (pixels) and slope (degrees, clockwise) to search a frame with."""
    views = []
    for height in heights:
        energy = stroke_energy(grey, height)
        for angle in angles:
            views.append(View(*_turn(energy, angle), angle, height, grey.shape))
    return views


def find_lines(views: list[View]) -> list[Line]:
    """The places that look most like a line of print, best first."""
    return _distinct([view.line(*peak) for view in views for peak in _peaks(_row_response(view.energy))])


def find_blocks(views: list[View], spacing: float) -> list[Line]:
    """The places that look most like four short rows, `spacing` digit heights apart: lines through their middle."""
    return _distinct([view.line(*peak) for view in views for peak in _peaks(_block_response(view.energy, spacing))])


def _turn(energy: np.ndarray, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """The map turned so that lines of that slope lie level, and the 2 x 3 matrix back."""
    rows, columns = energy.shape
    side = int(np.ceil(np.hypot(rows, columns)))
    matrix = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), angle, 1.0)
    slope = abs(np.sin(np.deg2rad(angle)))
    size = min(side, int(columns + rows * slope) + 1), min(side, int(rows + columns * slope) + 1)
    matrix[:, 2] += (np.array(size) - (columns, rows)) / 2
    return cv2.warpAffine(energy, matrix, size), cv2.invertAffineTransform(matrix)


def _shifted(rows: np.ndarray, down: float) -> np.ndarray:
    """`rows` moved down by a whole number of rows, zeros moving in."""
    count = round(down)
    moved = np.zeros_like(rows)
    if count > 0:
        moved[count:] = rows[:-count]
    elif count < 0:
        moved[:count] = rows[-count:]
    else:
        moved[:] = rows
    return moved


def _row_response(energy: np.ndarray) -> np.ndarray:
    """Energy of a long row less that of the busier of its two neighbours."""
    row = cv2.blur(energy, (int(LINE_LENGTH * UNIT), UNIT - 1))
    gap = cv2.blur(energy, (int(LINE_LENGTH * UNIT), 3))
    apart = UNIT // 2 + 2
    return row - np.maximum(_shifted(gap, apart), _shifted(gap, -apart))


def _block_response(energy: np.ndarray, spacing: float) -> np.ndarray:
    """Energy of four short rows less that of the gaps between them and of the strips beside them."""
    step = spacing * UNIT
    row = cv2.blur(energy, (int(BLOCK_LENGTH * UNIT), UNIT - 1))
    gap = cv2.blur(energy, (int(BLOCK_LENGTH * UNIT), 3))
    side = cv2.blur(energy, (UNIT, int(3 * step + UNIT)))
    apart = int((BLOCK_LENGTH / 2 + 1) * UNIT)
    rows = [_shifted(row, place * step) for place in (-1.5, -0.5, 0.5, 1.5)]
    faintest = np.minimum(np.minimum(rows[0], rows[1]), np.minimum(rows[2], rows[3]))
    gaps = _shifted(gap, -step) + gap + _shifted(gap, step)
    sides = np.zeros_like(side)
    sides[:, apart:] += side[:, :-apart] / 2
    sides[:, :-apart] += side[:, apart:] / 2
    # a block has four rows, so the faintest of them counts as much as their mean
    return (sum(rows) / 4 + faintest) / 2 - np.maximum(gaps / 3, sides)


def _peaks(response: np.ndarray) -> list[tuple[int, int, float]]:
    highest = cv2.dilate(response, np.ones((UNIT, 4 * UNIT), np.uint8))
    ys, xs = np.nonzero((response >= highest) & (response > 0.15))
    return [(int(y), int(x), float(response[y, x])) for y, x in zip(ys, xs, strict=True)]


def _same(one: Line, other: Line) -> bool:
    """Whether two lines cover the same print: close along and across, similar slope."""
    c, s = np.cos(one.angle), np.sin(one.angle)
    dx, dy = other.x - one.x, other.y - one.y
    across, along = abs(dy * c - dx * s), abs(dx * c + dy * s)
    return across < 0.5 * one.height and along < 3 * one.height and abs(one.angle - other.angle) < 0.16


def _distinct(lines: list[Line]) -> list[Line]:
    kept: list[Line] = []
    for line in sorted(lines, key=lambda line: -line.score):
        if line.score > 0 and not any(_same(best, line) for best in kept):
            kept.append(line)
            if len(kept) == _KEPT:
                break
    return kept


__all__ = ["View", "find_blocks", "find_lines", "views_of"]
