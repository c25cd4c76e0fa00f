"""Augmentation: the deck's five (scale, rotation, translation, contrast, blur) and seven more, each with a switch."""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np

DECK = ("scale", "rotation", "translation", "contrast", "blur")
MORE = ("shear", "elastic", "weight", "noise", "inversion", "shade", "turn")
AUGMENTATIONS = DECK + MORE


def check_augmentations(names: Collection[str]) -> frozenset[str]:
    """`names` as a set.

    Raises:
        ValueError: if one of them is unknown.
    """
    unknown = sorted(set(names) - set(AUGMENTATIONS))
    if unknown:
        raise ValueError(f"Unknown augmentation {unknown[0]!r}; choose from {', '.join(AUGMENTATIONS)}")
    return frozenset(names)


def jitter(
    rng: np.random.Generator, names: Collection[str], degrees: float, share: float, shift: float, aspect: float
) -> np.ndarray:
    """A random affine map about the origin, 2 x 3: rotation, scale, shear and translation, as switched on.

    Args:
        degrees: largest rotation.
        share: largest change of scale, as a share.
        shift: largest translation in pixels, either axis.
        aspect: largest widening or narrowing, as a share; it goes with scale.
    """
    matrix = np.eye(2)
    if "rotation" in names:
        angle = np.radians(rng.uniform(-degrees, degrees))
        matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ matrix
    if "shear" in names:
        matrix = np.array([[1, rng.uniform(-0.18, 0.18)], [0, 1]]) @ matrix
    if "scale" in names:
        both, wider = 1 + rng.uniform(-share, share), 1 + rng.uniform(-aspect, aspect)
        matrix = np.diag([both * wider, both / wider]) @ matrix
    offset = rng.uniform(-shift, shift, 2) if "translation" in names else np.zeros(2)
    return np.concatenate([matrix, offset[:, None]], 1)


def reshape(rng: np.random.Generator, grey: np.ndarray, names: Collection[str], digit_height: float) -> np.ndarray:
    """Elastic distortion (Simard 2003) and thicker or thinner strokes, as switched on; H x W, same type.

    Both stand in for typefaces the training set does not have.
    """
    h, w = grey.shape
    if "elastic" in names and rng.random() < 0.5:
        coarse = rng.normal(0, 0.035 * digit_height, (2, max(h // 8, 2), max(w // 8, 2))).astype(np.float32)
        dx, dy = (cv2.resize(field, (w, h), interpolation=cv2.INTER_CUBIC) for field in coarse)
        x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
        grey = cv2.remap(grey, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if "weight" in names and rng.random() < 0.3:
        kernel = np.ones((2, 2) if rng.random() < 0.7 else (3, 3), np.uint8)
        changed = (cv2.dilate if rng.random() < 0.5 else cv2.erode)(grey, kernel)
        grey = cv2.addWeighted(grey, 0.5, changed, 0.5, 0)
    return grey


def _hard_shade(rng: np.random.Generator, h: int, w: int) -> np.ndarray:
    """Brightness steps with hard edges, as art behind or in front of print makes them: H x W, grey levels."""
    steps = np.zeros((h, w), np.float32)
    for _ in range(int(rng.integers(1, 7))):
        x, y, level = int(rng.uniform(-0.1, 1) * w), int(rng.uniform(-0.5, 1) * h), float(rng.uniform(-45, 45))
        if rng.random() < 0.5:
            corners = cv2.boxPoints(((x, y), tuple(rng.uniform(6, 3 * h, 2)), rng.uniform(0, 90)))
            cv2.fillPoly(steps, [corners.astype(np.int32)], level)
        else:
            cv2.circle(steps, (x, y), int(rng.uniform(4, 2 * h)), level, -1 if rng.random() < 0.7 else 2)
    return steps


def tone(rng: np.random.Generator, grey: np.ndarray, names: Collection[str], digit_height: float) -> np.ndarray:
    """Contrast, shading, blur, noise and inversion of a grey picture, as switched on: H x W float32 in 0..255."""
    grey = grey.astype(np.float32)
    if "blur" in names and rng.random() < 0.35:
        most = max(0.12 * digit_height, 1.0)
        sigma = rng.uniform(0.3, most)
        if rng.random() < 0.3:
            size = 2 * int(rng.uniform(1, 1 + most)) + 1
            grey = cv2.blur(grey, (size, 1) if rng.random() < 0.5 else (1, size))
        else:
            grey = cv2.GaussianBlur(grey, (0, 0), sigma)
    if "contrast" in names and rng.random() < 0.7:
        middle = float(grey.mean())
        grey = (grey - middle) * rng.uniform(0.35, 1.4) + middle + rng.uniform(-40, 40)
    if "shade" in names and rng.random() < 0.3:
        h, w = grey.shape
        ends = rng.uniform(0.6, 1.2, (2, 2)).astype(np.float32)
        grey = grey * cv2.resize(ends, (w, h)) if rng.random() < 0.5 else grey + _hard_shade(rng, h, w)
    if "inversion" in names and rng.random() < 0.25:
        grey = 255 - grey
    if "noise" in names and rng.random() < 0.4:
        grey = grey + rng.normal(0, rng.uniform(1, 9), grey.shape).astype(np.float32)
    return np.clip(grey, 0, 255)
