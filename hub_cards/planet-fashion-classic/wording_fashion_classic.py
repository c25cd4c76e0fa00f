"""From probabilities and a guide to words: the category, hedged, and the attributes in their order.

Dimensions: L leaves of the category tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from .configuration_fashion_classic import FashionClassicConfig
from .evidence_fashion_classic import Evidence
from .looking_fashion_classic import Attribute, Category
from .tree_fashion_classic import Tree

GROUPS = ("parent", "category", "gender", "colour", "pattern", "usage", "season")
"""Groups of attributes in their order."""


class Guide(Protocol):
    """What a person said of the product."""

    @property
    def tokens(self) -> Mapping[str, str]:
        """Attribute group -> word."""


def guide_words(guide: Mapping[str, str] | Guide | None) -> dict[str, str]:
    """Attribute group -> word of a guide in either form.

    Raises:
        ValueError: if a group does not exist.
    """
    words = {} if guide is None else dict(guide if isinstance(guide, Mapping) else guide.tokens)
    strangers = [group for group in words if group not in GROUPS]
    if strangers:
        raise ValueError(f"A guide speaks of {', '.join(GROUPS)}, got {', '.join(strangers)}")
    return words


def allowed_leaves(tree: Tree, words: Mapping[str, str]) -> np.ndarray:
    """Which leaves a guide leaves open, L bool; its category outweighs a parent that contradicts it.

    Raises:
        ValueError: if category or parent is no node of the tree.
    """
    allowed = np.ones(len(tree.leaves), bool)
    for group in ("category", "parent"):
        if group in words:
            under = tree.under([words[group]])
            allowed = allowed & under if (allowed & under).any() else allowed
    return allowed


def category_of(tree: Tree, leaves: np.ndarray, strength: float) -> Category:
    """The most probable leaf, and the node that hedging answers.

    Args:
        leaves: L probabilities.
        strength: lambda of the hedging.
    """
    best = int(leaves.argmax())
    node = tree.nodes[int(tree.hedge(leaves, strength))]
    return Category(
        leaf=tree.leaves[best],
        confidence=float(leaves[best]),
        hedged=node,
        hedged_confidence=float(leaves[tree.under([node])].sum()),
        path=tree.path(node),
    )


def attributes_of(
    config: FashionClassicConfig,
    tree: Tree,
    evidence: Evidence,
    leaves: np.ndarray,
    category: Category,
    words: Mapping[str, str],
) -> tuple[Attribute, ...]:
    """Words about the product: the guide's where it has any, else what is seen; an unsure pattern is left out.

    Args:
        leaves: L probabilities, narrowed to what the guide allows.
        words: the guide's.
    """
    parent = tree.parents[category.leaf]
    sure = float(leaves[tree.under([parent])].sum()) if parent else 1.0
    seen = {
        "parent": (parent, sure),
        "category": (category.leaf, category.confidence),
        "colour": (config.colours[int(evidence.colours.argmax())], float(evidence.colours.max())),
    }
    if evidence.patterns.max() >= config.pattern_threshold:
        seen["pattern"] = (config.patterns[int(evidence.patterns.argmax())], float(evidence.patterns.max()))
    result = []
    for group in GROUPS:
        # A guide that names an inner node ("some footwear") leaves the leaf to the picture.
        word, confidence = seen.get(group, ("", 0.0))
        if group in ("parent", "category"):
            forced = word in (words.get("category"), words.get("parent"))
        else:
            forced = group in words
            word = words.get(group, word)
        if word:
            result.append(Attribute(group, word, 1.0 if forced else confidence, forced))
    return tuple(result)


__all__ = ["GROUPS", "Guide", "allowed_leaves", "attributes_of", "category_of", "guide_words"]
