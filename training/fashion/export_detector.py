"""Publishes the detector that was trained, with thresholds chosen on its development photographs and on flat lays.

    python -m training.fashion.export_detector --street FOLDER --garments FOLDER --products FOLDER

As many lays as photographs, of garments of the validation splits. Weights go to hub_cards/planet-fashion-detector in
half precision.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from modeling.fashion_detector import FashionDetectorConfig, FashionDetectorModel
from training.fashion.cutouts import cut_all
from training.fashion.detection_scores import Boxes, find_all
from training.fashion.flat_sources import VALIDATION, flat_sources
from training.fashion.flatlays import lay_photos
from training.fashion.measure_detector import agreement
from training.fashion.street import Photo, divide, read_photos
from training.fashion.train_detector import DetectorTask
from training.loop import load_best
from training.weights import save_half

CARD = Path("hub_cards/planet-fashion-detector")
GRID = tuple(np.round(np.arange(0.1, 0.91, 0.05), 2).tolist())


RECALL = 2.0
"""How much more a garment that the guide names must not be missed than a wrong box must not be shown (F-beta)."""


def best_threshold(
    photos: Sequence[Photo], found: Sequence[Boxes], classes: Sequence[str], beta: float = 1.0
) -> tuple[float, dict[str, float]]:
    """The score from which on boxes are shown that makes the best F-beta, with its precision and recall."""
    scored = {
        threshold: agreement(photos, [[one for one in boxes if one[1] >= threshold] for boxes in found], classes)
        for threshold in GRID
    }

    def f(threshold: float) -> float:
        precision, recall = scored[threshold]["precision"], scored[threshold]["recall"]
        return (1 + beta**2) * precision * recall / max(beta**2 * precision + recall, 1e-9)

    best = max(scored, key=f)
    return best, scored[best]


def choose_thresholds(model: FashionDetectorModel, photos: Sequence[Photo]) -> dict:
    """Thresholds without and with a guide; the guided one over all (photograph, class in it)."""
    classes = list(model.config.classes)
    plain = find_all(model.detect, photos, [None] * len(photos), GRID[0])
    questions, answers = [], []
    for photo in photos:
        for label in np.unique(photo.labels).tolist():
            mine = photo.labels == label
            questions.append(Photo(photo.path, photo.boxes[mine], photo.labels[mine]))
            answers += find_all(model.detect, [photo], [[classes[label]]], GRID[0])
    model.config.threshold, unguided = best_threshold(photos, plain, classes)
    model.config.guided_threshold, guided = best_threshold(questions, answers, classes, RECALL)
    # A guide may only let more through, never less.
    model.config.guided_threshold = min(model.config.guided_threshold, model.config.threshold)
    return {
        "threshold": model.config.threshold,
        "guided_threshold": model.config.guided_threshold,
        "unguided": unguided,
        "guided": guided,
    }


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--street", type=Path, required=True)
    parser.add_argument("--garments", type=Path, help="folder of phone photographs, for flat lays; none without it")
    parser.add_argument("--products", type=Path, help="folder of the catalogue, for flat lays")
    parser.add_argument("--run", type=Path, default=Path("runs/fashion/detector"))
    parser.add_argument("--out", type=Path, default=CARD)
    parser.add_argument("--limit", type=int, help="use only the first development photographs")
    parser.add_argument("--seed", type=int, default=7, help="of the flat lays")
    args = parser.parse_args(argv)
    model = FashionDetectorModel(FashionDetectorConfig())
    load_best(DetectorTask(model), args.run)
    model.fold()
    save_half(model, args.out)
    model = FashionDetectorModel.from_pretrained(args.out).eval()
    classes = list(model.config.classes)
    photos = divide(read_photos(args.street / "train.json", classes))[1][: args.limit]
    with tempfile.TemporaryDirectory() as folder:
        lays = []
        if args.garments:
            cutouts = cut_all(flat_sources(args.garments, args.products, 20 * len(classes), args.seed, VALIDATION))
            lays = lay_photos(Path(folder), cutouts, classes, len(photos), args.seed)
        report = {"photos": len(photos), "lays": len(lays)} | choose_thresholds(model, [*photos, *lays])
    size = save_half(model, args.out)
    (args.out / "thresholds.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report | {"weights_bytes": size}, indent=2))


if __name__ == "__main__":
    main()
