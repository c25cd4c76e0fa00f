"""Planet Fashion Classic: region by saliency and GrabCut, HoG and SVMs, colours and patterns; the networks' rival.

Dimensions: N pictures, K labels, L leaves of the category tree, F entries of the feature.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

import numpy as np
import torch
from PIL import Image
from torch import nn
from transformers import PreTrainedModel

from .colour_fashion_classic import COLOUR_FEATURES
from .configuration_fashion_classic import PARTS, FashionClassicConfig
from .describing_fashion_classic import Descriptors, describe, scaled, shrunk
from .evidence_fashion_classic import Evidence, narrowed, unit
from .hog_fashion_classic import HOG_FEATURES
from .images_fashion import load_image
from .looking_fashion_classic import Box, Detection, Look
from .pattern_fashion_classic import PATTERN_FEATURES
from .region_fashion_classic import clipped, cut_region, whole
from .signature_fashion_classic import SIGNATURE_BITS, random_directions, signatures
from .tree_fashion_classic import Tree
from .wording_fashion_classic import Guide, allowed_leaves, attributes_of, category_of, guide_words


class FashionClassicModel(PreTrainedModel):
    """Looks at a picture of a product with the methods of before deep learning.

    Weights come from scikit-learn (`training.fashion.train_classic`): linear machines on HoG for the category, on the
    colour histogram for names of colours, on the pattern histogram for names of patterns, and the axes of shape that
    tell categories apart best.
    """

    config_class = FashionClassicConfig
    base_model_prefix = "fashion_classic"
    main_input_name = "shapes"

    def __init__(self, config: FashionClassicConfig):
        super().__init__(config)
        self.tree = Tree(config.tree)
        self.categories = nn.Linear(HOG_FEATURES, len(config.labels))
        self.axes = nn.Linear(HOG_FEATURES, config.shape_size)
        self.colours = nn.Linear(COLOUR_FEATURES, len(config.colours))
        self.patterns = nn.Linear(PATTERN_FEATURES, len(config.patterns))
        self.register_buffer("centre", torch.zeros(self.feature_size))
        self.register_buffer("directions", torch.zeros(SIGNATURE_BITS, -(-self.feature_size // 8), dtype=torch.uint8))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Zeros: scikit-learn provides the weights, and untrained eyes must not look trained."""
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)
        elif module is self:
            nn.init.zeros_(self.centre)
            nn.init.zeros_(self.directions)
            self.directions.copy_(torch.from_numpy(random_directions(self.feature_size)))

    @property
    def feature_size(self) -> int:
        """Entries of the feature: axes of shape, colour bins, pattern bins, leaves of the tree, names of colours."""
        config = self.config
        return config.shape_size + COLOUR_FEATURES + PATTERN_FEATURES + len(self.tree.leaves) + len(config.colours)

    def forward(self, shapes: torch.Tensor) -> torch.Tensor:
        """Calibrated logits of the labels, N x K, of HoG descriptors, N x HOG_FEATURES."""
        return self.categories(shapes)

    def look(
        self,
        image: str | os.PathLike[str] | Image.Image | np.ndarray,
        guide: Mapping[str, str] | Guide | None = None,
        box: Box | None = None,
    ) -> Look:
        """Finds the product in a picture and describes it.

        Args:
            image: path, PIL image, or array H x W (grey) or H x W x 3 (RGB).
            guide: what is known of the product: attribute group -> word, or an object whose `tokens` are that. A
                category or parent limits the answer to the leaves under it; other words are repeated as they are.
            box: where the product is, in pixels of the upright picture; None to look for it.

        Raises:
            ValueError: if the input is not a readable picture, the box lies outside it, or the guide names a group or
                a category that does not exist.
        """
        times = [time.perf_counter()]
        words = guide_words(guide)
        allowed = allowed_leaves(self.tree, words)
        rgb = load_image(image)
        view = shrunk(rgb, self.config.view_side)
        frame = shrunk(view, self.config.frame_side)
        given = None if box is None else scaled(clipped(box, *rgb.shape[:2]), rgb, frame)
        times.append(time.perf_counter())
        region = cut_region(frame, given, self.config.rounds)
        times.append(time.perf_counter())
        seen = describe(view, region)
        everything = whole(*frame.shape[:2])
        around = describe(view, everything) if box is None else None
        times.append(time.perf_counter())
        evidence = self.weigh(seen, around)
        described = region if evidence.verified else everything
        leaves = narrowed(evidence.leaves, allowed)
        category = category_of(self.tree, leaves, self.config.hedging_lambda)
        feature = self.feature(evidence, leaves)
        signature = signatures(feature[None], self.centre.cpu().numpy(), self.directions.cpu().numpy())[0]
        garment = self.config.garment_class.get(category.leaf, "")
        place = scaled(described.box, frame, rgb)
        times.append(time.perf_counter())
        stages = np.diff([*times, times[0]]) * [1e3, 1e3, 1e3, 1e3, -1e3]
        return Look(
            detections=(Detection(garment, self._score(garment, leaves), place),) if garment else (),
            box=place,
            garment=garment,
            attributes=attributes_of(self.config, self.tree, evidence, leaves, category, words),
            category=category,
            feature=feature,
            signature=signature,
            histogram=evidence.seen.colour,
            ms=dict(zip(("load", "region", "describe", "classify", "total"), map(float, stages), strict=True)),
            mask=described.mask,
            verified=evidence.verified,
        )

    @torch.inference_mode()
    def weigh(self, seen: Descriptors, around: Descriptors | None = None) -> Evidence:
        """Verifies a region against the whole picture and names what is seen.

        The whole picture's shape suggests a label; the region is kept if its own shape gives that label a probability
        of at least `verify_threshold`. Where it is kept, both windows vote; where not, the whole picture alone.

        Args:
            seen: of the region.
            around: of the whole picture; None keeps the region unverified, with the only vote.
        """
        windows = [seen.shape] if around is None else [around.shape, seen.shape]
        shapes = torch.from_numpy(np.stack(windows)).to(self.device)
        logits = self.categories(shapes)
        verified = True
        if around is not None:
            verified = float(logits[1].softmax(0)[logits[0].argmax()]) >= self.config.verify_threshold
            if not verified:
                seen, shapes, logits = around, shapes[:1], logits[:1]
        labels = logits.mean(0).softmax(0).cpu().double().numpy()
        return Evidence(
            seen=seen,
            verified=verified,
            axes=unit(self.axes(shapes).mean(0).cpu().numpy()),
            leaves=self.tree.leaf_probabilities(self.config.labels, labels),
            colours=self.colours(torch.from_numpy(seen.colour).to(self.device)).softmax(0).cpu().numpy(),
            patterns=self.patterns(torch.from_numpy(seen.pattern).to(self.device)).softmax(0).cpu().numpy(),
        )

    def feature(self, evidence: Evidence, leaves: np.ndarray) -> np.ndarray:
        """The parts of the feature side by side, weighted, of length 1: F float32.

        Args:
            leaves: L probabilities, narrowed to what a guide allows.
        """
        weights = self.config.weights
        return unit(np.concatenate([weights[name] * part for name, part in feature_parts(evidence, leaves).items()]))

    def _score(self, garment: str, leaves: np.ndarray) -> float:
        """Probability of the leaves of a garment class."""
        classes = [self.config.garment_class.get(leaf, "") for leaf in self.tree.leaves]
        return float(min(sum(p for p, name in zip(leaves, classes, strict=True) if name == garment), 1.0))


def feature_parts(evidence: Evidence, leaves: np.ndarray) -> dict[str, np.ndarray]:
    """The parts of the feature before they are weighted, each float32 of length 1, in the order of `PARTS`."""
    seen = evidence.seen
    parts = (evidence.axes, seen.colour, seen.pattern, np.sqrt(leaves), np.sqrt(evidence.colours))
    return {name: part.astype(np.float32) for name, part in zip(PARTS, parts, strict=True)}


FashionClassicConfig.register_for_auto_class()
FashionClassicModel.register_for_auto_class("AutoModel")

__all__ = ["FashionClassicModel", "feature_parts"]
