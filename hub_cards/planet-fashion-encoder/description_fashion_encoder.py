"""What the encoder says about a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Attribute:
    """One word of a description.

    Attributes:
        group: "parent", "category", "gender", "colour", "pattern", "usage" or "season".
        value: the word.
        confidence: its probability given the words before it, 0..1. A forced word's is what the model would have given
            it: a low one says that picture and guide do not agree. 0 for a word of the guide that it never learnt.
        forced: whether the guide said it.
    """

    group: str
    value: str
    confidence: float
    forced: bool


@dataclass(frozen=True)
class Category:
    """What the product is, exactly and as surely as hedging wants it (Deng et al. 2012).

    Attributes:
        leaf: the likeliest category.
        confidence: its probability, 0..1.
        hedged: a node above the leaf, or the leaf: less specific and surer.
        hedged_confidence: the node's probability, 0..1.
        path: the nodes from the root down to `hedged`.
    """

    leaf: str
    confidence: float
    hedged: str
    hedged_confidence: float
    path: tuple[str, ...]


@dataclass(frozen=True)
class Description:
    """A picture of one product, described.

    Attributes:
        attributes: words in the order of the sequence, at most one of each group.
        category: what it is.
        feature: float32, unit length; its inner product with another's is their likeness, -1..1.
        signature: uint8, the feature's signs packed eight to a byte; compared by Hamming distance.
        ms: milliseconds it took, an equal share of its batch.
    """

    attributes: tuple[Attribute, ...]
    category: Category
    feature: np.ndarray
    signature: np.ndarray
    ms: float
