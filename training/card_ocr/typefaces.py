"""Which typefaces the card renderer may print with, and to which split each belongs.

`fonts/README.md` says where the files come from and by which rule a family lands in a split.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

FONTS = Path(__file__).parent / "fonts"

Category = Literal["ocr", "mono", "sans"]
Split = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Typeface:
    """One font file.

    Attributes:
        name: Short unique name, such as "barlow-condensed".
        path: The font file, ready for `PIL.ImageFont.truetype`.
        category: "ocr" (machine-like digits), "mono" (every digit equally wide) or "sans" (proportional).
        split: The only split whose cards may be printed with it.
    """

    name: str
    path: Path
    category: Category
    split: Split


@lru_cache(maxsize=1)
def _all_typefaces() -> tuple[Typeface, ...]:
    entries = json.loads((FONTS / "typefaces.json").read_text(encoding="utf-8"))
    return tuple(Typeface(e["name"], FONTS / e["file"], e["category"], e["split"]) for e in entries)


def typefaces(split: str | None = None) -> tuple[Typeface, ...]:
    """List the typefaces of one split, or all of them, always in the same order.

    Args:
        split: "train", "validation" or "test"; None for every typeface.

    Returns:
        The typefaces in the order of `fonts/typefaces.json`.

    Raises:
        ValueError: If `split` is none of these.
    """
    if split is None:
        return _all_typefaces()
    if split not in get_args(Split):
        raise ValueError(f"split is {split!r}, allowed are {', '.join(get_args(Split))} or None")
    return tuple(face for face in _all_typefaces() if face.split == split)
