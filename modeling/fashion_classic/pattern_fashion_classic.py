"""What pattern a region has: uniform local binary patterns at three scales.

Ojala, Pietikainen and Maenpaa, "Multiresolution gray-scale and rotation invariant texture classification with local
binary patterns" (PAMI 2002): each pixel is compared with its eight neighbours; the 58 codes with at most two changes
around the circle are counted apart, all others together.

Dimensions: H x W pixels, S = 3 radii, U = 59 codes.
"""

from __future__ import annotations

import cv2
import numpy as np

RADII = (1, 2, 4)
CODES = 59
PATTERN_FEATURES = len(RADII) * CODES

_NOISE = 2.0
"""Grey levels a neighbour must be brighter by: JPEG noise on plain cloth is no pattern."""


def _code_table() -> np.ndarray:
    """Of each of 256 comparisons its bin: the uniform ones 0 to 57, the others 58."""
    table = np.full(256, CODES - 1, np.int64)
    uniform = [code for code in range(256) if bin(code ^ ((code << 1 | code >> 7) & 255)).count("1") <= 2]
    table[uniform] = np.arange(len(uniform))
    return table


_TABLE = _code_table()


def pattern_histogram(grey: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Shares of the codes, square-rooted, one histogram a radius.

    Args:
        grey: H x W uint8.
        weight: H x W, how much each pixel counts; not negative.

    Returns:
        PATTERN_FEATURES float32, smallest radius first; together of length 1, all 0 where no pixel counts.

    Raises:
        ValueError: if shapes differ.
    """
    if grey.shape != weight.shape or grey.ndim != 2:
        raise ValueError(f"Weights of shape {weight.shape} do not fit a grey picture of shape {grey.shape}")
    chosen = weight > 0
    weights = weight[chosen].astype(np.float64)
    if not weights.sum() > 0:
        return np.zeros(PATTERN_FEATURES, np.float32)
    parts = [np.bincount(_TABLE[_compare(grey, radius)[chosen]], weights, CODES) for radius in RADII]
    return np.sqrt(np.concatenate(parts) / (weights.sum() * len(RADII))).astype(np.float32)


def _compare(grey: np.ndarray, radius: int) -> np.ndarray:
    """The eight comparisons of every pixel as a byte, H x W; bit k is the neighbour at k times 45 degrees."""
    smooth = cv2.GaussianBlur(grey, (0, 0), radius / 2).astype(np.float32) if radius > 1 else grey.astype(np.float32)
    padded = cv2.copyMakeBorder(smooth, radius, radius, radius, radius, cv2.BORDER_REPLICATE)
    height, width = grey.shape
    code = np.zeros(grey.shape, np.uint8)
    for bit in range(8):
        down = round(np.sin(bit * np.pi / 4) * radius) + radius
        right = round(np.cos(bit * np.pi / 4) * radius) + radius
        code |= (padded[down : down + height, right : right + width] > smooth + _NOISE).astype(np.uint8) << bit
    return code


__all__ = ["PATTERN_FEATURES", "pattern_histogram"]
