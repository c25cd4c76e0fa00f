"""Search by words: tf-idf over a sentence for each item (Salton and Buckley, 1988).

Words are what stands between blanks and punctuation, lowercase; Chinese, Japanese and Korean runs also give their pairs
of characters, for they carry particles or no blanks at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from .results_fashion_search import Item
from .vectors_fashion_search import best

_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


def words(text: str) -> list[str]:
    """The words of a text, as they are counted."""
    found = _WORD.findall(text.lower())
    runs = [word for word in found if len(word) > 2 and _CJK.search(word)]
    return found + [run[start : start + 2] for run in runs for start in range(len(run) - 1)]


def sentence(item: Item) -> str:
    """What is searched of an item: its attributes, keywords and title."""
    return " ".join([*(one.value for one in item.attributes), item.garment, *item.keywords, item.title])


class TextIndex:
    """tf-idf vectors of items; the set is fixed.

    Args:
        items: what `sentence` is taken of.
    """

    def __init__(self, items: Iterable[Item]):
        # Imported here: it takes seconds, and most searches need no words.
        from sklearn.feature_extraction.text import TfidfVectorizer

        ids, sentences = [], []
        for item in items:
            ids.append(item.id)
            sentences.append(sentence(item))
        self._ids = np.array(ids, np.int64)
        self._vectorizer = TfidfVectorizer(analyzer=words, sublinear_tf=True, dtype=np.float32)
        self._matrix = None
        if any(map(words, sentences)):
            self._matrix = self._vectorizer.fit_transform(sentences).tocsc()  # N x words, rows of length 1

    def find(self, text: str, k: int) -> list[tuple[int, float]]:
        """Ids and cosines of the items nearest to a text, the nearest first; those without its words are left out."""
        scores = self._scores(text)
        found = np.flatnonzero(scores > 0)
        ids, values = best(self._ids[found], scores[found], k)
        return [(int(one), float(value)) for one, value in zip(ids, values, strict=True)]

    def cosines(self, text: str, ids: Sequence[int]) -> np.ndarray:
        """How near these items are to a text: float32, 0 for ids that are not here."""
        scores = self._scores(text)
        place = {int(one): index for index, one in enumerate(self._ids)}
        return np.array([scores[place[one]] if one in place else 0.0 for one in ids], np.float32)

    def _scores(self, text: str) -> np.ndarray:
        if self._matrix is None:
            return np.zeros(len(self._ids), np.float32)
        query = self._vectorizer.transform([text])  # words that no item has are left out
        return np.asarray((self._matrix @ query.T).todense(), np.float32)[:, 0]


__all__ = ["TextIndex"]
