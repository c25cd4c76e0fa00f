"""Makes the published encoder of what training left, and measures it.

    python -m training.fashion.export_encoder --data FOLDER

Validation chooses the strength of hedging; test is measured once, by what is written.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from modeling.fashion_encoder import FashionEncoderModel
from training.fashion import measure_attributes, measure_category, measure_retrieval
from training.fashion.encoder_features import FeatureStore
from training.fashion.retrieval_baselines import colour_histograms, imagenet_features
from training.fashion.sets import read_garments, read_products
from training.weights import save_half


def measure(model: FashionEncoderModel, data: Path, store: FeatureStore) -> dict[str, Any]:
    """Category, attributes and retrieval on the test pictures.

    Args:
        model: in evaluation mode.
        data: folder with products/ and garments/.
        store: of the model's features.
    """
    tested, checked = (read_products(data / "products", split) for split in ("test", "val"))
    garments, gallery = read_garments(data / "garments", "test"), tested + checked
    seen = store.plain("test", tested)
    deep = np.concatenate([seen.numpy(), store.plain("val", checked).numpy()])
    frozen = store.kept("imagenet", lambda: torch.from_numpy(imagenet_features(gallery))).numpy()
    baselines = {"imagenet": frozen, "colours": colour_histograms(gallery)}
    worn = (store.plain("garments-test", garments), garments)
    return {
        "category": measure_category.measure(model, worn, (seen, tested)),
        "attributes": measure_attributes.measure(model, seen, tested),
        "retrieval": measure_retrieval.measure_features({"deep": deep} | baselines, tested, gallery),
        "sifting": measure_retrieval.measure_sifting(np.packbits(deep > 0, axis=1), len(tested)),
    }


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with products/ and garments/")
    parser.add_argument("--trained", type=Path, default=Path("runs/fashion/attributes"))
    parser.add_argument("--card", type=Path, default=Path("hub_cards/planet-fashion-encoder"))
    parser.add_argument("--results", type=Path, default=Path("runs/fashion/measured_encoder.json"))
    parser.add_argument("--accuracy", type=float, default=0.95, help="wanted of hedged categories on validation")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> dict[str, Any]:
    args = parse(argv)
    trained = FashionEncoderModel.from_pretrained(args.trained / "model").eval()
    checked = read_products(args.data / "products", "val")
    seen = FeatureStore(trained, args.trained / "features").plain("val", checked)
    curve = measure_category.hedging_curve(trained, seen, checked)
    trained.config.hedging_lambda = measure_category.choose_lambda(curve, args.accuracy)
    trained.config.hedging_accuracy = args.accuracy
    trained.fold()
    size = save_half(trained, args.card)
    model = FashionEncoderModel.from_pretrained(args.card).float().eval()
    results = {"bytes": size, "hedging_curve_validation": curve}
    results |= measure(model, args.data, FeatureStore(model, args.trained / "features"))
    args.results.write_text(json.dumps(results, indent=2), encoding="utf-8")
    print(f"{size / 1e6:.2f} MB in {args.card}; figures in {args.results}")
    return results


if __name__ == "__main__":
    main()
