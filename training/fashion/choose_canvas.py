"""Tries sizes of the picture, with and without its mirror image and its middle, on validation photos.

    python -m training.fashion.choose_canvas --data FOLDER

The best by the mean of garment accuracy, leaf accuracy and retrieval is written into the trained model's configuration.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import torch

from modeling.fashion_encoder import FashionEncoderModel
from training.fashion.encoder_scores import encoder_scores
from training.fashion.sets import Item, read_garments, read_products

CANVASES = ((160, 120), (192, 144), (224, 168))
"""(rows, columns) tried."""

MIDDLES = (0.0, 0.7, 0.85)
"""Shares of rows and columns tried; 0 is without."""


def try_canvases(
    model: FashionEncoderModel,
    products: Sequence[Item],
    garments: Sequence[Item],
    canvases: Sequence[tuple[int, int]] = CANVASES,
    flips: Sequence[bool] = (False, True),
    middles: Sequence[float] = MIDDLES,
) -> list[dict[str, Any]]:
    """Validation scores of every combination, the best first; the model's configuration is left at the best."""
    tried = []
    for canvas, flip, middle in product(canvases, flips, middles):
        scores = encoder_scores(_set_up(model, canvas, flip, middle), products, garments, alone=False)
        tried.append({"canvas": list(canvas), "flip": flip, "middle": middle} | scores)
    tried.sort(key=lambda one: -one["score"])
    best = tried[0]
    _set_up(model, tuple(best["canvas"]), best["flip"], best["middle"])
    return tried


def _set_up(model: FashionEncoderModel, canvas: tuple[int, int], flip: bool, middle: float) -> FashionEncoderModel:
    model.config.image_height, model.config.image_width = canvas
    model.config.flip, model.config.middle = flip, middle
    return model


def main(argv: list[str] | None = None) -> list[dict[str, Any]]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with products/ and garments/")
    parser.add_argument("--encoder", type=Path, default=Path("runs/fashion/encoder/model"))
    args = parser.parse_args(argv)
    model = FashionEncoderModel.from_pretrained(args.encoder).eval()
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    products = read_products(args.data / "products", "val")
    tried = try_canvases(model, products, read_garments(args.data / "garments", "validation"))
    model.save_pretrained(args.encoder)
    (args.encoder / "canvases.json").write_text(json.dumps(tried, indent=2), encoding="utf-8")
    print(json.dumps(tried, indent=2))
    return tried


if __name__ == "__main__":
    main()
