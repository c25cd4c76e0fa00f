"""A region in numbers: the shape of its window, and colours and pattern of its pixels.

Dimensions: H x W picture, h x w frame in which regions are cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .colour_fashion_classic import colour_histogram
from .hog_fashion_classic import hog, window_of
from .pattern_fashion_classic import pattern_histogram
from .region_fashion_classic import Box, Region

_CROP_SIDE = 128
"""Longest side of the crop whose pixels are counted: patterns are compared at one size of the product."""

_SPREAD = 0.8
"""Standard deviation of the weight around a region's middle, in half sides: its rim is often another garment."""


@dataclass(frozen=True)
class Descriptors:
    """What a region looks like.

    Attributes:
        shape: HOG_FEATURES float32.
        colour: COLOUR_FEATURES float32 of length 1.
        pattern: PATTERN_FEATURES float32 of length 1.
    """

    shape: np.ndarray
    colour: np.ndarray
    pattern: np.ndarray


def shrunk(rgb: np.ndarray, longest: int) -> np.ndarray:
    """The picture with its longest side at most `longest` pixels, none below one."""
    height, width = rgb.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return rgb
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def scaled(box: Box, of: np.ndarray, to: np.ndarray) -> Box:
    """A box in pixels of one picture, in pixels of a copy of another size."""
    x, y = to.shape[1] / of.shape[1], to.shape[0] / of.shape[0]
    return box[0] * x, box[1] * y, box[2] * x, box[3] * y


def describe(rgb: np.ndarray, region: Region) -> Descriptors:
    """Measures a region of a picture.

    Args:
        rgb: H x W x 3 uint8.
        region: its box and mask in pixels of a frame of the same picture, which may be smaller.
    """
    box = scaled(region.box, region.mask, rgb)
    crop = _crop(rgb, box)
    weight = _weights(_crop(region.mask.astype(np.uint8), region.box), crop.shape[0], crop.shape[1])
    return Descriptors(
        shape=hog(window_of(rgb, box)),
        colour=colour_histogram(cv2.cvtColor(crop, cv2.COLOR_RGB2Lab), weight),
        pattern=pattern_histogram(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), weight),
    )


def _crop(picture: np.ndarray, box: Box) -> np.ndarray:
    """The pixels of a box, at least one, shrunk to the size at which they are counted."""
    height, width = picture.shape[:2]
    x0, y0 = min(max(int(box[0]), 0), width - 1), min(max(int(box[1]), 0), height - 1)
    x1, y1 = min(max(round(box[2]), x0 + 1), width), min(max(round(box[3]), y0 + 1), height)
    return shrunk(np.ascontiguousarray(picture[y0:y1, x0:x1]), _CROP_SIDE)


def _weights(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """How much each pixel of a crop counts, H x W: inside the mask, off its outline, more in the middle."""
    grown = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST)
    inner = cv2.erode(grown, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1)
    if inner.sum() < 0.2 * grown.sum():
        inner = grown  # a strap or a chain is all outline
    rows = (np.arange(height) + 0.5) / height * 2 - 1
    columns = (np.arange(width) + 0.5) / width * 2 - 1
    return inner * np.exp(-(rows[:, None] ** 2 + columns[None, :] ** 2) / (2 * _SPREAD**2))


__all__ = ["Descriptors", "describe", "scaled", "shrunk"]
