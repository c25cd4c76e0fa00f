"""The first CNN: where in the frame is the card number?

A fully convolutional network looks at the whole grey frame and answers on a grid of stride 8, for every cell, whether
it lies on a printed line of a card number and, if so, where that line runs. Dimensions: B frames, H x W pixels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STRIDE = 8
"""Frame pixels per cell of the detector's grid."""

MAPS = ("score", "offset_x", "offset_y", "log_height", "cosine", "sine")
"""Output channels: logit of being on a number line; step to the nearest point of its centre line and natural log of the
digit height, both in units of `STRIDE` pixels; reading direction as cosine and sine (y points down)."""


class ConvBlock(nn.Sequential):
    """3 x 3 convolution, batch normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int | tuple[int, int] = 1, dilation: int = 1):
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, stride, padding=dilation, dilation=dilation, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


def standardise(grey: Tensor) -> Tensor:
    """Zero mean and unit contrast per picture; B x 1 x H x W in 0..255 -> the same shape.

    Eight grey levels are added to the deviation, so that noise in an empty picture stays small.
    """
    mean = grey.mean((2, 3), keepdim=True)
    deviation = (grey - mean).square().mean((2, 3), keepdim=True).sqrt()
    return (grey - mean) / (deviation + 8.0)


class NumberDetector(nn.Module):
    """Finds number lines: a narrow encoder to stride 32 and a decoder back to stride 8 (after U-Net, Ronneberger 2015).

    Args:
        channels: widths at strides 2, 4, 8, 16 and 32.
    """

    def __init__(self, channels: list[int] | tuple[int, ...]):
        super().__init__()
        c2, c4, c8, c16, c32 = channels
        self.stem = nn.Sequential(ConvBlock(1, c2, 2), ConvBlock(c2, c4, 2))
        self.stage8 = nn.Sequential(ConvBlock(c4, c8, 2), ConvBlock(c8, c8))
        self.stage16 = nn.Sequential(ConvBlock(c8, c16, 2), ConvBlock(c16, c16))
        self.stage32 = nn.Sequential(ConvBlock(c16, c32, 2), ConvBlock(c32, c32, dilation=2), ConvBlock(c32, c32))
        self.lateral32 = nn.Conv2d(c32, c16, 1)
        self.fuse16 = ConvBlock(c16, c16)
        self.lateral16 = nn.Conv2d(c16, c8, 1)
        self.fuse8 = nn.Sequential(ConvBlock(c8, c8), ConvBlock(c8, c8))
        self.head = nn.Conv2d(c8, len(MAPS), 1)

    def forward(self, grey: Tensor) -> Tensor:
        """Number lines of grey frames.

        Args:
            grey: B x 1 x H x W in 0..255, H and W multiples of 32.

        Returns:
            B x 6 x H/8 x W/8, channels as in `MAPS`.
        """
        at8 = self.stage8(self.stem(standardise(grey)))
        at16 = self.stage16(at8)
        at32 = self.stage32(at16)
        at16 = self.fuse16(at16 + F.interpolate(self.lateral32(at32), scale_factor=2.0, mode="nearest"))
        at8 = self.fuse8(at8 + F.interpolate(self.lateral16(at16), scale_factor=2.0, mode="nearest"))
        return self.head(at8)


def cell_centres(height: int, width: int, device: torch.device | None = None) -> Tensor:
    """Frame coordinates (x, y) of the cell centres of a height x width grid: height x width x 2."""
    y, x = torch.meshgrid(torch.arange(height, device=device), torch.arange(width, device=device), indexing="ij")
    return (torch.stack([x, y], -1) + 0.5) * STRIDE
