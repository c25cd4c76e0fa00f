"""What the encoder learns from.

Dims: B pictures, L leaves, D feature, P (category, colour) pairs, K classes of a group.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from modeling.fashion_encoder.tree_fashion_encoder import marginal_nll
from training.fashion.encoder_data import UNKNOWN


class PairProxies(nn.Module):
    """Normalised softmax over proxies (Zhai & Wu, 2019), the proxy of a pair being the sum of its category's and
    its colour's: pairs with few photos are learnt from others of their category, and of their colour.

    Args:
        pairs: (category, colour), as `category_colour_pairs` gives them.
        size: D.
        scale: inverse temperature of the cosines.
    """

    def __init__(self, pairs: Sequence[tuple[str, str]], size: int, scale: float = 16.0):
        super().__init__()
        categories = sorted({category for category, _ in pairs})
        colours = sorted({colour for _, colour in pairs})
        self.register_buffer("category_of", torch.tensor([categories.index(category) for category, _ in pairs]))
        self.register_buffer("colour_of", torch.tensor([colours.index(colour) for _, colour in pairs]))
        self.category = nn.Parameter(torch.randn(len(categories), size) * size**-0.5)
        self.colour = nn.Parameter(torch.randn(len(colours), size) * size**-0.5)
        self.scale = scale

    def forward(self, features: Tensor) -> Tensor:
        """Logits: B x D -> B x P."""
        proxies = self.category[self.category_of] + self.colour[self.colour_of]
        return self.scale * F.normalize(features, dim=1) @ F.normalize(proxies, dim=1).T


def category_loss(log_probabilities: Tensor, allowed: Tensor, smoothing: float = 0.05) -> Tensor:
    """Mean negative log of the probability of what the labels allow, mixed with that of the uniform distribution.

    Args:
        log_probabilities: B x L.
        allowed: B x L bool, the leaves each label allows.
        smoothing: weight of the uniform distribution (Szegedy et al., 2016).
    """
    certain = marginal_nll(log_probabilities, allowed).mean()
    return (1 - smoothing) * certain - smoothing * log_probabilities.mean()


def known_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross entropy over the rows whose target is not `UNKNOWN`; 0 where none is.

    Args:
        logits: B x K.
        targets: B.
    """
    # Not by choosing rows: a GPU would have to be waited for to know how many.
    total = F.cross_entropy(logits, targets, ignore_index=UNKNOWN, reduction="sum")
    return total / (targets != UNKNOWN).sum().clamp(min=1)
