"""The first CNN: where in the frame is the card number?

A fully convolutional network looks at the whole grey frame and answers on a grid of stride 8, for every cell, whether
it lies on a printed line of a card number and, if so, where that line runs. Dimensions: B frames, H x W pixels.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STRIDE = 8
"""Frame pixels per cell of the detector's grid."""

MAPS = ("score", "offset_x", "offset_y", "log_height", "cosine", "sine")
"""Output channels: logit of being on a number line; step to the nearest point of its centre line and natural log of the
digit height, both in units of `STRIDE` pixels; reading direction as cosine and sine (y points down)."""


class ConvBlock(nn.Sequential):
    """Convolution (3 x 3 unless told), batch normalisation unless `folded` into it, ReLU.

    Out of training, the normalisation is a scale and a shift that the convolution takes along in one go.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int | tuple[int, int] = 3,
        stride: int = 1,
        dilation: int = 1,
        padding: int | tuple[int, int] | None = None,
        folded: bool = False,
    ):
        padding = dilation if padding is None else padding
        convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, bias=folded)
        normalisation = () if folded else (nn.BatchNorm2d(outputs),)
        super().__init__(convolution, *normalisation, nn.ReLU(inplace=True))

    def forward(self, x: Tensor) -> Tensor:
        if self.training or len(self) == 2:
            return super().forward(x)
        convolution, normalisation, activation = self
        scale = normalisation.weight * torch.rsqrt(normalisation.running_var + normalisation.eps)
        weight = convolution.weight * scale[:, None, None, None]
        bias = normalisation.bias - normalisation.running_mean * scale
        place = convolution.stride, convolution.padding, convolution.dilation
        return activation(F.conv2d(x, weight, bias, *place))


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
        folded: without batch normalisations, see `CardOcrConfig`.
    """

    def __init__(self, channels: list[int] | tuple[int, ...], folded: bool = False):
        super().__init__()
        c2, c4, c8, c16, c32 = channels
        block = partial(ConvBlock, folded=folded)
        self.stem = nn.Sequential(block(1, c2, stride=2), block(c2, c4, stride=2))
        self.stage8 = nn.Sequential(block(c4, c8, stride=2), block(c8, c8))
        self.stage16 = nn.Sequential(block(c8, c16, stride=2), block(c16, c16))
        self.stage32 = nn.Sequential(block(c16, c32, stride=2), block(c32, c32, dilation=2), block(c32, c32))
        self.lateral32 = nn.Conv2d(c32, c16, 1)
        self.fuse16 = block(c16, c16)
        self.lateral16 = nn.Conv2d(c16, c8, 1)
        self.fuse8 = nn.Sequential(block(c8, c8), block(c8, c8))
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
