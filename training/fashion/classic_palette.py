"""What colours are called by a table: plain patches of every colour, so that no shade is left to chance.

Catalogue photos leave most shades out, a glaring red among them. A patch of each is named after the nearest colour of
the table in CIE Lab and learned beside the photos.
"""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np

from modeling.fashion_classic.colour_fashion_classic import colour_histogram

TABLE: dict[str, tuple[int, int, int]] = {
    "black": (15, 15, 15), "white": (245, 245, 245), "grey": (128, 128, 128), "silver": (192, 192, 192),
    "steel": (145, 150, 158), "red": (200, 20, 30), "maroon": (100, 15, 30), "orange": (240, 125, 25),
    "yellow": (245, 215, 40), "olive": (105, 105, 45), "green": (35, 140, 55), "blue": (45, 95, 190),
    "navy-blue": (25, 35, 75), "purple": (110, 50, 140), "pink": (240, 130, 170), "brown": (110, 70, 40),
    "beige": (220, 200, 165), "cream": (250, 240, 210), "gold": (205, 165, 70), "tan": (195, 150, 105),
    "khaki": (165, 150, 110), "magenta": (210, 30, 130), "copper": (180, 105, 60), "lavender": (190, 165, 215),
    "peach": (250, 195, 165), "charcoal": (60, 62, 66), "teal": (20, 125, 125),
}  # fmt: skip
"""Name -> sRGB of its typical garment."""

_STEP = 32
_SIDE = 7


def patches(names: Collection[str], copies: int = 2) -> tuple[np.ndarray, list[str]]:
    """Histograms of plain patches over the sRGB cube, and what each is called.

    Args:
        names: names to choose from; those the table does not know are left out.
        copies: patches of each colour, each a little off it.

    Returns:
        P x COLOUR_FEATURES float32, and P names; none of either where the table knows fewer than two names.
    """
    known = [name for name in TABLE if name in names]
    if len(known) < 2:
        return np.zeros((0, colour_histogram(np.zeros((1, 1, 3), np.uint8), np.ones((1, 1))).size), np.float32), []
    typical = _lab(np.array([TABLE[name] for name in known], np.float32))
    grid = np.array(list(np.ndindex(*[256 // _STEP] * 3)), np.float32) * _STEP + _STEP / 2
    nearest = np.linalg.norm(_lab(grid)[:, None] - typical[None], axis=2).argmin(1)
    rng = np.random.default_rng(0)
    histograms, words = [], []
    for colour, best in zip(grid, nearest, strict=True):
        for _ in range(copies):
            patch = np.clip(colour + rng.normal(0, 6, 3) + rng.normal(0, 5, (_SIDE, _SIDE, 3)), 0, 255).astype(np.uint8)
            histograms.append(colour_histogram(cv2.cvtColor(patch, cv2.COLOR_RGB2Lab), np.ones((_SIDE, _SIDE))))
            words.append(known[best])
    return np.stack(histograms), words


def _lab(colours: np.ndarray) -> np.ndarray:
    """P x 3 sRGB, 0 to 255 -> P x 3 CIE Lab."""
    return cv2.cvtColor(colours[None] / np.float32(255), cv2.COLOR_RGB2Lab)[0]


__all__ = ["TABLE", "patches"]
