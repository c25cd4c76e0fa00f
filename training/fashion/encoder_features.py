"""Features of many pictures, kept on disk: the encoder looks at each picture once.

Dims: P pictures, D feature.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from modeling.fashion_encoder import FashionEncoderModel
from modeling.fashion_encoder.fitting_fashion_encoder import to_pixels
from training.fashion.encoder_augment import view
from training.fashion.encoder_data import Reader, plain_pixels, read_rgb
from training.fashion.sets import Item

BATCH = 64


@torch.no_grad()
def plain_features(
    model: FashionEncoderModel, items: Sequence[Item], alone: bool = False, read: Reader = read_rgb
) -> Tensor:
    """What the published model makes of the pictures: P x D, not brought to unit length.

    Args:
        alone: of the picture alone, without the other views the model is configured to average.
        read: gives a picture.
    """
    canvas = (model.config.image_height, model.config.image_width)
    parts = []
    for start in range(0, len(items), BATCH):
        some = items[start : start + BATCH]
        if alone:
            parts.append(model.features(plain_pixels(some, canvas, read).to(model.device)))
        else:
            parts.append(model.look([read(item.path) for item in some]))
    return torch.cat(parts).cpu()


@torch.no_grad()
def view_features(model: FashionEncoderModel, items: Sequence[Item], seed: int) -> Tensor:
    """Features of one random view of each picture: P x D."""
    canvas = (model.config.image_height, model.config.image_width)
    parts = []
    for start in range(0, len(items), BATCH):
        views = [
            view(read_rgb(item.path), canvas, np.random.default_rng([seed, start, place]), phone=bool(item.label))
            for place, item in enumerate(items[start : start + BATCH])
        ]
        parts.append(model.features(to_pixels(np.stack(views)).to(model.device)))
    return torch.cat(parts).cpu()


class FeatureStore:
    """Features by name in a folder; those of other weights are computed anew.

    Args:
        model: whose features they are.
        folder: where they are kept.
    """

    def __init__(self, model: FashionEncoderModel, folder: Path):
        self.model, self.folder = model, folder
        weights = hashlib.sha256()
        for part in (model.backbone, model.neck):
            for name, value in part.state_dict().items():
                weights.update(name.encode() + value.cpu().numpy().tobytes())
        self._key = weights.hexdigest()[:12]

    def plain(self, name: str, items: Sequence[Item], alone: bool = False) -> Tensor:
        """See `plain_features`."""
        config = self.model.config
        views = f"{config.image_height}x{config.image_width}"
        if not alone:
            views += "-flip" * config.flip + f"-middle{config.middle:g}" * bool(config.middle)
        return self.kept(f"{name}-{views}", lambda: plain_features(self.model, items, alone))

    def view(self, name: str, items: Sequence[Item], seed: int) -> Tensor:
        """See `view_features`."""
        return self.kept(f"{name}-view{seed}", lambda: view_features(self.model, items, seed))

    def kept(self, name: str, compute: Callable[[], Tensor]) -> Tensor:
        """The features of this name from disk; computed where they are not there yet."""
        file = self.folder / f"{name}-{self._key}.safetensors"
        if file.is_file():
            return load_file(file)["features"]
        features = compute()
        self.folder.mkdir(parents=True, exist_ok=True)
        save_file({"features": features.contiguous()}, file)
        return features
