"""Whether look-alikes come first: features on catalogue photos, by type and by type and colour.

Queries are the test photos; the gallery is validation and test together, without the query and its near duplicates.
Dims: Q queries, N gallery, D feature.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.fashion.retrieval import cosine, equal, hamming_similarity, retrieval_figures
from training.fashion.sets import Item


def types(items: Sequence[Item]) -> list[str]:
    """The category of each, "" where the label is vaguer."""
    return [item.category for item in items]


def types_and_colours(items: Sequence[Item]) -> list[str]:
    """Category and colour together, "" where either is missing."""
    pairs = ((item.category, item.attributes.get("colour", "")) for item in items)
    return [f"{category} {colour}" if category and colour else "" for category, colour in pairs]


def duplicates(queries: Sequence[Item], gallery: Sequence[Item]) -> np.ndarray:
    """Where query and gallery item are the same photo or almost: Q x N bool."""
    same = np.array([str(q.path) for q in queries])[:, None] == np.array([str(g.path) for g in gallery])[None]
    return same | equal([q.duplicates for q in queries], [g.duplicates for g in gallery])


def measure(similarity: np.ndarray, queries: Sequence[Item], gallery: Sequence[Item]) -> dict[str, dict[str, float]]:
    """Figures by "type" and by "type_colour" for any way to compare.

    Args:
        similarity: Q x N, larger is more alike.
    """
    excluded = duplicates(queries, gallery)
    labels = {"type": types, "type_colour": types_and_colours}
    return {
        name: retrieval_figures(similarity, equal(of(queries), of(gallery)), excluded) for name, of in labels.items()
    }


def measure_features(
    features: dict[str, np.ndarray], queries: Sequence[Item], gallery: Sequence[Item]
) -> dict[str, dict[str, dict[str, float]]]:
    """`measure` for each kind of feature by its cosine, and for the signs of "deep" by Hamming distance ("binary").

    Args:
        features: name -> N x D over `gallery`, which begins with `queries`.
    """
    count = len(queries)
    results = {name: measure(cosine(each[:count], each), queries, gallery) for name, each in features.items()}
    if "deep" in features:
        signatures = np.packbits(features["deep"] > 0, axis=1)
        results["binary"] = measure(hamming_similarity(signatures[:count], signatures), queries, gallery)
    return results
