"""Fits the linear machines of the traditional eyes with scikit-learn and writes their weights into the model.

Dimensions: P pictures, K labels, H entries of a HoG descriptor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, SGDClassifier
from torch import nn

from modeling.fashion_classic import FashionClassicModel
from modeling.fashion_classic.hog_fashion_classic import CELLS, ORIENTATIONS
from training.fashion.classic_descriptors import Measured
from training.fashion.sets import Item

Label = tuple[str, ...]


def labels_of(items: Iterable[Item], parents: dict[str, str], fewest: int = 8) -> dict[Label, Label | None]:
    """What the SVMs tell apart: the nodes of every item -> a label with at least `fewest` pictures.

    Nodes with fewer pictures are learned as the node above them; what would have to be learned as the root, which says
    nothing, maps to None.
    """
    counts = Counter(item.nodes for item in items)
    result: dict[Label, Label | None] = {}
    for nodes in counts:
        label: Label | None = nodes
        while label is not None and len(label) == 1 and counts[label] < fewest:
            above = parents[label[0]]
            label = (above,) if above and parents[above] else None
        result[nodes] = label
    return result


def mirrored(shapes: np.ndarray) -> np.ndarray:
    """HoG descriptors of the mirrored windows, P x H: columns and orientations change places."""
    parts, start = [], 0
    for count in CELLS:
        size = count * count * ORIENTATIONS
        cells = shapes[:, start : start + size].reshape(-1, count, count, ORIENTATIONS)
        parts.append(cells[:, :, ::-1, ::-1].reshape(-1, size))
        start += size
    return np.concatenate(parts, axis=1)


def fit_categories(model: FashionClassicModel, measured: Measured, rows: np.ndarray, seed: int, epochs: int) -> None:
    """One-vs-rest linear SVMs on the windows of every picture and their mirror images.

    Descriptors are centred and divided by their mean length for fitting; both are folded into the weights.

    Args:
        rows: P, which of the model's labels a picture has; negative ones are left out.
        epochs: passes over the pictures.
    """
    known = rows >= 0
    windows = [measured.around.shape[known], measured.seen.shape[known]]
    shapes = np.concatenate([*windows, *map(mirrored, windows)])
    mean = shapes.mean(0)
    length = float(np.sqrt(((shapes - mean) ** 2).sum(1).mean()))
    shapes -= mean
    shapes /= length
    svm = SGDClassifier(loss="hinge", alpha=1e-5, average=True, max_iter=epochs, tol=None, random_state=seed)
    svm.fit(shapes, np.tile(rows[known], 4))
    write_linear(model.categories, svm.coef_ / length, svm.intercept_ - svm.coef_ @ mean / length, svm.classes_)


def fit_axes(model: FashionClassicModel, measured: Measured, rows: np.ndarray) -> None:
    """Fisher's discriminant axes of the labels, with shrunk covariance; the last ones stay 0 if there are fewer."""
    known = rows >= 0
    shapes = np.concatenate([measured.around.shape[known], measured.seen.shape[known]])
    fitted = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.05).fit(shapes, np.tile(rows[known], 2))
    count = min(len(fitted.classes_) - 1, model.config.shape_size)
    axes = fitted.scalings_[:, :count].T
    write_linear(model.axes, axes, -axes @ shapes.mean(0), np.arange(count), absent=0.0)


def fit_names(layer: nn.Linear, histograms: np.ndarray, words: Sequence[str], names: Sequence[str]) -> None:
    """Multinomial logistic regression from histograms to names.

    Args:
        layer: written.
        histograms: P x bins.
        words: P, the word of each picture; those not in `names` are left out.
        names: the rows of the layer.
    """
    known = [picture for picture, word in enumerate(words) if word in names]
    rows = np.array([names.index(words[picture]) for picture in known])
    fitted = LogisticRegression(C=10.0, max_iter=150).fit(histograms[known], rows)
    weight, bias = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:  # scikit-learn keeps one row then: the log-odds of the second
        weight, bias = np.concatenate([0 * weight, weight]), np.concatenate([0 * bias, bias])
    write_linear(layer, weight, bias, fitted.classes_)


def write_linear(
    layer: nn.Linear, weight: np.ndarray, bias: np.ndarray, rows: np.ndarray, absent: float = -10.0
) -> None:
    """Writes rows of a linear layer; the others (tiny runs) get no weights and the bias `absent`."""
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.fill_(absent)
        layer.weight[rows] = torch.tensor(weight, dtype=torch.float32)
        layer.bias[rows] = torch.tensor(bias, dtype=torch.float32)


def calibrate(model: FashionClassicModel, measured: Measured, items: Sequence[Item]) -> float:
    """Scales the SVMs' margins so that their softmax is as good a probability as it can be, on pictures not trained on.

    Temperature scaling (Guo et al., ICML 2017) over a grid; the factor is folded into the weights.

    Returns:
        The mean log-loss in nats of the nodes that the items may show.
    """
    with torch.no_grad():
        both = [torch.from_numpy(each.shape) for each in (measured.around, measured.seen)]
        logits = sum(model.categories(shapes) for shapes in both) / 2
    wanted = np.stack([model.tree.under(item.nodes) for item in items])  # P x L

    def loss(factor: float) -> float:
        labels = (logits * factor).softmax(1).double().numpy()
        leaves = model.tree.leaf_probabilities(model.config.labels, labels)
        return -float(np.log(np.maximum((leaves * wanted).sum(1), 1e-9)).mean())

    best = min(np.geomspace(0.02, 20, 61), key=loss)
    with torch.no_grad():
        model.categories.weight.mul_(float(best))
        model.categories.bias.mul_(float(best))
    return loss(float(best))
