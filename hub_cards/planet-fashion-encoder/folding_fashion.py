"""Normalisations made part of the convolutions before them, once training is over: fewer weights, the same answers."""

from __future__ import annotations

import torch
from torch import nn


@torch.no_grad()
def fold_norms(network: nn.Module) -> None:
    """Folds every batch normalisation that directly follows a convolution into it, in place.

    With running mean m and variance v, y = (x - m) g / sqrt(v + e) + b of the convolution's x is a convolution itself,
    its kernels scaled by g / sqrt(v + e). What stays of the normalisation is its activation, where it has one.

    Args:
        network: of convolutions and normalisations that follow each other in the order of their registration.
    """
    for module in list(network.modules()):
        before = None
        for name, child in list(module.named_children()):
            if isinstance(child, nn.BatchNorm2d) and isinstance(before, nn.Conv2d):
                _fold(before, child)
                setattr(module, name, getattr(child, "act", nn.Identity()))
            if not isinstance(child, nn.Identity):
                before = child


def _fold(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    bias = 0 if convolution.bias is None else convolution.bias
    shift = norm.bias + (bias - norm.running_mean) * scale
    convolution.weight = nn.Parameter(convolution.weight * scale[:, None, None, None])
    convolution.bias = nn.Parameter(shift)


__all__ = ["fold_norms"]
