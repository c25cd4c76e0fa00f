"""What card art is mixed from: random colours, ramps, noise, and blending by a mask."""

from __future__ import annotations

import cv2
import numpy as np


def colour(rng: np.random.Generator, low: float = 0, high: float = 255) -> np.ndarray:
    """A random colour whose value (brightest channel) lies between `low` and `high`."""
    hue, saturation = rng.uniform(0, 180), rng.uniform(0, 255) * rng.choice([0.2, 1.0])
    hsv = np.uint8([[[hue, saturation, rng.uniform(low, high)]]])
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0].astype(np.float32)


def mix(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`a` where `share` (H x W, 0..1) is 0, `b` where it is 1; colours or pictures."""
    share = np.ascontiguousarray(share, np.float32)
    a, b = (np.ascontiguousarray(np.broadcast_to(np.float32(c), (*share.shape, 3))) for c in (a, b))
    return cv2.blendLinear(a, b, 1 - share, share)


def ramp(rng: np.random.Generator, w: int, h: int) -> np.ndarray:
    """A linear ramp 0..1 at a random angle, H x W."""
    angle = rng.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.linspace(-1, 1, w, dtype=np.float32), np.linspace(-1, 1, h, dtype=np.float32))
    along = x * np.cos(angle) + y * np.sin(angle)
    return (along - along.min()) / (np.ptp(along) + 1e-6)


def cloud(rng: np.random.Generator, w: int, h: int, octaves: int = 4, cells: int = 3) -> np.ndarray:
    """Fractal value noise 0..1, H x W float32."""
    total = np.zeros((h, w), np.float32)
    for octave in range(octaves):
        n = cells * 2**octave
        coarse = rng.random((n, max(n * w // h, 2)), dtype=np.float32)
        total += cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC) * 0.5**octave
    low, high = float(total.min()), float(total.max())
    return (total - low) / (high - low + 1e-6)
