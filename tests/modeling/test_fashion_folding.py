"""Normalisations folded into convolutions: the same answers from fewer weights, saved and loaded too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from modeling.fashion_detector import FashionDetectorConfig, FashionDetectorModel
from modeling.fashion_encoder import FashionEncoderConfig, FashionEncoderModel
from modeling.fashion_encoder.folding_fashion import fold_norms

MODELS = {
    "encoder": lambda: FashionEncoderModel(FashionEncoderConfig(image_height=64, image_width=64, feature_size=64)),
    "resception": lambda: FashionEncoderModel(
        FashionEncoderConfig(backbone="resception", width=0.04, image_height=64, image_width=64, feature_size=64)
    ),
    "detector": lambda: FashionDetectorModel(FashionDetectorConfig(frame_side=128, classes=("bag", "hat"))),
}


def _norms(network: nn.Module) -> list[nn.BatchNorm2d]:
    return [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]


def _lived_in(model):
    """The model with statistics and scales as training leaves them: of all sizes, some scales negative."""
    for norm in _norms(model):
        nn.init.normal_(norm.running_mean, std=0.3)
        nn.init.uniform_(norm.running_var, 0.2, 3)
        nn.init.normal_(norm.weight, mean=0.8, std=0.5)
        nn.init.normal_(norm.bias, std=0.2)
    return model.eval()


def _seen(model) -> list[torch.Tensor]:
    pixels = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(4)) * 2 - 1
    with torch.inference_mode():
        if isinstance(model, FashionDetectorModel):
            return model(127.5 * (pixels + 1)).levels
        return [model.features(pixels)]


@pytest.fixture(params=MODELS)
def model(request):
    torch.manual_seed(6)
    return _lived_in(MODELS[request.param]())


def test_folded_it_sees_the_same(model, tmp_path):
    before, size = _seen(model), sum(value.numel() for value in model.state_dict().values())
    assert len(_norms(model.backbone)) > 20
    model.fold()
    model.fold()  # twice is once
    assert not _norms(model.backbone)
    assert sum(value.numel() for value in model.state_dict().values()) < size
    model.save_pretrained(tmp_path)
    for other in (model, type(model).from_pretrained(tmp_path).eval()):
        for one, two in zip(before, _seen(other), strict=True):
            torch.testing.assert_close(two, one, rtol=1e-3, atol=1e-3 * float(one.abs().max()))


def test_a_bias_is_kept_and_what_does_not_follow_stays():
    torch.manual_seed(1)
    network = nn.Sequential(
        nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.BatchNorm2d(5), nn.Conv2d(5, 2, 1, bias=False)
    ).eval()
    for norm in _norms(network):
        nn.init.normal_(norm.running_mean)
        nn.init.uniform_(norm.running_var, 0.5, 2)
    pictures = torch.randn(1, 3, 9, 9)
    wanted = network(pictures)
    fold_norms(network)
    assert [type(module).__name__ for module in network] == ["Conv2d", "Identity", "ReLU", "BatchNorm2d", "Conv2d"]
    np.testing.assert_allclose(network(pictures).detach(), wanted.detach(), atol=1e-5)


def test_both_models_carry_the_same_file():
    copies = sorted(Path(__file__).parents[2].glob("modeling/*/folding_fashion.py"))
    assert len(copies) == 2
    assert copies[0].read_bytes() == copies[1].read_bytes()
