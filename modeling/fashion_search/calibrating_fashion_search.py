"""From which score on a hit is a good match: learned from the catalogue itself, without any label of people."""

from __future__ import annotations

import numpy as np

from .histogram_fashion_search import alike
from .ranking_fashion_search import likeness
from .store_fashion_search import Store

SAMPLE = 600
"""Items that are compared with each other."""

FEWEST = 20
"""With fewer items that have a like and an unlike neighbour, the threshold stays as it is."""


def calibrated_threshold(store: Store, seed: int = 0) -> float | None:
    """The score that best tells a best match of an item's own category from the best one of any other category.

    For a sample of items both are found among the others; the threshold lies where the share of the former at or above
    it and that of the latter below it add up to most (Youden's J, 1950). Items that
    show one product count as one.

    Returns:
        The threshold, or None where the catalogue is too small or of one category.
    """
    firsts = [item for item in store.catalogue.items() if item.duplicate_of is None]
    order = np.random.default_rng(seed).permutation(len(firsts))[:SAMPLE]
    sample = [firsts[place] for place in order]
    vectors = store.catalogue.vectors([item.id for item in sample])
    features = np.stack([vectors[item.id].feature for item in sample]) if sample else np.empty((0, 1))
    histograms = [vectors[item.id].histogram for item in sample]
    categories = np.array([item.category for item in sample])
    own, other = [], []
    for place, category in enumerate(categories):
        cosines = features @ features[place]
        colours = alike(histograms[place], np.stack(histograms))
        weight = store.config.colour_weight
        scores = np.array([likeness(c, h, weight) for c, h in zip(cosines, colours, strict=True)])
        scores[place] = -np.inf
        same = categories == category
        if same.sum() > 1 and not same.all():
            own.append(scores[same].max())
            other.append(scores[~same].max())
    return best_cut(np.array(own), np.array(other)) if len(own) >= FEWEST else None


def best_cut(high: np.ndarray, low: np.ndarray) -> float:
    """The value that most of `high` reach and most of `low` do not, 0 to 1; of equally good ones the lowest."""
    values = np.unique(np.concatenate([high, low]))
    cuts = (values[1:] + values[:-1]) / 2 if len(values) > 1 else values
    gains = (high[None] >= cuts[:, None]).mean(1) + (low[None] < cuts[:, None]).mean(1)
    return float(np.clip(cuts[gains.argmax()], 0, 1))


__all__ = ["best_cut", "calibrated_threshold"]
