"""Traditional twins: the same sentences in both scripts should have the same translation."""

from __future__ import annotations

from collections.abc import Sequence

import opencc
from sacrebleu.metrics import BLEU

from training.translation.answers import Cache
from training.translation.keeping import rate
from training.translation.scores import Draws, compare, count
from training.translation.systems import System
from training.translation.testsets import Part

SCRIPT = "s2tw"
"""OpenCC's conversion: Traditional characters as Taiwan writes them, vocabulary unchanged."""


def traditional(texts: Sequence[str]) -> list[str]:
    """Simplified texts in Traditional characters."""
    convert = opencc.OpenCC(SCRIPT).convert
    return [convert(text) for text in texts]


def measure_twins(system: System, part: Part, cache: Cache, metric: BLEU, draws: Draws) -> dict:
    """How far the translations of both scripts are apart.

    Returns:
        `identical`, a share of the sentences that conversion changed; `gap`, BLEU of the Simplified less that of the
        Traditional, as `scores.compare` gives it, over all sentences; the first `different` ones.
    """
    pairs = [part.pairs[place] for place in part.places(system.limit)]
    simplified = [pair.zh for pair in pairs]
    twins = traditional(simplified)
    answers = [one.text for one in cache.translate(system, simplified, part.name)]
    others = [one.text for one in cache.translate(system, twins, f"{part.name}-traditional")]
    changed = [i for i, (one, other) in enumerate(zip(simplified, twins, strict=True)) if one != other]
    different = [i for i in changed if answers[i] != others[i]]
    references = [pair.ko for pair in pairs]
    return {
        "identical": rate(len(changed) - len(different), len(changed)),
        "gap": compare(count(metric, answers, references), count(metric, others, references), draws),
        "different": [[twins[i], answers[i], others[i]] for i in different[:5]],
    }
