"""Checkpoints that a kill cannot spoil: written beside the good one, then moved into place in one step."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import safetensors.torch
import torch
from accelerate import Accelerator
from safetensors import safe_open
from torch import nn

CHECKPOINTS = "checkpoints"
BEST = "best"
WEIGHTS = "model.safetensors"
IDENTITY = "run.json"


def all_checkpoints(output_dir: str | Path) -> list[Path]:
    """The complete checkpoints of a run, oldest first."""
    return sorted(Path(output_dir, CHECKPOINTS).glob("step-*"), key=lambda path: int(path.name.removeprefix("step-")))


def save_checkpoint(accelerator: Accelerator, output_dir: str | Path, step: int, identity: dict, keep: int) -> Path:
    """Save everything registered with `accelerator` as `checkpoints/step-<step>` and keep the last `keep` of them.

    Every process calls it. The folder appears only once it is complete and on disk.

    Args:
        identity: what a later run must share to resume from here exactly (seed, number of processes...).
    """
    folder = Path(output_dir, CHECKPOINTS, f"step-{step:08d}")
    partial = folder.with_name(f"partial-{step:08d}")
    if folder.exists():
        return folder
    if accelerator.is_main_process:
        for leftover in folder.parent.glob("partial-*"):
            shutil.rmtree(leftover)
        partial.mkdir(parents=True)
    accelerator.wait_for_everyone()
    # On a GPU an LSTM's weights are views of one storage, which Accelerate cannot restore from safetensors.
    accelerator.save_state(str(partial), safe_serialization=False)
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        partial.joinpath(IDENTITY).write_text(json.dumps(identity, indent=2), encoding="utf-8")
        for file in partial.iterdir():
            _flush_to_disk(file)
        partial.rename(folder)
        for old in all_checkpoints(output_dir)[:-keep]:
            _remove(old)
    accelerator.wait_for_everyone()
    return folder


def load_checkpoint(accelerator: Accelerator, folder: Path, identity: dict) -> None:
    """Load what `save_checkpoint` wrote into the objects registered with `accelerator`.

    Raises:
        ValueError: if the checkpoint belongs to a run that this one cannot continue exactly.
    """
    saved = json.loads(folder.joinpath(IDENTITY).read_text(encoding="utf-8"))
    differing = [key for key in identity if identity[key] != saved.get(key)]
    if differing:
        told = ", ".join(f"{key} was {saved.get(key)!r} and is now {identity[key]!r}" for key in differing)
        raise ValueError(f"{folder} cannot be resumed exactly: {told}. Use another output_dir, or resume=False.")
    accelerator.wait_for_everyone()
    accelerator.load_state(str(folder))
    accelerator.wait_for_everyone()


def forget_checkpoints(output_dir: str | Path) -> None:
    """Remove every checkpoint of a run, best weights included."""
    for leftover in Path(output_dir, CHECKPOINTS).glob("partial-*"):
        shutil.rmtree(leftover)
    for checkpoint in all_checkpoints(output_dir):
        _remove(checkpoint)
    for name in (CHECKPOINTS, BEST):
        shutil.rmtree(Path(output_dir, name), ignore_errors=True)


def save_best(model: nn.Module, output_dir: str | Path, step: int, score: float | None) -> None:
    """Write `best/model.safetensors`, with the step and score in its header, replacing the former in one step."""
    folder = Path(output_dir, BEST)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"partial-{WEIGHTS}"
    header = {"step": str(step), "score": json.dumps(score)}
    # Copies, since safetensors refuses the views that an LSTM's weights are on a GPU.
    state = {name: value.clone(memory_format=torch.contiguous_format) for name, value in model.state_dict().items()}
    safetensors.torch.save_file(state, str(partial), metadata=header)
    _flush_to_disk(partial)
    partial.replace(folder / WEIGHTS)


def load_best(model: nn.Module, output_dir: str | Path) -> tuple[int, float | None]:
    """Move `model` to the CPU, load a run's best weights into it and return their (step, score).

    The score is None where nothing was evaluated.

    Raises:
        ValueError: if the run kept no best weights yet.
    """
    path = Path(output_dir, BEST, WEIGHTS)
    if not path.is_file():
        raise ValueError(f"No best weights in {path.parent}; they appear after the first evaluation")
    model.cpu().load_state_dict(safetensors.torch.load_file(str(path)))
    with safe_open(str(path), framework="pt") as file:
        header = file.metadata()
    return int(header["step"]), json.loads(header["score"])


def _remove(checkpoint: Path) -> None:
    """Remove a checkpoint under a name that counts for none: a kill halfway must not leave half of one to resume."""
    doomed = checkpoint.with_name(checkpoint.name.replace("step-", "partial-"))
    checkpoint.rename(doomed)
    shutil.rmtree(doomed)


def _flush_to_disk(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
