"""Sets of attributes compared with what the catalogue says: precision, recall and F1.

Dims: P pictures, G attribute groups.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from training.fashion.bootstrap import interval

Labels = Mapping[str, str]
"""Group -> word; a group without a word is absent."""


def counts(found: Labels, wanted: Labels, groups: Sequence[str]) -> np.ndarray:
    """Of each group, whether its word is right, found but not wanted, wanted but not found: G x 3.

    A wrong word is both: one too many and one missing.
    """
    rows = []
    for group in groups:
        one, other = found.get(group, ""), wanted.get(group, "")
        right = bool(one) and one == other
        rows.append((right, bool(one) and not right, bool(other) and not right))
    return np.array(rows, dtype=float)


def set_scores(found: Sequence[Labels], wanted: Sequence[Labels], groups: Collection[str]) -> dict:
    """Micro-averaged over all words of all pictures, with the interval of F1, and of each group alone.

    Args:
        found: by the model, P.
        wanted: by the catalogue, P.
        groups: those that count.

    Returns:
        "precision", "recall", "f1", "ci" of F1, "pictures", and "groups": group -> its precision, recall and F1.

    Raises:
        ValueError: if `found` and `wanted` differ in length, or are empty.
    """
    groups = list(groups)
    table = np.stack([counts(*pair, groups) for pair in zip(found, wanted, strict=True)])  # P x G x 3
    ci = interval(table.sum(1), _f1)
    scores = _precision_recall_f1(table.sum((0, 1))) | {"ci": list(ci), "pictures": len(table)}
    each = {group: _precision_recall_f1(table[:, place].sum(0)) for place, group in enumerate(groups)}
    return scores | {"groups": each}


def _f1(sums: np.ndarray) -> np.ndarray:
    """2 tp / (2 tp + fp + fn) of rows (tp, fp, fn); 0 where there is nothing."""
    return 2 * sums[..., 0] / np.maximum(2 * sums[..., 0] + sums[..., 1] + sums[..., 2], 1)


def _precision_recall_f1(sums: np.ndarray) -> dict[str, float]:
    right, extra, missing = sums
    return {
        "precision": float(right / max(right + extra, 1)),
        "recall": float(right / max(right + missing, 1)),
        "f1": float(_f1(sums)),
    }
