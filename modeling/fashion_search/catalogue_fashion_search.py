"""The catalogue: every item with its words, its vectors and its duplicates, in one SQLite file.

It is the single source of truth: indexes and postings are made from it and can be thrown away.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from .database_fashion_search import Database
from .results_fashion_search import Item
from .rows_fashion_search import Vectors, floats, to_item, to_row
from .tables_fashion_search import ItemRow, VectorRow
from .tfidf_fashion_search import TextIndex

BATCH = 500
"""Ids that one statement names at most; SQLite allows 32,766."""


@dataclass(frozen=True)
class Page:
    """A part of the list of items.

    Attributes:
        items: in the order of their ids, or of their nearness to the text asked for.
        total: how many there are in all.
        offset: how many come before.
    """

    items: tuple[Item, ...]
    total: int
    offset: int


class Catalogue:
    """Items and their vectors; safe to use from several threads.

    Args:
        path: the file.
        create: make it; otherwise it must be there.

    Raises:
        ValueError: if the file is missing or damaged, in words that say what to do.
    """

    def __init__(self, path: Path, create: bool = False):
        self._database = Database(path, create)
        self._text: tuple[tuple[int, int], TextIndex] | None = None
        self._making_text = threading.Lock()

    @property
    def name(self) -> str:
        """Twelve hex digits that tell this catalogue from others."""
        return self._database.state().name

    @property
    def stamp(self) -> str:
        """Changes with every change of the set of items."""
        state = self._database.state()
        return f"{state.name}:{state.generation}"

    def __len__(self) -> int:
        with self._database.reading() as session:
            return session.scalar(select(func.count()).select_from(ItemRow))

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    # Items

    def add(
        self, items: Sequence[tuple[Item, Vectors]], revision: str, same_as: Mapping[int, int] | None = None
    ) -> list[int]:
        """Adds items in one transaction: all or none.

        Args:
            items: with their vectors; their ids are not looked at.
            revision: of the encoder that made the vectors.
            same_as: place in `items` -> place of an earlier one that shows the same product.

        Returns:
            Their new ids, ascending, in the order given.
        """
        with self._database.writing(generation=True, edition=True) as session:
            rows = [to_row(item, vectors, revision) for item, vectors in items]
            session.add_all(rows)
            session.flush()
            for place, first in (same_as or {}).items():
                rows[place].duplicate_of = rows[first].duplicate_of or rows[first].id
            return [row.id for row in rows]

    def delete(self, ids: Sequence[int]) -> list[int]:
        """Deletes items; of their duplicates the first becomes the one that the others show again.

        Returns:
            Those of `ids` that were there.
        """
        with self._database.writing(generation=True, edition=True) as session:
            found = (session.scalars(select(ItemRow.id).where(ItemRow.id.in_(part))) for part in _parts(ids))
            gone = [one for part in found for one in part]
            for part in _parts(gone):
                session.execute(delete(VectorRow).where(VectorRow.item_id.in_(part)))
                session.execute(delete(ItemRow).where(ItemRow.id.in_(part)))
            for one in gone:
                _hand_on(session, one)
            return sorted(gone)

    def get(self, ids: Sequence[int]) -> list[Item]:
        """Items in the order of `ids`; those that are not there are left out."""
        found: dict[int, Item] = {}
        with self._database.reading() as session:
            for part in _parts(ids):
                found |= {row.id: to_item(row) for row in session.scalars(select(ItemRow).where(ItemRow.id.in_(part)))}
        return [found[one] for one in ids if one in found]

    def items(self) -> Iterator[Item]:
        """Every item, in the order of their ids."""
        with self._database.reading() as session:
            for row in session.scalars(select(ItemRow).order_by(ItemRow.id).execution_options(yield_per=BATCH)):
                yield to_item(row)

    def page(self, offset: int = 0, limit: int = 20, text: str = "") -> Page:
        """A part of the list of items.

        Args:
            offset: how many to leave out before.
            limit: how many at most.
            text: only items with one of its words, the nearest first.

        Raises:
            ValueError: if `offset` is negative or `limit` not positive.
        """
        if offset < 0 or limit < 1:
            raise ValueError(f"offset must not be negative and limit be positive, got {offset} and {limit}")
        if text.strip():
            found = self.find(text, len(self) or 1)
            return Page(tuple(item for item, _ in found[offset : offset + limit]), len(found), offset)
        with self._database.reading() as session:
            rows = session.scalars(select(ItemRow).order_by(ItemRow.id).offset(offset).limit(limit))
            return Page(tuple(map(to_item, rows)), session.scalar(select(func.count()).select_from(ItemRow)), offset)

    def ids(self) -> np.ndarray:
        """Every item's id: int64, ascending."""
        with self._database.reading() as session:
            return np.array(session.scalars(select(ItemRow.id).order_by(ItemRow.id)).all(), np.int64)

    def known(self, uris: Sequence[str]) -> set[str]:
        """Those of `uris` that are in the catalogue."""
        with self._database.reading() as session:
            return {one for part in _parts(uris) for one in session.scalars(_uris(part))}

    # Vectors

    def vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """Vectors by id; ids that are not there are left out."""
        with self._database.reading() as session:
            return {
                row.item_id: Vectors(floats(row.feature), np.frombuffer(row.signature, np.uint8), floats(row.histogram))
                for part in _parts(ids)
                for row in session.scalars(select(VectorRow).where(VectorRow.item_id.in_(part)))
            }

    def histograms(self, ids: Sequence[int]) -> dict[int, np.ndarray]:
        """Colour histograms by id; ids that are not there are left out."""
        columns = VectorRow.item_id, VectorRow.histogram
        with self._database.reading() as session:
            return {
                one: floats(histogram)
                for part in _parts(ids)
                for one, histogram in session.execute(select(*columns).where(VectorRow.item_id.in_(part)))
            }

    def all_vectors(self, batch: int = 4096) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Ids (N int64), features (N x D float16) and signatures (N x W uint8) of all items, `batch` at a time."""
        columns = VectorRow.item_id, VectorRow.feature, VectorRow.signature
        with self._database.reading() as session:
            query = select(*columns).order_by(VectorRow.item_id).execution_options(yield_per=batch)
            for part in session.execute(query).partitions():
                ids, features, signatures = zip(*part, strict=True)
                yield (
                    np.array(ids, np.int64),
                    np.frombuffer(b"".join(features), "<f2").reshape(len(ids), -1),
                    np.frombuffer(b"".join(signatures), np.uint8).reshape(len(ids), -1),
                )

    # Words

    def find(self, text: str, k: int = 20) -> list[tuple[Item, float]]:
        """The items whose attributes, keywords and title are nearest to a text, with their tf-idf cosines."""
        found = self._text_index().find(text, k)
        scores = dict(found)
        return [(item, scores[item.id]) for item in self.get([one for one, _ in found])]

    def cosines(self, text: str, ids: Sequence[int]) -> np.ndarray:
        """tf-idf cosines of a text and these items: float32."""
        return self._text_index().cosines(text, ids)

    def set_keywords(self, item_id: int, keywords: Sequence[str]) -> Item:
        """Replaces the words that people put on an item. Blanks around them are cut off, repetitions left out.

        Returns:
            The item as it is now.

        Raises:
            ValueError: if there is no such item.
        """
        kept = list(dict.fromkeys(word for word in (" ".join(one.split()) for one in keywords) if word))
        with self._database.writing(edition=True) as session:
            changed = session.execute(update(ItemRow).where(ItemRow.id == item_id).values(keywords=kept))
            if not changed.rowcount:
                raise ValueError(f"There is no item {item_id} in the catalogue")
        return self.get([item_id])[0]

    # Duplicates

    def duplicates(self) -> list[tuple[int, ...]]:
        """Groups of items that show the same product, the first of each group first."""
        groups: dict[int, list[int]] = {}
        with self._database.reading() as session:
            query = select(ItemRow.id, ItemRow.duplicate_of).where(ItemRow.duplicate_of.is_not(None))
            for one, first in session.execute(query.order_by(ItemRow.id)):
                groups.setdefault(first, [first]).append(one)
        return [tuple(groups[first]) for first in sorted(groups)]

    def families(self, ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """For ids of firsts of their kind: all items that show the same product, ascending, the first included."""
        found = {one: [one] for one in ids}
        with self._database.reading() as session:
            for part in _parts(ids):
                query = select(ItemRow.id, ItemRow.duplicate_of).where(ItemRow.duplicate_of.in_(part))
                for one, first in session.execute(query.order_by(ItemRow.id)):
                    found[first].append(one)
        return {first: tuple(group) for first, group in found.items()}

    def _text_index(self) -> TextIndex:
        """Made anew when words have changed."""
        with self._making_text:
            state = self._database.state()
            seen = state.generation, state.edition
            if self._text is None or self._text[0] != seen:
                self._text = seen, TextIndex(self.items())
            return self._text[1]


def _hand_on(session: Session, gone: int) -> None:
    """Makes the first of the duplicates of a deleted item the one that the others show again."""
    heir = session.scalar(select(func.min(ItemRow.id)).where(ItemRow.duplicate_of == gone))
    if heir is not None:
        session.execute(update(ItemRow).where(ItemRow.duplicate_of == gone).values(duplicate_of=heir))
        session.execute(update(ItemRow).where(ItemRow.id == heir).values(duplicate_of=None))


def _parts(values: Sequence) -> Iterator[list]:
    values = list(values)
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))


def _uris(part: list[str]):
    return select(ItemRow.uri).where(ItemRow.uri.in_(part))


__all__ = ["Catalogue", "Page", "Vectors"]
