"""Short videos of a card held before a camera: one photograph, moved, blurred and lit a little differently every frame.

Labels of where digits lie do not follow; a video is judged by its number alone.
"""

from __future__ import annotations

import cv2
import numpy as np

from training.card_ocr.render import SPLITS, draw
from training.card_ocr.scene import HEIGHT, WIDTH

KINDS = ("flat", "embossed", "scene", "odd")

SHIFT, DEGREES, ZOOM = 6.0, 1.2, 0.015
"""Spread of a hand's tremor from frame to frame: pixels, degrees and share of the size (standard deviations)."""


def frames(split: str, index: int, count: int) -> tuple[str, list[bytes]]:
    """A card's number and `count` frames of 640 x 480 pixels as JPEG files.

    Args:
        split: whose typefaces and art the card has, see `render`.
        index: of the photograph it starts from; its kind goes round `KINDS`.
    """
    label, photo = draw(split, index, KINDS[index % len(KINDS)])
    rng = np.random.default_rng([SPLITS.index(split), index, 1])
    return label["number"], [_frame(rng, photo.picture) for _ in range(count)]


def _frame(rng: np.random.Generator, picture: np.ndarray) -> bytes:
    """The picture as a camera sees it a moment later: moved, out of focus or shaken, brighter or darker, noisy."""
    centre = (WIDTH / 2, HEIGHT / 2)
    move = cv2.getRotationMatrix2D(centre, rng.normal(0, DEGREES), 1 + rng.normal(0, ZOOM))
    move[:, 2] += rng.normal(0, SHIFT, 2)
    seen = cv2.warpAffine(picture, move, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    chance = rng.random()
    if chance < 0.3:
        seen = cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.4, 1.4))
    elif chance < 0.5:
        length = int(rng.integers(2, 6))
        seen = cv2.blur(seen, (length, 1) if rng.random() < 0.5 else (1, length))
    seen = seen.astype(np.float32) * rng.uniform(0.85, 1.1) + rng.normal(0, rng.uniform(0, 5), seen.shape)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(75, 95))]
    return cv2.imencode(".jpg", np.clip(seen, 0, 255).astype(np.uint8)[..., ::-1], quality)[1].tobytes()
