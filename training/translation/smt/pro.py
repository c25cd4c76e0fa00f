"""Pairwise ranked optimisation of the weights (Hopkins and May 2011).

F features, K translations of one sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sacrebleu.metrics import BLEU
from sklearn.linear_model import LogisticRegression

_SENTENCE_BLEU = BLEU(tokenize="none", smooth_method="add-k", smooth_value=1, effective_order=True, force=True)
_CORPUS_BLEU = BLEU(tokenize="none", force=True)


@dataclass(frozen=True)
class Sampling:
    """How many pairs of translations a round of PRO looks at.

    Attributes:
        tried: pairs drawn for a sentence.
        taken: of these, those with the largest difference in BLEU+1.
        least_difference: in BLEU+1 (0 to 1) for a pair to count.
        step: share of the new weights in the interpolation with the old ones.
    """

    tried: int = 5000
    taken: int = 50
    least_difference: float = 0.05
    step: float = 0.3


class Pool:
    """All different translations met so far of each sentence, with features (K x F) and BLEU+1 (K)."""

    def __init__(self, references: Sequence[Sequence[str]]) -> None:
        self.references = [" ".join(words) for words in references]
        self._known: list[dict[tuple, tuple[np.ndarray, float]]] = [{} for _ in references]

    def add(self, sentence: int, words: Sequence[str], features: Sequence[float]) -> bool:
        """Adds a translation; False if the same words with the same features were there."""
        key = (tuple(words), tuple(round(value, 4) for value in features))
        if key in self._known[sentence]:
            return False
        score = _SENTENCE_BLEU.sentence_score(" ".join(words), [self.references[sentence]]).score / 100
        self._known[sentence][key] = (np.array(features), score)
        return True

    def of(self, sentence: int) -> tuple[np.ndarray, np.ndarray]:
        """Features (K x F) and BLEU+1 (K) of a sentence's translations."""
        features, scores = zip(*self._known[sentence].values(), strict=True)
        return np.array(features), np.array(scores)

    def filled(self) -> list[int]:
        """Sentences with at least two translations."""
        return [sentence for sentence, known in enumerate(self._known) if len(known) > 1]

    def best(self, weights: np.ndarray) -> list[str]:
        """The translation of each sentence that the weights rank first."""
        chosen = []
        for known in self._known:
            entries = list(known.items())
            scores = [features @ weights for _, (features, _) in entries]
            chosen.append(" ".join(entries[int(np.argmax(scores))][0][0]) if entries else "")
        return chosen


def corpus_bleu(translations: Sequence[str], references: Sequence[str]) -> float:
    """BLEU over words as they are, 0 to 100; for tuning only, not comparable with sacreBLEU's own tokenisers."""
    return _CORPUS_BLEU.corpus_score(list(translations), [list(references)]).score


def sample_pairs(features: np.ndarray, scores: np.ndarray, sampling: Sampling, rng: np.random.Generator) -> np.ndarray:
    """Feature differences (better minus worse) of pairs of translations that differ enough, N x F."""
    pairs = rng.integers(0, len(scores), (sampling.tried, 2))
    difference = scores[pairs[:, 0]] - scores[pairs[:, 1]]
    enough = np.abs(difference) > sampling.least_difference
    pairs, difference = pairs[enough], difference[enough]
    order = np.argsort(-np.abs(difference), kind="stable")[: sampling.taken]
    signs = np.sign(difference[order])[:, None]
    return signs * (features[pairs[order, 0]] - features[pairs[order, 1]])


def improve(pool: Pool, weights: np.ndarray, sampling: Sampling, rng: np.random.Generator) -> np.ndarray:
    """New weights: a classifier of better against worse, interpolated with the old.

    Both are measured by what they contribute to the differences between translations (weight times the feature's
    spread) and brought to the same length there, so that neither drowns the other. A feature that never differs keeps
    its weight.
    """
    parts = [sample_pairs(*pool.of(sentence), sampling, rng) for sentence in pool.filled()]
    differences = np.concatenate(parts) if parts else np.zeros((0, len(weights)))
    scale = differences.std(0) if len(differences) else np.zeros(len(weights))
    varies = scale > 1e-6
    if not varies.any():
        return weights
    scale = scale[varies]
    both = np.concatenate([differences, -differences])[:, varies] / scale
    classes = np.repeat([1, 0], len(differences))
    found = LogisticRegression(C=0.01, fit_intercept=False, max_iter=200).fit(both, classes).coef_[0]
    old = weights[varies] * scale
    size = max(np.linalg.norm(old), 1e-9)
    found *= size / max(np.linalg.norm(found), 1e-9)
    mixed = weights.copy()
    mixed[varies] = (sampling.step * found + (1 - sampling.step) * old) / scale
    return mixed
