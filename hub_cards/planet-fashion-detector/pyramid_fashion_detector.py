"""The network under both stages of the detector: an ImageNet backbone and a feature pyramid on top of it.

B pictures of H x W pixels, C channels. Levels lie at strides 8, 16, 32 and 64.
"""

from __future__ import annotations

import timm
from torch import Tensor, nn
from torch.nn import functional as F

STRIDES = (8, 16, 32, 64)
MEAN, DEVIATION = 127.5, 127.5
"""What the backbone's ImageNet weights were trained with, in grey levels."""


class Backbone(nn.Module):
    """The first six stages of an EfficientNet-Lite, in the three parts training treats differently.

    Args:
        name: of the network in timm, whose stages 2, 4 and 5 end at strides 8, 16 and 32.
    """

    def __init__(self, name: str):
        super().__init__()
        network = timm.create_model(name, pretrained=False)
        self.early = nn.Sequential(network.conv_stem, network.bn1, *network.blocks[:3])
        self.middle = nn.Sequential(*network.blocks[3:5])
        self.late = nn.Sequential(*network.blocks[5:6])

    def start(self, pictures: Tensor) -> Tensor:
        """B x 3 x H x W in 0..255, H and W multiples of 32 -> B x C x H/8 x W/8; not trained here."""
        return self.early((pictures - MEAN) / DEVIATION)

    def forward(self, started: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """From `start` to the features at strides 8, 16 and 32."""
        at16 = self.middle(started)
        return started, at16, self.late(at16)


class Pyramid(nn.Module):
    """Feature pyramid: every level sees what the coarser ones know (Lin et al. 2017).

    Args:
        inputs: channels of the backbone at strides 8, 16 and 32.
        channels: of every level.
    """

    def __init__(self, inputs: list[int] | tuple[int, ...], channels: int):
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(width, channels, 1) for width in inputs)
        self.smooth = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1) for _ in inputs)

    def forward(self, stages: tuple[Tensor, Tensor, Tensor]) -> list[Tensor]:
        """Features at strides 8, 16, 32 -> four levels B x C x H/s x W/s at strides 8, 16, 32 and 64."""
        at8, at16, at32 = (lateral(stage) for lateral, stage in zip(self.lateral, stages, strict=True))
        at16 = at16 + F.interpolate(at32, size=at16.shape[-2:], mode="nearest")
        at8 = at8 + F.interpolate(at16, size=at8.shape[-2:], mode="nearest")
        levels = [smooth(level) for smooth, level in zip(self.smooth, (at8, at16, at32), strict=True)]
        return [*levels, F.max_pool2d(levels[-1], 1, stride=2)]
