"""Which part of a picture is looked at. Boxes are (x0, y0, x1, y1) in pixels, x1 and y1 exclusive."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .results_fashion_search import Box, Detection

MARGIN = 0.05
"""Share of a box's sides that is shown around it: detectors cut close."""

LEAST = 32
"""A region has at least so many pixels a side, where the picture has: less is too little to describe."""


BESIDE = 0.3
"""Garments that share less than this of the smaller one stand beside each other."""


def whole(width: int, height: int) -> Box:
    """The box of a whole picture."""
    return 0.0, 0.0, float(width), float(height)


def likeliest(detections: Sequence[Detection], width: int, height: int) -> Detection:
    """The garment that a picture is about: sure and large, by score times the root of its share of the area."""

    def weight(one: Detection) -> float:
        x0, y0, x1, y1 = one.box
        return one.score * math.sqrt(max(x1 - x0, 0) * max(y1 - y0, 0) / (width * height))

    return max(detections, key=weight)


def alone(chosen: Detection, detections: Sequence[Detection]) -> bool:
    """Whether no other garment was found beside one; what lies mostly inside of it, or around it, is no other."""
    return all(_shared(chosen.box, other.box) >= BESIDE for other in detections)


def _shared(one: Box, other: Box) -> float:
    """The common area of two boxes as a share of the smaller one's."""
    width = max(min(one[2], other[2]) - max(one[0], other[0]), 0.0)
    height = max(min(one[3], other[3]) - max(one[1], other[1]), 0.0)
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / max(smaller, 1e-9)


def clipped(box: Sequence[float], width: int, height: int) -> Box:
    """The part of a box that lies in the picture.

    Raises:
        ValueError: if the box is not four numbers, or nothing of it lies in the picture.
    """
    if len(box) != 4 or not all(math.isfinite(side) for side in box):
        raise ValueError(f"A box is four numbers (x0, y0, x1, y1), got {tuple(box)}")
    x0, x1 = (min(max(float(side), 0.0), float(width)) for side in (box[0], box[2]))
    y0, y1 = (min(max(float(side), 0.0), float(height)) for side in (box[1], box[3]))
    if x1 - x0 < 1 or y1 - y0 < 1:
        given = tuple(round(float(side)) for side in box)
        raise ValueError(f"The box {given} holds nothing of the picture of {width} x {height} pixels")
    return x0, y0, x1, y1


def cropped(rgb: np.ndarray, box: Box) -> np.ndarray:
    """The region of a picture (H x W x 3) with a margin, at least `LEAST` pixels a side where the picture allows."""
    height, width = rgb.shape[:2]
    x0, x1 = _stretched(box[0], box[2], width)
    y0, y1 = _stretched(box[1], box[3], height)
    return rgb[y0:y1, x0:x1]


def _stretched(low: float, high: float, length: int) -> tuple[int, int]:
    half = max((high - low) * (0.5 + MARGIN), LEAST / 2)
    middle = min(max((low + high) / 2, half), max(length - half, half))
    return max(math.floor(middle - half), 0), min(math.ceil(middle + half), length)
