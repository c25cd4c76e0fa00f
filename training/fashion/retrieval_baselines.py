"""Features that nobody trained on fashion: what retrieval has to beat.

Dims: P pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch

from training.fashion.encoder_data import plain_pixels, read_rgb
from training.fashion.imagenet import imagenet_network
from training.fashion.sets import Item

BINS = 8
"""Of each of hue, saturation and value."""


@torch.no_grad()
def imagenet_features(items: Sequence[Item], canvas: tuple[int, int] = (224, 168), batch: int = 64) -> np.ndarray:
    """EfficientNet-Lite0 as ImageNet left it, averaged over its last map: P x 1280."""
    net = imagenet_network()
    parts = [
        net.forward_features(plain_pixels(items[start : start + batch], canvas)).mean((2, 3))
        for start in range(0, len(items), batch)
    ]
    return torch.cat(parts).numpy()


def colour_histograms(items: Sequence[Item]) -> np.ndarray:
    """Square roots of joint HSV histograms, white background left out: P x 512. Their inner product is Bhattacharyya's
    coefficient."""
    rows = []
    for item in items:
        rgb = read_rgb(item.path)
        shown = (rgb.min(2) < 245).astype(np.uint8)
        hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
        histogram = cv2.calcHist([hsv], [0, 1, 2], shown, [BINS] * 3, [0, 180, 0, 256, 0, 256]).ravel()
        rows.append(np.sqrt(histogram / max(histogram.sum(), 1)))
    return np.stack(rows)
