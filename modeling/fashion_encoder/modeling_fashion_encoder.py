"""Planet Fashion Encoder: what a product is, how it looks in words, and where its look-alikes lie.

Dims: B pictures, h x w the canvas, D feature, L leaves of the category tree, G attribute groups, V words.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PreTrainedModel

from .backbone_fashion_encoder import EfficientNetLite0
from .configuration_fashion_encoder import FashionEncoderConfig
from .description_fashion_encoder import Attribute, Category, Description
from .fitting_fashion_encoder import fit_picture, middle, to_pixels
from .folding_fashion import fold_norms
from .guiding_fashion_encoder import Orders, spell_out
from .heads_fashion_encoder import SoftmaxHeads
from .images_fashion import load_image
from .resception_fashion_encoder import ResCeption
from .sequence_fashion_encoder import END, AttributeDecoder, Words
from .tree_fashion_encoder import CategoryTree

Picture = str | os.PathLike[str] | Image.Image | np.ndarray
Guide = Mapping[str, str] | None
Decoding = Literal["sequence", "softmax"]

AT_ONCE = 32
"""Pictures that go through the network together."""


class FashionEncoderModel(PreTrainedModel):
    """Describes pictures of single products: `model.describe(["shirt.jpg"])` is all one needs.

    `forward` is for training. Of the parts, `features` feeds everything else: `category` (leaf softmax), `decoder`
    (attributes as a sequence) and `heads` (their rival, independent softmaxes).
    """

    config_class = FashionEncoderConfig
    base_model_prefix = "fashion_encoder"
    main_input_name = "pixels"

    def __init__(self, config: FashionEncoderConfig):
        super().__init__(config)
        self.tree = CategoryTree(config.tree)
        self.words = Words(config.attributes)
        size = config.feature_size
        if config.backbone == "resception":
            self.backbone = ResCeption(size, config.width)
        else:
            self.backbone = EfficientNetLite0(size)
        if config.folded:
            fold_norms(self.backbone)
        self.neck = nn.BatchNorm1d(size, affine=False)
        self.category = nn.Linear(size, len(self.tree.leaves))
        self.heads = SoftmaxHeads(config.attributes, size, config.dropout)
        self.decoder = AttributeDecoder(len(self.words), size, config.embedding, config.hidden, config.dropout)
        self.dropout = nn.Dropout(config.dropout)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """He initialisation for convolutions (He 2015), small weights for the heads; norms keep their constructor's."""
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.01)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.1)

    def fold(self) -> None:
        """Makes the backbone's normalisations part of its convolutions, for publishing; in place."""
        if not self.config.folded:
            fold_norms(self.backbone)
            self.config.folded = True

    def features(self, pixels: Tensor) -> Tensor:
        """The feature before it is brought to unit length: B x D.

        The last map is averaged, and each channel's mean over the training pictures taken off and its spread divided
        out (a batch normalisation without weights; Luo et al., 2019). Signs are thus balanced, which binary signatures
        need. The map is averaged after its activation: before it, D channels would be linear in the 320 below.

        Args:
            pixels: B x 3 x h x w in -1..1.
        """
        return self.neck(self.backbone(pixels).mean((2, 3)))

    def forward(self, pixels: Tensor) -> dict[str, Tensor | dict[str, Tensor]]:
        """Raw outputs, for training.

        Args:
            pixels: B x 3 x h x w in -1..1.

        Returns:
            "features" B x D, "category" B x L log probabilities, and "attributes": group -> B x (words + 1) logits.
        """
        features = self.features(pixels)
        return {
            "features": features,
            "category": F.log_softmax(self.category(self.dropout(features)), -1),
            "attributes": self.heads(features),
        }

    @torch.inference_mode()
    def describe(
        self, images: Sequence[Picture], guides: Sequence[Guide] | None = None, attributes: Decoding = "sequence"
    ) -> list[Description]:
        """Describes pictures of one product each.

        Args:
            images: paths, PIL images, or arrays (H x W x 3 uint8 RGB of any size; see `load_image` for others).
            guides: for each picture what is known of it, group -> word, or None. The category may be any node of the
                tree; a word that the model never learnt is repeated, with confidence 0.
            attributes: "sequence" generates them one after the other; "softmax" decides each alone.

        Returns:
            One description per picture, in order.

        Raises:
            ValueError: if a picture cannot be read, guides do not pair up with pictures or name what does not exist.
        """
        if self.training:
            raise ValueError("The model is in training mode; call model.eval() before describe()")
        if guides is not None and len(guides) != len(images):
            raise ValueError(f"Give one guide per picture (None where there is none), got {len(guides)}, {len(images)}")
        orders = [spell_out(guide, self.words, self.tree) for guide in guides or [None] * len(images)]
        described = []
        for start in range(0, len(images), AT_ONCE):
            began = time.perf_counter()
            some = orders[start : start + AT_ONCE]
            features = self.look(images[start : start + AT_ONCE])
            lines, categories = self.attributes_of(features, some, attributes), self.categories_of(features, some)
            units = F.normalize(features, dim=1).cpu().numpy()
            signatures = np.packbits(units > 0, axis=1)
            ms = 1e3 * (time.perf_counter() - began) / len(some)
            parts = zip(lines, categories, units, signatures, strict=True)
            described += [Description(*part, ms) for part in parts]
        return described

    @torch.inference_mode()
    def classify(self, images: Sequence[Picture]) -> list[tuple[str, float]]:
        """The likeliest label of `config.garment_nodes` for each picture and its share among them.

        Raises:
            ValueError: if a picture cannot be read, or the model is in training mode.
        """
        if self.training:
            raise ValueError("The model is in training mode; call model.eval() before classify()")
        parts = [self.look(images[start : start + AT_ONCE]) for start in range(0, len(images), AT_ONCE)]
        return self.labels_of(self.category(torch.cat(parts)).softmax(1)) if parts else []

    def labels_of(self, probabilities: Tensor) -> list[tuple[str, float]]:
        """(label, share) of each row: the nodes of a label are summed, and the ten sums compared.

        Args:
            probabilities: B x L.
        """
        labels = list(self.config.garment_nodes)
        masks = torch.stack([self.tree.leaf_mask(nodes) for nodes in self.config.garment_nodes.values()], 1)
        sums = probabilities @ masks.to(probabilities)  # B x labels
        shares, best = (sums / sums.sum(1, keepdim=True)).max(1)
        return [(labels[index], share) for index, share in zip(best.tolist(), shares.tolist(), strict=True)]

    def attributes_of(
        self, features: Tensor, orders: Sequence[Orders], decoding: Decoding = "sequence"
    ) -> list[tuple[Attribute, ...]]:
        """Attributes in words.

        Args:
            features: B x D, as `features` gives them.
            orders: one per row, see `spell_out`.
            decoding: "sequence" or "softmax".

        Raises:
            ValueError: if `decoding` is neither.
        """
        forced = torch.tensor([order.forced for order in orders], device=features.device)  # B x G
        allowed = torch.tensor([order.allowed for order in orders], device=features.device)  # B x V
        if decoding == "sequence":
            group_of = torch.tensor(self.words.group_of, device=features.device)
            words, confidences = self.decoder.decode(features, group_of, forced, allowed)
        elif decoding == "softmax":
            words, confidences = self.heads.decode(features, forced, allowed)
        else:
            raise ValueError(f"attributes must be 'sequence' or 'softmax', got {decoding!r}")
        rows = zip(words.tolist(), confidences.tolist(), orders, strict=True)
        return [self._attributes(*row) for row in rows]

    def categories_of(self, features: Tensor, orders: Sequence[Orders]) -> list[Category]:
        """Leaf and hedged node of each row of B x D features, at or under its guide's node."""
        masks = torch.stack([self.tree.leaf_mask([order.node]) for order in orders]).to(features.device)  # B x L
        probabilities = self.category(features).masked_fill(~masks, -torch.inf).softmax(1)
        nodes = (probabilities @ self.tree.membership.to(probabilities)).cpu()  # B x N
        best = probabilities.argmax(1).tolist()
        hedged = self.tree.hedge(probabilities, self.config.hedging_lambda).tolist()
        return [
            Category(
                leaf=self.tree.leaves[leaf],
                confidence=float(probabilities[row, leaf]),
                hedged=self.tree.nodes[node],
                hedged_confidence=min(float(nodes[row, node]), 1.0),
                path=self.tree.path(self.tree.nodes[node]),
            )
            for row, (leaf, node) in enumerate(zip(best, hedged, strict=True))
        ]

    def _attributes(self, words: list[int], confidences: list[float], orders: Orders) -> tuple[Attribute, ...]:
        found = []
        for place, group in enumerate(self.words.groups):
            if group in orders.foreign:
                found.append(Attribute(group, orders.foreign[group], 0.0, True))
            elif words[place] != END:
                value, forced = self.words.words[words[place]][1], orders.forced[place] != END
                found.append(Attribute(group, value, confidences[place], forced))
        return tuple(found)

    def look(self, images: Sequence[Picture]) -> Tensor:
        """Features of a few pictures, not brought to unit length: B x D, the mean of the views that are configured."""
        pictures = [_rgb(image) for image in images]
        features = self._features_of(pictures)
        if self.config.middle:
            features = (features + self._features_of([middle(rgb, self.config.middle) for rgb in pictures])) / 2
        return features

    def _features_of(self, pictures: Sequence[np.ndarray]) -> Tensor:
        """Features of RGB arrays, mirror images averaged in if so configured: B x D."""
        canvas = (self.config.image_height, self.config.image_width)
        pixels = to_pixels(np.stack([fit_picture(rgb, canvas) for rgb in pictures])).to(self.device)
        features = self.features(pixels)
        return (features + self.features(pixels.flip(3))) / 2 if self.config.flip else features


def _rgb(image: Picture) -> np.ndarray:
    """An RGB array; regions cut from a picture that was read before may be smaller than a picture may be."""
    region = isinstance(image, np.ndarray) and image.ndim == 3 and image.shape[2] == 3 and image.dtype == np.uint8
    return image if region and min(image.shape[:2]) > 0 else load_image(image)


FashionEncoderConfig.register_for_auto_class()
FashionEncoderModel.register_for_auto_class("AutoModel")

__all__ = ["FashionEncoderModel"]
