"""Average precision of a detector, as COCO defines it, computed by its own package."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Collection, Sequence

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from training.fashion.street import Photo

Boxes = Sequence[tuple[str, float, tuple[float, float, float, float]]]
"""(label, score, box) of every garment found in one photograph."""


def average_precision(photos: Sequence[Photo], found: Sequence[Boxes], classes: Sequence[str]) -> dict:
    """AP, AP50 and AP75 over all classes that occur, and per class.

    Args:
        photos: the photographs with their true boxes.
        found: what the detector found in each.
        classes: garment classes in the order of the labels.

    Returns:
        {"ap", "ap50", "ap75": means over classes, "classes": {name: {"ap", "ap50", "ap75", "n"}}}.
    """
    # Its tables and progress go to standard output, which belongs to whoever calls this.
    with contextlib.redirect_stdout(io.StringIO()):
        judge = COCOeval(*_as_coco(photos, found, classes), "bbox")
        judge.params.maxDets = [1, 10, 100]
        judge.evaluate()
        judge.accumulate()
    precision = judge.eval["precision"][:, :, :, 0, 2]  # IoU x recall x class, all sizes, 100 boxes
    counts = np.bincount(np.concatenate([photo.labels for photo in photos]), minlength=len(classes))
    per_class = {
        name: {
            "ap": float(precision[:, :, k].mean()),
            "ap50": float(precision[0, :, k].mean()),
            "ap75": float(precision[5, :, k].mean()),
            "n": int(counts[k]),
        }
        for k, name in enumerate(classes)
        if counts[k]
    }
    means = {key: float(np.mean([row[key] for row in per_class.values()])) for key in ("ap", "ap50", "ap75")}
    return means | {"classes": per_class}


def _as_coco(photos: Sequence[Photo], found: Sequence[Boxes], classes: Sequence[str]) -> tuple[COCO, COCO]:
    truth = COCO()
    annotations = []
    for image, photo in enumerate(photos):
        for label, box in zip(photo.labels.tolist(), photo.boxes.tolist(), strict=True):
            annotations.append(_annotation(image, label, box) | {"id": len(annotations) + 1, "iscrowd": 0})
    truth.dataset = {
        "info": {},
        "images": [{"id": image} for image in range(len(photos))],
        "annotations": annotations,
        "categories": [{"id": k, "name": name} for k, name in enumerate(classes)],
    }
    truth.createIndex()
    index = {name: k for k, name in enumerate(classes)}
    answers = [
        _annotation(image, index[label], box) | {"score": score}
        for image, boxes in enumerate(found)
        for label, score, box in boxes
    ]
    answered = COCO()
    if answers:
        answered = truth.loadRes(answers)
    else:
        answered.dataset = truth.dataset | {"annotations": []}
        answered.createIndex()
    return truth, answered


def _annotation(image: int, label: int, box: Sequence[float]) -> dict:
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    return {"image_id": image, "category_id": label, "bbox": [x0, y0, width, height], "area": width * height}


def find_all(
    detect: Callable, photos: Sequence[Photo], guides: Sequence[Collection[str] | None], threshold: float | None = None
) -> list[Boxes]:
    """What `detect` finds in every photograph, each with its guide (None for none)."""
    return [
        [(one.label, one.score, one.box) for one in detect(photo.path, guide, threshold)]
        for photo, guide in zip(photos, guides, strict=True)
    ]
