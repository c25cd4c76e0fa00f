"""The first stage: a region proposal network says where something lies that could be a garment (Ren et al. 2015).

B pictures, A anchors per cell, N anchors in all, P proposals.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .boxes_fashion_detector import clip, decode, suppress
from .pyramid_fashion_detector import STRIDES

LEAST_SIDE = 4.0
"""Proposals narrower or lower than this many frame pixels are dropped."""

PER_LEVEL = 256
"""The best so many anchors of a level become proposals before suppression."""


def anchors(shapes: list[tuple[int, int]], sides: list[float], aspects: list[float]) -> list[Tensor]:
    """Anchor boxes of every level.

    Args:
        shapes: height and width in cells of the levels at `STRIDES`.
        sides: square root of the anchors' area per level.
        aspects: height over width.

    Returns:
        Per level (h * w * A) x 4, cells row by row, the aspects of a cell together.
    """
    shape = torch.tensor([[aspect**-0.5, aspect**0.5] for aspect in aspects])  # A x 2: width, height for area 1
    boxes = []
    for (height, width), stride, side in zip(shapes, STRIDES, sides, strict=True):
        y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        centres = (torch.stack([x, y], -1).view(-1, 1, 2) + 0.5) * stride
        half = side * shape / 2
        boxes.append(torch.cat([centres - half, centres + half], -1).view(-1, 4))
    return boxes


class ProposalNetwork(nn.Module):
    """One score and one box correction per anchor, the same weights at every level.

    Args:
        channels: of the pyramid's levels.
        aspects: how many anchors there are per cell.
    """

    def __init__(self, channels: int, aspects: int):
        super().__init__()
        self.hidden = nn.Conv2d(channels, channels, 3, padding=1)
        self.scores = nn.Conv2d(channels, aspects, 1)
        self.deltas = nn.Conv2d(channels, 4 * aspects, 1)

    def forward(self, levels: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Pyramid levels -> per level the logits B x N and the deltas B x N x 4, in the order of `anchors`."""
        logits, deltas = [], []
        for level in levels:
            hidden = F.relu(self.hidden(level))
            logits.append(self.scores(hidden).permute(0, 2, 3, 1).flatten(1))
            deltas.append(self.deltas(hidden).permute(0, 2, 3, 1).reshape(len(level), -1, 4))
        return logits, deltas


@torch.no_grad()
def propose(
    logits: list[Tensor],
    deltas: list[Tensor],
    references: list[Tensor],
    size: tuple[int, int],
    most: int,
    overlap: float,
) -> list[Tensor]:
    """The most promising regions of each picture.

    Args:
        logits: per level B x N.
        deltas: per level B x N x 4.
        references: the anchors per level, N x 4.
        size: height and width of the frames.
        most: regions per picture.
        overlap: regions that overlap a better one more than this are dropped, within their level.

    Returns:
        Per picture P x 4 boxes, P at most `most`, best first.
    """
    found = []
    for picture in range(len(logits[0])):
        boxes, scores, groups = [], [], []
        for level, (scored, moved, anchor) in enumerate(zip(logits, deltas, references, strict=True)):
            best = scored[picture].topk(min(PER_LEVEL, scored.shape[1]))
            boxes.append(clip(decode(moved[picture, best.indices], anchor[best.indices]), *size))
            scores.append(best.values)
            groups.append(torch.full_like(best.indices, level))
        box, score, group = torch.cat(boxes), torch.cat(scores), torch.cat(groups)
        wide = ((box[:, 2:] - box[:, :2]) >= LEAST_SIDE).all(1)
        box, score, group = box[wide], score[wide], group[wide]
        found.append(box[suppress(box, score, overlap, group)[:most]])
    return found
