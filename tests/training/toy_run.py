"""A run of the training loop small enough for a test; also a script: `python -m tests.training.toy_run OUTPUT_DIR`.

The dataset and the model draw from every generator a real one would (augmentation, dropout), so that a resume that
forgets one of them is seen.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.utils.data import DataLoader, Dataset

from training.loop import LoopConfig, TrainingSummary, train


class NoisySums(Dataset):
    """29 vectors of 5 numbers and their sum, with augmentation from three global generators."""

    def __init__(self) -> None:
        self.vectors = torch.randn(29, 5, generator=torch.Generator().manual_seed(3))

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        noise = 0.1 * torch.randn(5) + 0.1 * random.random() + 0.1 * float(np.random.rand())
        return self.vectors[index] + noise, self.vectors[index].sum()


def make_model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 13), nn.BatchNorm1d(13), nn.ReLU(), nn.Dropout(0.2), nn.Linear(13, 1))


def make_loader(batch_size: int = 4, workers: int = 0) -> DataLoader:
    # 29 = 7 x 4 + 1: the odd sample is dropped, because a batch of one has no batch statistics.
    return DataLoader(NoisySums(), batch_size=batch_size, shuffle=True, drop_last=True, num_workers=workers)


def squared_error(model: nn.Module, batch: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, dict[str, float]]:
    loss = (model(batch[0]).squeeze(-1) - batch[1]).square().mean()
    return loss, {"root": loss.item() ** 0.5}


def evaluate(model: nn.Module) -> dict[str, float]:
    """Draws from the global generator on purpose: it must not disturb training."""
    vectors = torch.randn(31, 5)
    return {"loss": (model(vectors).squeeze(-1) - vectors.sum(1)).square().mean().item()}


def toy_config(output_dir: str | Path, **changes: object) -> LoopConfig:
    settings = {
        "max_steps": 11,
        "learning_rate": 0.01,
        "warmup_steps": 2,
        "gradient_accumulation_steps": 2,
        "ema_decay": 0.9,
        "eval_every": 3,
        "checkpoint_every": 2,
        "log_every": 1,
        "cpu": True,
        "progress_bar": False,
    }
    return LoopConfig(output_dir=output_dir, **(settings | changes))


def run_toy(output_dir: str | Path, workers: int = 0, **changes: object) -> tuple[nn.Module, TrainingSummary]:
    model = make_model()
    summary = train(model, make_loader(workers=workers), toy_config(output_dir, **changes), squared_error, evaluate)
    return model, summary


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("output_dir", type=Path)
    parser.add_argument("--max-steps", type=int, default=11)
    parser.add_argument("--pause-at", type=int, default=0, help="batch at which to say 'paused' and wait to be killed")
    parser.add_argument("--interrupt-at", type=int, default=0, help="batch at which the process sends itself SIGTERM")
    arguments = parser.parse_args()
    seen = 0

    def compute_loss(model: nn.Module, batch: tuple) -> tuple[torch.Tensor, dict[str, float]]:
        nonlocal seen
        seen += 1
        if seen == arguments.pause_at:
            print("paused", flush=True)
            sys.stdin.read()  # ends with the process that waits for us, so that none is left behind
        if seen == arguments.interrupt_at:
            os.kill(os.getpid(), signal.SIGTERM)
        return squared_error(model, batch)

    model = make_model()
    config = toy_config(arguments.output_dir, max_steps=arguments.max_steps)
    summary = train(model, make_loader(), config, compute_loss, evaluate)
    rank = os.environ.get("RANK", "0")
    save_file(model.state_dict(), arguments.output_dir / f"last-{rank}.safetensors")
    print(f"stopped_by={summary.stopped_by} step={summary.step} resumed_from={summary.resumed_from}")


if __name__ == "__main__":
    main()
