"""Configuration of the fashion encoder: backbone, category tree, attribute words and the wanted sureness of hedging."""

from __future__ import annotations

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

BACKBONES = ("efficientnet_lite0", "resception")

PARENT, CATEGORY = "parent", "category"
"""The two attribute groups whose words are nodes of the category tree."""


@strict
class FashionEncoderConfig(PreTrainedConfig):
    """Sizes and words of `FashionEncoderModel`.

    You will most likely change `hedging_lambda`: a larger one gives vaguer categories that are wrong less often.
    Training writes the tree and the words, its measuring step `hedging_lambda` and `hedging_accuracy`.

    Args:
        backbone: "efficientnet_lite0", or "resception" (arXiv 1609.07859).
        width: width multiplier of ResCeption; 1.0 is the paper's.
        image_height: rows a picture is brought to.
        image_width: columns a picture is brought to.
        feature_size: length of the feature, a multiple of 8 (its signs are packed into bytes).
        folded: the backbone's normalisations are part of its convolutions, as published weights have it.
        flip: describe the mean of a picture and its mirror image.
        middle: and of these and the picture's middle, this share of its rows and columns; 0 leaves that out.
        tree: node -> parent, the root's parent being "".
        garment_class: leaf of the tree -> class of the garment detector, or "".
        garment_nodes: label of the ten-class garment set -> the nodes of the tree it stands for; no two overlap.
        attributes: attribute group -> its words.
        groups: the groups in the order of the sequence; by default that of `attributes`. A saved configuration needs
            it: JSON files of Transformers are sorted by key.
        embedding: length of the decoder's word vectors.
        hidden: units of the decoder's LSTM.
        dropout: in the decoder and before the heads.
        hedging_lambda: what a node's probability earns besides its information gain (Deng et al. 2012).
        hedging_accuracy: the share of right answers wanted on validation when `hedging_lambda` was chosen.
    """

    model_type = "planet_fashion_encoder"

    # network
    backbone: str = "efficientnet_lite0"
    width: float = 1.0
    image_height: int = 192
    image_width: int = 144
    feature_size: int = 1024
    folded: bool = False
    flip: bool = True
    middle: float = 0.0
    # words
    tree: dict[str, str] | None = None
    garment_class: dict[str, str] | None = None
    garment_nodes: dict[str, list[str]] | None = None
    attributes: dict[str, list[str]] | None = None
    groups: list[str] | None = None
    # attributes as a sequence
    embedding: int = 104
    hidden: int = 224
    dropout: float = 0.4
    # hedging
    hedging_lambda: float = 0.0
    hedging_accuracy: float = 0.95

    def __post_init__(self, **kwargs):
        super().__post_init__(**kwargs)
        self.tree = self.tree or {"product": "", "clothing": "product", "footwear": "product"}
        self.garment_class = self.garment_class or {}
        self.garment_nodes = self.garment_nodes or {}
        self.attributes = self.attributes or {}
        self.groups = list(self.attributes) if self.groups is None else self.groups
        if sorted(self.groups) != sorted(self.attributes):
            raise ValueError(f"groups must order those of attributes, {list(self.attributes)}, got {self.groups}")
        self.attributes = {group: self.attributes[group] for group in self.groups}
        if self.backbone not in BACKBONES:
            raise ValueError(f"backbone must be one of {', '.join(BACKBONES)}, got {self.backbone!r}")
        if self.feature_size % 8 or self.feature_size < 8:
            raise ValueError(f"feature_size must be a positive multiple of 8, got {self.feature_size}")
        for name in ("image_height", "image_width"):
            if getattr(self, name) < 32:
                raise ValueError(f"{name} must be at least 32, got {getattr(self, name)}")
        for name in ("width", "embedding", "hidden"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
        if not 0 <= self.middle <= 1:
            raise ValueError(f"middle must lie between 0 and 1, got {self.middle}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be at least 0 and below 1, got {self.dropout}")
        if self.hedging_lambda < 0 or not 0 <= self.hedging_accuracy <= 1:
            raise ValueError(
                "hedging_lambda must not be negative and hedging_accuracy lie between 0 and 1, got "
                f"{self.hedging_lambda} and {self.hedging_accuracy}"
            )
        self._check_words()

    @property
    def views(self) -> dict[str, float]:
        """What features depend on besides the weights: those of different views cannot be compared."""
        return {name: float(getattr(self, name)) for name in ("image_height", "image_width", "flip", "middle")}

    def _check_words(self) -> None:
        for label, nodes in self.garment_nodes.items():
            for node in nodes:
                if node not in self.tree:
                    raise ValueError(f"garment_nodes[{label!r}] names {node!r}, which is not a node of the tree")
        for group in (PARENT, CATEGORY):
            for word in self.attributes.get(group, []):
                if word not in self.tree:
                    raise ValueError(f"attributes[{group!r}] holds {word!r}, which is not a node of the tree")


__all__ = ["FashionEncoderConfig"]
