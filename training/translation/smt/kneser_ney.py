"""Interpolated modified Kneser-Ney language models (Chen and Goodman 1998; Heafield et al. 2013), with whole arrays.

M n-grams of one order, V words. Word ids: 0 <unk>, 1 <s>, 2 </s>, then the corpus's words.

Estimated here because IRSTLM's probabilities do not sum to one (1.19 to 1.27 on our text) and KenLM's estimator is not
in its Python package.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SPECIAL = ("<unk>", "<s>", "</s>")
UNKNOWN, BEGIN, END = range(3)


@dataclass
class Order:
    """All n-grams of one order.

    Attributes:
        prefix: for each, the number of the (n-1)-gram without its last word; for unigrams 0.
        suffix: likewise without its first word.
        word: its last word.
        count: how often it occurs.
    """

    prefix: np.ndarray
    suffix: np.ndarray
    word: np.ndarray
    count: np.ndarray


@dataclass
class Estimate:
    """The model: for each order the n-grams' words (M x n) and log10 probabilities and back-off weights (M)."""

    words: list[str]
    grams: list[np.ndarray]
    logs: list[np.ndarray]
    backoffs: list[np.ndarray]

    @property
    def sizes(self) -> list[int]:
        """N-grams of each order."""
        return [len(grams) for grams in self.grams]


def count_ngrams(sentences: Iterable[Sequence[str]], order: int) -> tuple[list[str], list[Order]]:
    """Words by id, and the n-grams of orders 1 to `order`, each sentence between <s> and </s>."""
    ids = {word: number for number, word in enumerate(SPECIAL)}
    tokens, left = [], []
    for sentence in sentences:
        row = [BEGIN, *(ids.setdefault(word, len(ids)) for word in sentence), END]
        tokens += row
        left += range(len(row), 0, -1)
    tokens, left = np.array(tokens, np.int64), np.array(left, np.int64)
    words, size = list(ids), len(ids)
    number = tokens
    zeros = np.zeros(size, np.int64)
    orders = [Order(zeros, zeros, np.arange(size), np.bincount(tokens, minlength=size))]
    for n in range(2, order + 1):
        starts = np.flatnonzero(left >= n)
        keys, first, inverse, counts = np.unique(
            number[starts] * size + tokens[starts + n - 1], return_index=True, return_inverse=True, return_counts=True
        )
        orders.append(Order(keys // size, number[starts[first] + 1], keys % size, counts))
        number = number.copy()
        number[starts] = inverse
    return words, orders


def adjusted_counts(orders: list[Order]) -> list[np.ndarray]:
    """Counts of the highest order; below, in how many words' company to the left an n-gram is seen.

    An n-gram that begins with <s> has nothing to its left and keeps its count.
    """
    adjusted = []
    begins = np.arange(len(orders[0].word)) == BEGIN
    for n, order in enumerate(orders):
        begins = begins if n == 0 else begins[order.prefix]
        if n + 1 == len(orders):
            adjusted.append(order.count)
        else:
            beside = np.bincount(orders[n + 1].suffix, minlength=len(order.word))
            adjusted.append(np.where(begins, order.count, beside))
    adjusted[0][[UNKNOWN, BEGIN]] = 0
    return adjusted


def discounts(counts: np.ndarray) -> np.ndarray:
    """What is taken off counts 0, 1, 2 and 3 or more; 0.5, 1 and 1.5 where a corpus is too small to tell."""
    seen = np.bincount(np.minimum(counts, 5), minlength=6)[1:5].astype(float)
    if seen.min() > 0:
        part = seen[0] / (seen[0] + 2 * seen[1])
        found = np.array([k - (k + 1) * part * seen[k] / seen[k - 1] for k in (1, 2, 3)])
        if (found > 0).all() and (found < [1, 2, 3]).all():
            return np.concatenate([[0], found])
    return np.array([0, 0.5, 1.0, 1.5])


def estimate(sentences: Iterable[Sequence[str]], order: int = 5, prune: Sequence[int] = (0, 0, 1, 1, 1)) -> Estimate:
    """Estimates a model.

    Args:
        sentences: words, without sentence marks.
        order: words of the longest n-grams.
        prune: for each order, n-grams seen this often or less are left out; their mass goes to the back-off.

    Raises:
        ValueError: if `prune` does not fit `order`, prunes unigrams, or falls from one order to the next.
    """
    prune = list(prune)
    if len(prune) != order or prune[0] or prune != sorted(prune):
        raise ValueError(f"prune needs {order} numbers that begin with 0 and never fall, got {prune}")
    words, orders = count_ngrams(sentences, order)
    adjusted = adjusted_counts(orders)
    grams, logs, backoffs = [], [], []
    lower = np.full(1, 1 / (len(words) - 1))
    place = np.zeros(1, np.int64)
    for n, (level, counts) in enumerate(zip(orders, adjusted, strict=True)):
        contexts = 1 if n == 0 else len(orders[n - 1].word)
        kept = (level.count > prune[n]) | (n == 0)
        total = np.bincount(level.prefix, counts, contexts)
        share = (counts - discounts(counts)[np.minimum(counts, 3)]) / np.maximum(total, 1)[level.prefix]
        rest = 1 - np.bincount(level.prefix, np.where(kept, share, 0.0), contexts)
        probability = share + rest[level.prefix] * lower[level.suffix]
        if n:
            kept_before = np.flatnonzero(place >= 0)
            backoffs.append(np.where(total > 0, np.log10(np.maximum(rest, 1e-30)), 0.0)[kept_before])
        chosen = np.flatnonzero(kept)
        tails = level.word[chosen][:, None]
        grams.append(tails if n == 0 else np.concatenate([grams[-1][place[level.prefix[chosen]]], tails], 1))
        logs.append(np.log10(probability[chosen]))
        place = np.full(len(level.word), -1)
        place[chosen] = np.arange(len(chosen))
        lower = probability
    logs[0][BEGIN] = -99
    backoffs.append(np.zeros(len(grams[-1])))
    return Estimate(words, grams, logs, backoffs)


def write_arpa(model: Estimate, path: Path, decimals: int = 3) -> None:
    """Writes an ARPA file, compressed if its name ends in .gz; fewer decimals compress better."""
    partial = path.with_name(f"partial-{path.name}")
    names = np.array(model.words, object)
    with open(partial, "wb") as raw:
        file = gzip.GzipFile("", "wb", 9, raw, mtime=0) if path.suffix == ".gz" else raw
        head = "".join(f"ngram {n}={size}\n" for n, size in enumerate(model.sizes, 1))
        file.write(f"\\data\\\n{head}".encode())
        for n, (grams, logs, backoffs) in enumerate(zip(model.grams, model.logs, model.backoffs, strict=True), 1):
            file.write(f"\n\\{n}-grams:\n".encode())
            last = n == len(model.grams)
            for start in range(0, len(grams), 100_000):
                part = slice(start, start + 100_000)
                rows = zip(names[grams[part]].tolist(), logs[part].tolist(), backoffs[part].tolist(), strict=True)
                lines = (
                    f"{log:.{decimals}f}\t{' '.join(gram)}"
                    + ("" if last else f"\t{min(backoff, 0):.{decimals}f}")
                    + "\n"
                    for gram, log, backoff in rows
                )
                file.write("".join(lines).encode())
        file.write(b"\n\\end\\\n")
        if file is not raw:
            file.close()
    partial.replace(path)
