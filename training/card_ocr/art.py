"""Card art and table tops: families of procedural pictures, each family seen by one split only.

A family takes a generator and a size and answers an H x W x 3 float32 picture in 0..255.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

Painter = Callable[[np.random.Generator, int, int], np.ndarray]


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


def _ramp(rng: np.random.Generator, w: int, h: int) -> np.ndarray:
    """A linear ramp 0..1 at a random angle, H x W."""
    angle = rng.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.linspace(-1, 1, w, dtype=np.float32), np.linspace(-1, 1, h, dtype=np.float32))
    ramp = x * np.cos(angle) + y * np.sin(angle)
    return (ramp - ramp.min()) / (np.ptp(ramp) + 1e-6)


def cloud(rng: np.random.Generator, w: int, h: int, octaves: int = 4, cells: int = 3) -> np.ndarray:
    """Fractal value noise 0..1, H x W float32."""
    total = np.zeros((h, w), np.float32)
    for octave in range(octaves):
        n = cells * 2**octave
        coarse = rng.random((n, max(n * w // h, 2)), dtype=np.float32)
        total += cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC) * 0.5**octave
    low, high = float(total.min()), float(total.max())
    return (total - low) / (high - low + 1e-6)


def plain(rng, w, h):
    return np.broadcast_to(colour(rng), (h, w, 3)).copy()


def gradient(rng, w, h):
    return mix(colour(rng), colour(rng), _ramp(rng, w, h) ** rng.uniform(0.6, 1.8))


def three_stops(rng, w, h):
    ramp = _ramp(rng, w, h)
    first = mix(colour(rng), colour(rng), np.clip(ramp * 2, 0, 1))
    return mix(first, colour(rng), np.clip(ramp * 2 - 1, 0, 1))


def radial(rng, w, h):
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    distance = np.hypot(x - rng.uniform(0, w), y - rng.uniform(0, h)) / (w * rng.uniform(0.5, 1.2))
    return mix(colour(rng), colour(rng), np.clip(distance, 0, 1))


def stripes(rng, w, h):
    period = rng.uniform(12, 90)
    phase = _ramp(rng, w, h) * w / period
    wave = np.clip(np.sin(2 * np.pi * phase) * rng.uniform(1, 8) * 0.5 + 0.5, 0, 1)
    base = gradient(rng, w, h)
    return mix(base, colour(rng), wave * rng.uniform(0.08, 0.4))


def waves(rng, w, h):
    """Guilloche-like bundles of fine lines."""
    picture = gradient(rng, w, h).copy()
    x = np.arange(0, w + 8, 8)
    ink = colour(rng)
    amplitude, period, phase = rng.uniform(0.1, 0.4) * h, rng.uniform(0.4, 1.5) * w, rng.uniform(0, 6)
    overlay = picture.copy()
    for offset in np.linspace(-0.6, 1.6, int(rng.integers(14, 50))) * h:
        y = offset + amplitude * np.sin(2 * np.pi * x / period + phase + offset / h)
        cv2.polylines(overlay, [np.stack([x, y], 1).astype(np.int32)], False, ink.tolist(), 1, cv2.LINE_AA)
    return cv2.addWeighted(picture, 0.6, overlay, 0.4, 0)


def clouds(rng, w, h):
    return mix(colour(rng), colour(rng), cloud(rng, w, h))


def polygons(rng, w, h):
    picture = gradient(rng, w, h).copy()
    for _ in range(int(rng.integers(2, 7))):
        corners = (rng.random((int(rng.integers(3, 5)), 2)) * [w * 1.4, h * 1.4] - [0.2 * w, 0.2 * h]).astype(np.int32)
        overlay = picture.copy()
        cv2.fillPoly(overlay, [corners], colour(rng).tolist(), cv2.LINE_AA)
        share = float(rng.uniform(0.15, 0.6))
        picture = cv2.addWeighted(overlay, share, picture, 1 - share, 0)
    return picture


def circles(rng, w, h):
    picture = gradient(rng, w, h).copy()
    for _ in range(int(rng.integers(3, 12))):
        overlay = picture.copy()
        centre = (int(rng.uniform(0, w)), int(rng.uniform(0, h)))
        thickness = int(rng.choice([-1, 2, 8]))
        cv2.circle(overlay, centre, int(rng.uniform(0.05, 0.6) * h), colour(rng).tolist(), thickness, cv2.LINE_AA)
        picture = cv2.addWeighted(overlay, 0.35, picture, 0.65, 0)
    return picture


def brushed(rng, w, h):
    """Brushed metal: noise smeared along one direction."""
    noise = rng.normal(0, 1, (h, w)).astype(np.float32)
    smear = cv2.blur(noise, (int(rng.integers(25, 90)), 1)) * rng.uniform(20, 60)
    return gradient(rng, w, h) + smear[..., None]


def carbon(rng, w, h):
    """A woven checker, dark."""
    cell = int(rng.integers(3, 9))
    x, y = np.meshgrid(np.arange(w), np.arange(h))
    checker = (((x // cell) + (y // cell)) % 2).astype(np.float32)
    return mix(colour(rng, 10, 90), colour(rng, 30, 130), checker)


def hills(rng, w, h):
    """A landscape: sky, and silhouettes one before the other."""
    picture = gradient(rng, w, h).copy()
    x = np.linspace(0, 1, 40)
    for depth in range(int(rng.integers(2, 5))):
        y = 0.35 + 0.15 * depth + 0.1 * np.sin(x * rng.uniform(4, 16) + rng.uniform(0, 6)) + rng.normal(0, 0.01, 40)
        ridge = np.concatenate([np.stack([x * w, y * h], 1), [[w, h], [0, h]]]).astype(np.int32)
        cv2.fillPoly(picture, [ridge], colour(rng).tolist(), cv2.LINE_AA)
    return picture


def marble(rng, w, h):
    noise = cloud(rng, w, h, octaves=5)
    veins = np.abs(np.sin(noise * rng.uniform(8, 22))) ** 0.5
    return mix(colour(rng), colour(rng), veins)


def mosaic(rng, w, h):
    """Coloured tiles, some with a blurred photograph's smoothness."""
    n = int(rng.integers(3, 14))
    tiles = np.stack([colour(rng) for _ in range(n * (n * w // h + 1))]).reshape(n, -1, 3)
    tiles = tiles[..., :] * 0.6 + colour(rng) * 0.4
    return cv2.resize(tiles, (w, h), interpolation=cv2.INTER_NEAREST if rng.random() < 0.5 else cv2.INTER_CUBIC)


def rays(rng, w, h):
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    angle = np.arctan2(y - rng.uniform(-0.2, 1.2) * h, x - rng.uniform(-0.2, 1.2) * w)
    wave = np.clip(np.sin(angle * int(rng.integers(6, 40))) * 3 + 0.5, 0, 1)
    return mix(gradient(rng, w, h), colour(rng), wave * rng.uniform(0.1, 0.45))


def speckle(rng, w, h):
    """Grain over a gradient: recycled plastic, felt, leather."""
    grain = cv2.GaussianBlur(rng.normal(0, 1, (h, w)).astype(np.float32), (0, 0), rng.uniform(0.6, 2.5))
    return gradient(rng, w, h) + (grain * rng.uniform(15, 60))[..., None]


ART: dict[str, dict[str, Painter]] = {
    "train": {
        "plain": plain, "gradient": gradient, "radial": radial, "stripes": stripes, "waves": waves, "clouds": clouds,
        "polygons": polygons, "brushed": brushed, "hills": hills, "speckle": speckle,
    },
    "validation": {"three_stops": three_stops, "mosaic": mosaic},
    "test": {"circles": circles, "carbon": carbon, "marble": marble, "rays": rays},
}  # fmt: skip
"""Families by split: what is tested on was never trained on."""


def paint(rng: np.random.Generator, split: str, w: int, h: int) -> tuple[str, np.ndarray]:
    """A picture of a random family of `split`: (family name, H x W x 3 float32 in 0..255)."""
    names = sorted(ART[split])
    name = names[rng.integers(len(names))]
    return name, np.clip(ART[split][name](rng, w, h), 0, 255).astype(np.float32)
