"""A font with Korean and Chinese for plots and the PDF, where the system has one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matplotlib import font_manager, rc_context

FAMILIES = ("Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans KR", "NanumGothic", "Malgun Gothic")
_FILES = ("notosanscjk-regular", "notosanscjkkr-regular", "notosanskr-regular", "nanumgothic", "malgun")
_LATIN = "DejaVu Sans"
_GUARD = threading.Lock()


def cjk_font() -> str | None:
    """The family name of a font that has Korean and Chinese characters; None where there is none."""
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    for family in FAMILIES:
        if family in known:
            return family
    # The list may be older than the fonts.
    for path in sorted(font_manager.findSystemFonts()):
        if Path(path).stem.lower() in _FILES:
            font_manager.fontManager.addfont(path)
            return font_manager.fontManager.ttflist[-1].name
    return None


def needs_cjk(text: str) -> bool:
    """Whether a text has Hangul, Han characters or kana."""
    return any(
        "\u1100" <= character <= "\u11ff" or "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"
        for character in text
    )


@contextmanager
def drawing() -> Iterator[str | None]:
    """Matplotlib's settings for our figures while the block runs; the CJK font's name, or None."""
    with _GUARD:
        font = cjk_font()
        families = [_LATIN, font] if font else [_LATIN]
        # Type 3 keeps the outlines used, also of fonts that come as collections.
        with rc_context({"font.family": families, "font.size": 9, "pdf.fonttype": 3, "axes.spines.top": False,
                         "axes.spines.right": False}):  # fmt: skip
            yield font
