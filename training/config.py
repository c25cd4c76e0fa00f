"""The settings of the training loop that every model shares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """Settings of one training run; most likely you change `output_dir`, `epochs` or `max_steps`, `learning_rate`
    and `metric_name`.

    Attributes:
        output_dir: where checkpoints, best weights and log go; a run found there is continued.
        epochs: passes over the training data. Exactly one of `epochs` and `max_steps` is set.
        max_steps: optimizer steps.
        max_minutes: stop after this many minutes of this session, with a checkpoint to continue from; 0 is no limit.
        learning_rate: the highest, reached after warm-up.
        final_learning_rate: the lowest, reached at the end of the cosine, as a fraction of `learning_rate`.
        warmup_steps: optimizer steps of linear warm-up.
        weight_decay: of AdamW, for weight matrices and kernels; norms and biases have none.
        max_grad_norm: gradients are clipped to this norm; 0 switches it off.
        gradient_accumulation_steps: batches whose gradients make one optimizer step.
        mixed_precision: "no", "bf16", or "fp16" (GPU only).
        ema_decay: of the moving average of the weights, which is then evaluated and kept as best; 0 switches it off.
        eval_every: optimizer steps between evaluations; 0 evaluates after each epoch.
        metric_name: the entry of `evaluate`'s answer that decides which weights are best.
        greater_is_better: whether a higher metric is better.
        patience: evaluations without a better metric before training stops early; 0 never stops early.
        checkpoint_every: optimizer steps between checkpoints; 0 saves one after each epoch.
        keep_checkpoints: how many of the latest checkpoints stay on disk.
        resume: continue from the latest checkpoint in `output_dir`; False removes what is there and starts anew.
        seed: of shuffling, augmentation and dropout.
        cpu: use the CPU even where there is a GPU.
        log_every: optimizer steps between log records.
        progress_bar: show one, on the main process.

    Raises:
        ValueError: naming the field, its value and what is allowed.
    """

    output_dir: str | Path
    # How long
    epochs: int | None = None
    max_steps: int | None = None
    max_minutes: float = 0
    # Optimisation
    learning_rate: float = 1e-3
    final_learning_rate: float = 0.01
    warmup_steps: int = 0
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0
    gradient_accumulation_steps: int = 1
    mixed_precision: Literal["no", "bf16", "fp16"] = "no"
    ema_decay: float = 0
    # Evaluation and early stopping
    eval_every: int = 0
    metric_name: str = "loss"
    greater_is_better: bool = False
    patience: int = 0
    # Checkpoints, log, machine
    checkpoint_every: int = 0
    keep_checkpoints: int = 2
    resume: bool = True
    seed: int = 7
    cpu: bool = False
    log_every: int = 10
    progress_bar: bool = True

    def __post_init__(self) -> None:
        if (self.epochs is None) == (self.max_steps is None):
            raise ValueError(f"Set one of epochs and max_steps, got epochs={self.epochs}, max_steps={self.max_steps}")
        if self.mixed_precision not in ("no", "bf16", "fp16"):
            raise ValueError(f"mixed_precision must be no, bf16 or fp16, got {self.mixed_precision!r}")
        if not 0 <= self.ema_decay < 1:
            raise ValueError(f"ema_decay must be at least 0 and below 1, got {self.ema_decay}")
        if not 0 <= self.final_learning_rate <= 1:
            raise ValueError(f"final_learning_rate is a fraction from 0 to 1, got {self.final_learning_rate}")
        if self.learning_rate <= 0:
            raise ValueError(f"learning_rate must be above 0, got {self.learning_rate}")
        for name in ("gradient_accumulation_steps", "keep_checkpoints", "log_every"):
            self._check_at_least(name, 1)
        for name in ("epochs", "max_steps"):
            if getattr(self, name) is not None:
                self._check_at_least(name, 1)
        for name in ("max_minutes", "warmup_steps", "weight_decay", "max_grad_norm", "eval_every", "patience"):
            self._check_at_least(name, 0)
        for name in ("checkpoint_every", "seed"):
            self._check_at_least(name, 0)

    def _check_at_least(self, name: str, least: int) -> None:
        if getattr(self, name) < least:
            raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)}")
