"""Stand-ins for the trained parts of the search, quick and without weights, and pictures for them to look at.

A picture of the fake world has one colour on white; one that is taller than wide shows a dress, others a t-shirt.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

from modeling.fashion_search import FashionSearch
from modeling.fashion_search.histogram_fashion_search import colour_histogram
from modeling.fashion_search.images_fashion import load_image
from modeling.fashion_search.results_fashion_search import Attribute, Category, Detection, Look
from modeling.fashion_search.tree_fashion_search import path_to

DIMENSION = 64
TREE = {
    "product": "",
    "clothing": "product",
    "footwear": "product",
    "top": "clothing",
    "dress": "clothing",
    "t-shirt": "top",
    "shirt": "top",
    "heels": "footwear",
    "watch": "product",
}
GARMENT = {
    "t-shirt": "top",
    "shirt": "top",
    "dress": "dress",
    "heels": "footwear",
    "footwear": "footwear",
    "top": "top",
}
COLOURS = {"red": (200, 30, 40), "green": (30, 160, 60), "blue": (30, 60, 200), "black": (25, 25, 25)}
_PROJECTION = np.random.default_rng(7).normal(size=(12 * 12 * 3, DIMENSION)).astype(np.float32)


@dataclass(frozen=True)
class FakeGuide:
    """A guide with the fields of the real one."""

    category: str | None = None
    gender: str | None = None
    colours: tuple[str, ...] = ()
    pattern: str | None = None
    material: tuple[str, ...] = ()
    neckline: str | None = None
    sleeve: str | None = None
    unknown: tuple[str, ...] = ()
    conflicts: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def garment_classes(self) -> frozenset[str]:
        return frozenset({GARMENT[self.category]}) if self.category in GARMENT else frozenset()

    @property
    def tokens(self) -> dict[str, str]:
        words = {"category": self.category, "gender": self.gender, "colour": (self.colours or (None,))[0]}
        return {group: word for group, word in words.items() if word}


class FakeExtractor:
    """Knows the words of the fake world, and "shoes" for footwear."""

    def extract(self, text: str) -> FakeGuide:
        words = text.lower().split()
        categories = ["footwear" if word == "shoes" else word for word in words if word in {*TREE, "shoes"}]
        genders = [word for word in words if word in ("men", "women")]
        colours = tuple(word for word in words if word in COLOURS)
        unknown = tuple(word for word in words if word not in {*TREE, *COLOURS, "men", "women", "shoes"})
        conflicts = (("category", tuple(categories)),) if len(set(categories)) > 1 else ()
        category = categories[0] if len(set(categories)) == 1 else None
        return FakeGuide(category, next(iter(genders), None), colours, unknown=unknown, conflicts=conflicts)


class FakeEyes:
    """Eyes that describe the whole picture."""

    name, detector_revision, tree = "fake-eyes", "d1", TREE
    feature_size, colour_weight = DIMENSION, 0.4

    def __init__(self, revision: str = "e1"):
        self.revision = revision

    def look(self, image, guide=None, box=None) -> Look:
        rgb = load_image(image)
        height, width = rgb.shape[:2]
        forced = guide.tokens if guide else {}
        leaf = "dress" if height > width else "t-shirt"
        hedged = leaf if leaf == "dress" else "top"
        attributes = [Attribute("category", forced.get("category", leaf), 0.9, "category" in forced)]
        if "gender" in forced:
            attributes.append(Attribute("gender", forced["gender"], 1.0, True))
        attributes.append(Attribute("colour", forced.get("colour", nearest_colour(rgb)), 0.8, "colour" in forced))
        garment = GARMENT[leaf]
        found = () if guide and guide.garment_classes and garment not in guide.garment_classes else (garment,)
        feature = feature_of(rgb)
        return Look(
            detections=tuple(Detection(one, 0.9, (0.0, 0.0, float(width), float(height))) for one in found),
            box=box or (0.0, 0.0, float(width), float(height)),
            garment=garment,
            attributes=tuple(attributes),
            category=Category(leaf, 0.7, hedged, 0.9, path_to(hedged, TREE)),
            feature=feature,
            signature=np.packbits(feature > 0),
            histogram=colour_histogram(rgb),
            ms={"encode": 1.0},
        )


@dataclass(frozen=True)
class FakeTensor:
    """What the search needs of a tensor: torch takes seconds to import, and the killed processes do without."""

    values: np.ndarray

    def detach(self):
        return self

    def float(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        return self.values.astype(np.float32)


class FakeDetector:
    """Finds what it was told to, and remembers what it was asked for."""

    def __init__(self, *detections: Detection):
        self.detections, self.asked = detections, []

    def detect(self, image, classes=None):
        self.asked.append(classes)
        return tuple(one for one in self.detections if classes is None or one.label in classes)

    def state_dict(self):
        return {"weight": FakeTensor(np.ones(3))}


class FakeEncoder:
    """Describes every picture as a t-shirt, and remembers what it was given."""

    config = SimpleNamespace(tree=TREE, garment_class=GARMENT, feature_size=DIMENSION)

    def __init__(self, weight: float = 1.0):
        self.weight, self.given = weight, []

    def describe(self, images, guides=None):
        self.given.append((images, guides))
        feature = feature_of(images[0])
        category = Category("t-shirt", 0.8, "top", 0.9, ("product", "clothing", "top"))
        attributes = (Attribute("category", "t-shirt", 0.8, False),)
        signature = np.packbits(feature > 0)
        return [SimpleNamespace(attributes=attributes, category=category, feature=feature, signature=signature)]

    def state_dict(self):
        return {"weight": FakeTensor(np.full(5, self.weight))}


def feature_of(rgb: np.ndarray) -> np.ndarray:
    """64 float32 of length 1 that change little with the picture."""
    small = np.asarray(Image.fromarray(rgb).resize((12, 12), Image.Resampling.BOX), np.float32) / 255 - 0.5
    feature = small.reshape(-1) @ _PROJECTION
    return feature / np.linalg.norm(feature)


def nearest_colour(rgb: np.ndarray) -> str:
    """The fake world's colour of the middle of a picture."""
    height, width = rgb.shape[:2]
    middle = rgb[height // 2, width // 2].astype(float)
    return min(COLOURS, key=lambda name: np.linalg.norm(middle - COLOURS[name]))


def draw(folder: Path, name: str, colour: str = "red", tall: bool = False, seed: int = 0) -> Path:
    """A picture of one garment: a blob of a colour on white, whose outline depends on the seed."""
    width, height = (53, 71) if tall else (71, 53)
    rng = np.random.default_rng(seed)
    blob = np.asarray(Image.fromarray((rng.random((5, 5)) * 255).astype(np.uint8)).resize((width, height)), float)
    blob[height // 2 - 9 : height // 2 + 9, width // 2 - 9 : width // 2 + 9] = 255
    rgb = np.where(blob[..., None] > 110, np.array(COLOURS[colour], float), 250.0)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgb.astype(np.uint8)).save(path)
    return path


def gallery(folder: Path, count: int) -> Path:
    """A folder of `count` pictures, all different, in turns of every colour and both garments."""
    for seed in range(count):
        colour = list(COLOURS)[seed % len(COLOURS)]
        draw(folder, f"{seed:03}.png", colour, tall=seed % 3 == 0, seed=seed)
    return folder


def unit_vectors(rng: np.random.Generator, count: int, dimension: int = DIMENSION) -> tuple[np.ndarray, np.ndarray]:
    """Random features of length 1, exact in float16, with the signatures of their signs."""
    features = rng.normal(size=(count, dimension))
    features = (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)
    return features, np.packbits(features > 0, axis=1)


SMALL = {"dimension": DIMENSION, "bits": DIMENSION, "duplicate_bits": 2}
"""Options of an index for what the fakes see."""


def new_search(folder, **options) -> FashionSearch:
    """A search in a folder of its own."""
    return FashionSearch.create(folder / "index", FakeEyes(), FakeExtractor(), **{**SMALL, **options})
