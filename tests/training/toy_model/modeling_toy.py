"""The toy model."""

from torch import Tensor
from transformers import PreTrainedModel

from .configuration_toy import ToyConfig
from .layers_toy import Doubling


class ToyModel(PreTrainedModel):
    """B x width numbers in, B x 3 out."""

    config_class = ToyConfig

    def __init__(self, config: ToyConfig) -> None:
        super().__init__(config)
        self.layer = Doubling(config.width)
        self.post_init()

    def forward(self, inputs: Tensor) -> Tensor:
        return self.layer(inputs)
