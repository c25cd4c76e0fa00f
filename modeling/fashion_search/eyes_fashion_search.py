"""What looks at pictures for the search: the contract, a detector with an encoder, and a model that does it all.

Folders of models do not import each other, so detector and encoder are known here by what they can do only.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PIL import Image

from .config_fashion_search import IndexConfig
from .histogram_fashion_search import colour_histogram, on_plain_background
from .images_fashion import load_image
from .regions_fashion_search import alone, clipped, cropped, likeliest, whole
from .results_fashion_search import Attribute, Box, Category, Detection, Look

if TYPE_CHECKING:
    from .guide_fashion_search import Guide

Picture = str | os.PathLike[str] | Image.Image | np.ndarray


class Eyes(Protocol):
    """Sees garments in a picture and describes the one that is meant.

    Attributes:
        name: of the model, for people.
        revision: of what makes the features; features of two revisions cannot be compared.
        detector_revision: of what chooses the region, "" if that is the same.
        feature_size: length of the features.
        tree: node -> parent of the category tree, the root's parent being "".
        colour_weight: what an index made with them takes for `IndexConfig.colour_weight` unless told.
    """

    name: str
    revision: str
    feature_size: int
    detector_revision: str
    tree: Mapping[str, str]
    colour_weight: float

    def look(self, image: Picture, guide: Guide | None = None, box: Box | None = None) -> Look:
        """Describes one garment of a picture.

        Args:
            image: the picture.
            guide: which garment is meant and what is known of it.
            box: where it is; found if None.

        Raises:
            ValueError: in words for people, if the picture cannot be read or the box lies outside.
        """


class Detector(Protocol):
    """Finds garments. See `FashionDetectorModel.detect`."""

    def detect(self, image: Any, classes: Collection[str] | None = None) -> Sequence[Any]:
        """Detections with `label`, `score` and `box`, the best first."""

    def state_dict(self) -> Mapping[str, Any]:
        """The weights."""


class Encoder(Protocol):
    """Describes garments. See `FashionEncoderModel.describe`."""

    config: Any

    def describe(
        self, images: Sequence[Any], guides: Sequence[Mapping[str, str] | None] | None = None
    ) -> Sequence[Any]:
        """Descriptions with `attributes`, `category`, `feature` and `signature`."""

    def state_dict(self) -> Mapping[str, Any]:
        """The weights."""


class DeepEyes:
    """A garment detector and an encoder.

    Without a guide the garment that fills the picture most surely is described. With one, the surest of the wanted
    class; where there is none, or the detector does not know the class, the whole picture is described as what the
    guide says it is. A garment alone on a plain background, as catalogues show it, is described by the whole picture.

    Args:
        detector: finds garments.
        encoder: describes them; `config.tree` and `config.garment_class` are its words.
        name: for people.
    """

    colour_weight = 0.1
    """As validation chose (`training.fashion.choose_weights`)."""

    def __init__(self, detector: Detector, encoder: Encoder, name: str = "planet-fashion-encoder"):
        self.detector, self.encoder, self.name = detector, encoder, name
        self.revision = fingerprint(encoder.state_dict(), getattr(encoder.config, "views", {}))
        self.detector_revision = fingerprint(detector.state_dict())
        self.feature_size: int = encoder.config.feature_size
        self.tree: Mapping[str, str] = encoder.config.tree
        self._garment_class: Mapping[str, str] = encoder.config.garment_class

    def look(self, image: Picture, guide: Guide | None = None, box: Box | None = None) -> Look:
        """Describes one garment of a picture. See `Eyes.look`."""
        began = time.perf_counter()
        rgb = load_image(image)
        loaded = time.perf_counter()
        detections, box, garment = self._choose(rgb, guide, box)
        found = time.perf_counter()
        region = cropped(rgb, box)
        (seen,) = self.encoder.describe([region], [guide.tokens or None] if guide else None)
        described = time.perf_counter()
        histogram = colour_histogram(region)
        ended = time.perf_counter()
        return Look(
            detections=detections,
            box=box,
            garment=garment or self._garment_class.get(seen.category.leaf, ""),
            attributes=tuple(Attribute(one.group, one.value, one.confidence, one.forced) for one in seen.attributes),
            category=_category(seen.category),
            feature=np.asarray(seen.feature, np.float32),
            signature=np.asarray(seen.signature, np.uint8),
            histogram=histogram,
            ms={
                "load": 1e3 * (loaded - began),
                "detect": 1e3 * (found - loaded),
                "encode": 1e3 * (described - found),
                "colours": 1e3 * (ended - described),
            },
        )

    def _choose(self, rgb: np.ndarray, guide: Guide | None, box: Box | None) -> tuple[tuple[Detection, ...], Box, str]:
        """Garments found, the region to describe, and its class if the detector chose it."""
        height, width = rgb.shape[:2]
        if box is not None:
            return (), clipped(box, width, height), ""
        classes = guide.garment_classes if guide else frozenset()
        if not classes and guide and guide.tokens.get("category"):
            return (), whole(width, height), ""  # something that the detector does not know, e.g. a watch
        found = self.detector.detect(rgb, classes=sorted(classes) or None)
        detections = tuple(Detection(one.label, float(one.score), tuple(map(float, one.box))) for one in found)
        if not detections:
            return (), whole(width, height), ""
        chosen = detections[0] if len(classes) == 1 else likeliest(detections, width, height)
        if on_plain_background(rgb) and alone(chosen, self.detector.detect(rgb) if classes else detections):
            return detections, whole(width, height), chosen.label
        return detections, clipped(chosen.box, width, height), chosen.label


class ModelEyes:
    """A model with a `look` of its own, such as the traditional rival.

    Args:
        model: its `config.tree` is the category tree, its `feature_size` the length of a feature.
        name: for people.
    """

    colour_weight = IndexConfig.colour_weight

    def __init__(self, model: Any, name: str):
        self.model, self.name = model, name
        self.revision = fingerprint(model.state_dict())
        self.detector_revision = ""
        self.feature_size: int = model.feature_size
        self.tree: Mapping[str, str] = model.config.tree

    def look(self, image: Picture, guide: Guide | None = None, box: Box | None = None) -> Look:
        """Describes one garment of a picture. See `Eyes.look`."""
        seen = self.model.look(image, guide=guide, box=box)
        return Look(
            detections=tuple(Detection(one.label, float(one.score), one.box) for one in seen.detections),
            box=seen.box,
            garment=seen.garment,
            attributes=tuple(Attribute(one.group, one.value, one.confidence, one.forced) for one in seen.attributes),
            category=_category(seen.category),
            feature=seen.feature,
            signature=seen.signature,
            histogram=seen.histogram,
            ms=dict(seen.ms),
        )


def fingerprint(weights: Mapping[str, Any], settings: Mapping[str, float] | None = None) -> str:
    """Twelve hex digits that change when any weight or setting does (SHA-256 over names and values)."""
    digest = hashlib.sha256(repr(sorted(settings.items())).encode() if settings else b"")
    for name in sorted(weights):
        digest.update(name.encode() + b"\0")
        digest.update(np.ascontiguousarray(weights[name].detach().float().cpu().numpy()))
    return digest.hexdigest()[:12]


def _category(seen: Any) -> Category:
    return Category(seen.leaf, seen.confidence, seen.hedged, seen.hedged_confidence, tuple(seen.path))


__all__ = ["DeepEyes", "Detector", "Encoder", "Eyes", "ModelEyes", "fingerprint"]
