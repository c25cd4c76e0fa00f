"""1024 bits of which similar features share many: the signs of random projections.

Charikar, "Similarity estimation techniques from rounding algorithms" (STOC 2002): two vectors at an angle t differ in
a share t / pi of the bits. The directions have entries of +1 and -1 only, Achlioptas, "Database-friendly random
projections" (PODS 2001), and are kept as bits.

Dimensions: N vectors, F entries of a feature.
"""

from __future__ import annotations

import numpy as np

SIGNATURE_BITS = 1024


def random_directions(size: int, seed: int = 0) -> np.ndarray:
    """The directions for features of `size` entries, SIGNATURE_BITS x ceil(size / 8) uint8, a bit an entry."""
    # RandomState and not Generator: its stream is promised never to change.
    return np.random.RandomState(seed).randint(0, 256, (SIGNATURE_BITS, -(-size // 8)), np.uint8)


def signatures(features: np.ndarray, centre: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """The signatures of features, seen from `centre`: N x F -> N x SIGNATURE_BITS / 8 uint8.

    Args:
        features: N x F.
        centre: F; the mean of many features, around which their differences have all directions.
        directions: from `random_directions`.

    Raises:
        ValueError: if sizes differ.
    """
    size = features.shape[1]
    if centre.shape != (size,) or directions.shape[1] != -(-size // 8):
        raise ValueError(f"Features of {size} entries, a centre of {centre.shape} and {directions.shape} do not fit")
    signs = np.unpackbits(directions, axis=1, count=size).astype(np.float32) * 2 - 1
    return np.packbits((features - centre) @ signs.T > 0, axis=1)


__all__ = ["SIGNATURE_BITS", "random_directions", "signatures"]
