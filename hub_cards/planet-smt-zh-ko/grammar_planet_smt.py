"""The synchronous grammar: source sides in a trie of flat arrays, target sides shared, four probabilities a rule.

N trie nodes, R rules, D distinct target sides, W target symbols of all of them.
A source side is a tuple of symbols: `HOLE` (0) or a source word id from 1. A target side is a tuple of target word ids
from 0, or -1 and -2 for the first and second hole of the source side. Source holes are numbered from left to right.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

HOLE = 0
PROBABILITIES = 4
STEP = 1 / 16
"""Log-probabilities are kept as multiples of -1/16 (natural logarithm) in one byte: down to -15.9."""

END = "</s>"
"""Target word 0, which no rule holds."""


@dataclass(frozen=True)
class ScoredRule:
    """One rule as extraction hands it over.

    Attributes:
        source: source side, see the module.
        target: target side, see the module.
        logs: natural logarithms of P(target | source), P(source | target) and both lexical weights, each <= 0.
        links: for each target symbol a bit mask of the source symbols it is aligned to (bit 0 is the leftmost).
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    logs: tuple[float, float, float, float]
    links: tuple[int, ...]


class Grammar:
    """A read-only rule set with lookup by source side.

    Args:
        arrays: "first_edge" (N+1) and "label" (N-1): the edges of node n are first_edge[n]:first_edge[n+1], sorted by
            label, and edge e leads to node e+1; "first_rule" (N+1); "side" (R), index of the target side;
            "codes" (R x 4, uint8), see `STEP`; "side_length" (D, uint8); "symbol" (W) and "links" (W, uint8).
        source_words: source word of id 1, 2, ...
        target_words: target word of id 0, 1, ...; the first is `END`.

    Raises:
        ValueError: if the arrays do not fit together.
    """

    def __init__(self, arrays: dict[str, np.ndarray], source_words: Sequence[str], target_words: Sequence[str]) -> None:
        lengths = {name: len(array) for name, array in arrays.items()}
        if len(arrays["first_rule"]) != len(arrays["first_edge"]) or lengths["side"] != int(arrays["first_rule"][-1]):
            raise ValueError(f"The grammar's arrays do not fit together: {lengths}")
        if not target_words or target_words[0] != END:
            raise ValueError(f"The first target word must be {END!r}, got {list(target_words[:1])}")
        self.arrays = arrays
        self.source_words = list(source_words)
        self.target_words = list(target_words)
        self.source_ids = {word: index + 1 for index, word in enumerate(self.source_words)}
        self._first_edge = memoryview(np.ascontiguousarray(arrays["first_edge"], np.int32))
        self._label = memoryview(np.ascontiguousarray(arrays["label"], np.int32))
        self._first_rule = memoryview(np.ascontiguousarray(arrays["first_rule"], np.int32))
        self._side_end = np.cumsum(arrays["side_length"], dtype=np.int64)
        negative = np.concatenate([[0], np.cumsum(arrays["symbol"] < 0)])
        start = self._side_end - arrays["side_length"]
        self._holes = (negative[self._side_end] - negative[start]).astype(np.int32)

    def __len__(self) -> int:
        return len(self.arrays["side"])

    def step(self, node: int, label: int) -> int:
        """The node reached from `node` by one more source symbol; -1 if no source side goes on like that."""
        end = self._first_edge[node + 1]
        edge = bisect_left(self._label, label, self._first_edge[node], end)
        return edge + 1 if edge < end and self._label[edge] == label else -1

    def rules_at(self, node: int) -> range:
        """The rules whose source side ends at a node."""
        return range(self._first_rule[node], self._first_rule[node + 1])

    def rules_of(self, source: Iterable[int]) -> range:
        """The rules of a source side."""
        node = 0
        for label in source:
            node = self.step(node, label)
            if node < 0:
                return range(0)
        return self.rules_at(node)

    def target(self, rule: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The target side of a rule and the links of each of its symbols."""
        side = self.arrays["side"][rule]
        end = self._side_end[side]
        start = end - self.arrays["side_length"][side]
        return tuple(self.arrays["symbol"][start:end].tolist()), tuple(self.arrays["links"][start:end].tolist())

    def logs(self, rule: int) -> np.ndarray:
        """The four log-probabilities of a rule, in the order of `ScoredRule.logs`."""
        return self.arrays["codes"][rule] * np.float32(-STEP)

    def static_scores(self, probabilities: Sequence[float], phrase: float, hierarchical: float, word: float):
        """What each rule adds to a derivation's score, the language model left out: R float32."""
        side, holes = self.arrays["side"], self._holes
        per_side = np.where(holes == 0, phrase, hierarchical) + word * (self.arrays["side_length"] - holes)
        scores = per_side.astype(np.float32)[side]
        for column, weight in enumerate(probabilities):
            scores -= self.arrays["codes"][:, column] * np.float32(STEP * weight)
        return scores

    def save(self, folder: Path) -> None:
        """Writes grammar.safetensors, source_words.txt and target_words.txt."""
        save_file(
            {name: np.ascontiguousarray(array) for name, array in self.arrays.items()}, folder / "grammar.safetensors"
        )
        for name, words in (("source", self.source_words), ("target", self.target_words)):
            (folder / f"{name}_words.txt").write_text("".join(f"{word}\n" for word in words), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Grammar:
        """Reads what `save` wrote."""
        read = [
            (folder / f"{name}_words.txt").read_text(encoding="utf-8").split("\n")[:-1] for name in ("source", "target")
        ]
        return cls(load_file(folder / "grammar.safetensors"), *read)


def build_grammar(rules: Iterable[ScoredRule], source_words: Sequence[str], target_words: Sequence[str]) -> Grammar:
    """The grammar of some rules, the likeliest target first within each source side.

    Raises:
        ValueError: if a target side has more than 255 symbols or a source side more than 8.
    """
    ordered = sorted(rules, key=lambda rule: (rule.source, -rule.logs[0], rule.target))
    for rule in ordered:
        if len(rule.target) > 255 or not 1 <= len(rule.source) <= 8:
            raise ValueError(f"A rule has 1 to 8 source and at most 255 target symbols, got {rule}")
    labels, first_edge, order, first_rule = _trie(ordered)
    sides: dict[tuple, int] = {}
    side = [sides.setdefault((ordered[i].target, ordered[i].links), len(sides)) for i in order]
    codes = np.array([ordered[i].logs for i in order], np.float64).reshape(-1, PROBABILITIES)
    arrays = {
        "first_edge": np.array(first_edge, np.int32),
        "label": np.array(labels, np.int32),
        "first_rule": np.array(first_rule, np.int32),
        "side": np.array(side, np.int32),
        "codes": np.clip(np.rint(codes / -STEP), 0, 255).astype(np.uint8),
        "side_length": np.array([len(target) for target, _ in sides], np.uint8),
        "symbol": np.array([symbol for target, _ in sides for symbol in target], np.int32),
        "links": np.array([mask for _, links in sides for mask in links], np.uint8),
    }
    return Grammar(arrays, source_words, target_words)


def _trie(ordered: list[ScoredRule]) -> tuple[list[int], list[int], list[int], list[int]]:
    """Breadth-first trie over sorted rules: edge labels, first edges, the rules in node order, first rules."""
    labels, first_edge, order, first_rule = [], [0], [], [0]
    level, depth = [(0, len(ordered))], 0
    while level:
        deeper = []
        for start, end in level:
            while start < end and len(ordered[start].source) == depth:
                order.append(start)
                start += 1
            while start < end:
                label, stop = ordered[start].source[depth], start
                while stop < end and ordered[stop].source[depth] == label:
                    stop += 1
                labels.append(label)
                deeper.append((start, stop))
                start = stop
            first_edge.append(len(labels))
            first_rule.append(len(order))
        level, depth = deeper, depth + 1
    return labels, first_edge, order, first_rule


__all__ = ["END", "HOLE", "STEP", "Grammar", "ScoredRule", "build_grammar"]
