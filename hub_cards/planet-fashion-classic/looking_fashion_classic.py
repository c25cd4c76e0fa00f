"""What the traditional eyes answer about a picture. Fields are those that any pair of eyes of the search has.

Boxes are (x0, y0, x1, y1) in pixels of the upright picture that was looked at, x1 and y1 exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Detection:
    """The garment that stands out.

    Attributes:
        label: its garment class, e.g. "bag".
        score: how sure the category is of that class, 0 to 1.
        box: where it is.
    """

    label: str
    score: float
    box: Box


@dataclass(frozen=True)
class Attribute:
    """One word about the garment.

    Attributes:
        group: "parent", "category", "gender", "colour", "pattern", "usage" or "season".
        value: the word, lowercase with hyphens.
        confidence: 0 to 1; 1 where it was forced.
        forced: whether the guide said so, rather than the picture.
    """

    group: str
    value: str
    confidence: float
    forced: bool


@dataclass(frozen=True)
class Category:
    """A place in the category tree, as specific as it is sure.

    Attributes:
        leaf: the most probable leaf.
        confidence: its probability.
        hedged: the most informative node that is sure enough.
        hedged_confidence: the probability of that node.
        path: the nodes from the root to `hedged`.
    """

    leaf: str
    confidence: float
    hedged: str
    hedged_confidence: float
    path: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """What is seen in a picture.

    Attributes:
        detections: the one garment that stands out, if its class is known.
        box: the region that the rest describes; the whole picture where the cut was not verified.
        garment: its garment class, "" if not known.
        attributes: words about it, in the order parent, category, gender, colour, pattern, usage, season.
        category: its place in the category tree.
        feature: `FashionClassicModel.feature_size` float32 of length 1.
        signature: 128 uint8, 1024 bits of which similar features share many.
        histogram: 512 float32 of length 1, square roots of the shares of colours.
        ms: milliseconds by stage: "load", "region", "describe", "classify", "total".
        mask: H x W bool, the region's pixels in a small copy of the picture.
        verified: whether the cut region was kept; False where the whole picture is described instead.
    """

    detections: tuple[Detection, ...]
    box: Box
    garment: str
    attributes: tuple[Attribute, ...]
    category: Category
    feature: np.ndarray = field(repr=False)
    signature: np.ndarray = field(repr=False)
    histogram: np.ndarray = field(repr=False)
    ms: Mapping[str, float]
    mask: np.ndarray = field(repr=False)
    verified: bool

    def attribute(self, group: str) -> str:
        """The word of one group, "" if there is none."""
        return next((one.value for one in self.attributes if one.group == group), "")


__all__ = ["Attribute", "Box", "Category", "Detection", "Look"]
