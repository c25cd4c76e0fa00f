"""Stand-ins for the models of the fashion search: they see coloured shapes on white, by rule and at once.

In their world a shape that is clearly taller than wide is a dress, one clearly wider is a bag, others are tops.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import gradio as gr
import numpy as np
import torch
from PIL import Image, ImageDraw

from apps.fashion.page import build_page
from apps.frame import frame
from apps.hub import DELETE_CACHE, launch
from apps.i18n import Translations
from modeling.fashion_search import DeepEyes, FashionSearch, ModelEyes, colour_histogram
from modeling.fashion_search.images_fashion import load_image
from modeling.fashion_search.results_fashion_search import Attribute, Category, Detection, Look, NewItem
from modeling.fashion_search.tree_fashion_search import path_to

TREE = {
    "product": "",
    "clothing": "product",
    "accessories": "product",
    "top": "clothing",
    "dress": "clothing",
    "bag": "accessories",
    "t-shirt": "top",
    "shirt": "top",
    "handbag": "bag",
}
GARMENT = {"t-shirt": "top", "shirt": "top", "top": "top", "dress": "dress", "bag": "bag", "handbag": "bag"}
LEAF = {"top": "t-shirt", "dress": "dress", "bag": "handbag"}
COLOURS = {"red": (200, 30, 40), "green": (30, 150, 60), "blue": (30, 60, 200), "black": (25, 25, 25)}
SHAPES = {"dress": (70, 150), "bag": (150, 70), "top": (100, 100)}
CLASSES = ("bag", "dress", "top")


def scene(path: Path, *garments: tuple[str, str], size: tuple[int, int] = (480, 360)) -> Path:
    """Draws a photograph of garments such as ("bag", "red") side by side on white."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    width = size[0] // len(garments)
    for place, (kind, colour) in enumerate(garments):
        across, down = (min(side, room - 8) for side, room in zip(SHAPES[kind], (width, size[1]), strict=True))
        left, top = place * width + (width - across) // 2, (size[1] - down) // 2
        pen.rectangle((left, top, left + across, top + down), fill=COLOURS[colour])
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    return path


def found_shapes(rgb: np.ndarray) -> list[tuple[str, tuple[float, float, float, float]]]:
    """(class, box) of every shape, from left to right."""
    mask = (rgb.min(axis=2) < 200).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    boxes = sorted((float(x), float(y), float(x + w), float(y + h)) for x, y, w, h, area in stats[1:count] if area > 80)
    return [(_class_of(box), box) for box in boxes]


def _class_of(box: tuple[float, float, float, float]) -> str:
    ratio = (box[2] - box[0]) / (box[3] - box[1])
    return "bag" if ratio > 1.3 else "dress" if ratio < 0.75 else "top"


def _seen(rgb: np.ndarray, guide: dict[str, str]) -> tuple[tuple[Attribute, ...], Category, np.ndarray]:
    """What the largest shape of a region is: attributes, category, feature."""
    shapes = found_shapes(rgb)
    kind, box = max(
        shapes, key=lambda shape: (shape[1][2] - shape[1][0]) * (shape[1][3] - shape[1][1]), default=("", None)
    )
    inside = rgb if box is None else rgb[int(box[1]) : int(box[3]), int(box[0]) : int(box[2])]
    mean = inside.reshape(-1, 3).mean(axis=0)
    colour = min(COLOURS, key=lambda name: np.linalg.norm(mean - COLOURS[name]))
    leaf = LEAF.get(GARMENT.get(guide.get("category", ""), kind), "t-shirt")
    forced = {**guide, "category": leaf} if "category" in guide else dict(guide)
    words = {"parent": TREE[leaf], "category": leaf, "gender": "women", "colour": colour} | forced
    attributes = tuple(Attribute(group, word, 0.8, group in forced) for group, word in words.items())
    category = Category(leaf, 0.61, TREE[leaf], 0.93, path_to(TREE[leaf], TREE))
    vector = np.concatenate([mean / 255, [3.0 * (LEAF[name] == leaf) for name in CLASSES], [0.5] * 2]).astype(
        np.float32
    )
    return attributes, category, vector / np.linalg.norm(vector)


class FakeDetector:
    """Finds every shape."""

    def detect(self, image: Any, classes: Any = None) -> tuple[Detection, ...]:
        shapes = found_shapes(load_image(image))
        found = [Detection(kind, 0.93 - 0.1 * place, box) for place, (kind, box) in enumerate(shapes)]
        return tuple(one for one in found if classes is None or one.label in classes)

    def state_dict(self) -> dict[str, torch.Tensor]:
        return {"weight": torch.ones(3)}


class FakeEncoder:
    """Describes the largest shape of a picture."""

    config = SimpleNamespace(tree=TREE, garment_class=GARMENT, feature_size=8)

    def describe(self, images: Any, guides: Any = None) -> list[SimpleNamespace]:
        described = []
        for image, guide in zip(images, guides or [None] * len(images), strict=True):
            attributes, category, feature = _seen(load_image(image), dict(guide or {}))
            signature = np.packbits(feature > feature.mean())
            described.append(
                SimpleNamespace(attributes=attributes, category=category, feature=feature, signature=signature, ms=1.0)
            )
        return described

    def state_dict(self) -> dict[str, torch.Tensor]:
        return {"weight": torch.full((5,), 2.0)}


