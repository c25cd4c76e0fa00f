"""What the linear machines say of a picture, before it is put into words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .describing_fashion_classic import Descriptors


@dataclass(frozen=True)
class Evidence:
    """Probabilities and measurements of the region that is described.

    Attributes:
        seen: of the region, or of the whole picture where the region was not verified.
        verified: whether the region was kept.
        axes: shape in the discriminant space, float32 of length 1.
        leaves: probabilities of the L leaves of the category tree.
        colours: probabilities of the names of colours.
        patterns: probabilities of the names of patterns.
    """

    seen: Descriptors
    verified: bool
    axes: np.ndarray
    leaves: np.ndarray
    colours: np.ndarray
    patterns: np.ndarray


def unit(vector: np.ndarray) -> np.ndarray:
    """The vector at length 1; zeros stay zeros."""
    return vector / max(float(np.linalg.norm(vector)), 1e-12)


def narrowed(leaves: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Probabilities of the allowed leaves alone, summing to 1: even where all of them were impossible."""
    kept = (leaves + 1e-12) * allowed
    return kept / kept.sum()


__all__ = ["Evidence", "narrowed", "unit"]
