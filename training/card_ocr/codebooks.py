"""Weight sharing: every convolution's weights are replaced by the centroids of a few clusters, and those are trained.

Deep Compression (Han 2016), sections 2 and 3: optional pruning by magnitude, k-means in one dimension with linear
initialisation, fine-tuning of the centroids by the sum of the gradients of the weights that share them.
"""

from __future__ import annotations

import numpy as np
import torch
from sklearn.cluster import KMeans
from torch import Tensor, nn
from torch.nn.utils import parametrize

from modeling.card_ocr import CardOcrModel


class CodeBook(nn.Module):
    """Makes a weight from its code book; what `parametrize` trains is the book.

    Args:
        codes: index of every weight's value in the book, in the weight's shape.
        values: how many the book holds.
        zero: index of a value that stays 0 because its weights were pruned; None if none was.
    """

    def __init__(self, codes: Tensor, values: int, zero: int | None):
        super().__init__()
        self.register_buffer("codes", codes)
        self.values, self.zero = values, zero

    def forward(self, book: Tensor) -> Tensor:
        if self.zero is not None:
            book = book * (torch.arange(self.values, device=book.device) != self.zero)
        return book[self.codes]

    def right_inverse(self, weight: Tensor) -> Tensor:
        """The mean of the weights that share a value, for every value."""
        flat, codes = weight.detach().flatten(), self.codes.flatten()
        sums = torch.zeros(self.values, dtype=flat.dtype).index_add_(0, codes, flat)
        return sums / torch.bincount(codes, minlength=self.values).clamp(min=1)


def cluster(weight: Tensor, bits: int, pruned: float = 0.0) -> CodeBook:
    """Codes of a weight by k-means with 2^bits centroids, spread evenly over its range at first.

    Args:
        weight: any shape.
        bits: at most 8.
        pruned: share of the weights, the smallest, that share a centroid of exactly 0.
    """
    flat = weight.detach().flatten().double().numpy()
    kept = np.abs(flat) > np.quantile(np.abs(flat), pruned) if pruned else np.ones(len(flat), bool)
    count = min(2**bits - bool(pruned), len(np.unique(flat[kept])))
    start = np.linspace(flat[kept].min(), flat[kept].max(), count)[:, None]
    found = KMeans(count, init=start, n_init=1, max_iter=100).fit(flat[kept, None])
    codes = np.full(len(flat), count)
    codes[kept] = found.labels_
    return CodeBook(torch.from_numpy(codes).view(weight.shape), count + bool(pruned), count if pruned else None)


def share_weights(network: nn.Module, bits: int, pruned: float = 0.0) -> None:
    """Puts every convolution of a network on a code book, in place."""
    for module in list(network.modules()):
        if isinstance(module, nn.Conv2d):
            book = cluster(module.weight, bits, pruned)
            parametrize.register_parametrization(module, "weight", book, unsafe=True)


@torch.no_grad()
def settle(model: CardOcrModel, bits: dict[str, int]) -> CardOcrModel:
    """Turns code books back into plain weights, rounded to half precision, and says so in the config; in place.

    Args:
        model: folded, its convolutions on code books.
        bits: of an index, by network.
    """
    for module in list(model.modules()):
        if parametrize.is_parametrized(module):
            book = module.parametrizations.weight.original
            book.copy_(book.half().float())
            parametrize.remove_parametrizations(module, "weight")
        if isinstance(module, nn.Conv2d):
            module.bias.copy_(module.bias.half().float())
    model.config.compression = dict(bits)
    return model
