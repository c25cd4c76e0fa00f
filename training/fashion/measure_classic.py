"""Figures of the traditional eyes on pictures held out: look-alikes, names, hedging, the parts of the feature, time.

    python -m training.fashion.measure_classic --data FOLDER

Writes runs/fashion/measured/classic.json, which `training.fashion.evaluate` takes up.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from modeling.fashion_classic import FashionClassicModel
from modeling.fashion_classic.configuration_fashion_classic import PARTS
from modeling.fashion_classic.evidence_fashion_classic import Evidence
from modeling.fashion_classic.images_fashion import load_image
from modeling.fashion_classic.modeling_fashion_classic import feature_parts
from modeling.fashion_classic.signature_fashion_classic import signatures
from training.fashion.bootstrap import accuracy
from training.fashion.classic_choosing import garments_named, hedging, leaf_matrix, weigh_all
from training.fashion.classic_descriptors import measure_pictures
from training.fashion.measure_retrieval import measure as measure_similarity
from training.fashion.retrieval import cosine, hamming_similarity
from training.fashion.sets import Item, read_garments, read_products


def retrieval(model: FashionClassicModel, evidence: Sequence[Evidence], queries: int, items: Sequence[Item]) -> dict:
    """Look-alikes by the feature, its signature, each part alone, and without the parts that were learned from labels.

    Args:
        evidence: of `items`, of which the first `queries` are searched with.
    """
    features = np.stack([model.feature(each, each.leaves) for each in evidence])
    codes = signatures(features, model.centre.numpy(), model.directions.numpy())
    parts = [feature_parts(each, each.leaves) for each in evidence]
    matrices = {name: np.stack([part[name] for part in parts]) for name in PARTS}
    unlearned = np.hstack([matrices["colour"], matrices["pattern"]])  # in equal parts
    kinds = {
        "feature": features,
        "colour_and_pattern": unlearned,
        **{f"{name}_alone": m for name, m in matrices.items()},
    }
    results = {name: measure_similarity(cosine(m[:queries], m), items[:queries], items) for name, m in kinds.items()}
    results["binary"] = measure_similarity(hamming_similarity(codes[:queries], codes), items[:queries], items)
    return results


def names(model: FashionClassicModel, evidence: Sequence[Evidence], items: Sequence[Item]) -> dict[str, Any]:
    """Accuracy of leaf, hedged node, colour and pattern on catalogue photos, of those whose label the model knows."""
    leaves = leaf_matrix(evidence)
    known = [picture for picture, item in enumerate(items) if item.category]
    wanted = [items[picture].category for picture in known]
    best = [model.tree.leaves[leaf] for leaf in leaves[known].argmax(1)]
    right, specificity = hedging(model.tree, leaves[known], wanted, model.config.hedging_lambda)
    result = {
        "leaf": accuracy(np.array([leaf == want for leaf, want in zip(best, wanted, strict=True)])),
        "hedged": {"accuracy": right, "specificity": specificity, "lambda": model.config.hedging_lambda},
        "verified": float(np.mean([each.verified for each in evidence])),
    }
    for group, words in (("colour", model.config.colours), ("pattern", model.config.patterns)):
        pairs = [(getattr(e, f"{group}s"), i.attributes[group]) for e, i in zip(evidence, items, strict=True)
                 if i.attributes.get(group) in words]  # fmt: skip
        result[group] = accuracy(np.array([words[int(chances.argmax())] == word for chances, word in pairs]))
    return result


def phone_photos(model: FashionClassicModel, evidence: Sequence[Evidence], items: Sequence[Item]) -> dict[str, Any]:
    """Accuracy over the ten coarse classes, and of each."""
    named = np.array(garments_named(model, leaf_matrix(evidence)))
    labels = np.array([item.label for item in items])
    each = {label: float((named == label)[labels == label].mean()) for label in sorted(set(labels))}
    return accuracy(named == labels) | {"labels": each}


def milliseconds(model: FashionClassicModel, items: Sequence[Item], longest: int = 640) -> dict[str, Any]:
    """Time of `look` by stage for pictures enlarged to `longest` pixels, in one thread, after one warm-up."""
    looks = []
    for item in (items[0], *items):
        rgb = load_image(item.path)
        scale = longest / max(rgb.shape[:2])
        looks.append(model.look(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)).ms)
    stages = {name: np.array([look[name] for look in looks[1:]]) for name in looks[0]}
    return {
        name: {"p50": float(np.quantile(values, 0.5)), "p95": float(np.quantile(values, 0.95))}
        for name, values in stages.items()
    } | {"pictures": len(items)}


def measure(model: FashionClassicModel, data: Path, cache: Path | None = None) -> dict[str, Any]:
    """Everything above, on the test pictures.

    Args:
        model: in evaluation mode.
        data: folder of products/ and garments/.
        cache: folder where the descriptors of pictures are kept; None for none.
    """

    def look(name: str, items: list[Item]) -> list[Evidence]:
        return weigh_all(model, measure_pictures(items, model.config, cache / f"{name}.npz" if cache else None))

    products = {split: read_products(data / "products", split) for split in ("test", "val")}
    evidence = {split: look(f"products_{split}", items) for split, items in products.items()}
    phone = read_garments(data / "garments", "test")
    both, items = evidence["test"] + evidence["val"], products["test"] + products["val"]
    return {
        "retrieval": retrieval(model, both, len(evidence["test"]), items),
        "products": names(model, evidence["test"], products["test"]),
        "garments": phone_photos(model, look("garments_test", phone), phone),
        "ms": milliseconds(model, phone[::9]),
        "weights": dict(model.config.weights),
        "verify_threshold": model.config.verify_threshold,
        "feature_size": model.feature_size,
        "parameters": model.num_parameters(),
    }


def main(arguments: list[str] | None = None) -> None:
    """Measures and writes; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of products/ and garments/")
    parser.add_argument("--model", type=Path, default=Path("hub_cards/planet-fashion-classic"))
    parser.add_argument("--cache", type=Path, default=Path("runs/fashion/classic"), help="folder for the descriptors")
    parser.add_argument("--out", type=Path, default=Path("runs/fashion/measured/classic.json"))
    args = parser.parse_args(arguments)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    measured = measure(FashionClassicModel.from_pretrained(args.model).eval(), args.data, args.cache)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(measured, indent=1) + "\n")
    print(args.out)


if __name__ == "__main__":
    main()
