"""Averages encoders that went on from one start, as far as validation gains by it.

    python -m training.fashion.average_encoders RUN/model RUN/model … --data FOLDER

The greedy soup of Wortsman et al., 2022: from the best encoder on, each next is taken in where the average scores no
worse. `python -m training.fashion.train_attributes` comes next.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from modeling.fashion_encoder import FashionEncoderModel
from training.fashion.encoder_data import KeptPictures
from training.fashion.encoder_scores import encoder_scores
from training.fashion.sets import read_garments, read_products

Weights = dict[str, Tensor]


def average(several: Sequence[Weights]) -> Weights:
    """The mean of each tensor, statistics of normalisations among them; whole numbers are the first's.

    Raises:
        ValueError: if the weights are not those of one architecture.
    """
    first = several[0]
    for other in several[1:]:
        differing = first.keys() ^ other.keys() or {name for name in first if first[name].shape != other[name].shape}
        if differing:
            raise ValueError(f"Encoders of different shapes cannot be averaged: {', '.join(sorted(differing))}")
    return {
        name: torch.stack([weights[name] for weights in several]).mean(0) if value.is_floating_point() else value
        for name, value in first.items()
    }


def greedy_soup(candidates: Sequence[Weights], score: Callable[[Weights], float]) -> tuple[list[int], list[float]]:
    """Which of the candidates to average.

    Args:
        candidates: weights of one architecture.
        score: of weights on validation pictures, higher is better.

    Returns:
        The places of those taken, the best first, and the score of every candidate alone.
    """
    alone = [score(weights) for weights in candidates]
    order = sorted(range(len(candidates)), key=lambda place: -alone[place])
    taken, best = order[:1], alone[order[0]]
    for place in order[1:]:
        together = score(average([candidates[each] for each in (*taken, place)]))
        if together >= best:
            taken, best = [*taken, place], together
    return taken, alone


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoders", type=Path, nargs="+", help="folders of trained models")
    parser.add_argument("--data", type=Path, required=True, help="folder with products/ and garments/")
    parser.add_argument("--out", type=Path, default=Path("runs/fashion/averaged"))
    parser.add_argument("--limit", type=int, help="use only the first products and garments")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> dict[str, Any]:
    args = parse(argv)
    products = read_products(args.data / "products", "val")[: args.limit]
    garments = read_garments(args.data / "garments", "validation")[: args.limit]
    read = KeptPictures(products + garments)
    candidates = [FashionEncoderModel.from_pretrained(folder).state_dict() for folder in args.encoders]
    model = FashionEncoderModel.from_pretrained(args.encoders[0]).eval()
    model.to("cuda" if torch.cuda.is_available() else "cpu")

    def scores(weights: Weights) -> dict[str, float]:
        model.load_state_dict(weights)
        return encoder_scores(model, products, garments, read=read)

    taken, alone = greedy_soup(candidates, lambda weights: scores(weights)["score"])
    names = [str(folder) for folder in args.encoders]
    results = {
        "averaged": [names[place] for place in taken],
        "alone": dict(zip(names, alone, strict=True)),
        "scores": scores(average([candidates[place] for place in taken])),
    }
    model.save_pretrained(args.out / "model")
    (args.out / "averaged.json").write_text(json.dumps(results, indent=2), encoding="utf-8")
    print(json.dumps(results, indent=2))
    return results


if __name__ == "__main__":
    main()
