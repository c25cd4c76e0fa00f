"""Configuration of the toy model."""

from transformers import PretrainedConfig


class ToyConfig(PretrainedConfig):
    """One setting: the width of the input."""

    model_type = "planet-toy"
    width: int = 5
