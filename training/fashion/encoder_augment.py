"""Random views of single products: where the camera stood, what light there was, what lay behind and in front.

Colours of catalogue photos are labels, so their hue stays; phone photos, which carry no colour label, may lose theirs.
"""

from __future__ import annotations

import cv2
import numpy as np

from modeling.fashion_encoder.fitting_fashion_encoder import fitted_size

WHITE = 248
"""Catalogue backgrounds are at least this bright."""


def view(picture: np.ndarray, canvas: tuple[int, int], rng: np.random.Generator, phone: bool) -> np.ndarray:
    """A random view of a picture.

    Args:
        picture: H x W x 3 uint8, RGB.
        canvas: (rows, columns) of the view.
        rng: source of all randomness.
        phone: whether it is a phone photo: seen from stranger angles, under coloured light.

    Returns:
        rows x columns x 3 uint8.
    """
    if not phone and rng.random() < 0.3:
        picture = new_background(picture, rng)
    seen = light(place(picture, canvas, rng, degrees=20 if phone else 10), rng, phone)
    return cover(seen, rng) if rng.random() < 0.35 else seen


def place(picture: np.ndarray, canvas: tuple[int, int], rng: np.random.Generator, degrees: float) -> np.ndarray:
    """Crops, turns, tilts and mirrors: one perspective warp."""
    rows, columns = picture.shape[:2]
    fitted = fitted_size((rows, columns), canvas)
    # The canvas in the picture's own pixels; it reaches beyond the picture where the fit leaves space.
    height, width = rows * canvas[0] / fitted[0], columns * canvas[1] / fitted[1]
    zoom, squeeze = np.sqrt(rng.uniform(0.45, 1.1)), np.exp(rng.uniform(-0.15, 0.15))
    half = np.array([width * zoom * squeeze, height * zoom / squeeze]) / 2
    room = np.abs(np.array([width, height]) / 2 - half)
    middle = np.array([columns, rows]) / 2 + rng.uniform(-room, room)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    corners = corners + rng.uniform(-0.06, 0.06, (4, 2)) * half
    turn = np.radians(rng.uniform(-degrees, degrees))
    corners = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + middle
    if rng.random() < 0.5:
        corners = corners[[1, 0, 3, 2]]
    target = np.array([[0, 0], [canvas[1], 0], [canvas[1], canvas[0]], [0, canvas[0]]], np.float32)
    warp = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return cv2.warpPerspective(picture, warp, canvas[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def light(picture: np.ndarray, rng: np.random.Generator, phone: bool) -> np.ndarray:
    """Brightness, contrast and gamma; saturation and the colour of the light a little, for phone photos a lot."""
    strength = 2.0 if phone else 1.0
    values = picture.astype(np.float32)
    grey = values @ np.float32([0.299, 0.587, 0.114])
    saturation = 1 + strength * rng.uniform(-0.12, 0.12)
    values = grey[..., None] + saturation * (values - grey[..., None])
    values *= (1 + strength * rng.uniform(-0.02, 0.02, 3) * (2 if phone else 1)).astype(np.float32)
    contrast, shift = 1 + strength * rng.uniform(-0.12, 0.12), strength * rng.uniform(-14, 14)
    values = (values - 128) * np.float32(contrast) + np.float32(128 + shift)
    return np.clip(values, 0, 255).astype(np.uint8)


def cover(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random erasing (Zhong et al., 2020): a rectangle of 3 to 20 % of the picture in one colour."""
    rows, columns = picture.shape[:2]
    area, aspect = rng.uniform(0.03, 0.2) * rows * columns, np.exp(rng.uniform(-1, 1))
    height, width = min(rows, round(np.sqrt(area * aspect))), min(columns, round(np.sqrt(area / aspect)))
    top, left = rng.integers(rows - height + 1), rng.integers(columns - width + 1)
    covered = picture.copy()
    covered[top : top + height, left : left + width] = rng.integers(0, 256, 3)
    return covered


def new_background(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A smooth coloured background instead of the white one that touches the picture's border.

    Pictures without a white border, and those where white runs through more than nine tenths, are left as they are.
    """
    rows, columns = picture.shape[:2]
    bright = (picture.min(2) >= WHITE).astype(np.uint8)
    framed = cv2.copyMakeBorder(bright, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), 2)
    behind = framed[1:-1, 1:-1] == 2
    if not 0.05 < behind.mean() < 0.9:
        return picture
    coarse = rng.integers(0, 256, 3) + rng.normal(0, rng.uniform(0, 45), (rng.integers(2, 9), rng.integers(2, 7), 3))
    smooth = cv2.resize(np.clip(coarse, 0, 255).astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC)
    smooth = smooth + rng.normal(0, rng.uniform(0, 12), (rows, columns, 1))
    mask = cv2.GaussianBlur(behind.astype(np.float32), (3, 3), 0)[..., None]
    return np.clip(picture * (1 - mask) + smooth * mask, 0, 255).astype(np.uint8)
