"""An index folder: the catalogue, and the vector index and the postings that are made from it and follow it."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from .cache_fashion_search import load_vectors
from .catalogue_fashion_search import Catalogue, Vectors
from .config_fashion_search import NAME, IndexConfig
from .postings_fashion_search import Postings
from .results_fashion_search import Item
from .vectors_fashion_search import VectorIndex

CATALOGUE, CACHE = "catalogue.sqlite", "vectors.safetensors"


class Store:
    """The parts of an index folder, in agreement with each other.

    The catalogue is changed first, in one transaction; what follows is only memory, or a server that is brought up to
    date when the folder is opened again. Use `Store.open` or `Store.create`.
    """

    def __init__(self, folder: Path, config: IndexConfig, catalogue: Catalogue):
        self.folder, self.config, self.catalogue = folder, config, catalogue
        self._writing = threading.Lock()
        self._saved = ""
        self.index = self._open_index()
        self.postings = Postings(config.tree, catalogue.items())

    @classmethod
    def create(cls, folder: Path, config: IndexConfig) -> Store:
        """Makes an index folder without items.

        Raises:
            ValueError: if the folder holds something already.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ValueError(f"{folder.name!r} holds something already; an index needs a new or an empty folder")
        folder.mkdir(parents=True, exist_ok=True)
        catalogue = Catalogue(folder / CATALOGUE, create=True)
        config.save(folder)  # last: a folder is an index when it says so
        return cls(folder, config, catalogue)

    @classmethod
    def open(cls, folder: Path, **changes: object) -> Store:
        """Opens an index folder; a vector cache that is missing, stale or damaged is made anew.

        Args:
            folder: the index folder.
            changes: entries of the configuration that are different this time.

        Raises:
            ValueError: if it is no index folder or damaged, in words that say what to do.
        """
        config = replace(IndexConfig.load(folder), **changes)
        catalogue = Catalogue(folder / CATALOGUE)
        try:
            return cls(folder, config, catalogue)
        except BaseException:
            catalogue.close()
            raise

    def add(self, items: Sequence[tuple[Item, Vectors]], same_as: Mapping[int, int]) -> list[Item]:
        """Adds items: all are kept, or none.

        Args:
            items: with their vectors.
            same_as: place in `items` -> place of an earlier one that shows the same product.

        Returns:
            The items as they are in the catalogue.
        """
        with self._writing:
            ids = self.catalogue.add(items, self.config.revision, same_as)
            features = np.stack([vectors.feature for _, vectors in items]).astype(np.float16)  # as they are kept
            self.index.add(np.array(ids), features, np.stack([vectors.signature for _, vectors in items]))
            added = self.catalogue.get(ids)
            self.postings.add(added)
            return added

    def delete(self, ids: Sequence[int]) -> list[int]:
        """Deletes items; returns those of `ids` that were there."""
        with self._writing:
            gone = self.catalogue.delete(ids)
            self.postings.remove(gone)
            self.index.remove(np.array(gone, np.int64))
            return gone

    def configure(self, **changes: object) -> None:
        """Changes entries of the configuration for good."""
        self.config = replace(self.config, **changes)
        self.config.save(self.folder)

    def save(self) -> None:
        """Keeps what speeds up the next opening, if it is not kept yet."""
        with self._writing:
            stamp = self.catalogue.stamp
            if self._saved != stamp:
                self.index.save(stamp)
                self._saved = stamp

    def close(self) -> None:
        """Saves and closes everything."""
        self.save()
        self.index.close()
        self.catalogue.close()

    def kept_path(self, file: str) -> str:
        """How the catalogue names a picture: relative to the folder if it lies beside it, so that both can be moved."""
        path, folder = Path(file).resolve(), self.folder.resolve()
        if path.is_relative_to(folder.parent):
            return Path(os.path.relpath(path, folder)).as_posix()
        return str(path)

    def file_of(self, item: Item) -> Path:
        """Where an item's picture should be."""
        return Path(os.path.normpath(self.folder.resolve() / item.file))

    def _open_index(self) -> VectorIndex:
        if self.config.backend == "milvus":
            return self._open_milvus()
        from .faiss_fashion_search import FaissIndex

        cache = self.folder / CACHE
        index = FaissIndex(self.config.dimension, self.config.bits, cache)
        stamp = self.catalogue.stamp
        cached = load_vectors(cache, stamp)
        for ids, features, signatures in self.catalogue.all_vectors() if cached is None else [cached]:
            index.add(ids, features, signatures)
        self._saved = "" if cached is None else stamp
        return index

    def _open_milvus(self) -> VectorIndex:
        """Items never change their vectors and ids are never used again, so that ids alone tell what is missing."""
        from .milvus_fashion_search import MilvusIndex

        collection = f"planet_fashion_{self.catalogue.name}"
        # A Milvus Lite file lies in the folder unless its path says otherwise.
        local = self.config.milvus_uri.endswith(".db")
        uri = str(self.folder / self.config.milvus_uri) if local else self.config.milvus_uri
        token = os.environ.get("MILVUS_TOKEN", "")
        index = MilvusIndex(uri, self.config.dimension, self.config.bits, collection, token)
        wanted, has = self.catalogue.ids(), index.ids()
        index.remove(np.setdiff1d(has, wanted))
        missing = np.setdiff1d(wanted, has).tolist()
        for start in range(0, len(missing), 500):
            found = self.catalogue.vectors(missing[start : start + 500])
            if found:
                features = np.stack([vectors.feature for vectors in found.values()])
                index.add(np.array(list(found)), features, np.stack([vectors.signature for vectors in found.values()]))
        self._saved = self.catalogue.stamp
        return index


def is_index(folder: Path) -> bool:
    """Whether a folder says that it is an index."""
    return (folder / NAME).is_file()


__all__ = ["CACHE", "CATALOGUE", "Store", "is_index"]
