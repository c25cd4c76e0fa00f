"""Hamming distances of a query to all signatures in memory, in the width that faiss counts fastest.

faiss unrolls its bit counting for codes of 64 bytes; one of 128 goes through a loop that takes half as long again
(measured on 100,000 codes). So a signature lies in columns of 64 bytes, and the distances of the columns are added.

How long a scan takes is how many bytes it reads. Among many items those that are far by the first column are not
compared further; `training.fashion.measure_retrieval` tells how many of the nearest that loses.

Dims: N items, W bytes of a signature, K answers.
"""

from __future__ import annotations

import threading

import faiss
import numpy as np

from .vectors_fashion_search import hamming

COLUMN = 64
"""Bytes of a column."""

_WORD = 8
"""Bytes that faiss counts at a time."""

_SAMPLE = 16
"""Every so many-th distance tells how far the nearest may be at most."""

WHOLE = 20_000
"""Up to so many items are compared in all columns."""

SIFTED = 256
"""Of more, one in so many, the nearest by the first column, is compared in the others; or sixteen for each that is
asked for, where that is more."""


class HammingScan:
    """N signatures in memory.

    Args:
        width: bytes of a signature.
    """

    def __init__(self, width: int):
        edges = range(0, width, COLUMN)
        self._columns = [(start, faiss.IndexBinaryFlat(8 * min(COLUMN, width - start))) for start in edges]
        self._scratch = threading.local()  # fresh memory for every query costs as much as counting half a column

    def __len__(self) -> int:
        return self._columns[0][1].ntotal

    def add(self, signatures: np.ndarray) -> None:
        """Appends signatures (N x W uint8)."""
        for start, column in self._columns:
            column.add(np.ascontiguousarray(signatures[:, start : start + column.code_size]))

    def remove(self, places: np.ndarray) -> None:
        """Takes those at `places` out; the others keep their order."""
        for _, column in self._columns:
            column.remove_ids(faiss.IDSelectorBatch(places))

    def signatures(self, places: np.ndarray | slice = slice(None)) -> np.ndarray:
        """A copy of those at `places`, or of all: N x W uint8."""
        return np.concatenate([_codes(column)[places] for _, column in self._columns], axis=1)

    def distances(self, signature: np.ndarray) -> np.ndarray:
        """Number of bits in which each signature differs from `signature` (W uint8): N int32.

        The array is this thread's own until it asks for the next one.
        """
        parts = self._parts()
        for index, part in enumerate(parts):
            self._count(index, signature, part)
        for part in parts[1:]:
            parts[0] += part
        return parts[0]

    def near(self, signature: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Places and distances of at least k items (k < N), the k nearest among them.

        Of more than `WHOLE` items these are the nearest of those that are near by the first column, which nearly always
        are the same.
        """
        if len(self) <= WHOLE or len(self._columns) == 1:
            distances = self.distances(signature)
            places = nearest(distances, k)
            return places, distances[places]
        first = self._parts()[0]
        self._count(0, signature, first)
        places = nearest(first, max(len(self) // (SIFTED * _SAMPLE), k))
        distances = first[places]
        for start, column in self._columns[1:]:
            distances += hamming(signature[start : start + column.code_size], _codes(column)[places]).astype(np.int32)
        return places, distances

    def _count(self, index: int, signature: np.ndarray, into: np.ndarray) -> None:
        """Distances of one column: N int32."""
        start, column = self._columns[index]
        query = np.ascontiguousarray(signature[start : start + column.code_size])
        if column.code_size % _WORD:
            into[:] = hamming(query, _codes(column))
        else:
            faiss.hammings(
                faiss.swig_ptr(query), column.xb.data(), 1, len(into), column.code_size, faiss.swig_ptr(into)
            )

    def _parts(self) -> list[np.ndarray]:
        """An array of N int32 for every column."""
        parts = getattr(self._scratch, "parts", None)
        if parts is None or len(parts[0]) != len(self):
            parts = self._scratch.parts = [np.empty(len(self), np.int32) for _ in self._columns]
        return parts


def _codes(column: faiss.IndexBinaryFlat) -> np.ndarray:
    """N x bytes uint8, faiss's own memory."""
    shape = column.ntotal, column.code_size
    return faiss.rev_swig_ptr(column.xb.data(), shape[0] * shape[1]).reshape(shape)


def nearest(distances: np.ndarray, k: int) -> np.ndarray:
    """Places of at least the k smallest of `distances` (N int32, k < N): those no farther than a bound.

    The bound is the k-th smallest of every 16th distance, so k of them at least are within it, and some 16 k in all.
    """
    sample = distances[::_SAMPLE]
    if len(sample) <= k:
        sample = distances
    return np.flatnonzero(distances <= np.partition(sample, k - 1)[k - 1])


__all__ = ["COLUMN", "SIFTED", "WHOLE", "HammingScan", "nearest"]
