"""AdamW, its cosine schedule with warm-up, and the moving average of the weights."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel


def make_optimizer(model: nn.Module, learning_rate: float, weight_decay: float) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter, 2019) that decays weight matrices and kernels, not norms and biases."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": weight_decay},
            {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
        ],
        lr=learning_rate,
    )


def make_schedule(optimizer: torch.optim.Optimizer, warmup_steps: int, total_steps: int, final: float) -> LambdaLR:
    """Linear warm-up, then a half cosine (Loshchilov & Hutter, 2017) down to `final` times the highest rate."""

    def factor(step: int) -> float:
        if step < warmup_steps:
            return (step + 1) / (warmup_steps + 1)
        done = min((step - warmup_steps) / max(total_steps - warmup_steps, 1), 1.0)
        return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done))

    return LambdaLR(optimizer, factor)


def make_average(model: nn.Module, decay: float) -> AveragedModel:
    """A copy of `model` whose weights follow it as a moving average; buffers are copied as they are.

    The decay grows from 0.1 to `decay` as (1 + n) / (10 + n), so that the average forgets the random start at once.
    """

    @torch.no_grad()
    def follow(averaged: list[torch.Tensor], current: list[torch.Tensor], updates: torch.Tensor | int) -> None:
        n = int(updates)
        torch._foreach_lerp_(averaged, current, 1 - min(decay, (1 + n) / (10 + n)))

    return AveragedModel(model, multi_avg_fn=follow, use_buffers=False)
