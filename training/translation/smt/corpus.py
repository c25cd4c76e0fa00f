"""Prepared sentence pairs as integers: the words of both sides and the word alignment, in flat arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from modeling.planet_smt.grammar_planet_smt import END
from training.translation.prepared import read_rows

Links = list[tuple[int, int]]
"""Pairs (source position, target position) of aligned words."""


def read_links(path: Path) -> Iterator[Links]:
    """Alignments in the "0-0 1-2" format, one sentence a line."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            yield [tuple(map(int, link.split("-"))) for link in line.split()]


def write_links(path: Path, alignments: Iterable[Links]) -> None:
    """Writes what `read_links` reads; the file appears when it is complete."""
    partial = path.with_name(f"partial-{path.name}")
    with open(partial, "w", encoding="utf-8") as file:
        for links in alignments:
            file.write(" ".join(f"{s}-{t}" for s, t in links) + "\n")
    partial.replace(path)


class Ragged:
    """Rows of different length in one array."""

    def __init__(self, rows: Iterable[Sequence], dtype: type = np.int32, width: int = 0) -> None:
        rows = [np.asarray(row, dtype).reshape((-1, width) if width else -1) for row in rows]
        self.ends = np.cumsum([0, *map(len, rows)])
        self.flat = np.concatenate(rows) if rows else np.zeros((0, width) if width else 0, dtype)

    def __len__(self) -> int:
        return len(self.ends) - 1

    def __getitem__(self, index: int) -> np.ndarray:
        return self.flat[self.ends[index] : self.ends[index + 1]]


@dataclass(frozen=True)
class Bitext:
    """An aligned corpus.

    Attributes:
        source: word ids from 1, a row a sentence; `source_words` names them.
        target: word ids from 1 (0 is the sentence's end); `target_words` names them, `END` first.
        links: rows of (source position, target position).
    """

    source: Ragged
    target: Ragged
    links: Ragged
    source_words: list[str]
    target_words: list[str]

    def __len__(self) -> int:
        return len(self.source)


def make_bitext(pairs: Iterable[tuple[Sequence[str], Sequence[str]]], alignments: Iterable[Links]) -> Bitext:
    """Numbers the words of sentence pairs in order of appearance.

    Raises:
        ValueError: if there are not as many alignments as pairs, or a link points outside of its sentence.
    """
    source_ids, target_ids = {}, {END: 0}
    sources, targets, links = [], [], []
    for number, ((zh, ko), linked) in enumerate(zip(pairs, alignments, strict=True), 1):
        if any(not (0 <= s < len(zh) and 0 <= t < len(ko)) for s, t in linked):
            raise ValueError(f"An alignment of pair {number} ({len(zh)} and {len(ko)} words) points outside: {linked}")
        sources.append([source_ids.setdefault(word, len(source_ids) + 1) for word in zh])
        targets.append([target_ids.setdefault(word, len(target_ids)) for word in ko])
        links.append(np.array(linked, np.int16).reshape(-1, 2))
    return Bitext(Ragged(sources), Ragged(targets), Ragged(links, np.int16, 2), list(source_ids), list(target_ids))


def load_bitext(rows: Path, alignments: Path, limit: int | None = None) -> Bitext:
    """The aligned corpus of a prepared file and its alignment file."""
    pairs = ((row["zh"], row["ko"]) for row in read_rows(rows, limit))
    return make_bitext(pairs, islice(read_links(alignments), limit))
