"""Garments cut out of flat product pictures, to be laid into scenes of their own (copy-paste; Ghiasi et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

LEAST_SHARE, MOST_SHARE = 0.06, 0.9
"""A garment that fills less or more of its picture than this was not cut out well."""

FLAT = {
    "footwear": ("Casual Shoes", "Sports Shoes", "Heels", "Sandals", "Flip Flops", "Formal Shoes", "Flats"),
    "bag": ("Handbags", "Backpacks", "Clutches", "Wallets", "Duffel Bag", "Laptop Bag", "Messenger Bag", "Rucksacks"),
    "eyewear": ("Sunglasses",),
    "belt": ("Belts",),
    "tie": ("Ties",),
    "headwear": ("Caps", "Hat"),
    "scarf": ("Scarves", "Mufflers", "Stoles"),
    "legwear": ("Socks",),
}  # fmt: skip
"""Article types that the catalogue shows alone on white, by garment class."""

PHONE = {
    "dress": "dress", "hat": "headwear", "longsleeve": "top", "outwear": "outer", "pants": "pants", "shirt": "top",
    "shoes": "footwear", "shorts": "pants", "skirt": "skirt", "t-shirt": "top",
}  # fmt: skip
"""Classes of the phone photographs -> garment class."""


@dataclass(frozen=True)
class Cutout:
    """A garment without its background.

    Attributes:
        picture: h x w x 3 uint8 RGB, cropped to the garment.
        mask: h x w uint8, 255 on the garment, soft at its edge.
        garment: its class.
    """

    picture: np.ndarray
    mask: np.ndarray
    garment: str


def cut_all(sources: Sequence[tuple[Path, str, bool]], processes: int = 1) -> list[Cutout]:
    """Cuts garments out of pictures; pictures where that fails are left out.

    Args:
        sources: (file, garment class, whether the background is white).
        processes: how many cut at once.
    """
    if processes == 1:
        found = [_cut(source) for source in sources]
    else:
        with ProcessPoolExecutor(processes) as pool:
            found = list(pool.map(_cut, sources, chunksize=16))
    return [cutout for cutout in found if cutout is not None]


def _cut(source: tuple[Path, str, bool]) -> Cutout | None:
    path, garment, on_white = source
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        return None
    mask = white_mask(bgr) if on_white else grab_mask(bgr)
    if not LEAST_SHARE < (mask > 127).mean() < MOST_SHARE:
        return None
    ys, xs = np.nonzero(mask > 127)
    window = slice(ys.min(), ys.max() + 1), slice(xs.min(), xs.max() + 1)
    return Cutout(cv2.cvtColor(bgr[window], cv2.COLOR_BGR2RGB), mask[window], garment)


def white_mask(bgr: np.ndarray) -> np.ndarray:
    """What is not the white around a product: h x w uint8. White reached from the border is background."""
    height, width = bgr.shape[:2]
    flooded = np.zeros((height + 2, width + 2), np.uint8)
    padded = bgr.copy()
    padded[0], padded[-1], padded[:, 0], padded[:, -1] = 255, 255, 255, 255
    flags = 4 | (255 << 8) | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
    cv2.floodFill(padded, flooded, (0, 0), 0, (14, 14, 14), (14, 14, 14), flags)
    return _largest(255 - flooded[1:-1, 1:-1])


def grab_mask(bgr: np.ndarray) -> np.ndarray:
    """The garment of a phone photograph taken of it alone: GrabCut (Rother et al. 2004) from a centre prior."""
    height, width = bgr.shape[:2]
    state = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    border = max(min(height, width) // 40, 2)
    state[border:-border, border:-border] = cv2.GC_PR_FGD
    state[[0, -1]], state[:, [0, -1]] = cv2.GC_BGD, cv2.GC_BGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(7)
    cv2.grabCut(bgr, state, None, *models, 3, cv2.GC_INIT_WITH_MASK)
    mask = np.where((state == cv2.GC_FGD) | (state == cv2.GC_PR_FGD), 255, 0).astype(np.uint8)
    return _largest(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))


def _largest(mask: np.ndarray) -> np.ndarray:
    """The largest piece, or all pieces at least a fifth as large (shoes come in pairs), with soft edges."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return mask
    areas = stats[1:, cv2.CC_STAT_AREA]
    kept = 1 + np.nonzero(areas >= 0.2 * areas.max())[0]
    return cv2.GaussianBlur(np.where(np.isin(labels, kept), 255, 0).astype(np.uint8), (3, 3), 0)
