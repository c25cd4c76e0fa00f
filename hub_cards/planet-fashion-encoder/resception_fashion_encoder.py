"""ResCeption: Inception-v3 whose branches learn a residual (arXiv 1609.07859; Szegedy et al., 2016; He et al., 2016).

Every branch of several convolutions gets a projection of the block's input (1 x 1; 3 x 3 with stride 2 where the block
halves the map) added to what it computed, before its last ReLU. The layout is Inception-v3's, every number of channels
times `width`. Dims: B pictures, H x W pixels, C channels.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

Shape = tuple[int, int, int] | tuple[int, int, int, int]
"""Channels, rows and columns of a kernel, and its stride where that is not 1."""


class ConvNorm(nn.Sequential):
    """Convolution that keeps the map's size at stride 1, batch normalisation, and a ReLU if wanted."""

    def __init__(self, inside: int, shape: Shape, activate: bool = True):
        channels, rows, columns, stride = (*shape, 1)[:4]
        super().__init__(
            nn.Conv2d(inside, channels, (rows, columns), stride, (rows // 2, columns // 2), bias=False),
            nn.BatchNorm2d(channels, eps=1e-3),
            nn.ReLU() if activate else nn.Identity(),
        )


class Fork(nn.Module):
    """Convolutions side by side, their maps stacked."""

    def __init__(self, inside: int, shapes: Sequence[Shape]):
        super().__init__()
        self.ways = nn.ModuleList(ConvNorm(inside, shape, activate=False) for shape in shapes)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([way(x) for way in self.ways], 1)


class Branch(nn.Module):
    """Convolutions one after the other, and the block's input, projected, added before the last ReLU.

    Args:
        inside: channels that come in.
        shapes: of the convolutions; the last may be a list: a fork.
        stride: of the block.
    """

    def __init__(self, inside: int, shapes: Sequence[Shape | list[Shape]], stride: int = 1):
        super().__init__()
        layers, channels = [], inside
        for shape in shapes[:-1]:
            layers.append(ConvNorm(channels, shape))
            channels = shape[0]
        last = shapes[-1] if isinstance(shapes[-1], list) else [shapes[-1]]
        layers.append(Fork(channels, last))
        self.channels = sum(shape[0] for shape in last)
        self.layers = nn.Sequential(*layers)
        side = 3 if stride > 1 else 1
        self.shortcut = ConvNorm(inside, (self.channels, side, side, stride), activate=False)
        self.activation = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.layers(x) + self.shortcut(x))


class Block(nn.Module):
    """Branches side by side, one that pools, and often one of a single convolution, which needs no shortcut.

    Args:
        inside: channels that come in.
        branches: of several convolutions each.
        direct: the single convolution; None for none.
        pooled: channels of the 1 x 1 convolution after average pooling; 0 for a block that halves the map: its maximum
            is pooled, and its channels stay.
    """

    def __init__(
        self,
        inside: int,
        branches: Sequence[Sequence[Shape | list[Shape]]],
        direct: Shape | None,
        pooled: int = 0,
    ):
        super().__init__()
        ways: list[nn.Module] = [Branch(inside, shapes, stride=1 if pooled else 2) for shapes in branches]
        self.channels = sum(branch.channels for branch in ways) + (pooled or inside)
        if direct:
            ways.append(ConvNorm(inside, direct))
            self.channels += direct[0]
        if pooled:
            pool = nn.AvgPool2d(3, 1, 1, count_include_pad=False)
            ways.append(nn.Sequential(pool, ConvNorm(inside, (pooled, 1, 1))))
        else:
            ways.append(nn.MaxPool2d(3, 2, 1))
        self.ways = nn.ModuleList(ways)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([way(x) for way in self.ways], 1)


class ResCeption(nn.Module):
    """The whole network, and a 1 x 1 convolution that brings its channels (2048 at width 1) to those wanted.

    Input and output: B x 3 x H x W in -1..1 -> B x C x H/32 x W/32 (rounded up), not negative.

    Args:
        channels: of the last map.
        width: multiplier of all channels inside; 1 is the paper's network.
    """

    def __init__(self, channels: int, width: float = 1.0):
        super().__init__()

        def w(count: int) -> int:
            return max(4, round(count * width))

        self.stem = nn.Sequential(
            ConvNorm(3, (w(32), 3, 3, 2)), ConvNorm(w(32), (w(32), 3, 3)), ConvNorm(w(32), (w(64), 3, 3)),
            nn.MaxPool2d(3, 2, 1), ConvNorm(w(64), (w(80), 1, 1)), ConvNorm(w(80), (w(192), 3, 3)),
            nn.MaxPool2d(3, 2, 1),
        )  # fmt: skip
        inside, blocks = w(192), []
        for kind, size in (
            ("square", 32), ("square", 64), ("square", 64), ("halve", 0),
            ("long", 128), ("long", 160), ("long", 160), ("long", 192), ("halve late", 0), ("wide", 0), ("wide", 0),
        ):  # fmt: skip
            blocks.append(_BLOCKS[kind](inside, w, size))
            inside = blocks[-1].channels
        self.blocks = nn.Sequential(*blocks)
        self.last = ConvNorm(inside, (channels, 1, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        return self.last(self.blocks(self.stem(pixels)))


def _square(inside: int, w, pooled: int) -> Block:
    """Mixed 5b to 5d: 5 x 5 and twice 3 x 3."""
    five = [(w(48), 1, 1), (w(64), 5, 5)]
    double = [(w(64), 1, 1), (w(96), 3, 3), (w(96), 3, 3)]
    return Block(inside, [five, double], (w(64), 1, 1), w(pooled))


def _halve(inside: int, w, _: int) -> Block:
    """Mixed 6a: to stride 16."""
    return Block(inside, [[(w(64), 1, 1), (w(96), 3, 3), (w(96), 3, 3, 2)]], (w(384), 3, 3, 2))


def _long(inside: int, w, middle: int) -> Block:
    """Mixed 6b to 6e: 7 x 7 taken apart into 1 x 7 and 7 x 1, once and twice."""
    m, out = w(middle), w(192)
    once = [(m, 1, 1), (m, 1, 7), (out, 7, 1)]
    twice = [(m, 1, 1), (m, 7, 1), (m, 1, 7), (m, 7, 1), (out, 1, 7)]
    return Block(inside, [once, twice], (out, 1, 1), out)


def _halve_late(inside: int, w, _: int) -> Block:
    """Mixed 7a: to stride 32."""
    three = [(w(192), 1, 1), (w(320), 3, 3, 2)]
    seven = [(w(192), 1, 1), (w(192), 1, 7), (w(192), 7, 1), (w(192), 3, 3, 2)]
    return Block(inside, [three, seven], None)


def _wide(inside: int, w, _: int) -> Block:
    """Mixed 7b and 7c: 3 x 3 taken apart into 1 x 3 and 3 x 1 side by side."""
    fork = [(w(384), 1, 3), (w(384), 3, 1)]
    return Block(
        inside, [[(w(384), 1, 1), fork], [(w(448), 1, 1), (w(384), 3, 3), fork]], (w(320), 1, 1), w(192)
    )  # fmt: skip


_BLOCKS = {"square": _square, "halve": _halve, "long": _long, "halve late": _halve_late, "wide": _wide}
