"""Any picture a person may hand over, as one upright RGB array, or a `ValueError` that says what to do instead.

Both readers (the CNN and its traditional rival) carry their own copy of this file, because the Hub publishes one
folder at a time; `tests/modeling/test_reading.py` keeps the copies equal.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

MAX_PIXELS = 52_000_000
"""Pictures above this are refused by their header, undecoded; the largest common phone sensor (8192 x 6144) passes."""

LONGEST_SIDE = 2560
"""Larger pictures are shrunk until their longest side is this many pixels."""

SHORTEST_SIDE = 32
"""A picture with a side below this cannot hold a readable number."""

_ADVICE = f"at most {MAX_PIXELS // 1_000_000} million are read. Shrink it, or crop it to the card."

# Formats whose decoders are part of Pillow. Left out on purpose: EPS starts an outside program.
_FORMATS = ("JPEG", "MPO", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP", "JPEG2000", "PPM")

# What Pillow's decoders raise on damaged files, found by corrupting files of every format above.
_DAMAGED = (
    OSError,
    SyntaxError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    struct.error,
    zlib.error,
)

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation (tag 0x0112) -> the transposition that undoes it."""


def load_image(source: str | os.PathLike[str] | Image.Image | np.ndarray) -> np.ndarray:
    """A picture as an upright RGB array whose longest side is at most `LONGEST_SIDE` pixels.

    EXIF orientation is applied, transparency is laid over white, 16-bit pictures are scaled to 8 bits, and of an
    animation the first frame is taken. The caller's image or array is never changed.

    Args:
        source: a file's path; a PIL image; or an array H x W, H x W x 1 (grey), H x W x 3 (RGB) or H x W x 4 (RGBA)
            of uint8, uint16 (0..65535), bool, or floats between 0 and 1.

    Returns:
        H x W x 3 uint8, RGB, contiguous and writable.

    Raises:
        ValueError: with a sentence fit for the person who chose the picture, whatever is wrong with it.
    """
    if isinstance(source, Image.Image):
        return _finish(_upright(source, _decode(source)))
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, str | os.PathLike):
        return _from_file(Path(os.fsdecode(source)))
    raise ValueError(f"Expected a path, a PIL image or a numpy array, got {type(source).__name__}.")


def _from_file(path: Path) -> np.ndarray:
    # Only the name is shown: messages reach web pages, where the server's folders are nobody's business.
    name = path.name or str(path)
    try:
        if path.is_dir():
            raise ValueError(f"{name!r} is a folder, not a picture. Choose one picture file.")
        if not path.is_file():
            raise ValueError(f"There is no picture file {name!r}. Check the path.")
        if path.stat().st_size == 0:
            raise ValueError(f"{name!r} is empty (0 bytes). Take or upload the picture again.")
        with _open(path, name) as image:
            _check_size(*image.size)
            _draft(image)
            return _finish(_upright(image, _decode(image)))
    except OSError as error:
        raise ValueError(f"{name!r} cannot be opened ({error.strerror or type(error).__name__}).") from None


def _open(path: Path, name: str) -> Image.Image:
    """Reads the header only."""
    Image.init()
    try:
        return Image.open(path, formats=[known for known in _FORMATS if known in Image.OPEN])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError(f"{name!r} has too many pixels: {_ADVICE}") from None
    except PermissionError:
        raise
    except _DAMAGED:
        raise ValueError(f"{name!r} is not a picture that can be read. Use a JPEG or PNG file.") from None


def _draft(image: Image.Image) -> None:
    """Lets the JPEG decoder skip detail that shrinking would throw away: up to 64 times less to decode."""
    width, height = image.size
    times = max(width, height) // LONGEST_SIDE
    if image.format in ("JPEG", "MPO") and times > 1:
        image.draft(None, (width // times, height // times))


def _decode(image: Image.Image) -> Image.Image:
    """The first frame's pixels as a new RGB image, transparency over white."""
    _check_size(*image.size)
    try:
        image.load()
        shown = image if image.mode[0] in "IF" else image.convert("RGBA" if image.has_transparency_data else "RGB")
    except _DAMAGED:
        raise ValueError("The picture is damaged or incomplete. Take or upload it again, as JPEG or PNG.") from None
    if shown.mode[0] in "IF":
        return Image.fromarray(_deep_to_uint8(np.asarray(shown))).convert("RGB")
    if shown.mode == "RGBA":
        return Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown).convert("RGB")
    return shown


def _upright(source: Image.Image, pixels: Image.Image) -> Image.Image:
    try:
        orientation = source.getexif().get(0x0112, 1)
    except _DAMAGED:
        return pixels  # unreadable EXIF says nothing about the pixels, which were decoded
    return pixels.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else pixels


def _deep_to_uint8(values: np.ndarray) -> np.ndarray:
    """Grey values deeper than 8 bits (PIL modes I;16, I and F) scaled to 0..255.

    Modes I and F also hold 8-bit pictures converted by PIL, so values that fit 8 bits are left as they are.
    """
    low, high = float(values.min()), float(values.max())
    if values.dtype.itemsize == 2:
        scale = 255 / 65535
    elif values.dtype.kind == "f" and low >= 0 and high <= 1:
        scale = 255.0
    elif low >= 0 and high <= 255:
        scale = 1.0
    elif values.dtype.kind == "i" and low >= 0 and high <= 65535:
        scale = 255 / 65535
    else:
        raise ValueError(f"The picture's values run from {low:g} to {high:g}. Save it as an 8-bit JPEG or PNG.")
    return np.rint(values * scale).astype(np.uint8)


def _from_array(array: np.ndarray) -> np.ndarray:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        shape = " x ".join(map(str, array.shape))
        raise ValueError(f"An image array is H x W, H x W x 3 (RGB) or H x W x 4 (RGBA), got shape {shape or '()'}.")
    _check_size(array.shape[1], array.shape[0])
    if array.dtype == np.uint8 and array.shape[2:] == (3,) and max(array.shape) <= LONGEST_SIDE:
        return np.array(array, order="C")  # nothing to convert; Pillow would copy it several times
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    return _finish(_decode(Image.fromarray(np.ascontiguousarray(_array_to_uint8(array)))))


def _array_to_uint8(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * 255
    if array.dtype == np.uint16:
        return np.rint(array * (255 / 65535)).astype(np.uint8)
    if array.dtype.kind == "f":
        low, high = float(array.min()), float(array.max())
        if not (low >= 0 and high <= 1):
            raise ValueError(f"A float array holds values from 0 to 1, got {low:g} to {high:g}; 0 to 255 is uint8.")
        return np.rint(array.astype(np.float32) * 255).astype(np.uint8)
    raise ValueError(f"An image array is uint8, uint16, bool or float (0 to 1), got {array.dtype}.")


def _finish(image: Image.Image) -> np.ndarray:
    """Shrinks to `LONGEST_SIDE`; a picture so narrow that shrinking leaves nothing to read is refused."""
    size = image.size
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    if min(image.size) < SHORTEST_SIDE:
        raise ValueError(f"The picture is too long and narrow ({size[0]} x {size[1]} pixels). Crop it to the card.")
    return np.array(image)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ValueError(f"The picture has {width} x {height} pixels, too many: {_ADVICE}")
    if min(width, height) < SHORTEST_SIDE:
        raise ValueError(
            f"The picture is too small ({width} x {height} pixels): each side needs at least {SHORTEST_SIDE}. "
            "Use the original photograph, not its thumbnail."
        )
