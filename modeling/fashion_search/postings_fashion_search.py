"""Postings: for every word the sorted ids of the items that have it; an inverted index for filters and guides.

A category's posting holds the items of all categories below it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

import numpy as np

from .results_fashion_search import Item
from .tree_fashion_search import path_to

_NONE = np.empty(0, np.int64)

WORN_BY = {"men": ("men", "unisex"), "women": ("women", "unisex")}
"""What a wanted gender also takes."""


class Postings:
    """Words of items and their prices, in memory.

    Arrays are replaced, never changed: readers in other threads keep what they have.

    Args:
        tree: node -> parent of the category tree.
        items: to begin with.
    """

    def __init__(self, tree: Mapping[str, str], items: Iterable[Item] = ()):
        self._tree = tree
        self._ids: dict[tuple[str, str], np.ndarray] = {}
        self._all = _NONE
        self._prices = np.empty(0), _NONE  # ascending, and whose
        self.add(items)

    @property
    def all(self) -> np.ndarray:
        """The ids of all items."""
        return self._all

    def add(self, items: Iterable[Item]) -> None:
        """Adds items that are not here yet."""
        found: dict[tuple[str, str], list[int]] = {}
        ids, prices, priced = [], [], []
        for item in items:
            ids.append(item.id)
            for key in self._keys(item):
                found.setdefault(key, []).append(item.id)
            if item.price is not None:
                prices.append(item.price)
                priced.append(item.id)
        for key, new in found.items():
            self._ids[key] = np.union1d(self._ids.get(key, _NONE), np.array(new, np.int64))
        self._all = np.union1d(self._all, np.array(ids, np.int64))
        values = np.concatenate([self._prices[0], np.array(prices, float)])
        whose = np.concatenate([self._prices[1], np.array(priced, np.int64)])
        order = np.argsort(values, kind="stable")
        self._prices = values[order], whose[order]

    def remove(self, ids: Sequence[int]) -> None:
        """Takes items out; ids that are not here are ignored."""
        gone = np.array(ids, np.int64)
        self._all = np.setdiff1d(self._all, gone, assume_unique=True)
        for key, posting in list(self._ids.items()):
            kept = posting[~np.isin(posting, gone)]
            if len(kept):
                self._ids[key] = kept
            else:
                del self._ids[key]
        kept = ~np.isin(self._prices[1], gone)
        self._prices = self._prices[0][kept], self._prices[1][kept]

    def having(self, group: str, value: str) -> np.ndarray:
        """Ids of the items with a word, ascending; for "men" and "women" those for both too."""
        values = WORN_BY.get(value, (value,)) if group == "gender" else (value,)
        return reduce(np.union1d, (self._ids.get((group, one), _NONE) for one in values))

    def having_any(self, group: str, values: Sequence[str]) -> np.ndarray:
        """Ids of the items with any of several words of a group, ascending."""
        return reduce(np.union1d, (self.having(group, value) for value in values), _NONE)

    def priced(self, low: float | None, high: float | None) -> np.ndarray:
        """Ids of the items whose price is known and lies from `low` to `high`, both included, ascending."""
        values, whose = self._prices
        start = 0 if low is None else np.searchsorted(values, low, "left")
        end = len(values) if high is None else np.searchsorted(values, high, "right")
        return np.sort(whose[start:end])

    def counts(self, group: str) -> dict[str, int]:
        """How many items have each word of a group, the most frequent first."""
        found = {value: len(ids) for (one, value), ids in list(self._ids.items()) if one == group}
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))

    def price_range(self) -> tuple[float, float] | None:
        """The lowest and the highest price; None if no item has one."""
        values, _ = self._prices
        return (float(values[0]), float(values[-1])) if len(values) else None

    def _keys(self, item: Item) -> set[tuple[str, str]]:
        keys = {("category", node) for node in path_to(item.category, self._tree)}
        keys |= {(one.group, one.value) for one in item.attributes if one.group not in ("category", "parent")}
        keys |= {(group, value) for group, value in (("gender", item.gender), ("colour", item.colour)) if value}
        return keys


__all__ = ["WORN_BY", "Postings"]
