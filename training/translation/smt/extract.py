"""Which rules does an aligned pair hold? Chiang (2007), section 3, with whole arrays instead of nested loops.

S source words, T target words, P initial phrase pairs, R rule occurrences of one sentence pair.

Rules are told apart by 64-bit polynomial hashes of their two sides, so that no rule is spelled out here: scoring spells
out the few that are kept, from one place where each occurs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from tqdm import tqdm

from training.translation.smt.corpus import Bitext

OCCURRENCE = np.dtype(
    [("source", "u8"), ("target", "u8"), ("weight", "f4"), ("sentence", "u4"), ("spans", "u1", (6,))]
)  # fmt: skip
"""One rule occurrence: hashes of both sides, its share of its initial phrase, and where it stands: source spans of the
initial phrase, the first and the second hole as (start, end); (0, 0) for a hole it does not have."""

LONGEST_SENTENCE = 250
_BASE = np.uint64(0x9E3779B97F4A7C15)
_HOLES = np.array([0xD1B54A32D192ED03, 0x8CB92BA72F3D8DD7], np.uint64)


@dataclass(frozen=True)
class Limits:
    """What may become a rule (Chiang 2007, section 3.2).

    Attributes:
        phrase_source, phrase_target: words of an initial phrase pair at most. Korean morphemes outnumber Chinese
            words by about half, hence more of them.
        holes: at most, 0 to 2.
        symbols: words and holes of a source side at most.
    """

    phrase_source: int = 10
    phrase_target: int = 15
    holes: int = 2
    symbols: int = 5

    def __post_init__(self) -> None:
        if min(self.phrase_source, self.phrase_target, self.symbols) < 1 or self.holes not in (0, 1, 2):
            raise ValueError(f"Limits must be at least 1, and holes 0, 1 or 2; got {self}")


def initial_phrases(source_size: int, target_size: int, links: np.ndarray, limits: Limits) -> np.ndarray:
    """Initial phrase pairs: spans whose words are aligned to each other only, and whose outermost words are aligned.

    Args:
        links: K x 2.

    Returns:
        P x 4: source start and end, target start and end.
    """
    if not len(links):
        return np.zeros((0, 4), np.int64)
    source, target = links[:, 0].astype(np.int64), links[:, 1].astype(np.int64)
    first, last = np.full(source_size, target_size), np.full(source_size, -1)
    np.minimum.at(first, source, target)
    np.maximum.at(last, source, target)
    before_source = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=source_size))])
    before_target = np.concatenate([[0], np.cumsum(np.bincount(target, minlength=target_size))])
    starts, found = np.arange(source_size), []
    low, high = first.copy(), last.copy()
    for width in range(1, min(source_size, limits.phrase_source) + 1):
        count = source_size - width + 1
        start, end = starts[:count], starts[:count] + width
        if width > 1:
            low = np.minimum(low[:count], first[width - 1 :])
            high = np.maximum(high[:count], last[width - 1 :])
        kept = (last[start] >= 0) & (last[end - 1] >= 0) & (high - low < limits.phrase_target)
        start, end, lowest, highest = start[kept], end[kept], low[kept], high[kept] + 1
        inside = before_source[end] - before_source[start]
        kept = inside == before_target[highest] - before_target[lowest]
        found.append(np.stack([start[kept], end[kept], lowest[kept], highest[kept]], 1))
    return np.concatenate(found)


def choose_holes(phrases: np.ndarray, links: np.ndarray, limits: Limits) -> list[np.ndarray]:
    """Which initial phrases become rules, whole or with others cut out of them.

    Returns:
        Three arrays of indices into `phrases`: R0 x 1 (no hole), R1 x 2 and R2 x 3 (the holes from left to right).
    """
    start, end = phrases[:, 0], phrases[:, 1]
    size = end - start
    counts = np.bincount(links[:, 0], minlength=int(end.max(initial=0)))
    before = np.concatenate([[0], np.cumsum(counts)])
    inside = before[end] - before[start]
    whole = np.flatnonzero(size <= limits.symbols)[:, None]
    empty = [np.zeros((0, 2), np.int64), np.zeros((0, 3), np.int64)]
    if limits.holes == 0 or not len(phrases):
        return [whole, *empty]
    within = (start[:, None] <= start) & (end <= end[:, None])
    outer, hole = np.nonzero(within & (inside[:, None] > inside))
    words = size[outer] - size[hole]
    fits = words + 1 <= limits.symbols
    one = np.stack([outer[fits], hole[fits]], 1)
    if limits.holes == 1:
        return [whole, one, empty[1]]
    rest = inside[outer] - inside[hole]
    pair, second = np.nonzero(
        within[outer]
        & (start > end[hole][:, None])
        & (rest[:, None] > inside)
        & (words[:, None] - size + 2 <= limits.symbols)
    )
    return [whole, one, np.stack([outer[pair], hole[pair], second], 1)]


@cache
def _powers() -> np.ndarray:
    powers = np.ones(LONGEST_SENTENCE + 2, np.uint64)
    for index in range(1, len(powers)):
        powers[index : index + 1] = powers[index - 1 : index] * _BASE
    return powers


def prefix_hashes(values: np.ndarray) -> np.ndarray:
    """Polynomial hashes (modulo 2^64) of the first 0, 1, ... symbols of a sentence, given a value for each."""
    hashes = np.zeros(len(values) + 1, np.uint64)
    for index in range(len(values)):
        hashes[index + 1 : index + 2] = hashes[index : index + 1] * _BASE + values[index]
    return hashes


def _hash_of(prefix: np.ndarray, pieces: list) -> np.ndarray:
    """Hashes of concatenations; a piece is a pair of arrays (start, end) into the sentence or an array of values."""
    powers, total = _powers(), np.uint64(0)
    for piece in pieces:
        if isinstance(piece, tuple):
            begin, end = piece
            power = powers[end - begin]
            total = total * power + (prefix[end] - prefix[begin] * power)
        else:
            total = total * _BASE + piece
    return total


def occurrences(
    source: np.ndarray, target: np.ndarray, links: np.ndarray, limits: Limits, sentence: int = 0
) -> np.ndarray:
    """All rule occurrences of one aligned pair, as `OCCURRENCE` records.

    Each initial phrase pair has weight one, spread evenly over the rules made from it.

    Args:
        source, target: a random 64-bit value for each word, the same wherever the word occurs.
        links: K x 2.
    """
    phrases = initial_phrases(len(source), len(target), links, limits)
    chosen = choose_holes(phrases, links, limits)
    found = np.zeros(sum(map(len, chosen)), OCCURRENCE)
    if not len(found):
        return found
    made = sum(np.bincount(indices[:, 0], minlength=len(phrases)) for indices in chosen)
    hashes, place = (prefix_hashes(source), prefix_hashes(target)), 0
    for holes, indices in enumerate(chosen):
        part = found[place : place + len(indices)]
        place += len(indices)
        if not len(part):
            continue
        part["weight"] = 1 / made[indices[:, 0]]
        for hole in range(holes + 1):
            part["spans"][:, 2 * hole : 2 * hole + 2] = phrases[indices[:, hole], :2]
        part["source"] = _side_hash(hashes[0], phrases[:, :2], indices)
        part["target"] = _side_hash(hashes[1], phrases[:, 2:], indices)
    found["sentence"] = sentence
    return found


def _side_hash(prefix: np.ndarray, spans: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Hashes of one side of rules: the phrase's words with a hole's value in the place of each hole."""
    outer, holes = spans[indices[:, 0]], [spans[indices[:, column]] for column in range(1, indices.shape[1])]
    names = [np.full(len(indices), value) for value in _HOLES[: len(holes)]]
    if len(holes) == 2:
        swapped = holes[1][:, 0] < holes[0][:, 0]
        holes = [np.where(swapped[:, None], holes[1 - i], holes[i]) for i in (0, 1)]
        names = [np.where(swapped, names[1 - i], names[i]) for i in (0, 1)]
    pieces, at = [], outer[:, 0]
    for hole, name in zip(holes, names, strict=True):
        pieces += [(at, hole[:, 0]), name]
        at = hole[:, 1]
    return _hash_of(prefix, [*pieces, (at, outer[:, 1])])


