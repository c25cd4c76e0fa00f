"""The second stage: what every proposed region shows, and its box per class (Girshick 2015; RoIAlign, He et al. 2017).

R regions over all pictures, C channels, K classes without the background.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .pyramid_fashion_detector import STRIDES

BINS, SAMPLES = 7, 2
"""A region is read on BINS x BINS cells, each the mean of SAMPLES x SAMPLES points."""

CANONICAL = 112.0
"""Side in frame pixels of a region that is read at stride 16; twice as large means one level coarser."""


def level_of(boxes: Tensor) -> Tensor:
    """Index of the level each region is read at (Lin et al. 2017, equation 1): R integers in 0..2."""
    side = (boxes[:, 2:] - boxes[:, :2]).clamp(min=1e-3).prod(1).sqrt()
    return (1 + torch.log2(side / CANONICAL)).floor().clamp(0, 2).long()


def align(level: Tensor, boxes: Tensor, picture: Tensor, stride: int) -> Tensor:
    """RoIAlign on one level: bilinear samples, nothing rounded.

    Args:
        level: B x C x h x w features at `stride`.
        boxes: R x 4 in frame pixels.
        picture: R indices into B.
        stride: frame pixels per cell.

    Returns:
        R x C x BINS x BINS.
    """
    height, width = level.shape[-2:]
    steps = BINS * SAMPLES
    at = (torch.arange(steps, device=boxes.device) + 0.5) / steps
    x = boxes[:, 0:1] + at * (boxes[:, 2:3] - boxes[:, 0:1])  # R x steps
    y = boxes[:, 1:2] + at * (boxes[:, 3:4] - boxes[:, 1:2])
    # grid_sample counts from -1 to 1 over the whole extent of the level when corners are not aligned.
    x, y = 2 * x / (stride * width) - 1, 2 * y / (stride * height) - 1
    grid = torch.stack([x[:, None, :].expand(-1, steps, -1), y[:, :, None].expand(-1, -1, steps)], -1)
    regions = level.new_zeros(len(boxes), level.shape[1], BINS, BINS)
    for index in picture.unique().tolist():
        mine = (picture == index).nonzero()[:, 0]
        points = grid[mine].reshape(1, -1, steps, 2)  # one sampling call per picture: R*steps rows of points
        read = F.grid_sample(level[index : index + 1], points, align_corners=False, padding_mode="border")
        read = read.view(level.shape[1], len(mine), steps, steps).transpose(0, 1)
        regions = regions.index_copy(0, mine, F.avg_pool2d(read, SAMPLES))
    return regions


def read_regions(levels: list[Tensor], boxes: list[Tensor]) -> Tensor:
    """The features of every region, each from the level that suits its size.

    Args:
        levels: the pyramid, finest first.
        boxes: per picture R_i x 4.

    Returns:
        R x C x BINS x BINS, the pictures' regions one after the other.
    """
    together = torch.cat(boxes)
    picture = torch.cat([torch.full((len(box),), i, device=box.device) for i, box in enumerate(boxes)])
    suits = level_of(together)
    regions = levels[0].new_zeros(len(together), levels[0].shape[1], BINS, BINS)
    for index, (level, stride) in enumerate(zip(levels[:3], STRIDES, strict=False)):
        mine = (suits == index).nonzero()[:, 0]
        if len(mine):
            regions = regions.index_copy(0, mine, align(level, together[mine], picture[mine], stride))
    return regions


def placement(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Where in its picture a region lies and what shape it has, R x 6 numbers of about unit size."""
    height, width = size
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    extent = (boxes[:, 2:] - boxes[:, :2]).clamp(min=1.0)
    scale = boxes.new_tensor([width, height])
    aspect = (extent[:, 1:] / extent[:, :1]).log()
    share = (extent.prod(1, keepdim=True) / (height * width)).log() / math.log(100)
    return torch.cat([2 * centre / scale - 1, 2 * extent / scale - 1, aspect, share], 1)


class RegionHead(nn.Module):
    """Class scores and a box per class for every region, from its features, its place and the picture as a whole.

    Args:
        channels: of the pyramid.
        context: channels of the backbone's coarsest features, averaged over the picture.
        narrow: channels a region is narrowed to before it is flattened.
        hidden: width of the two hidden layers.
        classes: K.
    """

    def __init__(self, channels: int, context: int, narrow: int, hidden: int, classes: int):
        super().__init__()
        self.narrow = nn.Conv2d(channels, narrow, 1)
        self.first = nn.Linear(narrow * BINS * BINS, hidden)
        self.place = nn.Linear(6, hidden, bias=False)
        self.context = nn.Linear(context, hidden, bias=False)
        self.second = nn.Linear(hidden, hidden)
        self.dropout = nn.Dropout(0.3)
        self.scores = nn.Linear(hidden, classes + 1)
        self.deltas = nn.Linear(hidden, 4 * classes)

    def forward(self, regions: Tensor, place: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Judges regions.

        Args:
            regions: R x C x BINS x BINS.
            place: R x 6, from `placement`.
            context: R x C', the picture each region lies in.

        Returns:
            Logits R x (K + 1), the background first, and deltas R x K x 4.
        """
        hidden = self.first(F.relu(self.narrow(regions)).flatten(1)) + self.place(place) + self.context(context)
        hidden = self.dropout(F.relu(self.second(self.dropout(F.relu(hidden)))))
        return self.scores(hidden), self.deltas(hidden).view(len(regions), -1, 4)
