"""The training loss: cross-entropy with label smoothing (Szegedy et al., 2016).

Scores of all words at all places are by far the largest tensor of training. `fused_loss` never holds them whole: it
turns them into gradients piece by piece, while they are at hand. Dimensions: N places, E width, V vocabulary.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

PIECE = 256
"""Places whose scores are held at once."""


def smoothed_loss(logits: Tensor, labels: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
    """Mean loss in nats, and the same without smoothing (detached).

    Args:
        logits: N x V.
        labels: N.
        smoothing: probability spread evenly over V.
    """
    chances = logits.float().log_softmax(-1)
    right = -chances.gather(-1, labels[:, None]).mean()
    return (1 - smoothing) * right - smoothing * chances.mean(), right.detach()


def fused_loss(states: Tensor, weight: Tensor, bias: Tensor, labels: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
    """`smoothed_loss` of the scores `states @ weight.T + bias`, without ever holding them all.

    Args:
        states: N x E.
        weight: V x E.
        bias: V.
        labels: N.
        smoothing: probability spread evenly over V.
    """
    return _FusedLoss.apply(states, weight, bias, labels, smoothing)


class _FusedLoss(torch.autograd.Function):
    """The gradient of the loss by a score is its probability, less what the smoothed label asks for."""

    @staticmethod
    def forward(ctx, states, weight, bias, labels, smoothing):
        places, words = len(labels), len(weight)
        by_weight, by_bias = torch.zeros_like(weight), torch.zeros_like(bias)
        by_states, right, even = [], 0.0, 0.0
        for piece, label in zip(states.split(PIECE), labels.split(PIECE), strict=True):
            scores = F.linear(piece, weight, bias)  # in half precision under autocast
            chances = scores.float().log_softmax(-1)
            right = right - chances.gather(-1, label[:, None]).sum()
            even = even - chances.sum() / words
            gradient = chances.exp_()
            gradient.scatter_add_(1, label[:, None], gradient.new_full((len(label), 1), smoothing - 1))
            gradient = gradient.to(scores.dtype)
            by_states.append(gradient @ weight.to(scores.dtype))
            by_weight += gradient.T @ piece.to(scores.dtype)
            by_bias += gradient.sum(0)
        # What smoothing takes from every score alike is left out above, and taken here from the sums.
        share = smoothing / words
        by_states = (torch.cat(by_states).to(states) - share * weight.sum(0)) / places
        by_weight = (by_weight - share * states.sum(0)) / places
        by_bias = by_bias / places - share
        ctx.save_for_backward(by_states, by_weight, by_bias)
        right = right / places
        plain = right.detach().clone()
        ctx.mark_non_differentiable(plain)
        return (1 - smoothing) * right + smoothing * even / places, plain

    @staticmethod
    def backward(ctx, factor, _):
        return *(factor * gradient for gradient in ctx.saved_tensors), None, None
