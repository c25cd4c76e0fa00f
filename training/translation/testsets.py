"""The sentences translators are judged on: which sets there are, and which part of each a run uses.

Test sets are looked at once per decision; whatever is tuned is tuned on the development sets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.translation.sources import read_held_out, read_jsonl, read_tsv

SPLITS = ("dev", "test")
IN_DOMAIN = {"dev": "commerce", "test": "commerce_docs"}
"""The in-domain set of a split; development has no document set and takes the nearest."""
PUBLIC = {"dev": "flores_dev", "test": "flores_devtest"}
RATER = "rater_100"


@dataclass(frozen=True)
class Pair:
    """A Chinese sentence and its Korean reference.

    Attributes:
        zh, ko: the two sides.
        domain: as the set says.
        checks: what the Korean must hold, character by character.
    """

    zh: str
    ko: str
    domain: str = ""
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """The sentences of one set that a run uses.

    Attributes:
        name: of the set.
        pairs: its sentences in order, those used and those not.
        order: all places of `pairs`, shuffled: a smaller part lies in every larger one.
        size: how many of them are used.
    """

    name: str
    pairs: tuple[Pair, ...]
    order: tuple[int, ...]
    size: int

    def places(self, limit: int | None = None) -> list[int]:
        """Places of the sentences used, in the set's order; at most `limit` of them."""
        return sorted(self.order[: min(self.size, len(self.pairs) if limit is None else limit)])


def read_parts(shared: Path, split: str, limit: int | None = None, seed: int = 7) -> dict[str, Part]:
    """The sets of a split by name.

    Args:
        shared: the folder that holds dev/ and test/.
        limit: sentences used of a set at most, drawn with `seed`.

    Raises:
        ValueError: if the split is unknown or has no file, or `limit` is less than one.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, got {limit}")
    return {
        name: part_of(name, _pairs(shared / split, name), limit, seed) for name in sorted(read_held_out(shared, split))
    }


def part_of(name: str, pairs: Sequence[Pair], limit: int | None = None, seed: int = 7) -> Part:
    """The part of a set that a run uses."""
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    order = np.random.default_rng((seed, digest)).permutation(len(pairs)).tolist()
    return Part(name, tuple(pairs), tuple(order), len(pairs) if limit is None else min(limit, len(pairs)))


def _pairs(folder: Path, name: str) -> list[Pair]:
    path = folder / f"{name}.jsonl"
    table = read_jsonl(path) if path.is_file() else read_tsv(folder / f"{name}.tsv")
    checks = table["checks"] if "checks" in table else [()] * len(table)
    return [
        Pair(unquoted(zh), unquoted(ko), domain, tuple(map(str, must)))
        for zh, ko, domain, must in zip(table["zh"], table["ko"], table["domain"], checks, strict=True)
    ]


def unquoted(text: str) -> str:
    """The text without a second layer of CSV quoting: quotation marks round it, and every one inside doubled.

    58 Korean references of FLORES devtest came to us quoted twice; as they stand no translation could match them.
    """
    inside = text[1:-1]
    doubled = '"' in inside and '"' not in inside.replace('""', "")
    wrapped = len(text) > 1 and text[0] == text[-1] == '"'
    return inside.replace('""', '"') if wrapped and doubled else text


def sha256_of(parts: dict[str, Part]) -> str:
    """A hash of every sentence of the sets, used or not."""
    digest = hashlib.sha256()
    for name in sorted(parts):
        for pair in parts[name].pairs:
            digest.update("\t".join((name, pair.zh, pair.ko, pair.domain, *pair.checks)).encode() + b"\n")
    return digest.hexdigest()
