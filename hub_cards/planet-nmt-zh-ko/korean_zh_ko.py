"""Korean as surface morphemes: pieces that joined together are the text again, a leading ▁ where a space stood."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import pairwise

from .cleaning_zh_ko import normalise_korean
from .protecting_zh_ko import PLACEHOLDER

SPACE = "▁"


@functools.lru_cache(maxsize=1)
def _kiwi():
    try:
        from kiwipiepy import Kiwi
    except ImportError as error:
        raise ImportError("Splitting Korean (training only) needs the package kiwipiepy") from error
    return Kiwi(num_workers=1)


def split_korean(text: str) -> list[str]:
    """Normalised Korean as surface morphemes; placeholders whole.

    A syllable that two morphemes share (했 is 하 and 았) is not divided.

    `join_korean` gives back `normalise_korean(text)`. Needs kiwipiepy, which only training has.
    """
    text = normalise_korean(text)
    whole = [match.span() for match in PLACEHOLDER.finditer(text)]
    inside = {place for start, end in whole for place in range(start + 1, end)}
    cuts = {edge for span in whole for edge in span} | {place for place, c in enumerate(text) if c == " "}
    reached = 0
    # Kiwi counts UTF-16 units; a stand-in for characters of two units keeps its offsets ours.
    for token in _kiwi().tokenize("".join(c if ord(c) < 0x10000 else "☆" for c in text)):
        if token.start >= reached:
            cuts.add(token.start)
        reached = max(reached, token.start + token.len)
    after_space = {place + 1 for place, c in enumerate(text) if c == " "}
    places = [0, *sorted(cuts - inside - after_space - {0, len(text)}), len(text)]
    pieces = (text[start:end] for start, end in pairwise(places))
    return [SPACE + piece[1:] if piece[0] == " " else piece for piece in pieces if piece]


def join_korean(tokens: Sequence[str]) -> str:
    """The text that `split_korean` divided."""
    return " ".join("".join(tokens).replace(SPACE, " ").split())
