"""Where Korean may be cut: the morphemes of Kiwi, which knows the dictionary's words besides its own.

Tags are those of the Sejong corpus as Kiwi gives them: NNG and NNP nouns, VV and VA verbs, J* particles, E* endings.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from .words_fashion_search import load_words

_HANGUL_WORD = re.compile(r"[가-힣]{2,}")


@dataclass(frozen=True)
class Morpheme:
    """One morpheme of a text.

    Attributes:
        form: its dictionary form; a verb's is its stem.
        tag: part of speech.
        start: first character.
        end: one past the last.
    """

    form: str
    tag: str
    start: int
    end: int

    @property
    def nominal(self) -> bool:
        """Whether it can name a thing."""
        return self.tag in ("NNG", "NNP", "XR", "SL")

    @property
    def verbal(self) -> bool:
        """Whether it is the stem of a verb or an adjective."""
        return self.tag.startswith(("VV", "VA"))


@functools.lru_cache(maxsize=1)
def _kiwi():
    """Kiwi with the dictionary's words as nouns. It takes seconds to load, so it waits for the first Korean text."""
    try:
        from kiwipiepy import Kiwi
    except ImportError as error:
        raise ImportError("Reading Korean guides needs the package kiwipiepy") from error
    kiwi = Kiwi(num_workers=1)
    for word, entry in load_words().entries.items():
        if _HANGUL_WORD.fullmatch(word) and (entry.senses or "other" in entry.roles):
            kiwi.add_user_word(word, "NNP", 0.0)
    return kiwi


def morphemes(text: str) -> list[Morpheme]:
    """The morphemes of a text in order; where two share a syllable (빨간 is 빨갛 and ㄴ), only the first.

    Args:
        text: without characters beyond the basic plane, which Kiwi counts twice.
    """
    found: list[Morpheme] = []
    for token in _kiwi().tokenize(text):
        end = token.start + token.len
        if found and token.start < found[-1].end:
            if end > found[-1].end:
                found[-1] = Morpheme(found[-1].form, found[-1].tag, found[-1].start, end)
        elif token.len:
            found.append(Morpheme(token.form, token.tag, token.start, end))
    return found
