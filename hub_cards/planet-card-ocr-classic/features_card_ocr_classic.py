"""Histograms of oriented gradients along a band: one descriptor for every second column.

Dalal and Triggs, "Histograms of oriented gradients for human detection" (CVPR 2005), with unsigned orientations, so
that light print on dark and dark print on light look alike. Written with OpenCV filters, because OpenCV 5 has no
`HOGDescriptor`.

Dimensions: T positions along the band (every second column), R = 8 and C = 6 cells of a window, O = 9 orientations.
"""

from __future__ import annotations

import cv2
import numpy as np

BAND_ROWS = 32
TEXT_ROWS = 24
"""Rows of a band that digits fill; four rows stay free above and below."""

PITCH = 20
"""Columns from one digit to the next after the band was stretched to its pitch."""

CELL = 4
STRIDE = 2
WINDOW_ROWS, WINDOW_COLUMNS = BAND_ROWS // CELL, 6
ORIENTATIONS = 9
FEATURES = WINDOW_ROWS * WINDOW_COLUMNS * ORIENTATIONS

_ROWS = np.arange(WINDOW_ROWS) * CELL + CELL // 2
_OFFSETS = (np.arange(WINDOW_COLUMNS) * CELL - (WINDOW_COLUMNS - 1) * CELL // 2) // STRIDE
_MARGIN = int(-_OFFSETS[0])


def descriptors(band: np.ndarray) -> np.ndarray:
    """Describes the window of 32 x 24 pixels around every second column of a band.

    Args:
        band: 32 x W grey, any real type.

    Returns:
        T x FEATURES float32 with T = ceil(W / 2); position t is the window centred on column 2 t.

    Raises:
        ValueError: if the band is not 32 rows high.
    """
    if band.ndim != 2 or band.shape[0] != BAND_ROWS:
        raise ValueError(f"A band is {BAND_ROWS} rows of grey pixels, got shape {band.shape}")
    votes = _orientation_maps(band.astype(np.float32))  # 32 x W x O
    cells = cv2.GaussianBlur(votes, (0, 0), CELL * 0.45)[_ROWS, ::STRIDE]  # R x T x O
    cells = np.pad(cells, ((0, 0), (_MARGIN, _MARGIN), (0, 0)))
    positions = cells.shape[1] - 2 * _MARGIN
    columns = np.arange(positions)[:, None] + _OFFSETS + _MARGIN  # T x C
    windows = cells[:, columns]  # R x T x C x O
    return windows.transpose(1, 0, 2, 3).reshape(positions, FEATURES)


def _orientation_maps(band: np.ndarray) -> np.ndarray:
    """Gradient votes of every pixel, 32 x W x O, divided by the gradient energy around it."""
    dx = cv2.Scharr(band, cv2.CV_32F, 1, 0)
    dy = cv2.Scharr(band, cv2.CV_32F, 0, 1)
    magnitude, angle = cv2.cartToPolar(dx, dy)
    around = cv2.blur(magnitude * magnitude, (25, 25))
    # 40 is the Scharr answer to about two grey levels: flatter places stay small instead of becoming noise.
    magnitude = np.minimum(magnitude / np.sqrt(around + 40.0**2), 2.0)
    place = angle * (ORIENTATIONS / np.pi) - 0.5  # the votes of a pixel go to the two nearest orientations
    lower = np.floor(place)
    share = place - lower
    low = lower.astype(np.int64) % ORIENTATIONS
    votes = np.zeros((*band.shape, ORIENTATIONS), np.float32)
    flat = votes.reshape(-1, ORIENTATIONS)
    every = np.arange(len(flat))
    flat[every, low.ravel()] = (magnitude * (1 - share)).ravel()
    flat[every, (low.ravel() + 1) % ORIENTATIONS] = (magnitude * share).ravel()
    return votes


__all__ = ["FEATURES", "PITCH", "STRIDE", "descriptors"]
