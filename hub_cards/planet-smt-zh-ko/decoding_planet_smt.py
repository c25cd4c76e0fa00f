"""From source words to target words: the decoder without pre- and post-processing.

T target words, S source words, F features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from .chart_planet_smt import Chart
from .configuration_planet_smt import FEATURES, PlanetSmtConfig
from .deriving_planet_smt import Derivation, KBest, as_tree, read_out, walk
from .grammar_planet_smt import Grammar
from .scoring_planet_smt import LanguageModel, Scorer

SPACE = "▁"
"""Stands before a target word that a space precedes."""


@dataclass(frozen=True)
class Hypothesis:
    """One translation of a sentence.

    Attributes:
        words: T target words.
        score: the weighted sum of its features.
        features: F values in the order of `FEATURES`.
        links: for each target word the source positions it is aligned to.
        unknown: source positions passed through untranslated.
        tree: nested tuples (rule, source span, children).
    """

    words: tuple[str, ...]
    score: float
    features: tuple[float, ...] = field(repr=False)
    links: tuple[tuple[int, ...], ...] = field(repr=False)
    unknown: tuple[int, ...] = ()
    tree: tuple = field(default=(), repr=False)


class Decoder:
    """Translates word sequences.

    Args:
        grammar: the rules.
        language_model: of the target language.
        config: weights and limits.
        placeholders: words that may always be passed through, whatever the grammar knows.
    """

    def __init__(
        self, grammar: Grammar, language_model: LanguageModel, config: PlanetSmtConfig, placeholders: Sequence[str] = ()
    ) -> None:
        self.grammar, self.language_model, self.placeholders = grammar, language_model, frozenset(placeholders)
        self._known = {word: index for index, word in enumerate(grammar.target_words)}
        self.configure(config)

    def configure(self, config: PlanetSmtConfig) -> None:
        """Takes other weights or limits."""
        self.config = config
        weights = config.weights
        probabilities = [weights[name] for name in FEATURES[1:5]]
        scores = self.grammar.static_scores(
            probabilities, weights["phrase"], weights["hierarchical"], weights["words"]
        )  # fmt: skip
        self._static = memoryview(scores)

    def decode(self, words: Sequence[str], n_best: int = 1, trees: bool = True) -> list[Hypothesis]:
        """The `n_best` translations of one sentence with different words, best first; [] for no words.

        Raises:
            ValueError: if `n_best` is less than 1.
        """
        if n_best < 1:
            raise ValueError(f"n_best must be at least 1, got {n_best}")
        if not words:
            return []
        chart, target_words = self._parse(words)
        chosen: dict[tuple[int, ...], tuple[Derivation, list[tuple[int, ...]]]] = {}
        for derivation in islice(KBest().of(chart.goal), 20 * n_best):
            target, links = read_out(derivation)
            chosen.setdefault(tuple(target), (derivation, links))
            if len(chosen) == n_best:
                break
        return [
            self._hypothesis(words, target, target_words, derivation, links, trees)
            for target, (derivation, links) in chosen.items()
        ]

    def _parse(self, words: Sequence[str]) -> tuple[Chart, list[str]]:
        source = [self.grammar.source_ids.get(word, 0) for word in words]
        target_words = self.grammar.target_words
        own: dict[str, int] = {}
        passed: list[list[int]] = []
        for word, number in zip(words, source, strict=True):
            if number and word not in self.placeholders and self.grammar.rules_of((number,)):
                passed.append([])
                continue
            passed.append([self._number(form, own) for form in self._forms(word)])
        scored = [*target_words, *own] if own else target_words
        scorer = Scorer(self.language_model, scored, self.config.weights["language_model"])
        return Chart(self.grammar, self.config, scorer, self._static, source, passed), scored

    def _forms(self, word: str) -> tuple[str, ...]:
        """How a word may be passed through: a placeholder with or without a space before it, punctuation without."""
        if word in self.placeholders:
            return SPACE + word, word
        return (SPACE + word if word[0].isalnum() else word,)

    def _number(self, word: str, own: dict[str, int]) -> int:
        known = self._known.get(word)
        return own.setdefault(word, len(self._known) + len(own)) if known is None else known

    def _hypothesis(self, source, target, target_words, derivation, links, trees) -> Hypothesis:
        words = tuple(target_words[word] for word in target)
        steps = list(walk(derivation))
        unknown = tuple(step.span[0] for step in steps if step.edge.rule.kind == "unknown")
        features = self._features(words, [step.edge.rule for step in steps])
        tree = as_tree(derivation, source, target_words) if trees else ()
        return Hypothesis(words, derivation.score, features, tuple(links), unknown, tree)

    def _features(self, words: Sequence[str], rules: Sequence) -> tuple[float, ...]:
        logs, counts = [0.0] * 4, dict.fromkeys(("phrase", "hierarchical", "unknown", "glue"), 0.0)
        for rule in rules:
            if rule.kind == "rule":
                logs = [a + float(b) for a, b in zip(logs, self.grammar.logs(rule.number), strict=True)]
                counts["hierarchical" if min(rule.symbols) < 0 else "phrase"] += 1
            elif rule.kind in counts:
                counts[rule.kind] += 1
        return (self.language_model.score(words), *logs, *counts.values(), float(len(words)))


def with_weights(config: PlanetSmtConfig, vector: Sequence[float]) -> PlanetSmtConfig:
    """The same limits with other weights, in the order of `FEATURES`."""
    return replace(config, weights={name: float(w) for name, w in zip(FEATURES, vector, strict=True)})


__all__ = ["SPACE", "Decoder", "Hypothesis", "with_weights"]
