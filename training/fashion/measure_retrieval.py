"""Whether look-alikes come first: features on catalogue photos, by type and by type and colour.

Queries are the test photos; the gallery is validation and test together, without the query and its near duplicates.
Dims: Q queries, N gallery, D feature.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.fashion.retrieval import cosine, equal, hamming_similarity, retrieval_figures
from training.fashion.sets import Item

NEAREST = 5_000
"""One in so many of the gallery, the nearest by whole signatures, is what a search should find: 20 of 100,000."""


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


def measure_sifting(signatures: np.ndarray, count: int) -> dict[str, float]:
    """How many of the nearest a scan finds that compares whole signatures only of those near by their first column.

    Shares are those of `HammingScan.near` among 100,000 items, whatever the gallery's size.

    Args:
        signatures: N x W uint8, of which the first `count` are the queries. A query is not in its own gallery.

    Returns:
        `found`: the share; `nearest` and `compared` of the `gallery`: how many these are; `n`: queries.
    """
    # Here, so that training needs none of the engines a search has.
    from modeling.fashion_search.hamming_fashion_search import COLUMN, SIFTED

    columns = signatures, np.ascontiguousarray(signatures[:, :COLUMN])
    whole, first = (hamming_similarity(each[:count], each) for each in columns)
    for similarity in (whole, first):
        np.fill_diagonal(similarity, -1)
    others = len(signatures) - 1
    nearest, compared = max(others // NEAREST, 1), max(others // SIFTED, 1)
    wanted = np.argsort(-whole, axis=1, kind="stable")[:, :nearest]
    least = -np.partition(-first, compared - 1, axis=1)[:, [compared - 1]]
    found = np.take_along_axis(first, wanted, 1) >= least
    return {"found": float(found.mean()), "nearest": nearest, "compared": compared, "gallery": others, "n": count}
