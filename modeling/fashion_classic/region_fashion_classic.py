"""The region of interest: GrabCut started from saliency and the middle of the picture, or from a box a person drew.

Rother, Kolmogorov and Blake, "GrabCut: interactive foreground extraction using iterated graph cuts" (SIGGRAPH 2004).
Its "interaction" is replaced: seeds come from `saliency_fashion_classic`.

Boxes are (x0, y0, x1, y1) in pixels, x1 and y1 exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .saliency_fashion_classic import centre_prior, spectral_residual

Box = tuple[float, float, float, float]

_RIM = 2
"""Pixels at the border of a frame that seed the background."""


@dataclass(frozen=True)
class Region:
    """A part of a picture that may be the product.

    Attributes:
        box: around the mask, in pixels of the frame that was cut.
        mask: H x W bool, the product's pixels in that frame.
        filled: share of the box that the mask fills, 0 to 1.
    """

    box: Box
    mask: np.ndarray
    filled: float


def whole(height: int, width: int) -> Region:
    """All of a frame, the answer where nothing stands out."""
    return Region((0.0, 0.0, float(width), float(height)), np.ones((height, width), bool), 1.0)


def cut_region(rgb: np.ndarray, box: Box | None = None, rounds: int = 2, least_area: float = 0.02) -> Region:
    """Cuts the product out of a small frame.

    Args:
        rgb: H x W x 3 uint8; about 100 pixels a side are enough, and time grows with the area.
        box: where a person says the product is, in pixels of the frame; None to look for it.
        rounds: iterations of GrabCut.
        least_area: a cut smaller than this share of the frame (or of the box) is no product: the whole is answered.

    Returns:
        The cut. With `box` the region's box is that box, and the mask lies inside it.
    """
    height, width = rgb.shape[:2]
    seeds = _seeds_in(box, height, width) if box else _seeds(rgb)
    foreground, background = (seeds & 1).astype(bool), ~(seeds & 1).astype(bool)
    if min(foreground.sum(), background.sum()) < 16 or rgb.std() < 1:
        return whole(height, width) if box is None else _inside(box, np.ones((height, width), bool), least_area)
    cv2.setRNGSeed(0)  # GrabCut's colour models start from k-means: the same picture must give the same cut
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(rgb[..., ::-1]), seeds, None, *models, rounds, cv2.GC_INIT_WITH_MASK)
    mask = (seeds & 1).astype(bool)
    if box is not None:
        return _inside(box, mask, least_area)
    mask = largest_parts(mask)
    if mask.mean() < least_area:
        return whole(height, width)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    found = (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))
    return Region(found, mask, float(mask.sum() / ((found[2] - found[0]) * (found[3] - found[1]))))


def clipped(box: Box, height: int, width: int) -> Box:
    """The part of a box inside a picture.

    Raises:
        ValueError: if that is less than a pixel high or wide, or the box is not made of four numbers.
    """
    if len(box) != 4 or not np.isfinite(box).all():
        raise ValueError(f"A box is four numbers (x0, y0, x1, y1), got {box}")
    x0, y0, x1, y1 = max(float(box[0]), 0.0), max(float(box[1]), 0.0), min(box[2], width), min(box[3], height)
    if x1 - x0 < 1 or y1 - y0 < 1:
        raise ValueError(f"The box {tuple(box)} holds no pixel of the picture of {width} x {height} pixels")
    return x0, y0, float(x1), float(y1)


def largest_parts(mask: np.ndarray, share: float = 0.3) -> np.ndarray:
    """The largest connected part of a mask, and others at least `share` as large: a pair of shoes is one product."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count < 2:
        return mask
    areas = stats[1:, cv2.CC_STAT_AREA]
    return np.isin(labels, 1 + np.flatnonzero(areas >= share * areas.max()))


def _seeds(rgb: np.ndarray) -> np.ndarray:
    """GrabCut's four labels from saliency times the preference for the middle."""
    height, width = rgb.shape[:2]
    saliency = spectral_residual(cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab))
    prior = centre_prior(height, width, 0.6) * (0.35 + 0.65 * np.sqrt(saliency))
    seeds = np.where(prior > np.quantile(prior, 0.6), cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    # Not the lower edge: people are cut off there, and so is what they wear.
    for edge in (seeds[:_RIM], seeds[:, :_RIM], seeds[:, -_RIM:]):
        edge[:] = cv2.GC_BGD
    return seeds


def _seeds_in(box: Box, height: int, width: int) -> np.ndarray:
    """Background outside the box, probably product inside it."""
    seeds = np.full((height, width), cv2.GC_BGD, np.uint8)
    seeds[_slices(box, height, width)] = cv2.GC_PR_FGD
    return seeds


def _slices(box: Box, height: int, width: int) -> tuple[slice, slice]:
    """The pixels of a box, at least one."""
    x0, y0 = min(int(box[0]), width - 1), min(int(box[1]), height - 1)
    return slice(y0, max(int(np.ceil(box[3])), y0 + 1)), slice(x0, max(int(np.ceil(box[2])), x0 + 1))


def _inside(box: Box, mask: np.ndarray, least_area: float) -> Region:
    """The part of a mask inside a box; all of the box where that is next to nothing."""
    place = _slices(box, *mask.shape)
    inside = np.zeros_like(mask)
    inside[place] = mask[place]
    filled = float(mask[place].mean())
    if filled < least_area:
        inside[place] = True
        filled = 1.0
    return Region(box, inside, filled)


__all__ = ["Box", "Region", "clipped", "cut_region", "largest_parts", "whole"]
