"""The loop every model is trained with: Accelerate, exact resume, best weights, early stopping, a JSON-lines log.

The same script runs on one CPU (`python -m ...`), in several processes (`torchrun --nproc_per_node 2 -m ...`) and on
GPUs. Training that is interrupted and started again ends, on the same machine, with the weights it would have had:
randomness is drawn from (seed, epoch, step, sample) and not from what happened before (see `seeds.py`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from accelerate.utils import broadcast_object_list, find_batch_size
from torch import nn
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader
from tqdm.auto import tqdm

from training.checkpoints import (
    all_checkpoints,
    forget_checkpoints,
    load_best,
    load_checkpoint,
    save_best,
    save_checkpoint,
)
from training.config import LoopConfig
from training.journal import Journal, read_journal
from training.machine import make_accelerator, seeded_loader, stop_signals
from training.optimisation import make_average, make_optimizer, make_schedule
from training.seeds import EPOCH, EVALUATION, STEP, isolated_seed, seed_all

__all__ = ["LoopConfig", "NonFiniteLossError", "TrainingSummary", "load_best", "read_journal", "train"]

ComputeLoss = Callable[[nn.Module, Any], tuple[torch.Tensor, dict[str, float]]]
Evaluate = Callable[[nn.Module], dict[str, float]]
StoppedBy = Literal["finished", "patience", "time", "signal"]


class NonFiniteLossError(ArithmeticError):
    """The loss or the gradients became infinite or not a number; nothing was saved after that."""


@dataclass(frozen=True)
class TrainingSummary:
    """What a run came to.

    Attributes:
        step: optimizer steps done, over all sessions.
        epoch: complete passes over the data.
        best_score: the best `metric_name`; None without evaluation.
        best_step: the step whose weights lie in `best/`.
        stopped_by: "finished", "patience" (early stopping), "time" (`max_minutes`) or "signal" (SIGTERM, SIGINT).
        resumed_from: the step this session began at; 0 for a new run.
        seconds: wall-clock time over all sessions, up to the last checkpoint of each.
        metrics: the last evaluation.
    """

    step: int
    epoch: int
    best_score: float | None
    best_step: int
    stopped_by: StoppedBy
    resumed_from: int
    seconds: float
    metrics: dict[str, float]

    @property
    def complete(self) -> bool:
        """Whether there is nothing left to train: False after a stop by time or signal."""
        return self.stopped_by in ("finished", "patience")


def train(
    model: nn.Module,
    train_loader: DataLoader,
    config: LoopConfig,
    compute_loss: ComputeLoss,
    evaluate: Evaluate | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    scheduler: LRScheduler | None = None,
) -> TrainingSummary:
    """Train `model` in place and keep checkpoints, the best weights and a log in `config.output_dir`.

    Afterwards `model` holds the last weights; `load_best(model, config.output_dir)` puts the best ones in.

    Args:
        train_loader: batches of a map-style dataset. Its random augmentation may use Python's, NumPy's or PyTorch's
            global generators; they are seeded for each sample. A sampler of your own must draw its order when its
            iteration begins, from the global generators.
        compute_loss: (model, batch) -> (scalar loss, numbers to log: the same names every time). It calls
            `model(...)`, not a method of it, so that several processes and mixed precision work.
        evaluate: plain model -> numbers, `config.metric_name` among them. It runs on the main process, in evaluation
            mode, without gradients, on the averaged weights if `config.ema_decay` is set.
        optimizer: AdamW by default.
        scheduler: of that optimizer, stepped once per optimizer step; warm-up and cosine by default.

    Raises:
        NonFiniteLossError: if the loss or a gradient is infinite or not a number.
        ValueError: if the checkpoint found belongs to another set-up, or `evaluate` leaves out the metric.
    """
    with stop_signals() as signals:
        return _Run(model, train_loader, config, compute_loss, evaluate, optimizer, scheduler, signals).train()


@dataclass
class _Progress:
    """Where training stands; saved with each checkpoint."""

    step: int = 0
    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0
    best_score: float | None = None
    best_step: int = 0
    worse_evaluations: int = 0
    evaluated_step: int = 0
    metrics: dict[str, float] | None = None

    def state_dict(self) -> dict[str, Any]:
        return asdict(self)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


class _Run:
    """One call of `train`: the prepared objects and the progress they share."""

    def __init__(self, model, train_loader, config, compute_loss, evaluate, optimizer, scheduler, signals) -> None:
        torch.set_flush_denormal(True)
        self.config, self.compute_loss, self.evaluate, self.signals = config, compute_loss, evaluate, signals
        self.accelerator = make_accelerator(config)
        self.output_dir = Path(config.output_dir)
        self.plain_model = model
        self.average = make_average(model, config.ema_decay).to(self.accelerator.device) if config.ema_decay else None
        optimizer = optimizer or make_optimizer(model, config.learning_rate, config.weight_decay)
        loader = seeded_loader(train_loader, config.seed)
        self.dataset = loader.dataset
        self.model, self.optimizer, self.loader = self.accelerator.prepare(model, optimizer, loader)
        steps_per_epoch = math.ceil(len(self.loader) / config.gradient_accumulation_steps)
        self.total_steps = config.max_steps or config.epochs * steps_per_epoch
        # The schedule is not prepared: Accelerate would step it once per process.
        self.scheduler = scheduler or make_schedule(
            optimizer, config.warmup_steps, self.total_steps, config.final_learning_rate
        )
        self.progress = _Progress()
        self.accelerator.register_for_checkpointing(self.progress, self.scheduler)
        if self.average is not None:
            self.accelerator.register_for_checkpointing(self.average)
        self.identity = {
            "seed": config.seed,
            "processes": self.accelerator.num_processes,
            "batches_per_epoch": len(self.loader),
            "gradient_accumulation_steps": config.gradient_accumulation_steps,
            "ema": bool(config.ema_decay),
        }
        self.window: dict[str, float] = {}
        self.window_batches = self.window_samples = 0

    def train(self) -> TrainingSummary:
        self._resume()
        progress, main = self.progress, self.accelerator.is_main_process
        resumed_from = progress.step
        self.journal = Journal(self.output_dir / "log.jsonl", resume_step=progress.step, enabled=main)
        self.started = self.window_started = time.monotonic()
        self.seconds_before = progress.seconds
        self.bar = tqdm(
            total=self.total_steps,
            initial=progress.step,
            unit="step",
            disable=not (main and self.config.progress_bar),
        )
        stopped_by = "patience" if self._patience_is_over() else None
        if progress.step >= self.total_steps:
            stopped_by = "finished"
        self.model.train()
        try:
            while stopped_by is None:
                stopped_by = self._epoch()
        finally:
            self.bar.close()
            self.accelerator.unwrap_model(self.model, keep_fp32_wrapper=False)
        self.journal.write("end", progress.step, stopped_by=stopped_by, seconds=round(progress.seconds, 3))
        return TrainingSummary(
            step=progress.step,
            epoch=progress.epoch,
            best_score=progress.best_score,
            best_step=progress.best_step,
            stopped_by=stopped_by,
            resumed_from=resumed_from,
            seconds=progress.seconds,
            metrics=dict(progress.metrics or {}),
        )

    def _resume(self) -> None:
        found = all_checkpoints(self.output_dir)
        self.accelerator.wait_for_everyone()
        if found and self.config.resume:
            load_checkpoint(self.accelerator, found[-1], self.identity)
        elif self.accelerator.is_main_process:
            forget_checkpoints(self.output_dir)
        self.accelerator.wait_for_everyone()

    def _epoch(self) -> StoppedBy | None:
        """Train to the end of the current epoch; the reason to stop, if there is one."""
        progress, batches = self.progress, len(self.loader)
        seed_all(self.config.seed, EPOCH, progress.epoch)
        self.dataset.set_epoch(progress.epoch)
        self.loader.set_epoch(progress.epoch)
        loader = self.accelerator.skip_first_batches(self.loader, progress.batch) if progress.batch else self.loader
        try:
            for batch in loader:
                self._batch(batch)
                progress.batch += 1
                if not self.accelerator.sync_gradients:
                    continue
                progress.step += 1
                if progress.batch == batches:
                    progress.epoch, progress.batch = progress.epoch + 1, 0
                stopped_by = self._after_step()
                if stopped_by is not None:
                    return stopped_by
        finally:
            loader.end()
        return None

    def _batch(self, batch: Any) -> None:
        """Forward and backward on one batch; an optimizer step where enough of them have come together."""
        accelerator, progress = self.accelerator, self.progress
        seed_all(self.config.seed, STEP, progress.epoch, progress.batch, accelerator.process_index)
        with accelerator.accumulate(self.model):
            loss, numbers = self.compute_loss(self.model, batch)
            values = {"loss": loss.item(), **numbers}
            if not math.isfinite(values["loss"]):
                raise NonFiniteLossError(
                    f"The loss is {values['loss']} at step {progress.step + 1} ({numbers}). "
                    "Lower learning_rate, lengthen warmup_steps, or look for broken samples."
                )
            accelerator.backward(loss)
            if accelerator.sync_gradients:
                values["grad_norm"] = self._clip()
            self.optimizer.step()
            self.optimizer.zero_grad()
        if accelerator.sync_gradients:
            if not accelerator.optimizer_step_was_skipped:
                self.scheduler.step()
            if self.average is not None:
                self.average.update_parameters(self.plain_model)
        for name, value in values.items():
            self.window[name] = self.window.get(name, 0.0) + value
        self.window_batches += 1
        self.window_samples += (find_batch_size(batch) or 0) * accelerator.num_processes

    def _clip(self) -> float:
        limit = self.config.max_grad_norm or math.inf
        norm = float(self.accelerator.clip_grad_norm_(self.plain_model.parameters(), limit))
        # With fp16 an overflow is normal: the scaler skips the step and lowers its scale.
        if not math.isfinite(norm) and self.config.mixed_precision != "fp16":
            raise NonFiniteLossError(
                f"The gradient norm is {norm} at step {self.progress.step + 1} although the loss is finite. "
                "Look for a square root, logarithm or division at zero in the loss, or lower learning_rate."
            )
        return norm if math.isfinite(norm) else 0.0

    def _after_step(self) -> StoppedBy | None:
        """Log, evaluate, checkpoint: in this order, so that a checkpoint knows all that came before it."""
        config, progress = self.config, self.progress
        epoch_ended = progress.batch == 0
        self.bar.update()
        progress.seconds = self.seconds_before + time.monotonic() - self.started
        finished = progress.step >= self.total_steps
        if progress.step % config.log_every == 0 or finished:
            self._log()
        if finished or _due(progress.step, config.eval_every, epoch_ended):
            self._evaluate()
        stopped_by: StoppedBy | None = "patience" if self._patience_is_over() else self._asked_to_stop()
        if finished:
            stopped_by = "finished"
        if stopped_by or _due(progress.step, config.checkpoint_every, epoch_ended):
            save_checkpoint(
                self.accelerator, self.output_dir, progress.step, self.identity, keep=config.keep_checkpoints
            )
        return stopped_by

    def _log(self) -> None:
        config, progress = self.config, self.progress
        names = list(self.window)
        sums = torch.tensor([self.window[name] for name in names], dtype=torch.float32)
        means = self.accelerator.reduce(sums.to(self.accelerator.device), reduction="mean").tolist()
        steps = max(self.window_batches / config.gradient_accumulation_steps, 1)
        values = {
            name: mean / (steps if name == "grad_norm" else self.window_batches)
            for name, mean in zip(names, means, strict=True)
        }
        elapsed = time.monotonic() - self.window_started
        self.journal.write(
            "train",
            progress.step,
            epoch=round(progress.epoch + progress.batch / len(self.loader), 4),
            lr=self.scheduler.get_last_lr()[0],
            **values,
            seconds=round(progress.seconds, 3),
            samples_per_second=round(self.window_samples / max(elapsed, 1e-9), 2),
        )
        self.bar.set_postfix(loss=f"{values['loss']:.4f}", refresh=False)
        self.window, self.window_batches, self.window_samples = {}, 0, 0
        self.window_started = time.monotonic()

    def _evaluate(self) -> None:
        progress, accelerator = self.progress, self.accelerator
        if self.evaluate is None:
            if progress.step >= self.total_steps:
                progress.best_step = progress.step
                if accelerator.is_main_process:
                    save_best(self._weights(), self.output_dir, progress.step, None)
            return
        started = time.monotonic()
        answer = [self._measure() if accelerator.is_main_process else None]
        metrics = broadcast_object_list(answer)[0]
        if self.config.metric_name not in metrics:
            raise ValueError(f"evaluate() must answer {self.config.metric_name!r}, got {sorted(metrics)}")
        score = metrics[self.config.metric_name]
        progress.metrics = metrics
        if self._is_better(score):
            progress.best_score, progress.best_step, progress.worse_evaluations = score, progress.step, 0
            if accelerator.is_main_process:
                save_best(self._weights(), self.output_dir, progress.step, score)
        else:
            progress.worse_evaluations += 1
        took = time.monotonic() - started
        self.window_started += took
        self.journal.write("evaluation", progress.step, **metrics, took_seconds=round(took, 3))
        self.bar.set_postfix({self.config.metric_name: f"{score:.4f}"}, refresh=False)

    def _measure(self) -> dict[str, float]:
        weights = self._weights()
        weights.eval()
        with torch.no_grad(), isolated_seed(self.config.seed, EVALUATION):
            metrics = self.evaluate(weights)
        self.model.train()
        return {name: float(value) for name, value in metrics.items()}

    def _weights(self) -> nn.Module:
        """The model people would use: the average where there is one."""
        return self.plain_model if self.average is None else self.average.module

    def _is_better(self, score: float) -> bool:
        best = self.progress.best_score
        if not math.isfinite(score) or best is None:
            return math.isfinite(score)
        return score > best if self.config.greater_is_better else score < best

    def _patience_is_over(self) -> bool:
        return 0 < self.config.patience <= self.progress.worse_evaluations

    def _asked_to_stop(self) -> StoppedBy | None:
        """Whether any process got a signal, or the time is up on the main process; the same answer on all."""
        minutes = (time.monotonic() - self.started) / 60
        codes = {0: None, 1: "time", 2: "signal"}
        code = 2 if self.signals.is_set() else int(0 < self.config.max_minutes <= minutes)
        if self.accelerator.num_processes == 1:
            return codes[code]
        everyone = self.accelerator.gather(torch.tensor([code], device=self.accelerator.device))
        return codes[int(everyone.max())]


def _due(step: int, every: int, epoch_ended: bool) -> bool:
    return step % every == 0 if every else epoch_ended
