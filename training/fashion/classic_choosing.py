"""Settings of the traditional eyes chosen on validation pictures: verification, weights of the feature, hedging.

Dimensions: P pictures, L leaves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from modeling.fashion_classic import FashionClassicModel
from modeling.fashion_classic.configuration_fashion_classic import PARTS
from modeling.fashion_classic.evidence_fashion_classic import Evidence
from modeling.fashion_classic.modeling_fashion_classic import feature_parts
from modeling.fashion_classic.tree_fashion_classic import Tree
from training.fashion.classic_descriptors import Measured
from training.fashion.measure_retrieval import duplicates, types_and_colours
from training.fashion.retrieval import equal, retrieval_figures
from training.fashion.sets import Item

_WEIGHTS = (0.0, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0)
_THRESHOLDS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1)
_LAMBDAS = (0.0, *np.geomspace(0.05, 2000, 47).round(4).tolist())


def weigh_all(model: FashionClassicModel, measured: Measured) -> list[Evidence]:
    """The evidence of every picture."""
    return [model.weigh(*measured.rows(picture)) for picture in range(len(measured))]


def leaf_matrix(evidence: Sequence[Evidence]) -> np.ndarray:
    """Leaf probabilities, P x L."""
    return np.stack([each.leaves for each in evidence])


def garments_named(model: FashionClassicModel, leaves: np.ndarray) -> list[str]:
    """The coarse class of `garment_nodes` that each picture shows, by sums of leaf probabilities."""
    nodes = model.config.garment_nodes
    sums = leaves @ np.stack([model.tree.under(below) for below in nodes.values()]).T  # P x classes
    return [list(nodes)[best] for best in sums.argmax(1)]


def share_right(model: FashionClassicModel, leaves: np.ndarray, items: Sequence[Item]) -> float:
    """Share of right answers: the coarse class for phone photos, the leaf for catalogue photos that have one."""
    coarse = garments_named(model, leaves) if model.config.garment_nodes else [""] * len(items)
    best = [model.tree.leaves[leaf] for leaf in leaves.argmax(1)]
    right = [
        named == item.label if item.label else leaf == item.category
        for named, leaf, item in zip(coarse, best, items, strict=True)
        if item.label or item.category
    ]
    return float(np.mean(right))


def choose_threshold(model: FashionClassicModel, measured: Measured, items: Sequence[Item]) -> float:
    """Sets the verification threshold that names most pictures rightly; of equals the strictest. Returns that share."""
    with torch.no_grad():
        around, seen = (model(torch.from_numpy(each.shape)) for each in (measured.around, measured.seen))  # P x K each
        agreement = seen.softmax(1).gather(1, around.argmax(1, keepdim=True))[:, 0].numpy()
        together, alone = (logits.softmax(1).double().numpy() for logits in ((around + seen) / 2, around))
    shares = {}
    for threshold in _THRESHOLDS:
        labels = np.where((agreement >= threshold)[:, None], together, alone)
        shares[threshold] = share_right(model, model.tree.leaf_probabilities(model.config.labels, labels), items)
    best = max(shares.values())
    model.config.verify_threshold = max(threshold for threshold, share in shares.items() if share == best)
    return best


def choose_weights(model: FashionClassicModel, evidence: Sequence[Evidence], items: Sequence[Item]) -> dict[str, float]:
    """Sets the weights of the feature's parts by coordinate search for look-alikes of the same type and colour.

    What is raised is the sum of the retrieval figures among the validation pictures.

    Returns:
        The figures of the best weights.
    """
    labels = types_and_colours(items)
    relevant, excluded = equal(labels, labels), duplicates(items, items)
    parts = [feature_parts(each, each.leaves) for each in evidence]
    alike = {}
    for name in PARTS:
        matrix = np.stack([part[name] for part in parts])
        alike[name] = matrix @ matrix.T

    def figures(weights: dict[str, float]) -> dict[str, float]:
        return retrieval_figures(sum(weights[name] ** 2 * alike[name] for name in PARTS), relevant, excluded)

    def worth(weights: dict[str, float]) -> float:
        return sum(value for name, value in figures(weights).items() if name != "queries")

    best = dict.fromkeys(PARTS, 0.7)
    for _ in range(2):
        for name in PARTS:
            tried = [best, *({**best, name: weight} for weight in _WEIGHTS)]
            best = max((weights for weights in tried if any(weights.values())), key=worth)
    model.config.weights = best
    return figures(best)


def hedging(tree: Tree, leaves: np.ndarray, wanted: Sequence[str], strength: float) -> tuple[float, float]:
    """Share of hedged answers that are the leaf or above it, and their mean specificity (1 for leaves, 0 for the root).

    Args:
        leaves: P x L probabilities.
        wanted: P leaves.
        strength: lambda.
    """
    rows = tree.hedge(leaves, strength)
    right = [tree.nodes[row] in tree.path(leaf) for row, leaf in zip(rows, wanted, strict=True)]
    return float(np.mean(right)), float(tree.information[rows].mean() / tree.information.max())


def choose_hedging(
    model: FashionClassicModel, leaves: np.ndarray, items: Sequence[Item], accuracy: float = 0.95
) -> tuple[float, float]:
    """Sets the weakest hedging that is right often enough. Returns the accuracy and the specificity reached."""
    known = [picture for picture, item in enumerate(items) if item.category]
    wanted = [items[picture].category for picture in known]
    for strength in _LAMBDAS:
        reached = hedging(model.tree, leaves[known], wanted, strength)
        model.config.hedging_lambda, model.config.hedging_accuracy = strength, reached[0]
        if reached[0] >= accuracy:
            break
    return reached
