"""Boxes as numbers: overlap, the regression targets of R-CNN, and non-maximum suppression.

A box is (x0, y0, x1, y1) in pixels, x1 and y1 exclusive. N and M count boxes.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

DEVIATIONS = (0.1, 0.1, 0.2, 0.2)
"""Typical size of the four regression targets; they are divided by it, so that all weigh alike (Ren et al. 2015)."""

_MOST_GROWTH = math.log(1000 / 16)


def area(boxes: Tensor) -> Tensor:
    """Areas of N x 4 boxes: N; nothing for boxes turned inside out."""
    return (boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(1)


def overlaps(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union of N x 4 with M x 4 boxes: N x M, in 0..1."""
    low = torch.maximum(first[:, None, :2], second[None, :, :2])
    high = torch.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(2)
    union = area(first)[:, None] + area(second)[None] - shared
    return shared / union.clamp(min=1e-9)


def encode(boxes: Tensor, references: Tensor) -> Tensor:
    """What must be regressed to turn `references` into `boxes` (Girshick et al. 2014, equations 6 to 9).

    Args:
        boxes: N x 4.
        references: N x 4.

    Returns:
        N x 4: shift of the centre in units of the reference's size, logarithm of the growth; over `DEVIATIONS`.
    """
    centre, size = _centre_size(boxes)
    from_centre, from_size = _centre_size(references)
    deltas = torch.cat([(centre - from_centre) / from_size, (size / from_size).log()], 1)
    return deltas / deltas.new_tensor(DEVIATIONS)


def decode(deltas: Tensor, references: Tensor) -> Tensor:
    """Undoes `encode`: N x ... x 4 deltas and N x 4 references, repeated over the middle -> N x ... x 4 boxes."""
    deltas = deltas * deltas.new_tensor(DEVIATIONS)
    centre, size = _centre_size(references)
    between = (len(references), *[1] * (deltas.dim() - 2), 2)
    centre, size = centre.view(between), size.view(between)
    centre = centre + deltas[..., :2] * size
    size = size * deltas[..., 2:].clamp(max=_MOST_GROWTH).exp()
    return torch.cat([centre - size / 2, centre + size / 2], -1)


def _centre_size(boxes: Tensor) -> tuple[Tensor, Tensor]:
    size = (boxes[:, 2:] - boxes[:, :2]).clamp(min=1e-3)
    return (boxes[:, :2] + boxes[:, 2:]) / 2, size


def clip(boxes: Tensor, height: float, width: float) -> Tensor:
    """Boxes (... x 4) cut to a picture of that size."""
    limit = boxes.new_tensor([width, height, width, height])
    return torch.minimum(boxes.clamp(min=0), limit)


def suppress(boxes: Tensor, scores: Tensor, overlap: float, groups: Tensor | None = None) -> Tensor:
    """Greedy non-maximum suppression: indices of the boxes kept, best first.

    torchvision has this compiled, but its operators are missing beside a CPU build of torch.

    Args:
        boxes: N x 4.
        scores: N.
        overlap: a box is dropped if it overlaps a better one kept before it more than this (IoU).
        groups: N integers; boxes of different groups leave each other alone.
    """
    order = scores.argsort(descending=True, stable=True)
    above = overlaps(boxes[order], boxes[order]) > overlap
    if groups is not None:
        above &= groups[order][:, None] == groups[order][None]
    above = above.cpu().numpy()
    alive = [True] * len(order)
    kept = []
    for index in range(len(order)):
        if alive[index]:
            kept.append(index)
            for later in above[index, index + 1 :].nonzero()[0]:
                alive[index + 1 + later] = False
    return order[torch.tensor(kept, dtype=torch.long, device=order.device)]


def vote(boxes: Tensor, scores: Tensor, groups: Tensor, kept: Tensor, overlap: float) -> Tensor:
    """Box voting (Gidaris and Komodakis 2015): each box kept becomes the mean of its rivals, by score.

    Args:
        boxes: N x 4.
        scores: N, 0..1.
        groups: N integers; boxes of different groups leave each other alone.
        kept: M indices, what `suppress` left.
        overlap: rivals are the boxes of its group that overlap it at least this (IoU), itself among them.

    Returns:
        M x 4.
    """
    rivals = (overlaps(boxes[kept], boxes) >= overlap) & (groups[kept][:, None] == groups[None])
    weights = rivals * scores.clamp(min=1e-6)
    return weights @ boxes / weights.sum(1, keepdim=True)
