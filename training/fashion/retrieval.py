"""Retrieval figures over matrices of features: pure functions, no pictures.

A gallery item is relevant where its label equals the query's. The query itself and its near duplicates are taken out
of the gallery. Dims: Q queries, N gallery items, D feature.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

CUTS = (1, 5, 10)


def retrieval_figures(similarity: np.ndarray, relevant: np.ndarray, excluded: np.ndarray) -> dict[str, float]:
    """Hit rate, mean average precision and nDCG, averaged over the queries that have something to find.

    - `hit@k`: share of queries with at least one relevant item among the first k.
    - `map`: average precision over the whole ranking, all relevant items counted.
    - `ndcg@10`: gains 0 and 1, discount 1 / log2(rank + 1), divided by that of the best possible first ten.

    Ties are ranked by place in the gallery.

    Args:
        similarity: Q x N, larger is more alike.
        relevant: Q x N bool.
        excluded: Q x N bool, what does not belong to a query's gallery.

    Returns:
        The figures above, and "queries": how many had something to find.

    Raises:
        ValueError: if no query has anything to find.
    """
    wanted = relevant & ~excluded
    answerable = wanted.any(1)
    if not answerable.any():
        raise ValueError("No query has a relevant item in its gallery")
    similarity, wanted, excluded = similarity[answerable], wanted[answerable], excluded[answerable]
    order = np.argsort(np.where(excluded, np.inf, -similarity), axis=1, kind="stable")  # Q x N, excluded last
    hits = np.take_along_axis(wanted, order, 1)
    ranks = np.arange(1, hits.shape[1] + 1)
    precision = hits.cumsum(1) / ranks
    total = hits.sum(1)
    discounts = 1 / np.log2(ranks[:10] + 1)
    best = discounts.cumsum()[np.minimum(total, len(discounts)) - 1]
    figures = {f"hit@{cut}": float(hits[:, :cut].any(1).mean()) for cut in CUTS}
    figures["map"] = float(((precision * hits).sum(1) / total).mean())
    figures["ndcg@10"] = float(((hits[:, :10] * discounts[: hits.shape[1]]).sum(1) / best).mean())
    return figures | {"queries": int(answerable.sum())}


def equal(queries: Sequence[str], gallery: Sequence[str]) -> np.ndarray:
    """Where labels agree: Q x N bool. An empty label agrees with nothing."""
    left, right = np.asarray(queries, dtype=object), np.asarray(gallery, dtype=object)
    return (left[:, None] == right[None, :]) & (left != "")[:, None]


def cosine(queries: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """Cosines of Q x D and N x D: Q x N."""
    return _normal(queries) @ _normal(gallery).T


def hamming_similarity(queries: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """Share of equal bits of packed signatures, Q x S and N x S uint8: Q x N."""
    left, right = (np.unpackbits(codes, axis=1).astype(np.float32) * 2 - 1 for codes in (queries, gallery))
    return (left @ right.T / left.shape[1] + 1) / 2


def _normal(features: np.ndarray) -> np.ndarray:
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
