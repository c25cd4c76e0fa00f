"""EfficientNet-Lite0 (Tan & Le, 2019; the Lite variant without squeeze-and-excitation) down to its last feature map.

Dims: B pictures, H x W pixels, C channels of the feature map.
"""

from __future__ import annotations

import timm
from timm.layers import BatchNormAct2d
from torch import Tensor, nn

LAST_STAGE = 320
"""Channels that enter the last 1 x 1 convolution."""


class EfficientNetLite0(nn.Module):
    """timm's network without its classifier; the last convolution gives `channels` instead of 1280.

    Input and output: B x 3 x H x W in -1..1 -> B x C x H/32 x W/32 (rounded up), not negative.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.net = timm.create_model("tf_efficientnet_lite0", pretrained=False, num_classes=0, global_pool="")
        self.net.conv_head = nn.Conv2d(LAST_STAGE, channels, 1, bias=False)
        self.net.bn2 = BatchNormAct2d(channels, eps=self.net.bn1.eps, act_layer=nn.ReLU6)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.net.forward_features(pixels)
