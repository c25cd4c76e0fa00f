"""Pictures inside the page: the visitor's photograph, small, and thumbnails of items; none of them is ever written."""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from apps.card_ocr.pictures import data_uri
from modeling.fashion_search.images_fashion import load_image

PHOTO_SIDE, THUMBNAIL_SIDE = 760, 240
KEPT_THUMBNAILS = 2_000

Box = Sequence[float]


def shrink(rgb: np.ndarray, side: int = PHOTO_SIDE, quality: int = 84) -> bytes:
    """A picture (H x W x 3) as a JPEG whose sides are at most `side` pixels."""
    picture = Image.fromarray(rgb)
    picture.thumbnail((side, side))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def thumbnail(path: Path) -> str:
    """An item's picture as a data URI; "" where it is gone or cannot be read."""
    try:
        return _thumbnail(path, path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return ""


@functools.lru_cache(maxsize=KEPT_THUMBNAILS)
def _thumbnail(path: Path, changed: int) -> str:
    return data_uri(shrink(load_image(path), THUMBNAIL_SIDE, quality=78))


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    areas = sum(max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0) for box in (one, other))
    return shared / (areas - shared) if areas > shared else 0.0


def placed(box: Box, size: tuple[int, int]) -> str:
    """Where a box lies in a picture of this width and height, as CSS in percent."""
    x0, y0, x1, y1 = (100 * value / side for value, side in zip(box, (*size, *size), strict=True))
    return f"left:{x0:.2f}%;top:{y0:.2f}%;width:{x1 - x0:.2f}%;height:{y1 - y0:.2f}%"
