"""Files people upload by accident or on purpose: drawn here, so that no photograph needs to be kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.apps.fake_reader import photo


def odd_but_readable(folder: Path) -> dict[str, Path]:
    """Pictures in unusual formats that hold a photograph all the same."""
    image = Image.fromarray(photo())
    paths = {name: folder / name for name in ("frames.gif", "cmyk.jpg", "deep.png", "turned.jpg", "clear.png")}
    image.save(paths["frames.gif"], save_all=True, append_images=[image.rotate(90), image.rotate(180)])
    image.convert("CMYK").save(paths["cmyk.jpg"])
    Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257).save(paths["deep.png"])
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(paths["turned.jpg"], exif=exif)
    image.putalpha(128)
    image.save(paths["clear.png"])
    return paths


def unreadable(folder: Path) -> dict[str, Path]:
    """Files that hold no picture, or one too large."""
    paths = {name: folder / name for name in ("notes.jpg", "empty.jpg", "huge.png", "cut.jpg")}
    paths["notes.jpg"].write_text("4000 0012 3456 7899 is not a picture")
    paths["empty.jpg"].write_bytes(b"")
    Image.new("1", (20_000, 20_000)).save(paths["huge.png"])
    Image.fromarray(photo()).save(paths["cut.jpg"])
    whole = paths["cut.jpg"].read_bytes()
    paths["cut.jpg"].write_bytes(whole[: len(whole) // 2])
    return paths
