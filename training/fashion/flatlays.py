"""Flat lays: pictures of several garments side by side, composed of cut-outs, with exact boxes.

People photograph what they sell on a bed, a floor or a white table; detectors trained on worn clothes fail there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from training.fashion.cutouts import Cutout
from training.fashion.street import Photo

HEIGHT, WIDTH = 576, 384
"""Size of a flat lay in pixels, that of a street photograph."""

LARGE = {"dress": 0.62, "outer": 0.5, "pants": 0.55, "top": 0.42, "skirt": 0.4}
"""Typical height of a garment as a share of the picture; small things take `SMALL`."""

SMALL = 0.2


def flat_lay(
    cutouts: Sequence[Cutout], rng: np.random.Generator, most: int = 6
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Composes a picture of one to `most` garments that hardly cover each other.

    Args:
        cutouts: what to choose from.
        rng: all chance.
        most: garments at most.

    Returns:
        The picture HEIGHT x WIDTH x 3 uint8, boxes N x 4 float32 in pixels, and the garments' classes.
    """
    canvas = background(rng)
    taken = np.zeros((HEIGHT, WIDTH), bool)
    boxes, names = [], []
    kinds = sorted({cutout.garment for cutout in cutouts})
    for _ in range(int(rng.integers(1, most + 1))):
        kind = kinds[rng.integers(len(kinds))]
        choice = [cutout for cutout in cutouts if cutout.garment == kind]
        box = _lay(canvas, taken, choice[rng.integers(len(choice))], rng)
        if box is not None:
            boxes.append(box)
            names.append(kind)
    return canvas, np.array(boxes, np.float32).reshape(-1, 4), names


def lay_photos(folder: Path, cutouts: Sequence[Cutout], classes: Sequence[str], count: int, seed: int) -> list[Photo]:
    """Composes `count` flat lays into PNG files of a folder.

    Args:
        folder: an existing one.
        cutouts: what to choose from.
        classes: garment classes in the order of the labels.
        count: how many.
        seed: of all chance; the first lays are the same however many follow.
    """
    photos = []
    for number in range(count):
        picture, boxes, names = flat_lay(cutouts, np.random.default_rng((seed, number)))
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        photos.append(Photo(path, boxes, np.array([classes.index(name) for name in names], np.int64)))
    return photos


def background(rng: np.random.Generator) -> np.ndarray:
    """A wall, a sheet, a floor or plain white: HEIGHT x WIDTH x 3 uint8."""
    if rng.random() < 0.35:
        return np.full((HEIGHT, WIDTH, 3), rng.integers(235, 256), np.uint8)
    base = rng.uniform(60, 235, 3).astype(np.float32)
    base = base.mean() + rng.uniform(0.1, 0.7) * (base - base.mean())
    picture = np.broadcast_to(base, (HEIGHT, WIDTH, 3)).copy()
    coarse = rng.normal(0, rng.uniform(2, 16), (rng.integers(3, 14), rng.integers(3, 10), 1)).astype(np.float32)
    picture += cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)[..., None]
    if rng.random() < 0.4:  # boards or tiles
        step = int(rng.integers(40, 130))
        lines = np.arange(int(rng.integers(step)), HEIGHT if rng.random() < 0.5 else WIDTH, step)
        if rng.random() < 0.5:
            picture[lines[lines < HEIGHT]] *= 0.8
        else:
            picture[:, lines[lines < WIDTH]] *= 0.8
    picture += rng.normal(0, rng.uniform(1, 5), picture.shape)
    return picture.clip(0, 255).astype(np.uint8)


def _lay(canvas: np.ndarray, taken: np.ndarray, cutout: Cutout, rng: np.random.Generator) -> np.ndarray | None:
    """Lays one garment where there is room; its box, or None where there was none. `canvas` and `taken` change."""
    picture, mask = _turned(cutout, rng)
    height = HEIGHT * LARGE.get(cutout.garment, SMALL) * rng.uniform(0.6, 1.3)
    scale = min(height / picture.shape[0], 0.95 * WIDTH / picture.shape[1], 0.95 * HEIGHT / picture.shape[0])
    if cutout.garment not in LARGE:
        scale = min(scale, 0.5 * WIDTH * rng.uniform(0.6, 1.3) / picture.shape[1])
    size = max(int(picture.shape[1] * scale), 6), max(int(picture.shape[0] * scale), 6)
    picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    for _ in range(12):
        top = int(rng.integers(0, HEIGHT - size[1] + 1))
        left = int(rng.integers(0, WIDTH - size[0] + 1))
        window = slice(top, top + size[1]), slice(left, left + size[0])
        solid = mask > 127
        if solid.any() and (taken[window] & solid).sum() < 0.08 * solid.sum():
            break
    else:
        return None
    shade = np.float32(rng.uniform(0.8, 1.15))
    alpha = mask[..., None].astype(np.float32) / 255
    shadow = cv2.GaussianBlur(mask, (0, 0), 3)[..., None].astype(np.float32) / 255 * rng.uniform(0, 0.3)
    below = canvas[window] * (1 - shadow)
    canvas[window] = (below * (1 - alpha) + picture * shade * alpha).clip(0, 255).astype(np.uint8)
    taken[window] |= solid
    ys, xs = np.nonzero(solid)
    return np.array([left + xs.min(), top + ys.min(), left + xs.max() + 1, top + ys.max() + 1], np.float32)


def _turned(cutout: Cutout, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A garment mirrored or turned by up to 20 degrees, cropped to what is left of it."""
    picture, mask = cutout.picture, cutout.mask
    if rng.random() < 0.5:
        picture, mask = picture[:, ::-1], mask[:, ::-1]
    height, width = mask.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-20, 20), 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = int(height * sin + width * cos) + 2, int(height * cos + width * sin) + 2
    matrix[:, 2] += np.array(size) / 2 - np.array([width, height]) / 2
    picture = cv2.warpAffine(np.ascontiguousarray(picture), matrix, size, flags=cv2.INTER_LINEAR)
    return picture, cv2.warpAffine(np.ascontiguousarray(mask), matrix, size, flags=cv2.INTER_LINEAR)
