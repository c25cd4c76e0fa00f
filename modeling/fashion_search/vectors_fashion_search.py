"""The contract of every vector index, and the arithmetic that they share.

Dims: N items, D feature length, W bytes of a signature (bits / 8), K answers.
"""

from __future__ import annotations

from typing import Literal, Protocol, get_args

import numpy as np

Mode = Literal["two-stage", "binary", "float"]
MODES: tuple[str, ...] = get_args(Mode)

SHORTLIST = 200
"""How many nearest neighbours by signature the two-stage search compares by feature."""


class VectorIndex(Protocol):
    """Nearest neighbours among items that have a feature and a signature."""

    @property
    def size(self) -> int:
        """Number of items."""

    def ids(self) -> np.ndarray:
        """Every item's id: N int64, ascending."""

    def add(self, ids: np.ndarray, features: np.ndarray, signatures: np.ndarray) -> None:
        """Adds items.

        Args:
            ids: N int64, none of them in the index.
            features: N x D float, rows of length 1.
            signatures: N x W uint8, packed bits.

        Raises:
            ValueError: if shapes do not fit, or an id is in the index or given twice.
        """

    def remove(self, ids: np.ndarray) -> int:
        """Takes items out; ids that are not there are ignored. Returns how many were there."""

    def search(
        self,
        feature: np.ndarray | None,
        signature: np.ndarray | None,
        k: int,
        allowed_ids: np.ndarray | None = None,
        mode: Mode = "two-stage",
    ) -> tuple[np.ndarray, np.ndarray]:
        """The nearest items.

        Args:
            feature: D float of length 1; not needed for "binary".
            signature: W uint8; not needed for "float".
            k: how many; fewer come back where there are fewer.
            allowed_ids: only these count; all if None.
            mode: "binary" by Hamming distance of signatures; "float" by cosine of features; "two-stage" by cosine among
                the `SHORTLIST` (or k, if that is more) nearest by Hamming distance.

        Returns:
            Ids (K int64), the best first, and their scores (K float32): the cosine, or for "binary" the share of equal
            bits.

        Raises:
            ValueError: for an unknown mode, a query of the wrong size, or k below 1.
        """

    def save(self, stamp: str) -> None:
        """Keeps what speeds up the next opening.

        Args:
            stamp: state of the catalogue that the index agrees with.
        """

    def close(self) -> None:
        """Gives back what the index holds."""


def hamming(signature: np.ndarray, signatures: np.ndarray) -> np.ndarray:
    """Number of bits in which each of `signatures` (N x W uint8) differs from `signature` (W uint8): N int64."""
    if signatures.shape[1] % 8 == 0:  # eight bytes at a time
        signature = np.ascontiguousarray(signature).view(np.uint64)
        signatures = np.ascontiguousarray(signatures).view(np.uint64)
    return np.bitwise_count(signatures ^ signature).sum(1, dtype=np.int64)


def best(ids: np.ndarray, scores: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k highest scores with their ids, the highest first; of equal ones the lower id first."""
    if len(scores) > k:
        kept = np.flatnonzero(scores >= np.partition(scores, len(scores) - k)[len(scores) - k])
        ids, scores = ids[kept], scores[kept]
    order = np.lexsort((ids, -scores))[:k]
    return ids[order].astype(np.int64), scores[order].astype(np.float32)


def check_items(
    ids: np.ndarray, features: np.ndarray, signatures: np.ndarray, dimension: int, width: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The items of `VectorIndex.add` as int64, float32 and uint8, contiguous.

    Raises:
        ValueError: if shapes do not fit, an id comes twice, or a feature is not finite.
    """
    ids = np.ascontiguousarray(ids, np.int64)
    features = np.ascontiguousarray(features, np.float32)
    signatures = np.ascontiguousarray(signatures)
    if ids.ndim != 1 or len(np.unique(ids)) != len(ids):
        raise ValueError(f"ids must be one row without repetitions, got shape {ids.shape}")
    if features.shape != (len(ids), dimension):
        raise ValueError(f"features must be {len(ids)} x {dimension}, got shape {features.shape}")
    if signatures.shape != (len(ids), width) or signatures.dtype != np.uint8:
        raise ValueError(f"signatures must be {len(ids)} x {width} uint8, got {signatures.shape} {signatures.dtype}")
    if not np.isfinite(features).all():
        raise ValueError("features must be finite, got NaN or infinity")
    return ids, features, signatures


def check_query(
    feature: np.ndarray | None, signature: np.ndarray | None, k: int, mode: str, dimension: int, width: int
) -> None:
    """Makes sure that a query fits an index.

    Raises:
        ValueError: see `VectorIndex.search`.
    """
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode!r}")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if mode != "binary" and (feature is None or np.shape(feature) != (dimension,)):
        raise ValueError(f"mode {mode!r} needs a feature of {dimension} values, got shape {np.shape(feature)}")
    if mode != "float" and (signature is None or np.shape(signature) != (width,) or signature.dtype != np.uint8):
        raise ValueError(f"mode {mode!r} needs a signature of {width} bytes, got shape {np.shape(signature)}")


__all__ = ["MODES", "SHORTLIST", "Mode", "VectorIndex", "best", "hamming"]
