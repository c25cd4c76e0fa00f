"""The search: a picture, a guide, a box or words in; garments, attributes, look-alikes and reasons out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .answering_fashion_search import region_notes, result
from .building_fashion_search import Progress, build
from .calibrating_fashion_search import calibrated_threshold
from .catalogue_fashion_search import Catalogue
from .config_fashion_search import POSTINGS, IndexConfig
from .eyes_fashion_search import Eyes, Picture
from .finding_fashion_search import Clock, by_look, by_words
from .guiding_fashion_search import Extractor, as_guide, guide_category, guide_notes, leftover, wanted_words
from .narrowing_fashion_search import Filters, as_filters
from .ranking_fashion_search import Target
from .results_fashion_search import Box, BuildReport, Item, NewItem, SearchResult
from .store_fashion_search import Store
from .vectors_fashion_search import Mode

if TYPE_CHECKING:
    from .guide_fashion_search import Guide

MOST = 1000
"""Most answers that one search gives."""


class FashionSearch:
    """Searches one index folder, adds to it and deletes from it; safe to use from several threads.

    `FashionSearch.open("my_index", eyes).search("photo.jpg", guide="women's knit cardigan")` is all one needs.

    Args:
        store: the index folder.
        eyes: what looks at pictures; without them only words and indexed items can be searched with.
        extractor: takes guides out of text; if None, that of this folder, loaded when first needed.

    Raises:
        ValueError: if the index was made by eyes of another revision; says what to do.
    """

    def __init__(self, store: Store, eyes: Eyes | None = None, extractor: Extractor | None = None):
        if eyes is not None:
            store.config.check_revision(eyes.revision, store.folder)
        self.store, self._eyes = store, eyes
        self._extractor: Extractor = _LazyExtractor() if extractor is None else extractor

    @classmethod
    def open(
        cls, folder: str | Path, eyes: Eyes | None = None, extractor: Extractor | None = None, **changes: Any
    ) -> FashionSearch:
        """Opens an index folder.

        Args:
            folder: the index folder.
            eyes, extractor: see the class.
            changes: entries of its configuration that are different this time, e.g. `postings="off"`.

        Raises:
            ValueError: if it is no index folder, is damaged, or was made by other eyes; says what to do.
        """
        store = Store.open(Path(folder), **changes)
        try:
            return cls(store, eyes, extractor)
        except ValueError:
            store.close()
            raise

    @classmethod
    def create(
        cls, folder: str | Path, eyes: Eyes, extractor: Extractor | None = None, **options: Any
    ) -> FashionSearch:
        """Makes an index folder without items.

        Args:
            folder: a new or an empty one.
            eyes, extractor: see the class.
            options: entries of the configuration, e.g. `backend="milvus", milvus_uri="http://milvus:19530"`.

        Raises:
            ValueError: if the folder holds something, or an option does not fit.
        """
        made_by = {"eyes": eyes.name, "revision": eyes.revision, "detector_revision": eyes.detector_revision}
        made_by["dimension"] = eyes.feature_size
        made_by["colour_weight"] = eyes.colour_weight
        config = IndexConfig(**{**made_by, "tree": dict(eyes.tree), **options})
        return cls(Store.create(Path(folder), config), eyes, extractor)

    def __enter__(self) -> FashionSearch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return self.store.index.size

    @property
    def catalogue(self) -> Catalogue:
        """Every item, its words and its duplicates."""
        return self.store.catalogue

    @property
    def config(self) -> IndexConfig:
        """What the index folder says of itself."""
        return self.store.config

    def search(
        self,
        image: Picture | None = None,
        guide: Guide | str | Mapping[str, Any] | None = None,
        box: Box | None = None,
        filters: Filters | Mapping[str, Any] | None = None,
        k: int = 20,
        text: str | None = None,
        mode: Mode = "two-stage",
        postings: str | None = None,
    ) -> SearchResult:
        """Finds look-alikes of a garment in a picture, or items by words.

        Args:
            image: the picture; None to search by words alone.
            guide: which garment is meant: a `Guide`, text, or a mapping such as {"category": "shirt"}.
            box: where it is; found if None.
            filters: what is to be seen only: `Filters`, or a mapping of its fields.
            k: how many answers at most, 1 to 1000.
            text: words that answers should fit besides looking alike, such as "the same in red".
            mode: how vectors are compared, see `VectorIndex.search`.
            postings: which words narrow the search, see `IndexConfig`; its own choice if None.

        Returns:
            What was seen and found; doubts and fallbacks are in its `notes`.

        Raises:
            ValueError: in plain words: the picture cannot be read, an argument does not fit, there is nothing to search
                for, or there is a picture but no eyes.
        """
        clock = Clock()
        _check(k, postings)
        filters, tree = as_filters(filters), self.config.tree
        guide, more = as_guide(guide, self._extractor), as_guide(text, self._extractor)
        clock.lap("guide")
        asked = wanted_words(more, tree)
        wanted, words = {**wanted_words(guide, tree), **asked}, leftover(more, asked, text)
        notes = guide_notes(guide) + guide_notes(more, unknown=False)
        if image is None:
            if not wanted and not words:
                raise ValueError("There is nothing to search for: give a picture, a guide or words")
            found = by_words(self.store, Target(wanted=wanted, text=words), filters, k, clock)
            return result(found, notes, clock, len(self), guide=guide or more)
        look = self._seeing().look(image, guide, box)
        clock.add(look.ms)
        other = _another_colour(look.attribute("colour"), asked)
        choice = postings or self.config.postings
        node = "" if choice == "off" else guide_category(guide, tree)
        if node and "category" not in asked:
            del wanted["category"]  # what all candidates have is no merit of any
        node = node or (look.category.hedged if choice == "automatic" else "")
        weight = self.config.text_weight if asked or words else self.config.guide_weight
        target = Target(look.histogram, look.garment, look.attributes, wanted, words, weight, other)
        found = by_look(self.store, look.feature, look.signature, target, filters, node, k, mode, clock)
        return result(
            found,
            notes + region_notes(look, guide, box),
            clock,
            len(self),
            threshold=self.config.threshold,
            detections=look.detections,
            box=look.box,
            garment=look.garment,
            guide=guide,
            attributes=look.attributes,
            category=look.category,
        )

    def similar_to(
        self,
        item_id: int,
        filters: Filters | Mapping[str, Any] | None = None,
        k: int = 20,
        text: str | None = None,
        mode: Mode = "two-stage",
        postings: str | None = None,
    ) -> SearchResult:
        """Finds look-alikes of an indexed item, which is no answer itself; needs no eyes.

        Args:
            item_id: the item.
            filters, k, text, mode, postings: see `search`.

        Raises:
            ValueError: if there is no such item, or an argument does not fit.
        """
        clock = Clock()
        _check(k, postings)
        filters, tree = as_filters(filters), self.config.tree
        items, vectors = self.catalogue.get([item_id]), self.catalogue.vectors([item_id])
        if not items or item_id not in vectors:
            raise ValueError(f"There is no item {item_id} in the catalogue")
        (item,), known = items, vectors[item_id]
        more = as_guide(text, self._extractor)
        clock.lap("guide")
        wanted = wanted_words(more, tree)
        other = _another_colour(item.colour, wanted)
        words, weight = leftover(more, wanted, text), self.config.text_weight
        target = Target(known.histogram, item.garment, item.attributes, wanted, words, weight, other)
        node = item.hedged if (postings or self.config.postings) == "automatic" else ""
        own = frozenset({item.id, item.duplicate_of or item.id})
        found = by_look(self.store, known.feature, known.signature, target, filters, node, k, mode, clock, own)
        return result(
            found,
            guide_notes(more, unknown=False),
            clock,
            len(self),
            threshold=self.config.threshold,
            box=item.box,
            garment=item.garment,
            guide=more,
            attributes=item.attributes,
        )

    def add(self, items: Sequence[NewItem], progress: Progress | None = None) -> BuildReport:
        """Adds pictures; every chunk of them is kept for good when it is done. See `build`.

        Raises:
            ValueError: if there are no eyes.
        """
        return build(self.store, self._seeing(), self._extractor, items, progress)

    def delete(self, ids: Sequence[int]) -> list[int]:
        """Deletes items; returns those of `ids` that were there."""
        return self.store.delete(ids)

    def calibrate(self) -> float:
        """Learns from the catalogue from which score on a match is good, and keeps it; returns it."""
        threshold = calibrated_threshold(self.store)
        if threshold is not None:
            self.store.configure(threshold=round(threshold, 4))
        return self.config.threshold

    def facets(self) -> dict[str, Any]:
        """What can be filtered by: "category", "colour", "gender" with their numbers of items; "price", its range."""
        postings = self.store.postings
        return {group: postings.counts(group) for group in ("category", "colour", "gender")} | {
            "price": postings.price_range()
        }

    def file_of(self, item: Item) -> Path:
        """Where an item's picture should be."""
        return self.store.file_of(item)

    def save(self) -> None:
        """Keeps what speeds up the next opening."""
        self.store.save()

    def close(self) -> None:
        """Saves and closes everything."""
        self.store.close()

    def _seeing(self) -> Eyes:
        if self._eyes is None:
            raise ValueError("This index was opened without eyes: search by words or by an item, or open it with eyes")
        return self._eyes


class _LazyExtractor:
    """The extractor of this folder, loaded with the first text: it takes seconds, and most searches need none."""

    def extract(self, text: str) -> Guide:
        from .guide_fashion_search import GuideExtractor

        return GuideExtractor.load().extract(text)


def _check(k: int, postings: str | None) -> None:
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= MOST:
        raise ValueError(f"k must be a whole number from 1 to {MOST}, got {k!r}")
    if postings is not None and postings not in POSTINGS:
        raise ValueError(f"postings must be one of {', '.join(POSTINGS)}, got {postings!r}")


def _another_colour(seen: str, asked: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether words ask for another colour than the one that was seen."""
    return "colours" in asked and seen not in asked["colours"]


__all__ = ["FashionSearch"]
