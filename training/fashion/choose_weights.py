"""What the search's weights of colours and of words are worth, on validation photos of the catalogue.

    python -m training.fashion.choose_weights --data DATA

Prints the share of photos whose first answer has their type, and their type and colour, without and with a guide, for a
grid of weights and for three ways to look at a photo: the garment that the detector finds, the whole, and, as the
search does, the whole where no other garment stands beside it. That rule and the defaults of `IndexConfig` were chosen
by it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from tqdm import tqdm
from transformers import AutoModel

from modeling.fashion_search import DeepEyes
from modeling.fashion_search.results_fashion_search import Look
from training.fashion.measure_retrieval import duplicates, types, types_and_colours
from training.fashion.sets import Item, read_products

COLOUR_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
GUIDE_WEIGHTS = (0.15, 0.25, 0.35, 0.5)


def first_right(scores: np.ndarray, labels: Sequence[str], same: np.ndarray) -> float:
    """Share of the labelled rows whose best column has their label.

    Args:
        scores: N x N.
        labels: N; rows with "" are left out.
        same: N x N bool, what is no answer.
    """
    best = np.where(same, -np.inf, scores).argmax(1)
    return float(np.mean([labels[answer] == label for label, answer in zip(labels, best, strict=True) if label]))


def grid(looks: Sequence[Look], items: Sequence[Item]) -> list[dict[str, float]]:
    """A row for every pair of weights: hit rates at 1 by type and by type and colour.

    Args:
        looks: at each item's photo.
        items: in the same order; every one is searched for among the others.
    """
    same, labels = duplicates(items, items), {"type": types(items), "type_colour": types_and_colours(items)}
    features = np.stack([look.feature for look in looks])
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    histograms = np.stack([look.histogram for look in looks])
    cosine, colours = np.clip(features @ features.T, 0, 1), np.clip(histograms @ histograms.T, 0, 1)
    leaves = np.array([look.category.leaf for look in looks])
    agreed = np.array([leaves == item.category for item in items], float)
    rows = []
    for colour in COLOUR_WEIGHTS:
        like = (1 - colour) * cosine + colour * colours
        found = {f"{name}, unguided": first_right(like, of, same) for name, of in labels.items()}
        for guide in GUIDE_WEIGHTS:
            told = (1 - guide) * like + guide * agreed
            guided = {f"{name}, guided": first_right(told, of, same) for name, of in labels.items()}
            rows.append({"colour_weight": colour, "guide_weight": guide} | found | guided)
    return rows


def as_text(rows: Sequence[dict[str, float]]) -> str:
    """The rows as a table in Markdown."""
    lines = [" | ".join(rows[0]), " | ".join("---" for _ in rows[0])]
    lines += [" | ".join(f"{value:.3f}" for value in row.values()) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with products/")
    parser.add_argument("--photos", type=int, default=500)
    parser.add_argument("--models", type=Path, default=Path("hub_cards"), help="folder of the published models")
    args = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    detector, encoder = (
        AutoModel.from_pretrained(args.models / f"planet-fashion-{part}", trust_remote_code=True).float().eval()
        for part in ("detector", "encoder")
    )
    eyes = DeepEyes(detector, encoder)
    items = read_products(args.data / "products", "val")[: args.photos]
    ways: dict[str, list[Look]] = {"The surest garment": [], "The whole photo": [], "As the search looks": []}
    for item in tqdm(items, desc="photos", mininterval=2):
        picture = cv2.cvtColor(cv2.imread(str(item.path)), cv2.COLOR_BGR2RGB)
        height, width = picture.shape[:2]
        detections = detector.detect(picture)
        box = max(detections, key=lambda one: one.score).box if detections else (0, 0, width, height)
        for looks, where in zip(ways.values(), (box, (0, 0, width, height), None), strict=True):
            looks.append(eyes.look(picture, box=where))
    for title, looks in ways.items():
        print(f"{title}\n\n{as_text(grid(looks, items))}\n")


if __name__ == "__main__":
    main()
