"""Pictures as raters get them: re-encoded alike, without metadata, inside the payload: no name or format tells."""

from __future__ import annotations

import base64
import binascii
import io
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

LONGEST_SIDE = 960
"""Pixels of the longer side; larger pictures are scaled down."""

QUALITY = 85
_MOST_BYTES = 20_000_000
_HEAD = "data:image/jpeg;base64,"


def load_picture(entry: str, folder: Path | None) -> bytes:
    """The bytes of a picture named by a campaign.

    Args:
        entry: a file name relative to `folder`, or a base64 `data:` URI.
        folder: where the campaign's file lies; None where it may only hold data URIs.

    Raises:
        ValueError: if there is no such picture, or it lies outside the folder.
    """
    if entry.startswith("data:"):
        head, _, body = entry.partition(",")
        try:
            if not head.endswith(";base64"):
                raise ValueError
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError(f"not a base64 data URI: {entry[:40]!r}") from None
    if folder is None:
        raise ValueError(f"only data URIs can be read here, got {entry[:60]!r}")
    root = folder.resolve()
    path = (root / entry).resolve()
    if not path.is_relative_to(root):
        raise ValueError(f"pictures lie beside the campaign's file, got {entry[:60]!r}")
    if not path.is_file():
        raise ValueError(f"no picture {entry[:60]!r} in {root.name}/")
    return path.read_bytes()


def encode_picture(data: bytes) -> bytes:
    """The picture as JPEG without metadata, upright, at most `LONGEST_SIDE` pixels long.

    Raises:
        ValueError: if it is no picture, or a too large one.
    """
    if len(data) > _MOST_BYTES:
        raise ValueError(f"a picture has {_MOST_BYTES:,} bytes at most, got {len(data):,}")
    try:
        with Image.open(io.BytesIO(data)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError) as error:
        raise ValueError(f"no readable picture: {error}") from None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def data_uri(jpeg: bytes) -> str:
    """A JPEG as a URI that carries it."""
    return _HEAD + base64.b64encode(jpeg).decode("ascii")