class FakeClassic:
    """Looks at the first shape and at nothing else."""

    config = SimpleNamespace(tree=TREE)
    feature_size = 8

    def look(self, image: Any, guide: Any = None, box: Any = None) -> Look:
        rgb = load_image(image)
        shapes = found_shapes(rgb)
        whole = (0.0, 0.0, float(rgb.shape[1]), float(rgb.shape[0]))
        kind, first = shapes[0] if shapes else ("", whole)
        region = box or first
        x0, y0, x1, y1 = (int(side) for side in region)
        attributes, category, feature = _seen(rgb[y0:y1, x0:x1], dict(guide.tokens) if guide else {})
        return Look(
            detections=(Detection(kind, 0.7, first),) if kind else (),
            box=tuple(map(float, region)),
            garment=kind,
            attributes=attributes,
            category=category,
            feature=feature,
            signature=np.packbits(feature > feature.mean()),
            histogram=colour_histogram(rgb),
            ms={"region": 12.0, "describe": 3.0},
        )

    def state_dict(self) -> dict[str, torch.Tensor]:
        return {"weight": torch.full((7,), 3.0)}


_MADE = {
    "planet-fashion-detector": FakeDetector,
    "planet-fashion-encoder": FakeEncoder,
    "planet-fashion-classic": FakeClassic,
}


@dataclass
class FakeFashion:
    """A published model of the fashion search.

    Attributes:
        name: which of the three it is.
        fails: raised by every call of the model instead of an answer.
    """

    name: str = "planet-fashion-encoder"
    fails: Exception | None = None
    revision: str = "0123456789ab"
    weights_bytes: int = 5_310_000
    folder: Path = Path("no-such-folder")
    _model: Any = field(default=None, repr=False)

    def load(self) -> Any:
        self._model = self._model or _Fragile(_MADE[self.name](), self)
        return self._model


class _Fragile:
    """A model that fails when its owner says so."""

    def __init__(self, model: Any, owner: FakeFashion):
        self._inner, self._owner = model, owner

    def __getattr__(self, name: str) -> Any:
        if self._owner.fails and name in ("detect", "describe", "look"):
            raise self._owner.fails
        return getattr(self._inner, name)


def fakes() -> dict[str, FakeFashion]:
    """All three models, by name."""
    return {name: FakeFashion(name) for name in _MADE}


def build_gallery(folder: Path) -> Path:
    """An index of twelve items, and the rival's beside it; returns the index folder.

    Every class is there in every colour; the second picture of the green bag shows the same product again.
    """
    new = []
    for kind in CLASSES:
        for place, colour in enumerate(COLOURS):
            path = scene(folder / "pictures" / f"{colour}-{kind}.png", (kind, colour), size=(200, 200))
            price = 10.0 + 7 * place + len(kind)
            new.append(NewItem(f"pictures/{path.name}", str(path), f"women's {colour} {kind}", price=price))
    again = scene(folder / "pictures" / "green-bag-again.png", ("bag", "green"), size=(200, 200))
    new.append(NewItem("pictures/green-bag-again.png", str(again), "brandino green bag <b>&amp;</b> ${1+1} {{value}}"))
    models = {name: fake.load() for name, fake in fakes().items()}
    deep = DeepEyes(models["planet-fashion-detector"], models["planet-fashion-encoder"])
    classic = ModelEyes(models["planet-fashion-classic"], "planet-fashion-classic")
    for name, eyes in (("index", deep), ("index-classic", classic)):
        with FashionSearch.create(folder / name, eyes, dimension=8, bits=8, duplicate_bits=0, threshold=0.8) as search:
            report = search.add(new)
            assert not report.failures, report.failures
    return folder / "index"


def build_examples(folder: Path) -> Path:
    """Two example photographs, the first with a guide that fits ("women's dress"); returns their folder."""
    scene(folder / "1_dress.jpg", ("dress", "blue"), ("bag", "red"), ("top", "green"))
    scene(folder / "2_shoes.jpg", ("top", "black"), ("bag", "green"))
    return folder


@contextmanager
def page_served(models: Mapping[str, FakeFashion], gallery: Path, examples: Path) -> Iterator[str]:
    """The address of a hub that has this page alone, with a gallery of the test's own."""
    words, links = Translations(), [("fashion", "fashion_name")]
    with gr.Blocks(title="Planet Hub", analytics_enabled=False, delete_cache=DELETE_CACHE) as demo:
        frame("", links, words, lambda: None)
    with demo.route("fashion", "fashion"):
        body = lambda: build_page(demo, list(models.values()), words, gallery, examples)  # noqa: E731
        frame("fashion", links, words, body)
    try:
        yield launch(demo, words, prevent_thread_lock=True, quiet=True, inbrowser=False)
    finally:
        demo.close(verbose=False)
