"""Which items are compared at all: the visitor's filters, which hold, and the guide's category, which gives way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from .postings_fashion_search import Postings
from .results_fashion_search import Note
from .tree_fashion_search import upwards


@dataclass(frozen=True)
class Filters:
    """What a visitor wants to see only. Empty fields filter nothing.

    Attributes:
        category: node of the category tree; items of all nodes below pass too.
        colour: any of these.
        gender: "men" and "women" let "unisex" pass too.
        price_min: lowest price; items without a price do not pass.
        price_max: highest price.

    Raises:
        ValueError: if a price is not a finite number, or the lowest is above the highest.
    """

    category: str = ""
    colour: tuple[str, ...] = ()
    gender: str = ""
    price_min: float | None = None
    price_max: float | None = None

    def __post_init__(self) -> None:
        for name in ("price_min", "price_max"):
            price = getattr(self, name)
            if price is not None and (isinstance(price, bool | str) or not math.isfinite(price)):
                raise ValueError(f"{name} must be a number, got {price!r}")
        if self.price_min is not None and self.price_max is not None and self.price_min > self.price_max:
            raise ValueError(f"price_min must not be above price_max, got {self.price_min:g} and {self.price_max:g}")

    def ids(self, postings: Postings, tree: Mapping[str, str]) -> np.ndarray | None:
        """Ids of the items that pass, ascending; None if nothing is filtered.

        Raises:
            ValueError: if the tree does not know the category.
        """
        found = []
        if self.category:
            if tree and self.category not in tree:
                raise ValueError(f"category must be one of {', '.join(sorted(tree))}; got {self.category!r}")
            found.append(postings.having("category", self.category))
        if self.colour:
            found.append(postings.having_any("colour", self.colour))
        if self.gender:
            found.append(postings.having("gender", self.gender))
        if self.price_min is not None or self.price_max is not None:
            found.append(postings.priced(self.price_min, self.price_max))
        return reduce(np.intersect1d, found) if found else None


def as_filters(filters: Filters | Mapping[str, Any] | None) -> Filters:
    """Filters of whatever kind was given: by name, "price" being short for (lowest, highest).

    Raises:
        ValueError: for unknown names or values that do not fit.
    """
    if filters is None:
        return Filters()
    if isinstance(filters, Filters):
        return filters
    values = {name: value for name, value in filters.items() if value not in (None, "", (), [])}
    if "price" in values:
        values["price_min"], values["price_max"] = values.pop("price")
    if isinstance(values.get("colour"), str):
        values["colour"] = (values["colour"],)
    known = ("category", "colour", "gender", "price_min", "price_max")
    if strangers := sorted(set(values) - set(known)):
        raise ValueError(f"Filters are {', '.join(known)} and price; got {', '.join(strangers)}")
    return Filters(**{name: tuple(value) if name == "colour" else value for name, value in values.items()})


def narrow(
    postings: Postings, tree: Mapping[str, str], passed: np.ndarray | None, node: str
) -> tuple[np.ndarray | None, list[Note]]:
    """The items to compare.

    Args:
        postings: of the catalogue.
        tree: node -> parent of the category tree.
        passed: ids of the items that pass the filters; None if all do.
        node: the category that is looked for; "" for any. Where it has no items, those above it are tried, then all.

    Returns:
        Ids, ascending, or None for all; and what a visitor should know.
    """
    if passed is not None and not len(passed):
        return passed, [Note("nothing_left", "No item passes the filters.")]
    nodes = upwards(node, tree) if node else ()
    for tried in nodes:
        ids = postings.having("category", tried)
        ids = ids if passed is None else np.intersect1d(ids, passed, assume_unique=True)
        if len(ids) and tried == node:
            return ids, []
        if len(ids):
            sentence = "There is no {wanted} here; {shown} is shown instead."
            return ids, [Note("widened", sentence, wanted=node, shown=tried)]
    if nodes:
        return passed, [Note("not_narrowed", "There is no {wanted} here; everything was compared.", wanted=node)]
    return passed, []


__all__ = ["Filters", "as_filters", "narrow"]
