"""Randomness that depends on where training stands, never on how it got there: what makes an exact resume possible."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

# What a seed is for: keeps (seed, epoch) of one purpose apart from (seed, step) of another.
EPOCH, STEP, SAMPLE, EVALUATION = range(1, 5)


def seed_all(*entropy: int) -> None:
    """Seed Python, NumPy and PyTorch (every device) from a tuple of non-negative numbers such as (seed, step, rank)."""
    state = np.random.SeedSequence(entropy).generate_state(2)
    random.seed(int(state[0]))
    np.random.seed(int(state[0]))
    torch.manual_seed(int(state[1]))


@contextmanager
def isolated_seed(*entropy: int) -> Iterator[None]:
    """Seed the CPU generators inside the block and put them back as they were after it."""
    before = random.getstate(), np.random.get_state(), torch.get_rng_state()
    state = np.random.SeedSequence(entropy).generate_state(2)
    random.seed(int(state[0]))
    np.random.seed(int(state[0]))
    torch.default_generator.manual_seed(int(state[1]))
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        torch.set_rng_state(before[2])


class SeededDataset(Dataset):
    """A map-style dataset whose random augmentations are a function of (seed, epoch, index) alone.

    The same sample of the same epoch comes out the same whether training was interrupted or not, and whichever worker
    process draws it. The epoch lies in shared memory, so that workers kept between epochs see it change.
    """

    def __init__(self, dataset: Dataset, seed: int) -> None:
        self.dataset = dataset
        self.seed = seed
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch the next samples belong to."""
        self._epoch.fill_(epoch)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        with isolated_seed(self.seed, SAMPLE, int(self._epoch), int(index)):
            return self.dataset[index]
