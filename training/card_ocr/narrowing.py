"""Makes a recogniser narrower: of every layer the filters that matter least are left out, before it is trained further.

A filter matters as much as its weights (Li 2017, "Pruning Filters for Efficient ConvNets"), scaled by the normalisation
behind it (Liu 2017, "Network Slimming"), times the weights that the next layer has for it. The others can be left out
whole: unlike single weights set to 0, they cost no more time.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from modeling.card_ocr.recogniser_card_ocr import DigitRecogniser
from training.card_ocr.folding import normalised_layers


@torch.no_grad()
def keep_strongest(given: DigitRecogniser, narrower: DigitRecogniser) -> None:
    """Fills a recogniser with the filters of a wider one that matter most, in place.

    Args:
        given: with batch normalisations.
        narrower: the same network, no stage of it wider.

    Raises:
        ValueError: if a stage is wider, or the given recogniser's normalisations are folded.
    """
    layers, targets = normalised_layers(given), normalised_layers(narrower)
    if any(norm is None for _, norm in layers[:-1]):
        raise ValueError("A recogniser with folded normalisations cannot be made narrower; start from the whole one")
    if any(len(target.weight) > len(layer.weight) for (layer, _), (target, _) in zip(layers, targets, strict=True)):
        raise ValueError("A stage would be wider than the given recogniser's, which has no filters for it")
    inputs = torch.arange(layers[0][0].in_channels)
    for ((layer, norm), (after, _)), (target, target_norm) in zip(pairwise(layers), targets, strict=False):
        kept = _strength(layer, norm, after).topk(len(target.weight)).indices.sort().values
        target.weight.copy_(layer.weight[kept][:, inputs])
        target_norm.load_state_dict({name: _part(value, kept) for name, value in norm.state_dict().items()})
        inputs = kept
    head, target = layers[-1][0], targets[-1][0]
    target.weight.copy_(head.weight[:, inputs])
    target.bias.copy_(head.bias)


def _strength(layer: nn.Conv2d, norm: nn.BatchNorm2d, after: nn.Conv2d) -> Tensor:
    """How much every filter of a layer matters: the size of what makes it times that of what uses it."""
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    return scale.abs() * layer.weight.flatten(1).norm(dim=1) * after.weight.transpose(0, 1).flatten(1).norm(dim=1)


def _part(value: Tensor, kept: Tensor) -> Tensor:
    return value[kept] if value.ndim else value
