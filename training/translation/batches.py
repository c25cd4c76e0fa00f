"""Sentence pairs as ids, in batches of about the same number of tokens.

Dimensions: N pairs, B pairs of a batch, S source tokens, T target tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from modeling.planet_nmt import PlanetNmtTokenizer
from modeling.planet_nmt.modeling_planet_nmt import IGNORED
from training.translation.prepared import read_rows

Pair = tuple[np.ndarray, np.ndarray]


class Pairs(Dataset):
    """Sentence pairs in memory, all ids of a language in one array.

    Args:
        pairs: source ids and target ids, each closed by the end symbol, and the pair's weight.
    """

    def __init__(self, pairs: Iterable[tuple[list[int], list[int], float]]):
        sides: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
        weights = []
        for source, target, weight in pairs:
            sides[0].append(np.asarray(source, np.int32))
            sides[1].append(np.asarray(target, np.int32))
            weights.append(weight)
        if not weights:
            raise ValueError("There are no sentence pairs; look at the data folder and the longest length allowed")
        self.lengths = np.array([[len(ids) for ids in side] for side in sides], np.int32).T  # N x 2
        self.weights = np.array(weights, np.float64)
        self.ids = [np.concatenate(side) for side in sides]
        self.starts = np.concatenate((np.zeros((1, 2), np.int64), self.lengths.cumsum(0)))

    def __len__(self) -> int:
        return len(self.weights)

    def __getitem__(self, index: int) -> Pair:
        (s0, t0), (s1, t1) = self.starts[index], self.starts[index + 1]
        return self.ids[0][s0:s1], self.ids[1][t0:t1]


def read_pairs(path: Path, tokenizer: PlanetNmtTokenizer, longest: int = 100, limit: int | None = None) -> Pairs:
    """Pairs of a JSON-lines file; those with a side of more than `longest` subwords, or an empty one, are left out."""

    def encoded() -> Iterator[tuple[list[int], list[int], float]]:
        for row in read_rows(path, limit):
            source, target = tokenizer.encode_words(row["zh"])[0], tokenizer.encode_target(row["ko"])
            if 1 < len(source) <= longest + 1 and 1 < len(target) <= longest + 1:
                yield source, target, float(row.get("weight", 1.0))

    return Pairs(encoded())


class TokenBatches(Sampler[list[int]]):
    """Batches of pairs of like length, as many as fit a budget of tokens, in random order.

    A pair of weight w is drawn w times an epoch on average. Which pairs are drawn and how they are put together is new
    in each epoch, and a function of the global NumPy seed when iteration begins; the number of batches is always the
    same, so that a run can be resumed in the middle of an epoch.

    Args:
        lengths: N x 2, source and target.
        weights: N.
        budget: target tokens of a batch at most, padding included; twice as many on the source side.
    """

    def __init__(self, lengths: np.ndarray, weights: np.ndarray, budget: int):
        longest = int(lengths[:, 1].max())
        if budget < longest:
            raise ValueError(f"The budget must hold the longest target, {longest} tokens, got {budget}")
        if (weights < 0).any() or not weights.any():
            raise ValueError(f"Weights must be at least 0 and not all 0, got a minimum of {weights.min()}")
        self.lengths, self.weights, self.budget = lengths, weights, budget
        self.count = len(self._batches(np.random.default_rng(0)))

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[list[int]]:
        rng = np.random.default_rng(np.random.randint(2**31))
        batches = self._batches(rng)
        order = rng.permutation(len(batches))
        for place in range(self.count):
            yield batches[order[place % len(order)]].tolist()

    def _batches(self, rng: np.random.Generator) -> list[np.ndarray]:
        copies = np.floor(self.weights + rng.random(len(self.weights))).astype(int)
        if not copies.any():
            copies[int(self.weights.argmax())] = 1
        drawn = np.repeat(np.arange(len(copies)), copies)
        sources, targets = self.lengths[drawn, 0], self.lengths[drawn, 1]
        order = np.lexsort((rng.random(len(drawn)), sources, targets))
        drawn, sources, targets = drawn[order], sources[order].tolist(), targets[order].tolist()
        cuts, begin, widest = [], 0, 0
        for place, (source, target) in enumerate(zip(sources, targets, strict=True)):
            widest, size = max(widest, source), place - begin + 1
            if size > 1 and (size * target > self.budget or size * widest > 2 * self.budget):
                cuts.append(place)
                begin, widest = place, source
        return np.split(drawn, cuts)


def padded(pairs: list[Pair], pad: int = 0) -> dict[str, Tensor]:
    """One batch: input_ids and attention_mask B x S, labels B x T with -100 at padding."""
    sources, targets = ([torch.from_numpy(ids.astype(np.int64)) for ids in side] for side in zip(*pairs, strict=True))
    input_ids = torch.nn.utils.rnn.pad_sequence(sources, batch_first=True, padding_value=pad)
    lengths = torch.tensor([len(ids) for ids in sources])
    return {
        "input_ids": input_ids,
        "attention_mask": (torch.arange(input_ids.shape[1]) < lengths[:, None]).long(),
        "labels": torch.nn.utils.rnn.pad_sequence(targets, batch_first=True, padding_value=IGNORED),
    }


def make_loader(pairs: Pairs, budget: int, workers: int = 0) -> DataLoader:
    """Batches for the training loop."""
    sampler = TokenBatches(pairs.lengths, pairs.weights, budget)
    return DataLoader(pairs, batch_sampler=sampler, collate_fn=padded, num_workers=workers)
