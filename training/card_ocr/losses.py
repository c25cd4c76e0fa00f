"""The losses of the two networks."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from modeling.card_ocr.recogniser_card_ocr import BLANK
from training.card_ocr.bands import EITHER


def detector_loss(maps: Tensor, targets: Tensor) -> tuple[Tensor, dict[str, float]]:
    """Cross-entropy and overlap (Dice, Milletari 2016) of the score, Huber loss of the geometry on number cells.

    Args:
        maps, targets: B x 6 x H/8 x W/8, see `frames.grid_targets`.
    """
    maps = maps.float()
    known, on = targets[:, 0] >= 0, targets[:, 0] == 1
    truth = on.float()
    entropy = F.binary_cross_entropy_with_logits(maps[:, 0], truth, reduction="none")
    weight = torch.where(on, 4.0, 1.0) * known
    score = (entropy * weight).sum() / weight.sum()
    probability = maps[:, 0].sigmoid() * known
    overlap = 1 - (2 * (probability * truth).sum((1, 2)) + 1) / (probability.sum((1, 2)) + truth.sum((1, 2)) + 1)
    error = F.smooth_l1_loss(maps[:, 1:], targets[:, 1:], beta=0.1, reduction="none") * on[:, None]
    geometry = error.sum((0, 2, 3)) / on.sum().clamp(min=1)
    loss = 2 * score + 0.5 * overlap.mean() + geometry @ geometry.new_tensor([1.0, 1.0, 1.0, 0.5, 0.5])
    return loss, {"score": score.item(), "overlap": overlap.mean().item(), "geometry": geometry.sum().item()}


def recogniser_loss(
    logits: Tensor, extents: Tensor, classes: Tensor, wanted: Tensor
) -> tuple[Tensor, dict[str, float]]:
    """Negative log-likelihood of every step's class, or of its two allowed ones, and Huber loss of the extents.

    Args:
        logits: B x S x 11.
        extents: B x S x 2, band columns.
        classes: B x S, see `bands.step_targets`.
        wanted: B x S x 2, band columns.
    """
    log = F.log_softmax(logits.float(), -1)
    either = classes >= EITHER
    named = log.gather(-1, torch.where(either, classes - EITHER, classes)[..., None])[..., 0]
    entropy = -torch.where(either, torch.logaddexp(named, log[..., BLANK]), named).mean()
    digit = classes < BLANK
    error = F.smooth_l1_loss(extents.float(), wanted, reduction="none").sum(-1)
    extent = (error * digit).sum() / digit.sum().clamp(min=1)
    hit = (logits.argmax(-1) == classes)[digit].float().mean() if digit.any() else logits.new_tensor(1.0)
    return entropy + 0.05 * extent, {"entropy": entropy.item(), "extent": extent.item(), "steps_right": hit.item()}


def distillation_loss(logits: Tensor, taught: Tensor) -> Tensor:
    """Kullback-Leibler divergence of a network's classes from its teacher's, mean of all steps (Hinton 2015).

    Args:
        logits, taught: B x S x 11.
    """
    own, wanted = (F.log_softmax(values.float(), -1) for values in (logits, taught))
    return F.kl_div(own, wanted, reduction="none", log_target=True).sum(-1).mean()
