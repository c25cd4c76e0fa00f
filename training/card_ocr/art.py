"""Card art and table tops: families of procedural pictures, each family seen by one split only.

A family takes a generator and a size and answers an H x W x 3 float32 picture in 0..255.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from training.card_ocr.paints import cloud, colour, mix, ramp
from training.card_ocr.patterns import (
    branches,
    bristles,
    camouflage,
    circuit,
    cracks,
    foil,
    halftone,
    labyrinth,
    lettering,
    pebbles,
    plaid,
    ripples,
    scribbles,
    splatter,
    strata,
    terrazzo,
    wood,
)

Painter = Callable[[np.random.Generator, int, int], np.ndarray]


def plain(rng, w, h):
    return np.broadcast_to(colour(rng), (h, w, 3)).copy()


def gradient(rng, w, h):
    return mix(colour(rng), colour(rng), ramp(rng, w, h) ** rng.uniform(0.6, 1.8))


def three_stops(rng, w, h):
    along = ramp(rng, w, h)
    first = mix(colour(rng), colour(rng), np.clip(along * 2, 0, 1))
    return mix(first, colour(rng), np.clip(along * 2 - 1, 0, 1))


def radial(rng, w, h):
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    distance = np.hypot(x - rng.uniform(0, w), y - rng.uniform(0, h)) / (w * rng.uniform(0.5, 1.2))
    return mix(colour(rng), colour(rng), np.clip(distance, 0, 1))


def stripes(rng, w, h):
    period = rng.uniform(12, 90)
    phase = ramp(rng, w, h) * w / period
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


def layered(rng, w, h):
    """One family over another, where a cloud lets it through."""
    first, second = (_SINGLE[rng.integers(len(_SINGLE))](rng, w, h) for _ in range(2))
    share = np.clip((cloud(rng, w, h, octaves=2) - 0.5) * rng.uniform(1, 6) + 0.5, 0, 1)
    return mix(first, second, share * rng.uniform(0.4, 1.0))


_SINGLE: tuple[Painter, ...] = (
    plain, gradient, radial, stripes, waves, clouds, polygons, brushed, hills, speckle,
    branches, cracks, pebbles, plaid, halftone, camouflage, wood, lettering, circuit, scribbles,
    labyrinth, splatter, foil, bristles, strata,
)  # fmt: skip

ART: dict[str, dict[str, Painter]] = {
    "train": {painter.__name__: painter for painter in (*_SINGLE, layered)},
    "validation": {"three_stops": three_stops, "mosaic": mosaic, "terrazzo": terrazzo, "ripples": ripples},
    "test": {"circles": circles, "carbon": carbon, "marble": marble, "rays": rays},
}
"""Families by split: what is tested on was never trained on."""


def paint(rng: np.random.Generator, split: str, w: int, h: int) -> tuple[str, np.ndarray]:
    """A picture of a random family of `split`: (family name, H x W x 3 float32 in 0..255)."""
    names = sorted(ART[split])
    name = names[rng.integers(len(names))]
    return name, np.clip(ART[split][name](rng, w, h), 0, 255).astype(np.float32)
