"""Items and vectors as rows of the tables, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .results_fashion_search import Attribute, Item
from .tables_fashion_search import ItemRow, VectorRow


@dataclass(frozen=True)
class Vectors:
    """An item's vectors.

    Attributes:
        feature: D float32 of length 1.
        signature: W uint8.
        histogram: B float32 of length 1.
    """

    feature: np.ndarray
    signature: np.ndarray
    histogram: np.ndarray


def to_row(item: Item, vectors: Vectors, revision: str) -> ItemRow:
    """An item and its vectors as the tables hold them; the item's id is left to the database."""
    stored = VectorRow(
        feature=vectors.feature.astype("<f2").tobytes(),
        signature=vectors.signature.tobytes(),
        histogram=vectors.histogram.astype("<f2").tobytes(),
    )
    return ItemRow(
        uri=item.uri,
        file=item.file,
        title=item.title,
        price=item.price,
        category=item.category,
        hedged=item.hedged,
        garment=item.garment,
        gender=item.gender,
        colour=item.colour,
        attributes=[[one.group, one.value, round(float(one.confidence), 4), one.forced] for one in item.attributes],
        keywords=list(item.keywords),
        guide=dict(item.guide),
        box=None if item.box is None else [round(float(side), 2) for side in item.box],
        duplicate_of=item.duplicate_of,
        stated=dict(item.stated),
        extra=dict(item.extra),
        revision=revision,
        vectors=stored,
    )


def to_item(row: ItemRow) -> Item:
    """A row of the table as an item."""
    return Item(
        id=row.id,
        uri=row.uri,
        file=row.file,
        title=row.title,
        price=row.price,
        category=row.category,
        hedged=row.hedged,
        garment=row.garment,
        gender=row.gender,
        colour=row.colour,
        attributes=tuple(Attribute(*one) for one in row.attributes),
        keywords=tuple(row.keywords),
        guide=row.guide,
        box=None if row.box is None else tuple(row.box),
        duplicate_of=row.duplicate_of,
        stated=row.stated,
        extra=row.extra,
    )


def floats(stored: bytes) -> np.ndarray:
    """A stored feature or histogram as float32."""
    return np.frombuffer(stored, "<f2").astype(np.float32)
