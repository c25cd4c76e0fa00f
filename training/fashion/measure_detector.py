"""What the detector is worth on photographs it has never seen: without a guide, and with one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from modeling.fashion_detector.boxes_fashion_detector import overlaps
from training.fashion.cutouts import cut_all
from training.fashion.detection_scores import Boxes, average_precision, find_all
from training.fashion.flat_sources import flat_sources
from training.fashion.flatlays import lay_photos
from training.fashion.street import Photo

LEAST = 0.02
"""Average precision looks at all scores; boxes below this one change nothing in its fourth decimal."""

RESAMPLES = 200


def measure(model, photos: Sequence[Photo], seed: int = 7) -> dict:
    """All figures of the detector on one set of photographs.

    "unguided" is average precision as COCO defines it, over all photographs and classes. "asked" is the guide's worth:
    every (photograph, class that is in it) is one question. It is answered without a guide by the boxes of that class
    among those shown at `config.threshold`, and with it by those at `config.guided_threshold`; both are scored on the
    same questions.

    Args:
        model: a `FashionDetectorModel` in evaluation mode.
        photos: held-out photographs.
        seed: of the bootstrap over photographs.
    """
    classes = list(model.config.classes)
    nothing = [None] * len(photos)
    swept = find_all(model.detect, photos, nothing, LEAST)
    shown = find_all(model.detect, photos, nothing)
    questions, plain, helped, source = [], [], [], []
    for index, photo in enumerate(photos):
        for label in np.unique(photo.labels).tolist():
            mine = photo.labels == label
            questions.append(Photo(photo.path, photo.boxes[mine], photo.labels[mine]))
            plain.append([one for one in shown[index] if one[0] == classes[label]])
            helped += find_all(model.detect, [photo], [[classes[label]]])
            source.append(index)

    def gain(chosen: Sequence[int]) -> float:
        asked = [questions[i] for i in chosen]
        with_guide = average_precision(asked, [helped[i] for i in chosen], classes)["ap50"]
        return with_guide - average_precision(asked, [plain[i] for i in chosen], classes)["ap50"]

    def unguided(chosen: Sequence[int]) -> float:
        return average_precision([photos[i] for i in chosen], [swept[i] for i in chosen], classes)["ap50"]

    by_photo = [[i for i, own in enumerate(source) if own == index] for index in range(len(photos))]
    return {
        "photos": len(photos),
        "boxes": int(sum(len(photo.boxes) for photo in photos)),
        "questions": len(questions),
        "unguided": average_precision(photos, swept, classes),
        "unguided_ap50_ci95": _interval(unguided, [[i] for i in range(len(photos))], seed),
        "asked_unguided": average_precision(questions, plain, classes),
        "asked_guided": average_precision(questions, helped, classes),
        "guide_gain_ap50_ci95": _interval(gain, by_photo, seed),
        "shown": agreement(photos, shown, classes),
        "thresholds": {"unguided": model.config.threshold, "guided": model.config.guided_threshold},
    }


def _interval(score: Callable[[list[int]], float], groups: Sequence[Sequence[int]], seed: int) -> list[float]:
    """95 % percentile bootstrap over groups that belong together (Efron 1979)."""
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(RESAMPLES):
        drawn = rng.integers(0, len(groups), len(groups))
        values.append(score([i for group in drawn for i in groups[group]]))
    return [round(float(value), 4) for value in np.percentile(values, [2.5, 97.5])]


def agreement(photos: Sequence[Photo], found: Sequence[Boxes], classes: Sequence[str]) -> dict[str, float]:
    """Precision and recall of the boxes shown, at an overlap of 0.5, each garment found at most once."""
    right = total = shown = 0
    for photo, boxes in zip(photos, found, strict=True):
        total += len(photo.boxes)
        shown += len(boxes)
        free = set(range(len(photo.boxes)))
        for label, _, box in sorted(boxes, key=lambda one: -one[1]):
            same = [i for i in free if classes[photo.labels[i]] == label]
            if not same:
                continue
            overlap, place = overlaps(torch.tensor([box]), torch.from_numpy(photo.boxes[same])).max(1)
            if overlap >= 0.5:
                free.discard(same[place])
                right += 1
    precision, recall = right / max(shown, 1), right / max(total, 1)
    return {"precision": precision, "recall": recall, "f1": 2 * right / max(shown + total, 1)}


def measure_lays(model, garments: Path, products: Path | None, count: int, seed: int = 11) -> dict:
    """The detector on flat lays composed of garments of the test splits; synthetic, and said to be so."""
    classes = list(model.config.classes)
    with tempfile.TemporaryDirectory() as folder:
        cutouts = cut_all(flat_sources(garments, products, 20 * len(classes), seed, "test"))
        photos = lay_photos(Path(folder), cutouts, classes, count, seed)
        scores = average_precision(photos, find_all(model.detect, photos, [None] * count, LEAST), classes)
    return {"lays": count, **scores}
