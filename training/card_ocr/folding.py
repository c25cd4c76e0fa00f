"""Folds batch normalisations into the convolutions before them: the same function, fewer numbers and steps."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils import fuse_conv_bn_eval

from modeling.card_ocr import CardOcrConfig, CardOcrModel


def normalised_layers(model: nn.Module) -> list[tuple[nn.Conv2d, nn.BatchNorm2d | None]]:
    """Every convolution in order, with the normalisation that follows it at once."""
    layers = [module for module in model.modules() if isinstance(module, nn.Conv2d | nn.BatchNorm2d)]
    following = [*layers[1:], None]
    return [
        (layer, after if isinstance(after, nn.BatchNorm2d) else None)
        for layer, after in zip(layers, following, strict=True)
        if isinstance(layer, nn.Conv2d)
    ]


@torch.no_grad()
def folded(model: CardOcrModel) -> CardOcrModel:
    """A model that answers as `model` does in evaluation mode, without batch normalisations."""
    settings = model.config.to_dict() | {"folded": True}
    plain = CardOcrModel(CardOcrConfig.from_dict(settings)).eval()
    for (layer, after), (target, _) in zip(normalised_layers(model.eval()), normalised_layers(plain), strict=True):
        fused = fuse_conv_bn_eval(layer, after) if after is not None else layer
        target.load_state_dict(fused.state_dict())
    return plain
