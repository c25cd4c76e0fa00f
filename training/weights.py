"""Published weights: half precision on disk, single precision when loaded."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel


def save_half(model: PreTrainedModel, folder: Path) -> int:
    """Writes a model's config and code, and its weights in half precision; how many bytes those take."""
    model.save_pretrained(folder)
    weights = folder / "model.safetensors"
    half = {name: value.half() if value.is_floating_point() else value for name, value in load_file(weights).items()}
    save_file(half, weights, metadata={"format": "pt"})
    return weights.stat().st_size
