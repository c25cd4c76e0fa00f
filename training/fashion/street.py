"""Photographs with boxes: the street photos, read from COCO files as they come, or photographs of your own.

FOLDER/train.json   images, annotations (bbox: x, y, width, height in pixels) and categories, as COCO writes them
FOLDER/val.json     the held-out photographs
FOLDER/images/...   the files that `file_name` names
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DEVELOPMENT_SHARE = 12
"""One in this many training photographs is kept for choosing; the held-out file is for judging only."""


@dataclass(frozen=True)
class Photo:
    """A photograph and what is in it.

    Attributes:
        path: the file.
        boxes: N x 4 float32, (x0, y0, x1, y1) in pixels.
        labels: N int64, indices into the classes.
    """

    path: Path
    boxes: np.ndarray
    labels: np.ndarray


def read_photos(path: Path, classes: Sequence[str]) -> list[Photo]:
    """All photographs of a COCO file, in its order, those without a box too.

    Args:
        path: the JSON file; pictures lie beside it.
        classes: garment classes in the order of the labels.

    Raises:
        ValueError: if the file is not COCO, names a class that is unknown, or a picture that is missing.
    """
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        names = {category["id"]: category["name"] for category in data["categories"]}
        found: dict[int, list[tuple[list[float], str]]] = {image["id"]: [] for image in data["images"]}
        for annotation in data["annotations"]:
            found[annotation["image_id"]].append((annotation["bbox"], names[annotation["category_id"]]))
        images = [(image["id"], Path(path).parent / image["file_name"]) for image in data["images"]]
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} cannot be read as a COCO file: {error!r}") from error
    if unknown := sorted(set(names.values()) - set(classes)):
        raise ValueError(f"{path} has classes that are unknown here: {', '.join(unknown)}; known: {', '.join(classes)}")
    if missing := [file.name for _, file in images if not file.is_file()]:
        raise ValueError(f"{path} names {len(missing)} pictures that are missing, e.g. {missing[0]}")
    return [_photo(file, found[key], classes) for key, file in images]


def _photo(path: Path, found: list[tuple[list[float], str]], classes: Sequence[str]) -> Photo:
    boxes = np.array([box for box, _ in found], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    labels = np.array([list(classes).index(name) for _, name in found], np.int64)
    return Photo(path, boxes, labels)


def divide(photos: Sequence[Photo]) -> tuple[list[Photo], list[Photo]]:
    """Training and development photographs, told apart by the file's name alone."""

    def chosen(photo: Photo) -> bool:
        return hashlib.sha256(photo.path.name.encode()).digest()[0] % DEVELOPMENT_SHARE == 0

    return [p for p in photos if not chosen(p)], [p for p in photos if chosen(p)]


def repeated(photos: Sequence[Photo], share: float) -> list[Photo]:
    """Photographs with rare garments several times over, so that all classes are seen (Gupta et al. 2019).

    A photograph counts max(1, sqrt(share / s)) times, rounded, s being the share of the photographs that show its
    rarest garment.

    Args:
        photos: to learn from.
        share: garments on fewer photographs than this are rare, 0..1; 0 repeats nothing.
    """
    shown = Counter(label for photo in photos for label in set(photo.labels.tolist()))
    factor = {label: max(1.0, (share * len(photos) / count) ** 0.5) for label, count in shown.items()}
    times = [round(max((factor[label] for label in photo.labels.tolist()), default=1.0)) for photo in photos]
    return [photo for photo, count in zip(photos, times, strict=True) for _ in range(count)]


def photos_sha256(photos: Sequence[Photo]) -> str:
    """SHA-256 over every picture and its boxes, in order."""
    digest = hashlib.sha256()
    for photo in photos:
        digest.update(photo.path.read_bytes() + photo.boxes.tobytes() + photo.labels.tobytes())
    return digest.hexdigest()
