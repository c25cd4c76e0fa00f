"""The two ways to search, networks and tradition, each with its eyes and the gallery it was indexed for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from modeling.fashion_search.config_fashion_search import NAME
from modeling.fashion_search.eyes_fashion_search import DeepEyes, Eyes, ModelEyes
from modeling.fashion_search.guide_fashion_search import Guide
from modeling.fashion_search.images_fashion import load_image
from modeling.fashion_search.results_fashion_search import Box, Item, Note, SearchResult
from modeling.fashion_search.searching_fashion_search import FashionSearch

DEEP, CLASSIC = "deep", "classic"
DETECTOR, ENCODER, RIVAL = "planet-fashion-detector", "planet-fashion-encoder", "planet-fashion-classic"

GALLERY = Path(__file__).resolve().parent / "gallery" / "index"
GALLERY_VARIABLE = "PLANET_HUB_GALLERY"
"""Names another index folder; what the rival needs lies beside it, with "-classic" behind its name."""

T = TypeVar("T")


class Published(Protocol):
    """What the page needs of a published model; `apps.models.Model` is one."""

    name: str
    folder: Path
    revision: str
    weights_bytes: int

    def load(self) -> Any:
        """The model."""


@dataclass
class Engine:
    """One way to search; at most one thread at a time is inside its models.

    Attributes:
        key: "deep" or "classic".
        models: what its eyes are made of.
        gallery: the index folder.
    """

    key: str
    models: tuple[Published, ...]
    gallery: Path
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _eyes: Eyes | None = field(default=None, repr=False)
    _search: FashionSearch | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Of the model that describes the garment."""
        return self.models[-1].name

    @property
    def revision(self) -> str:
        """Of the same."""
        return self.models[-1].revision

    @property
    def revisions(self) -> tuple[str, ...]:
        """Of all its models and its gallery: with any of them the answers change."""
        found = tuple(model.revision for model in self.models)
        return found if (search := self.open()) is None else (*found, search.catalogue.stamp)

    def open(self) -> FashionSearch | None:
        """The gallery, opened when first needed; None where there is none yet.

        Raises:
            ValueError: if it is damaged, or was indexed by another revision of the model; says what to do.
        """
        with self._lock:
            if self._search is None and (self.gallery / NAME).is_file():
                self._search = FashionSearch.open(self.gallery, self.eyes())
            return self._search

    def eyes(self) -> Eyes:
        """What looks at pictures, made when first needed."""
        with self._lock:
            if self._eyes is None:
                loaded = [model.load() for model in self.models]
                eyes = DeepEyes(*loaded, name=self.name) if self.key == DEEP else ModelEyes(*loaded, name=self.name)
                # The first look of a process prepares buffers and kernels as well: its time would mislead.
                eyes.look(np.full((96, 96, 3), 255, np.uint8))
                self._eyes = eyes
            return self._eyes

    def look(self, image: np.ndarray, guide: Guide | None, box: Box | None) -> SearchResult:
        """What is seen in a picture, without a search.

        Raises:
            ValueError: in words for people, if the box does not fit the picture.
        """
        with self._lock:
            seen = self.eyes().look(image, guide, box)
        parts = seen.detections, seen.box, seen.garment, guide, seen.attributes
        ms = {**seen.ms, "total": sum(value for name, value in seen.ms.items() if name != "total")}
        return SearchResult(*parts, hits=(), ms=ms, category=seen.category)

    def search(
        self, image: np.ndarray, guide: Guide | None, box: Box | None, filters: Mapping[str, Any], k: int
    ) -> SearchResult:
        """Look-alikes of a garment; where there is no gallery, what is seen and a note that says so.

        Raises:
            ValueError: in words for people, if something given does not fit.
        """
        with self._lock:
            search = self.open()
            if search is None:
                return _without_gallery(self.look(image, guide, box), self.gallery)
            return search.search(image, guide=guide, box=box, filters=filters, k=k)

    def similar(self, item: Item, own: bool, picture: Path, filters: Mapping[str, Any], k: int) -> SearchResult:
        """Look-alikes of an item of a gallery.

        Args:
            item: the item.
            own: whether it is of this engine's gallery; ids mean nothing in another one, the picture does.
            picture: of the item.
            filters: what is to be seen only.
            k: how many.
        """
        with self._lock:
            search = self.open()
            if search is not None and own:
                return search.similar_to(item.id, filters=filters, k=k)
            if search is None:
                return _without_gallery(self.look(load_image(picture), None, item.box), self.gallery)
            found = search.search(load_image(picture), box=item.box, filters=filters, k=k + 1)
        hits = tuple(hit for hit in found.hits if hit.item.uri != item.uri)[:k]
        return replace(found, hits=hits)

    def within(self, work: Callable[[FashionSearch], T]) -> T | None:
        """Does something with the gallery, in turn with others; None where there is none."""
        with self._lock:
            search = self.open()
            return None if search is None else work(search)


def engines(models: Sequence[Published], gallery: Path | None = None) -> tuple[Engine, ...]:
    """The ways to search that the published models allow, networks first.

    Args:
        models: any of detector, encoder and rival; detector and encoder only count together.
        gallery: the index folder of the networks.

    Raises:
        ValueError: for a model of another name.
    """
    named = {model.name: model for model in models}
    if unknown := sorted(set(named) - {DETECTOR, ENCODER, RIVAL}):
        raise ValueError(f"The page takes {DETECTOR}, {ENCODER} and {RIVAL}, got {', '.join(unknown)}.")
    folder = gallery or Path(os.environ.get(GALLERY_VARIABLE) or GALLERY)
    found = []
    if DETECTOR in named and ENCODER in named:
        found.append(Engine(DEEP, (named[DETECTOR], named[ENCODER]), folder))
    if RIVAL in named:
        found.append(Engine(CLASSIC, (named[RIVAL],), folder.with_name(f"{folder.name}-classic")))
    return tuple(found)


def _without_gallery(seen: SearchResult, folder: Path) -> SearchResult:
    sentence = "There is no gallery to search in yet: {command}"
    command = f"python -m apps.fashion.index FOLDER --into {folder.name}"
    return replace(seen, notes=(Note("no_gallery", sentence, command=command),))
