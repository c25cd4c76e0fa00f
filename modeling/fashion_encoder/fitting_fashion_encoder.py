"""Brings a picture of any shape to the network's canvas without distorting it much.

Dims: H x W the picture's rows and columns, h x w the canvas's.
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

MOST_STRETCH = 4 / 3
"""A picture may be stretched by this factor in one direction; beyond it, its edge pixels are repeated."""


def fitted_size(size: tuple[int, int], canvas: tuple[int, int]) -> tuple[float, float]:
    """How large a picture becomes on the canvas: it fills it, or touches two opposite sides.

    Args:
        size: (H, W) of the picture.
        canvas: (h, w).

    Returns:
        (rows, columns), not above the canvas's.
    """
    wanted, own = canvas[1] / canvas[0], size[1] / size[0]
    aspect = own * min(max(wanted / own, 1 / MOST_STRETCH), MOST_STRETCH)
    return min(canvas[0], canvas[1] / aspect), min(canvas[1], canvas[0] * aspect)


def fit_picture(rgb: np.ndarray, canvas: tuple[int, int]) -> np.ndarray:
    """A picture in the middle of the canvas, the space beside it filled with its edge pixels.

    Args:
        rgb: H x W x 3 uint8.
        canvas: (h, w).

    Returns:
        h x w x 3 uint8.
    """
    rows, columns = (max(1, round(side)) for side in fitted_size(rgb.shape[:2], canvas))
    resized = np.asarray(Image.fromarray(rgb).resize((columns, rows), Image.Resampling.BILINEAR))
    top, left = (canvas[0] - rows) // 2, (canvas[1] - columns) // 2
    space = (top, canvas[0] - rows - top), (left, canvas[1] - columns - left), (0, 0)
    return np.pad(resized, space, mode="edge")


def middle(rgb: np.ndarray, share: float) -> np.ndarray:
    """The middle of a picture: about `share` of its rows and columns, at least one of each.

    Args:
        rgb: H x W x 3.
        share: above 0, up to 1.
    """
    top, left = (int(side * (1 - share) / 2) for side in rgb.shape[:2])
    return np.ascontiguousarray(rgb[top : rgb.shape[0] - top, left : rgb.shape[1] - left])


def to_pixels(canvases: np.ndarray) -> Tensor:
    """Canvases as the network takes them.

    Args:
        canvases: B x h x w x 3 uint8.

    Returns:
        B x 3 x h x w float in -1..1, channels last in memory.
    """
    return torch.from_numpy(canvases).permute(0, 3, 1, 2).float().div(127.5).sub(1)
