"""How likely Korean text is: an n-gram model (KenLM) asked through integers, with everything asked remembered.

A hypothesis in the chart needs two things from the language model: the state at its right edge, and the words at its
left edge whose probability still changes with what will stand before them (Chiang 2007, section 5.3). Both are kept as
short as the n-gram model allows (Li and Khudanpur 2008), so that more hypotheses recombine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import kenlm

NULL_STATE = 0
BEGIN_STATE = 1


class LanguageModel:
    """An n-gram model read from an ARPA file (compressed or not) or a KenLM binary.

    Raises:
        ValueError: if the file cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        config = kenlm.Config()
        config.show_progress = False
        config.arpa_complain = kenlm.ARPALoadComplain.NONE
        try:
            self.model = kenlm.Model(str(path), config)
        except (OSError, RuntimeError) as error:
            raise ValueError(f"{path} is no language model that KenLM can read: {error}") from error
        self.path = Path(path)
        self.order = self.model.order

    def score(self, words: Sequence[str]) -> float:
        """Natural log-probability of a whole sentence, its beginning and end included."""
        return self.model.score(" ".join(words), bos=True, eos=True) * math.log(10)


class Left:
    """The left edge of a hypothesis.

    Attributes:
        words: its first words, whose probability depends on what comes before; the others' no longer does.
        closed: whether the right state is settled; False if what comes before still reaches it.
        score: log-probability of `words` without anything before them, already in the hypothesis's score.
    """

    __slots__ = ("closed", "score", "words")

    def __init__(self, words: tuple[int, ...], closed: bool, score: float) -> None:
        self.words, self.closed, self.score = words, closed, score


class Scorer:
    """The language model during one sentence: states are integers, answers are remembered.

    Args:
        model: the n-gram model.
        words: target word of each id.
        weight: of the language model; every score here is multiplied by it.
    """

    def __init__(self, model: LanguageModel, words: Sequence[str], weight: float) -> None:
        self._model, self._words, self._scale = model.model, words, weight * math.log(10)
        self._longest = model.order - 1
        null, begin = kenlm.State(), kenlm.State()
        self._model.NullContextWrite(null)
        self._model.BeginSentenceWrite(begin)
        self._states = [null, begin]
        self._numbers = {null: NULL_STATE, begin: BEGIN_STATE}
        self._steps: dict[tuple[int, int], tuple[int, float]] = {}
        self._lefts: dict[tuple[tuple[int, ...], bool], Left] = {}
        self._interned: dict[tuple[tuple[int, ...], bool], Left] = {}
        self.beginning = self.left((), True)

    def advance(self, state: int, word: int) -> tuple[int, float]:
        """The state after one more word, and that word's weighted log-probability."""
        known = self._steps.get((state, word))
        if known is None:
            after = kenlm.State()
            score = self._model.BaseScore(self._states[state], self._words[word], after) * self._scale
            number = self._numbers.setdefault(after, len(self._states))
            if number == len(self._states):
                self._states.append(after)
            known = self._steps[state, word] = (number, score)
        return known

    def left(self, words: tuple[int, ...], closed: bool) -> Left:
        """The left edge of a hypothesis that begins with `words`, as short as it can be kept.

        `closed` says that more words follow, or that the right state is settled. The edge may be cut after word i as
        soon as the state after words 1..i equals that after words 2..i: nothing before word 1 can then matter.
        """
        found = self._lefts.get((words, closed))
        if found is None:
            cut, end, score = len(words), closed, 0.0
            long, short = NULL_STATE, NULL_STATE
            for index, word in enumerate(words):
                long, added = self.advance(long, word)
                score += added
                if index:
                    short, _ = self.advance(short, word)
                if long == short or index + 1 == self._longest:
                    cut, end = index + 1, True
                    break
            key = (words[:cut], end)
            found = self._lefts[words, closed] = self._interned.setdefault(key, Left(*key, score))
        return found


__all__ = ["BEGIN_STATE", "NULL_STATE", "LanguageModel", "Left", "Scorer"]
