"""Which colours a garment has: a joint Lab histogram with eight bins a channel, the middle of the region counting most.

Eight bins, not sixteen: finer ones tell photographs of one garment apart. No mask is cut out: pixels near the edge of
the region count less, and so do pixels that look like an even border, for those are mostly background.
"""

from __future__ import annotations

import cv2
import numpy as np

BINS = 8
SIDE = 64
"""Regions are shrunk to SIDE x SIDE pixels first."""

EVEN, ALIKE = 6.0, 12.0
"""A border whose colours stray less than EVEN (median, Lab) is background, and so is what is within ALIKE of it."""

# OpenCV's 8-bit Lab fills 0..255 in L, but garments stay within this part of a and b (128 is grey).
_LOW = np.array([0, 80, 70], np.float32)
_HIGH = np.array([255, 200, 200], np.float32)


def colour_histogram(region: np.ndarray) -> np.ndarray:
    """The colours of a region.

    Args:
        region: H x W x 3 uint8, RGB.

    Returns:
        512 float32 of length 1: square roots of the bins' shares, so that the dot product of two is their Bhattacharyya
        coefficient, 1 for the same colours and 0 for none in common.

    Raises:
        ValueError: if the region is empty or no RGB picture.
    """
    if region.ndim != 3 or region.shape[2] != 3 or region.dtype != np.uint8 or region.size == 0:
        raise ValueError(f"A region is H x W x 3 uint8 (RGB) and not empty, got {region.shape} {region.dtype}")
    lab = _small_lab(region)
    weights = _centre() * _foreground(lab)
    bins = _spread(lab.reshape(-1, 3), weights.reshape(-1))
    return np.sqrt(bins / bins.sum()).astype(np.float32)


def alike(histogram: np.ndarray, histograms: np.ndarray) -> np.ndarray:
    """How alike the colours of each of `histograms` (N x B) are to `histogram` (B): N float32, 0 to 1."""
    return np.clip(np.asarray(histograms, np.float32) @ np.asarray(histogram, np.float32), 0, 1)


def _centre() -> np.ndarray:
    """SIDE x SIDE weights: 1 in the middle, about 0.3 at the edges, 0.1 in the corners."""
    ramp = np.linspace(-1, 1, SIDE, dtype=np.float32)
    return np.exp(-1.15 * (ramp[:, None] ** 2 + ramp[None] ** 2))


def on_plain_background(picture: np.ndarray) -> bool:
    """Whether the border of a picture (H x W x 3 uint8, RGB) is of one colour."""
    return _unlike_border(_small_lab(picture)) is not None


def _small_lab(region: np.ndarray) -> np.ndarray:
    """SIDE x SIDE x 3 float32."""
    small = cv2.resize(region, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)


def _unlike_border(lab: np.ndarray) -> np.ndarray | None:
    """SIDE x SIDE bool, where a pixel does not look like the border; None where the border is not even."""
    border = np.concatenate([lab[:2].reshape(-1, 3), lab[-2:].reshape(-1, 3), lab[:, :2].reshape(-1, 3)])
    border = np.concatenate([border, lab[:, -2:].reshape(-1, 3)])
    colour = np.median(border, axis=0)
    if np.median(np.linalg.norm(border - colour, axis=1)) > EVEN:
        return None
    return np.linalg.norm(lab - colour, axis=2) >= ALIKE


def _foreground(lab: np.ndarray) -> np.ndarray:
    """SIDE x SIDE weights: small where a pixel looks like an even border, 1 elsewhere."""
    unlike = _unlike_border(lab)
    if unlike is None:
        return np.ones(lab.shape[:2], np.float32)
    # A garment of the background's own colour keeps its colour: it is all there is.
    return np.where(unlike, 1.0, 0.02).astype(np.float32)


def _spread(lab: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """BINS^3 sums of weights; each pixel is shared by the two nearest bins of every channel."""
    place = np.clip((lab - _LOW) / (_HIGH - _LOW), 0, 1) * (BINS - 1)
    low = np.minimum(place.astype(np.int64), BINS - 2)
    part = place - low
    bins = np.zeros(BINS**3, np.float64)
    for corner in np.ndindex(2, 2, 2):
        share = np.prod(np.where(corner, part, 1 - part), axis=1)
        index = np.ravel_multi_index((low + corner).T, (BINS, BINS, BINS))
        bins += np.bincount(index, weights * share, BINS**3)
    return bins
