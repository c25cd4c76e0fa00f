"""What colours a region has: a joint histogram of eight bins a channel, soft and weighted to the region's middle.

Swain and Ballard, "Color indexing" (IJCV 1991), in CIE Lab, where equal steps look equally large.

Dimensions: H x W pixels, B = 8 bins of each of the channels L, a, b.
"""

from __future__ import annotations

import numpy as np

BINS = 8
COLOUR_FEATURES = BINS**3

# a and b of sRGB pictures fill the middle of their scale; the bins are spread over that part. OpenCV scale, 0 to 255.
_LOW = np.array([0, 78, 68], np.float32)
_HIGH = np.array([255, 198, 208], np.float32)


def colour_histogram(lab: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Shares of the colours, square-rooted, so that the dot product of two histograms is their Bhattacharyya overlap.

    Every pixel is shared among the eight bins around its colour, so that a shade on a bin's edge does not jump.

    Args:
        lab: H x W x 3 uint8 as `cv2.COLOR_RGB2Lab` makes it.
        weight: H x W, how much each pixel counts; not negative.

    Returns:
        COLOUR_FEATURES float32 of length 1, index (L * B + a) * B + b; all 0 where no pixel counts.

    Raises:
        ValueError: if shapes differ.
    """
    if lab.shape != (*weight.shape, 3):
        raise ValueError(f"Weights of shape {weight.shape} do not fit a Lab picture of shape {lab.shape}")
    chosen = weight > 0
    pixels, weights = lab[chosen].astype(np.float32), weight[chosen].astype(np.float32)
    total = float(weights.sum())
    if total <= 0:
        return np.zeros(COLOUR_FEATURES, np.float32)
    place = np.clip((pixels - _LOW) / (_HIGH - _LOW) * BINS - 0.5, 0, BINS - 1)  # P x 3, bin centres at whole numbers
    lower = np.minimum(place.astype(np.int64), BINS - 2)
    share = place - lower
    histogram = np.zeros(COLOUR_FEATURES, np.float64)
    for corner in range(8):
        up = np.array([corner >> 2 & 1, corner >> 1 & 1, corner & 1])
        part = np.prod(np.where(up, share, 1 - share), axis=1) * weights
        index = (lower + up) @ np.array([BINS * BINS, BINS, 1])
        histogram += np.bincount(index, part, COLOUR_FEATURES)
    return np.sqrt(histogram / total).astype(np.float32)


__all__ = ["COLOUR_FEATURES", "colour_histogram"]
