"""Lexical weights: how well the words inside a rule translate each other (Koehn, Och and Marcu 2003)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from training.translation.smt.corpus import Bitext

NULL = 0
"""Stands for "no word" on the given side: source ids begin at 1, and target id 0 is the sentence's end."""

_FLOOR = 1e-7


class Lexicon:
    """w(target word | source word) and w(source word | target word), from the links of a corpus.

    An unaligned word counts as one link to `NULL`.
    """

    def __init__(self, bitext: Bitext) -> None:
        size = len(bitext.target_words)
        source, target = _all_links(bitext)
        keys, counts = np.unique(source.astype(np.int64) * size + target, return_counts=True)
        of_source = np.bincount(keys // size, counts, len(bitext.source_words) + 1)
        of_target = np.bincount(keys % size, counts, size)
        self._size = size
        self._forward = dict(zip(keys.tolist(), (counts / of_source[keys // size]).tolist(), strict=True))
        self._backward = dict(zip(keys.tolist(), (counts / of_target[keys % size]).tolist(), strict=True))

    def forward(self, source: int, target: int) -> float:
        """w(target | source)."""
        return self._forward.get(source * self._size + target, _FLOOR)

    def backward(self, source: int, target: int) -> float:
        """w(source | target)."""
        return self._backward.get(source * self._size + target, _FLOOR)

    def weights(
        self, source: Sequence[int], target: Sequence[int], links: Sequence[tuple[int, int]]
    ) -> tuple[float, float]:
        """Natural logarithms of both lexical weights of a phrase: product over its words of the mean over their links.

        Args:
            source, target: word ids of the rule's words, holes left out.
            links: positions in these two.
        """
        forward = [[self.forward(source[s], word) for s, t in links if t == at] or [self.forward(NULL, word)]
                   for at, word in enumerate(target)]  # fmt: skip
        backward = [[self.backward(word, target[t]) for s, t in links if s == at] or [self.backward(word, NULL)]
                    for at, word in enumerate(source)]  # fmt: skip
        return tuple(sum(math.log(sum(linked) / len(linked)) for linked in side) for side in (forward, backward))


def _all_links(bitext: Bitext) -> tuple[np.ndarray, np.ndarray]:
    """Source and target word ids of every link, and of every unaligned word with `NULL`."""
    counts = np.diff(bitext.links.ends)
    source_at = np.repeat(bitext.source.ends[:-1], counts) + bitext.links.flat[:, 0]
    target_at = np.repeat(bitext.target.ends[:-1], counts) + bitext.links.flat[:, 1]
    source, target = bitext.source.flat, bitext.target.flat
    alone_source, alone_target = np.delete(source, source_at), np.delete(target, target_at)
    null = np.full(len(alone_source), NULL), np.full(len(alone_target), NULL)
    return (
        np.concatenate([source[source_at], alone_source, null[1]]),
        np.concatenate([target[target_at], null[0], alone_target]),
    )
