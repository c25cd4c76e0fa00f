"""Correcting a located line: the slope, height and offset with the sharpest upper and lower edge."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from .rectifying_card_ocr_classic import Line

_SCALE = 12
"""Rows of the strip to a digit height."""

_STRIP_ROWS, _STRIP_COLUMNS = 3 * _SCALE, 12 * _SCALE
_FLANK = 4
_TURNS = (-0.045, -0.0225, 0.0, 0.0225, 0.045)
_DISC = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))


def level(grey: np.ndarray, line: Line) -> Line:
    """The line with slope, height and offset corrected by the row profile of its stroke energy.

    The profile of a line cut out at its true slope falls steeply at the digits' upper and lower edge; the correction
    is the turn and the pair of edges with the largest fall, a little in favour of edges around the middle.

    Args:
        grey: the frame the line was found in, H x W uint8.
        line: as located, on coarse steps of slope and height.
    """
    best, best_fall = line, -np.inf
    for turn in _TURNS:
        turned = replace(line, angle=line.angle + turn)
        profile = np.concatenate([[0.0], np.cumsum(_profile(grey, turned))])
        for rows in range(round(0.6 * _SCALE), round(1.5 * _SCALE) + 1):
            tops = np.arange(_FLANK, _STRIP_ROWS - rows - _FLANK + 1)
            inside = (profile[tops + rows] - profile[tops]) / rows
            above = (profile[tops] - profile[tops - _FLANK]) / _FLANK
            below = (profile[tops + rows + _FLANK] - profile[tops + rows]) / _FLANK
            off = tops + rows / 2 - _STRIP_ROWS / 2
            fall = inside - np.maximum(above, below) - 0.01 * np.abs(off)
            top = int(np.argmax(fall))
            if fall[top] > best_fall:
                best_fall = float(fall[top])
                best = replace(turned.moved(0, float(off[top]) / _SCALE), height=line.height * rows / _SCALE)
    return best


def _profile(grey: np.ndarray, line: Line) -> np.ndarray:
    """Mean stroke energy of every row of the strip around a line, relative to the strip's mean."""
    size = line.height / _SCALE
    c, s = np.cos(line.angle) * size, np.sin(line.angle) * size
    linear = np.array([[c, -s], [s, c]])
    middle = np.array([(_STRIP_COLUMNS - 1) / 2, (_STRIP_ROWS - 1) / 2])
    matrix = np.column_stack([linear, np.array([line.x, line.y]) - linear @ middle])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    strip = cv2.warpAffine(grey, matrix, (_STRIP_COLUMNS, _STRIP_ROWS), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    light = cv2.morphologyEx(strip, cv2.MORPH_TOPHAT, _DISC)
    dark = cv2.morphologyEx(strip, cv2.MORPH_BLACKHAT, _DISC)
    rows = np.maximum(light, dark).mean(1)
    return rows / (rows.mean() + 1)


__all__ = ["level"]
