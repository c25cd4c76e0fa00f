"""Cuts a title into words of the dictionary and the rest, across scripts: 여성 V넥 니트 cardigan.

Of all ways to cut, the one with the fewest words and the least left over: longest match, chosen for the whole text at
once instead of from the left, so that 运动裤子 is 运动 + 裤子 and not 运动裤 + 子.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .korean_fashion_search import Morpheme, morphemes
from .words_fashion_search import Entry, Words, fold

Kind = Literal["word", "separator", "unknown", "verb", "particle", "quiet"]

_UNIT = re.compile(
    r"[a-z]{1,5}-[0-9]{2,}[a-z0-9]*|[0-9]+(?:[./][0-9]+)*%?[a-zÀ-ɏ]*|[a-zÀ-ɏ][a-z0-9À-ɏ]*|[가-힣]|[\u3400-\u9fff]|\s+|[^\s]"
)
_UNSEEN = re.compile(r"[-‐-―.]")
_LATIN = re.compile(r"[0-9a-zÀ-ɏ]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_NUMBER = re.compile(r"[0-9]+(?:[./][0-9]+)*%?[a-z]{0,3}|[2-9]?x{0,5}[sl]|[a-z]{1,5}-?[0-9]+[a-z0-9]*")
"""Numbers, sizes and model numbers: 95, 2.5cm, 3XL, AB1234."""
_SEPARATORS = frozenset(',;|/[](){}+·&!?:"<>=、。，；！？：【】《》「」『』〈〉~…_*#@^\n')
_HEAD_SIGNS = frozenset("裙裤鞋袜帽衫靴")
"""Single characters that name the article even behind a word that is not known."""

_UNKNOWN = 4.0
_QUIET = 1.1
_SINGLE_SIGN = 1.6
_OFF_BOUNDARY = 0.5


@dataclass(frozen=True)
class Piece:
    """A stretch of the text.

    Attributes:
        text: as folded.
        kind: "word" is in the dictionary; "verb", "particle" and "quiet" are Korean grammar, or signs without meaning.
        entry: of a word.
        start: first character in the folded text.
        end: one past the last.
        form: stem of a verb or form of a particle.
    """

    text: str
    kind: Kind
    entry: Entry | None = None
    start: int = 0
    end: int = 0
    form: str = ""

    def sense(self, field: str) -> str:
        """Its token in a field, "" if it has none."""
        return self.entry.senses.get(field, "") if self.entry else ""

    def plays(self, role: str) -> bool:
        """Whether it is a word with that role."""
        return self.entry is not None and role in self.entry.roles


@functools.lru_cache(maxsize=1)
def _simplifier():
    from opencc import OpenCC

    return OpenCC("t2s")


def normalise(text: str) -> str:
    """The text that is cut: folded, simplified, without control characters, emoji and other unseen signs."""
    text = "".join(c if c == "\n" or (c.isprintable() and ord(c) < 0x10000) else " " for c in fold(text))
    return _simplifier().convert(text) if _HAN.search(text) else text


def _units(text: str) -> list[tuple[str, int]]:
    """(unit, where it starts): runs of Latin letters and digits whole, other characters one by one, no blanks."""
    # A hyphen between blanks separates; within a word it is not seen.
    text = re.sub(r"(?<=\s)[-–—]+(?=\s)", lambda m: "|" * len(m.group()), text)
    found = ((match.group(), match.start()) for match in _UNIT.finditer(text))
    return [(unit, at) for unit, at in found if "\n" in unit or not (unit.isspace() or _UNSEEN.fullmatch(unit))]


class _Grid:
    """Which places of the units a word may start and end at, and what Korean grammar says of each stretch."""

    def __init__(self, text: str, units: Sequence[tuple[str, int]]):
        at = {start: index for index, (_, start) in enumerate(units)}
        self.size = len(units)
        hangul = [unit[0] >= "가" and unit[0] <= "힣" for unit, _ in units]
        self.hangul = hangul
        self.boundary = [True] * (self.size + 1)
        self.edges = list(self.boundary)
        self.stretch: dict[int, tuple[int, Morpheme | None]] = {}
        if not any(hangul):
            return
        for index in range(1, self.size):
            close = units[index][1] == units[index - 1][1] + len(units[index - 1][0])
            self.boundary[index] = not (hangul[index] and hangul[index - 1] and close)
        self.edges = list(self.boundary)
        found = morphemes(text)
        for morpheme in found:
            for place in (morpheme.start, morpheme.end):
                if place in at:
                    self.boundary[at[place]] = True
        starts = {at[m.start]: m for m in found if m.start in at}
        for index in (i for i in range(self.size) if hangul[i] and self.boundary[i]):
            stop = next(j for j in range(index + 1, self.size + 1) if self.boundary[j])
            self.stretch[index] = (stop, starts.get(index))

    def allows(self, start: int, stop: int, text: str) -> bool:
        """Whether a word of the dictionary may stand there.

        A single syllable must be a noun or stand alone; a noun that 하다 makes a verb (상의하다, to consult) is none.
        """
        following = self.stretch.get(stop, (0, None))[1]
        if self.hangul[start] and following and following.tag.startswith(("XSV", "XSA")) and not self.edges[stop]:
            return False
        if not self.hangul[start] or stop - start > 1 or len(text) > 1:
            return True
        if self.edges[start] and self.edges[stop]:
            return True
        whole = self.boundary[start] and self.boundary[stop]
        morpheme = self.stretch.get(start, (0, None))[1]
        return morpheme.nominal if whole and morpheme else not whole

    def broken(self, start: int, stop: int) -> bool:
        """Whether a word would join parts of two Korean words: 차단 화면 has no 단화 in it."""
        inside = self.boundary[start] and self.boundary[stop]
        return not inside and any(self.edges[place] for place in range(start + 1, stop))

    def price(self, start: int, stop: int) -> float:
        """What it costs that a word starts or ends inside a Korean morpheme."""
        return _OFF_BOUNDARY * ((not self.boundary[start]) + (not self.boundary[stop]))


def cut(text: str, words: Words) -> list[Piece]:
    """The pieces of a normalised text in order."""
    units = _units(text)
    grid = _Grid(text, units)
    best: list[tuple[float, int, Piece | None]] = [(0.0, 0, None)] * (len(units) + 1)
    for start in range(len(units) - 1, -1, -1):
        options = [
            (price + best[stop][0], stop, piece) for stop, piece, price in _options(text, units, grid, words, start)
        ]
        # Of equal prices the longest: it comes first.
        best[start] = min(options, key=lambda option: option[0], default=(float("inf"), start + 1, None))
    pieces, place = [], 0
    while place < len(units):
        _, stop, piece = best[place]
        if piece is not None:
            pieces.append(piece)
        place = stop
    return list(_joined(pieces))


def _options(
    text: str, units: Sequence[tuple[str, int]], grid: _Grid, words: Words, start: int
) -> Iterator[tuple[int, Piece, float]]:
    """(where it stops, the piece, its price) of everything that may start at a unit, the longest words first."""
    first, begin = units[start]

    def piece(stop: int, kind: Kind, entry: Entry | None = None, form: str = "") -> Piece:
        end = units[stop - 1][1] + len(units[stop - 1][0])
        return Piece(text[begin:end], kind, entry, begin, end, form)

    keys, key, stop = [], "", start
    while stop < len(units) and len(key) < words.longest:
        key += units[stop][0]
        stop += 1
        keys.append((stop, key))
    for stop, key in reversed(keys):
        entry = words.entries.get(key)
        if entry is not None and grid.allows(start, stop, key) and not grid.broken(start, stop):
            single = len(key) == 1 and bool(_HAN.match(key))
            yield stop, piece(stop, "word", entry), (_SINGLE_SIGN if single else 1.0) + grid.price(start, stop)
    if first in _SEPARATORS or first.startswith("\n"):
        yield start + 1, piece(start + 1, "separator"), 1.0
    elif _LATIN.match(first):
        known = _NUMBER.fullmatch(first) is not None
        yield start + 1, piece(start + 1, "quiet" if known else "unknown"), 1.0 if known else _UNKNOWN
    elif grid.hangul[start]:
        if start in grid.stretch:
            stop, morpheme = grid.stretch[start]
            kind, form = _kind(morpheme), morpheme.form if morpheme else ""
            yield stop, piece(stop, kind, form=form), _UNKNOWN if kind == "unknown" else _QUIET
    else:
        letter = first.isalpha()
        yield start + 1, piece(start + 1, "unknown" if letter else "quiet"), _UNKNOWN / 2 if letter else _QUIET


def _kind(morpheme: Morpheme | None) -> Kind:
    if morpheme is None or morpheme.nominal:
        return "unknown"
    if morpheme.verbal:
        return "verb"
    return "particle" if morpheme.tag.startswith(("J", "XSN")) else "quiet"


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces with unknown ones that touch made one.

    A single character or syllable beside something unknown is part of a name and tells nothing, unless it is a gender,
    or names the article at the end: 红蜻蜓 is no colour, but what ends in 裤 is a kind of trousers.
    """
    doubtful = [_single(piece) for piece in pieces]
    unknown = [piece.kind == "unknown" for piece in pieces]
    for index, piece in enumerate(pieces):
        before = index > 0 and unknown[index - 1] and pieces[index - 1].end == piece.start
        after = index + 1 < len(pieces) and unknown[index + 1] and pieces[index + 1].start == piece.end
        head = piece.text in _HEAD_SIGNS and not after
        if doubtful[index] and not head and (after or (before and not _LATIN.match(pieces[index - 1].text))):
            unknown[index] = True
    current: Piece | None = None
    for piece, lost in zip(pieces, unknown, strict=True):
        if not lost:
            if current:
                yield current
            yield piece
            current = None
        elif (
            current
            and current.end == piece.start
            and bool(_LATIN.match(piece.text)) == bool(_LATIN.match(current.text))
        ):
            current = Piece(current.text + piece.text, "unknown", None, current.start, piece.end)
        else:
            if current:
                yield current
            current = Piece(piece.text, "unknown", None, piece.start, piece.end)
    if current:
        yield current


def _single(piece: Piece) -> bool:
    return piece.kind == "word" and len(piece.text) == 1 and not piece.text.isascii() and not piece.sense("gender")