def extract(bitext: Bitext, folder: Path, limits: Limits, partitions: int = 32, flush: int = 5_000) -> int:
    """Writes all rule occurrences of a corpus, spread over files by the source side's hash.

    Memory holds the occurrences of `flush` sentence pairs at a time. Pairs longer than `LONGEST_SENTENCE` are left out.

    Returns:
        The number of occurrences.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("occurrences-*.bin"):
        old.unlink()
    draw = np.random.default_rng(20_07)
    values = [draw.integers(1, 2**63, len(words) + 1, np.uint64) * np.uint64(2) + np.uint64(1)
              for words in (bitext.source_words, bitext.target_words)]  # fmt: skip
    waiting, total = [], 0
    for index in tqdm(range(len(bitext)), "extract", mininterval=2):
        source, target = bitext.source[index], bitext.target[index]
        if max(len(source), len(target)) <= LONGEST_SENTENCE:
            waiting.append(occurrences(values[0][source], values[1][target], bitext.links[index], limits, index))
        if waiting and (index + 1 == len(bitext) or len(waiting) == flush):
            total += _spill(np.concatenate(waiting), folder, partitions)
            waiting = []
    return total


def _spill(found: np.ndarray, folder: Path, partitions: int) -> int:
    part = found["source"] % np.uint64(partitions)
    order = np.argsort(part, kind="stable")
    cuts = np.searchsorted(part[order], np.arange(partitions + 1, dtype=np.uint64))
    for number in range(partitions):
        with open(folder / f"occurrences-{number:03d}.bin", "ab") as file:
            found[order[cuts[number] : cuts[number + 1]]].tofile(file)
    return len(found)
