"""How well products are named: ten garment labels, leaves of the tree, and hedged answers.

Dims: P pictures, D feature, L leaves, N nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from modeling.fashion_encoder import FashionEncoderModel
from modeling.fashion_encoder.tree_fashion_encoder import CategoryTree
from training.fashion.bootstrap import accuracy
from training.fashion.sets import Item

LAMBDAS = (0.0, *np.geomspace(0.05, 2000, 47).round(4).tolist())
"""Strengths of hedging tried."""


@torch.no_grad()
def leaf_probabilities(model: FashionEncoderModel, features: Tensor) -> Tensor:
    """P x D features -> P x L."""
    return model.category(features.to(model.device)).softmax(1).cpu()


def garment_accuracy(model: FashionEncoderModel, features: Tensor, items: Sequence[Item]) -> dict[str, Any]:
    """Accuracy over the ten garment labels, of each label, and what was taken for what.

    Args:
        features: P x D.
        items: P phone photos.
    """
    answers = [label for label, _ in model.labels_of(leaf_probabilities(model, features))]
    right = np.array([answer == item.label for answer, item in zip(answers, items, strict=True)])
    labels = np.array([item.label for item in items])
    each = {label: float(right[labels == label].mean()) for label in sorted(set(labels))}
    wrong: dict[str, int] = {}
    for answer, label in zip(answers, labels, strict=True):
        if answer != label:
            wrong[f"{label} as {answer}"] = wrong.get(f"{label} as {answer}", 0) + 1
    confusions = dict(sorted(wrong.items(), key=lambda pair: -pair[1]))
    return accuracy(right) | {
        "labels": each,
        "mean_of_labels": float(np.mean(list(each.values()))),
        "wrong": confusions,
    }


def leaf_accuracy(model: FashionEncoderModel, features: Tensor, items: Sequence[Item]) -> dict[str, Any]:
    """Accuracy of the likeliest leaf, over the pictures whose label is a leaf."""
    best = leaf_probabilities(model, features).argmax(1).tolist()
    leaves = [model.tree.leaves[index] for index in best]
    return accuracy(np.array([a == item.category for a, item in zip(leaves, items, strict=True) if item.category]))


def hedging_point(
    tree: CategoryTree, probabilities: Tensor, wanted: Sequence[str], strength: float
) -> dict[str, float]:
    """One lambda: how often the node answered is the leaf or above it, and how specific it is.

    Args:
        probabilities: P x L.
        wanted: P leaves.
        strength: lambda.

    Returns:
        "lambda", "accuracy", "specificity" (mean information gain of the answers, 1 for leaves), "right_information"
        (the same with wrong answers counted 0), and "leaves" (share of answers that are leaves).
    """
    nodes = [tree.nodes[index] for index in tree.hedge(probabilities, strength).tolist()]
    information = dict(zip(tree.nodes, (tree.information / tree.information.max()).tolist(), strict=True))
    right = np.array([node in tree.path(leaf) for node, leaf in zip(nodes, wanted, strict=True)])
    gained = np.array([information[node] for node in nodes])
    return {
        "lambda": strength,
        "accuracy": float(right.mean()),
        "specificity": float(gained.mean()),
        "right_information": float((gained * right).mean()),
        "leaves": float(np.mean([tree.is_leaf(node) for node in nodes])),
    }


def hedging_curve(model: FashionEncoderModel, features: Tensor, items: Sequence[Item]) -> list[dict[str, float]]:
    """A point for each of `LAMBDAS`, over the pictures whose label is a leaf."""
    known = [place for place, item in enumerate(items) if item.category]
    probabilities = leaf_probabilities(model, features)[known]
    wanted = [items[place].category for place in known]
    return [hedging_point(model.tree, probabilities, wanted, strength) for strength in LAMBDAS]


def choose_lambda(curve: Sequence[dict[str, float]], accuracy_wanted: float) -> float:
    """The weakest hedging that is right often enough (the search of DARTS, on a grid).

    Raises:
        ValueError: if no point reaches the accuracy.
    """
    enough = [point["lambda"] for point in curve if point["accuracy"] >= accuracy_wanted]
    if not enough:
        raise ValueError(f"No strength of hedging reaches an accuracy of {accuracy_wanted}")
    return min(enough)


def measure(
    model: FashionEncoderModel, garments: tuple[Tensor, Sequence[Item]], products: tuple[Tensor, Sequence[Item]]
) -> dict[str, Any]:
    """Everything above.

    Args:
        garments: features P x D and items of the phone photos.
        products: the same of the catalogue photos.
    """
    curve = hedging_curve(model, *products)
    known = [place for place, item in enumerate(products[1]) if item.category]
    wanted = [products[1][place].category for place in known]
    probabilities = leaf_probabilities(model, products[0])[known]
    return {
        "garments": garment_accuracy(model, *garments),
        "leaf": leaf_accuracy(model, *products),
        "hedging_curve": curve,
        "hedged": hedging_point(model.tree, probabilities, wanted, model.config.hedging_lambda)
        | {"accuracy_wanted": model.config.hedging_accuracy},
    }
