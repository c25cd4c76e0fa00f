"""Faces: one way to draw a character, whether it comes from a font file or from strokes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Protocol

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from training.card_ocr.strokes import STROKE_FACES
from training.card_ocr.typefaces import typefaces


class Face(Protocol):
    """Draws digits: `category` is "embossing", "ocr", "mono" or "sans"."""

    name: str
    category: str
    split: str

    def glyph(self, char: str, height: int) -> np.ndarray:
        """Coverage of `char` with digits `height` pixels tall: H x W uint8, tight to the ink."""
        ...


@dataclass(frozen=True)
class FontFace:
    """A face read from a font file."""

    name: str
    path: str
    category: str
    split: str

    @lru_cache(maxsize=4096)  # noqa: B019 - a face lives as long as the process
    def glyph(self, char: str, height: int) -> np.ndarray:
        return _ink(char, _sized(self.path, height))

    def text(self, text: str, height: int) -> np.ndarray:
        """Coverage of a line of text whose digits are `height` pixels tall: H x W uint8, tight to the ink."""
        return _ink(text, _sized(self.path, height))


@lru_cache(maxsize=512)
def _sized(path: str, height: int) -> ImageFont.FreeTypeFont:
    """The font at the size that makes its digit 8 `height` pixels tall."""
    _, top, _, bottom = ImageFont.truetype(path, 200).getbbox("8")
    return ImageFont.truetype(path, max(round(200 * height / (bottom - top)), 4))


def _ink(text: str, font: ImageFont.FreeTypeFont) -> np.ndarray:
    left, top, right, bottom = font.getbbox(text)
    canvas = Image.new("L", (max(right - left, 1), max(bottom - top, 1)))
    ImageDraw.Draw(canvas).text((-left, -top), text, font=font, fill=255)
    return np.asarray(canvas)


@cache
def faces(split: str, embossed: bool | None = None) -> tuple[Face, ...]:
    """The faces of a split that print flat (False), emboss (True) or either (None).

    Embossing uses the stroke types three times out of four, since that is what card embossers punch.
    """
    fonts = tuple(FontFace(t.name, str(t.path), t.category, t.split) for t in typefaces(split))
    strokes = tuple(face for face in STROKE_FACES if face.split == split)
    if embossed is None:
        return fonts + strokes
    if not embossed:
        return fonts
    machine = tuple(face for face in fonts if face.category in ("ocr", "mono"))
    return machine + strokes * -(-3 * len(machine) // max(len(strokes), 1))
