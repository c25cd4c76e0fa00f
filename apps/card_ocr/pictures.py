"""The pictures of a reading: the found region, the straightened band and their covered versions.

Whatever is covered is painted over with one flat colour, never blurred: blurring keeps enough to recover digits.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from modeling.card_ocr.reading_card_ocr import CardReading

Quad = Sequence[Sequence[float]]

PHOTO_WIDTH = 880
BAND_SCALE = 3
VISIBLE = 4
_FOUND = (240, 120, 60)


def shrink(image: np.ndarray) -> tuple[bytes, float]:
    """A photograph small enough to show, as JPEG bytes, and its scale against `image` (H x W x 3)."""
    photo = Image.fromarray(image)
    photo.thumbnail((PHOTO_WIDTH, PHOTO_WIDTH))
    return _encode(photo, "JPEG", quality=85), photo.width / image.shape[1]


def open_positions(reading: CardReading, revealed: bool) -> range:
    """Which digits may be shown: all after a reveal, before it the last four of an accepted number."""
    count = len(reading.digits)
    if revealed:
        return range(count)
    return range(max(count - VISIBLE, 0), count) if reading.decision == "accepted" else range(0)


def found_region(photo: bytes, scale: float, reading: CardReading, revealed: bool) -> bytes | None:
    """The photograph with the found lines outlined and covered, except for the digits that may be shown.

    Args:
        photo: JPEG bytes from `shrink`.
        scale: the photograph's scale against the image read.
        reading: its regions and corners are in pixels of the image read.
        revealed: whether the person asked to see the number.

    Returns:
        JPEG bytes, or None if nothing was found to outline.
    """
    regions = [region for stage in reading.stages for region in stage.regions]
    if not regions:
        return None
    clear = Image.open(io.BytesIO(photo)).convert("RGB")
    shown = clear.copy()
    if not revealed:
        # Digits may stick out of the region, or lie outside it in a bad reading: they are covered one by one as well.
        hidden = [digit.corners for digit in reading.digits]
        _cover(shown, [_grow(_scaled(quad, scale), 1.12, 1.35) for quad in [*regions, *hidden] if quad])
        for position in open_positions(reading, revealed):
            _copy(clear, shown, _scaled(reading.digits[position].corners, scale))
    pen = ImageDraw.Draw(shown)
    width = max(shown.width // 220, 2)
    for region in regions:
        corners = [tuple(point) for point in _grow(_scaled(region, scale), 1.04, 1.5)]
        pen.line([*corners, corners[0], corners[1]], fill=_FOUND, width=width, joint="curve")
    return _encode(shown, "JPEG", quality=85)


def band_picture(reading: CardReading, revealed: bool) -> bytes | None:
    """The straightened band, enlarged, covered except for the columns of the digits that may be shown; PNG bytes.

    Returns None where the reading has no band.
    """
    band = next((stage.picture for stage in reading.stages if stage.name == "rectify"), None)
    if band is None or not band.size:
        return None
    height, width = band.shape[:2]
    shown = band if revealed else np.full_like(band, int(np.median(band)))
    shown = shown.copy()
    if not revealed:
        for position in open_positions(reading, revealed):
            left, right = _own_columns(reading, position, width)
            shown[:, left:right] = band[:, left:right]
    picture = Image.fromarray(shown).resize((width * BAND_SCALE, height * BAND_SCALE), Image.Resampling.BICUBIC)
    return _encode(picture.convert("RGB"), "PNG")


def _own_columns(reading: CardReading, position: int, width: int) -> tuple[int, int]:
    """The columns of one digit, cut where a covered neighbour begins."""
    left, right = reading.digits[position].span
    if position and position - 1 not in open_positions(reading, False):
        left = max(left, reading.digits[position - 1].span[1])
    return max(int(left), 0), min(int(np.ceil(right)), width)


def data_uri(picture: bytes) -> str:
    """The picture inside the page itself: no file of it is ever written."""
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


def _encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _scaled(quad: Quad, scale: float) -> np.ndarray:
    return np.asarray(quad, dtype=float) * scale


def _grow(quad: np.ndarray, across: float, along: float) -> np.ndarray:
    """A quadrilateral stretched about its centre: `across` its longer sides' direction, `along` its shorter one's."""
    centre = quad.mean(axis=0)
    side = (quad[1] - quad[0] + quad[2] - quad[3]) / 2
    rise = (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    grown_side, grown_rise = side * across / 2, rise * along / 2
    return np.array(
        [
            centre - grown_side - grown_rise,
            centre + grown_side - grown_rise,
            centre + grown_side + grown_rise,
            centre - grown_side + grown_rise,
        ]
    )


def _mask(size: tuple[int, int], quads: Sequence[np.ndarray]) -> Image.Image:
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    for quad in quads:
        pen.polygon([tuple(point) for point in quad], fill=255)
    return mask


def _cover(picture: Image.Image, quads: Sequence[np.ndarray]) -> None:
    for quad in quads:
        mask = _mask(picture.size, [quad])
        inside = np.asarray(picture)[np.asarray(mask) > 0]
        if len(inside):
            picture.paste(tuple(int(value) for value in np.median(inside, axis=0)), (0, 0), mask)


def _copy(source: Image.Image, target: Image.Image, quad: np.ndarray) -> None:
    target.paste(source, (0, 0), _mask(target.size, [quad]))
