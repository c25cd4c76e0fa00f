"""Vectors in this process with faiss: Hamming and exact cosine search, one machine, about 4 KB an item.

Dims: N items, D feature length, W bytes of a signature, K answers.
"""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np

from .cache_fashion_search import save_vectors
from .hamming_fashion_search import HammingScan, nearest
from .locks_fashion_search import ReadWriteLock
from .vectors_fashion_search import SHORTLIST, Mode, best, check_items, check_query, hamming

GATHERED = 2_000
"""Up to so many allowed items are compared one by one; beyond, all are compared and the others left out."""


class FaissIndex:
    """A `VectorIndex` over `HammingScan` and `IndexFlatIP`; on a machine with GPUs the latter is mirrored there.

    Args:
        dimension: length of a feature.
        bits: length of a signature.
        cache: file that `save` writes, see `load_vectors`; None writes none.
    """

    def __init__(self, dimension: int, bits: int, cache: Path | None = None):
        self.dimension, self.width = dimension, bits // 8
        self._cache = cache
        self._lock = ReadWriteLock()
        self._ids = np.empty(0, np.int64)
        self._order: np.ndarray | None = None  # what sorts `_ids`, where they are not ascending
        self._binary = HammingScan(self.width)
        self._float = faiss.IndexFlatIP(dimension)
        self._gpu = _GpuMirror() if faiss.get_num_gpus() else None

    @property
    def size(self) -> int:
        """Number of items."""
        return len(self._ids)

    def ids(self) -> np.ndarray:
        """Every item's id: N int64, ascending."""
        return np.sort(self._ids)

    def add(self, ids: np.ndarray, features: np.ndarray, signatures: np.ndarray) -> None:
        """Adds items. See `VectorIndex.add`."""
        ids, features, signatures = check_items(ids, features, signatures, self.dimension, self.width)
        with self._lock.writing():
            if len(known := self._ids[self._places(ids)]):
                raise ValueError(f"ids must be new, but these are in the index: {known[:5].tolist()}")
            self._binary.add(signatures)
            self._float.add(features)
            self._ids = np.concatenate([self._ids, ids])
            ascending = bool((np.diff(self._ids) > 0).all())  # as a catalogue's are, unless someone mixes them
            self._order = None if ascending else np.argsort(self._ids)
            self._changed()

    def remove(self, ids: np.ndarray) -> int:
        """Takes items out. See `VectorIndex.remove`."""
        with self._lock.writing():
            places = self._places(np.asarray(ids, np.int64))
            if len(places):
                self._binary.remove(places)  # both keep the order of what stays
                self._float.remove_ids(faiss.IDSelectorBatch(places))
                self._ids = np.delete(self._ids, places)
                self._order = None if self._order is None else np.argsort(self._ids)
                self._changed()
            return len(places)

    def search(
        self,
        feature: np.ndarray | None,
        signature: np.ndarray | None,
        k: int,
        allowed_ids: np.ndarray | None = None,
        mode: Mode = "two-stage",
    ) -> tuple[np.ndarray, np.ndarray]:
        """The nearest items. See `VectorIndex.search`."""
        check_query(feature, signature, k, mode, self.dimension, self.width)
        with self._lock.reading():
            places = None if allowed_ids is None else self._places(np.asarray(allowed_ids, np.int64))
            if self.size == 0 or (places is not None and len(places) == 0):
                return np.empty(0, np.int64), np.empty(0, np.float32)
            if mode == "float":
                found, scores = self._by_cosine(feature, k, places)
            else:
                wanted = k if mode == "binary" else max(k, SHORTLIST)
                found, scores = self._by_hamming(signature, wanted, places)
            if mode == "two-stage":
                scores = self._features()[found] @ np.asarray(feature, np.float32)
            return best(self._ids[found], scores, k)

    def save(self, stamp: str) -> None:
        """Writes the cache. See `VectorIndex.save`."""
        if self._cache is not None and self.size:
            with self._lock.reading():
                save_vectors(self._cache, stamp, self._ids, self._features(), self._binary.signatures())

    def close(self) -> None:
        """Nothing is held but memory."""

    def _places(self, ids: np.ndarray) -> np.ndarray:
        """Where those of `ids` stand that are in the index, ascending."""
        if not self.size:
            return np.empty(0, np.int64)
        found = np.searchsorted(self._ids, ids, sorter=self._order).clip(max=self.size - 1)
        places = found if self._order is None else self._order[found]
        places = places[self._ids[places] == ids]
        return places if (np.diff(places) > 0).all() else np.unique(places)  # postings are ascending already

    def _by_hamming(self, signature: np.ndarray, k: int, places: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Places and shares of equal bits of the nearest."""
        bits = 8 * self.width
        if places is not None and len(places) <= GATHERED:
            return best(places, 1 - hamming(signature, self._binary.signatures(places)) / bits, k)
        if places is None and k < self.size:
            places, distances = self._binary.near(signature, k)
            return best(places, 1 - distances / bits, k)
        distances = self._binary.distances(signature)
        if places is None:
            return best(np.arange(self.size), 1 - distances / bits, k)
        distances = distances[places]
        if k < len(places):
            near = nearest(distances, k)
            places, distances = places[near], distances[near]
        return best(places, 1 - distances / bits, k)

    def _by_cosine(self, feature: np.ndarray, k: int, places: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Places and cosines of the nearest."""
        query = np.ascontiguousarray(feature, np.float32)
        if places is not None and len(places) <= GATHERED:
            return best(places, self._features()[places] @ query, k)
        if places is None and self._gpu is not None:
            return self._gpu.search(self._float, query, min(k, self.size))
        scores, found = self._float.search(query[None], min(k, self.size), params=_only(places, self.size))
        kept = found[0] >= 0
        return found[0][kept], scores[0][kept]

    def _features(self) -> np.ndarray:
        """N x D float32, faiss's own memory: valid while the lock is held."""
        return faiss.rev_swig_ptr(self._float.get_xb(), self.size * self.dimension).reshape(self.size, self.dimension)

    def _changed(self) -> None:
        if self._gpu is not None:
            self._gpu.forget()


class _GpuMirror:
    """A copy of a flat index on the first GPU, made when first needed after a change."""

    def __init__(self) -> None:
        self._resources = faiss.StandardGpuResources()
        self._copy = None

    def forget(self) -> None:
        self._copy = None

    def search(self, index: faiss.IndexFlatIP, query: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        copy = self._copy or faiss.index_cpu_to_gpu(self._resources, 0, index)
        self._copy = copy
        scores, found = copy.search(query[None], k)
        return found[0], scores[0]


def _only(places: np.ndarray | None, size: int) -> faiss.SearchParameters | None:
    """Makes faiss skip all other places."""
    if places is None:
        return None
    mask = np.zeros(size, bool)
    mask[places] = True
    return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little")))


__all__ = ["FaissIndex"]
