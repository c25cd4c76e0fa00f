"""Chinese words by a conditional random field over characters (Lafferty et al. 2001; tags B M E S as in Xue 2003)."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path

import pycrfsuite

FILE = "segmenter.crfsuite"
_UNIT = re.compile(r"⟦[NLP]\d⟧|[0-9A-Za-zÀ-ɏ]+(?:[.,_'-][0-9A-Za-zÀ-ɏ]+)*|\s+|[^\s]")
_WHOLE = re.compile(r"⟦[NLP]\d⟧|[0-9A-Za-zÀ-ɏ]")
_NUMERALS = frozenset("零〇一二三四五六七八九十百千万亿两几")
_EDGE = "▁"


def units(text: str) -> list[str]:
    """The pieces no segmenter divides: characters, placeholders, runs of Latin letters and digits; spaces dropped."""
    return [unit for unit in _UNIT.findall(text) if not unit.isspace()]


def stands_alone(unit: str) -> bool:
    """Whether a unit is a word by itself: placeholders, and runs of Latin letters and digits."""
    return bool(_WHOLE.match(unit))


def _symbol(unit: str) -> str:
    return unit[1] if unit.startswith("⟦") else "A" if stands_alone(unit) else unit


def _class(symbol: str) -> str:
    if symbol in ("N", "L", "P", "A", _EDGE):
        return symbol
    return "n" if symbol in _NUMERALS else "h" if "\u3400" <= symbol <= "\u9fff" else "p"


def features(text_units: Sequence[str]) -> list[list[str]]:
    """For every unit: itself, its neighbours up to two away, pairs of adjacent ones, repetitions and kinds."""
    symbols = [_EDGE, _EDGE, *map(_symbol, text_units), _EDGE, _EDGE]
    kinds = [_class(symbol) for symbol in symbols]
    rows = []
    for i in range(2, len(symbols) - 2):
        a, b, c, d, e = symbols[i - 2 : i + 3]
        rows.append([
            f"a{a}", f"b{b}", f"c{c}", f"d{d}", f"e{e}",
            f"ab{a}{b}", f"bc{b}{c}", f"cd{c}{d}", f"de{d}{e}", f"bd{b}{d}",
            f"r{b == c}{c == d}{a == c}{c == e}", "k" + "".join(kinds[i - 1 : i + 2]),
        ])  # fmt: skip
    return rows


class Segmenter:
    """Cuts cleaned Simplified Chinese into words.

    Without a model file every character is a word of its own, and `note` says so. Threads may share one segmenter, and
    it can be sent to other processes.

    Args:
        folder: where to look for `segmenter.crfsuite` before looking beside this module.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        places = [Path(place) / FILE for place in (folder, Path(__file__).parent) if place is not None]
        self.path = next((place for place in places if place.is_file()), None)
        self._tagger: pycrfsuite.Tagger | None = None
        self._lock = threading.Lock()

    @property
    def note(self) -> str:
        """What the reader of a trace should know; empty where all is well."""
        return "" if self.path else "No segmenter model found: every character is a word"

    def __getstate__(self) -> dict:
        return {"path": self.path}

    def __setstate__(self, state: dict) -> None:
        self.path, self._tagger, self._lock = state["path"], None, threading.Lock()

    def segment(self, text: str) -> list[str]:
        """The words of one text, in order; placeholders and Latin runs whole, spaces dropped."""
        words = []
        for part in text.split():
            words += self._words(units(part))
        return words

    def _words(self, text_units: Sequence[str]) -> list[str]:
        if self.path is None:
            return list(text_units)
        with self._lock:
            if self._tagger is None:
                self._tagger = pycrfsuite.Tagger()
                self._tagger.open(str(self.path))
            tags = self._tagger.tag(features(text_units))
        return join_units(text_units, tags)


def join_units(text_units: Sequence[str], tags: Sequence[str]) -> list[str]:
    """Words from units and their tags; a unit that stands alone is a word whatever its tag."""
    words: list[str] = []
    alone = True
    for unit, tag in zip(text_units, tags, strict=True):
        now = stands_alone(unit)
        if alone or now or tag in "BS":
            words.append(unit)
        else:
            words[-1] += unit
        alone = now or tag in "ES"
    return words
