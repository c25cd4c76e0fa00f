"""Dense histograms of oriented gradients of a square window, in fine and in coarse cells.

Dalal and Triggs, "Histograms of oriented gradients for human detection" (CVPR 2005), with unsigned orientations; the
two cell sizes are the pyramid of Bosch, Zisserman and Munoz, "Representing shape with a spatial pyramid kernel"
(CIVR 2007). Written with OpenCV filters, because OpenCV 5 has no `HOGDescriptor`.

Dimensions: N = 96 pixels a side, O = 9 orientations, C = 12 and 6 cells a side.
"""

from __future__ import annotations

import cv2
import numpy as np

SIDE = 96
ORIENTATIONS = 9
CELLS = (12, 6)
HOG_FEATURES = sum(count * count * ORIENTATIONS for count in CELLS)

_FLAT = 12.0
"""Gradient, in grey levels a pixel, below which a place counts as flat and its noise is not blown up."""


def window_of(rgb: np.ndarray, box: tuple[float, float, float, float], margin: float = 0.06) -> np.ndarray:
    """The square around a box, its sides not squeezed, as N x N x 3.

    Args:
        rgb: H x W x 3 uint8.
        box: (x0, y0, x1, y1) in its pixels.
        margin: added on every side, in longest sides of the box. Beyond the picture its border is repeated.
    """
    x0, y0, x1, y1 = box
    side = max(x1 - x0, y1 - y0) * (1 + 2 * margin)
    scale = SIDE / side
    shift_x, shift_y = (x0 + x1) / 2 * scale, (y0 + y1) / 2 * scale
    # Sampling every third pixel would skip two: average first, at a scale that may differ a little per axis.
    height, width = rgb.shape[:2]
    step = max(int(1 / scale), 1)
    if step > 1:
        rgb = cv2.resize(rgb, (max(width // step, 1), max(height // step, 1)), interpolation=cv2.INTER_AREA)
    along, down = scale * width / rgb.shape[1], scale * height / rgb.shape[0]
    matrix = np.array([[along, 0, SIDE / 2 - shift_x], [0, down, SIDE / 2 - shift_y]], np.float64)
    matrix[:, 2] += (0.5 * along - 0.5, 0.5 * down - 0.5)  # pixel centres lie at whole numbers, borders at halves
    return cv2.warpAffine(rgb, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def hog(window: np.ndarray) -> np.ndarray:
    """The descriptor of a window.

    Of the three colour channels the steepest one votes at each pixel. Votes are gathered in overlapping cells, divided
    by the energy of the neighbourhood, and their square roots are taken, which makes the linear SVM's product the
    Hellinger kernel.

    Args:
        window: N x N x 3 uint8.

    Returns:
        HOG_FEATURES float32, fine cells first.

    Raises:
        ValueError: if the window has another shape.
    """
    if window.shape != (SIDE, SIDE, 3):
        raise ValueError(f"A window is {SIDE} x {SIDE} x 3, got shape {window.shape}")
    magnitude, angle = _gradients(window.astype(np.float32))
    place = angle * (ORIENTATIONS / np.pi) - 0.5  # a pixel votes for the two nearest orientations
    lower = np.floor(place)
    share = place - lower
    low = lower.astype(np.int64) % ORIENTATIONS
    votes = np.zeros((SIDE * SIDE, ORIENTATIONS), np.float32)
    every = np.arange(len(votes))
    votes[every, low.ravel()] = (magnitude * (1 - share)).ravel()
    votes[every, (low.ravel() + 1) % ORIENTATIONS] += (magnitude * share).ravel()
    votes = votes.reshape(SIDE, SIDE, ORIENTATIONS)
    return np.concatenate([_cells(votes, count).ravel() for count in CELLS])


def _gradients(window: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Magnitude in grey levels a pixel and direction in radians of the steepest channel, N x N each."""
    dx = cv2.Scharr(window, cv2.CV_32F, 1, 0, scale=1 / 32)
    dy = cv2.Scharr(window, cv2.CV_32F, 0, 1, scale=1 / 32)
    steepest = (dx * dx + dy * dy).argmax(2)[..., None]
    dx, dy = (np.take_along_axis(each, steepest, 2)[..., 0] for each in (dx, dy))
    return cv2.cartToPolar(np.ascontiguousarray(dx), np.ascontiguousarray(dy))


def _cells(votes: np.ndarray, count: int) -> np.ndarray:
    """Votes gathered in count x count cells and normalised: N x N x O -> C x C x O."""
    size = SIDE // count
    smooth = cv2.GaussianBlur(votes, (0, 0), size * 0.4)
    cells = cv2.resize(smooth, (count, count), interpolation=cv2.INTER_AREA)  # C x C x O
    energy = cv2.blur((cells * cells).sum(2), (3, 3), borderType=cv2.BORDER_REPLICATE) * 2
    return np.sqrt(cells / np.sqrt(energy[..., None] + (_FLAT / ORIENTATIONS) ** 2))


__all__ = ["HOG_FEATURES", "SIDE", "hog", "window_of"]
