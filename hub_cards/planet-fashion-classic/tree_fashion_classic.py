"""The category tree, and hedging: a sure inner node instead of a wrong leaf.

Deng, Krause, Berg and Fei-Fei, "Hedging your bets: optimizing accuracy-specificity trade-offs in large scale visual
recognition" (CVPR 2012).

Dimensions: L leaves, N nodes, K labels of the SVM: a leaf, or the nodes that a vaguer word of training may mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np


class Tree:
    """A tree of categories.

    Args:
        parents: node -> parent; the root's is "".

    Attributes:
        nodes: in alphabetical order.
        leaves: nodes that are nobody's parent.
        below: N x L bool, whether leaf l is node n or under it.

    Raises:
        ValueError: if there is not exactly one root, a parent is no node, or the links run in a circle.
    """

    def __init__(self, parents: Mapping[str, str]):
        self.parents = dict(parents)
        roots = [node for node, parent in self.parents.items() if not parent]
        if len(roots) != 1:
            raise ValueError(f"A tree has one root, the node whose parent is empty, got {roots}")
        strangers = sorted({parent for parent in self.parents.values() if parent} - self.parents.keys())
        if strangers:
            raise ValueError(f"Parents that are no nodes of the tree: {', '.join(strangers)}")
        # Sorted, because a saved configuration sorts its keys: the order of leaves is part of the feature.
        self.nodes = tuple(sorted(self.parents))
        inner = set(self.parents.values())
        self.leaves = tuple(node for node in self.nodes if node not in inner)
        self._row = {node: row for row, node in enumerate(self.nodes)}
        self.below = np.zeros((len(self.nodes), len(self.leaves)), bool)
        for column, leaf in enumerate(self.leaves):
            for node in self.path(leaf):
                self.below[self._row[node], column] = True
        if not self.below.any(1).all():
            raise ValueError("The links of the tree run in a circle")
        self._depth = np.array([len(self.path(node)) for node in self.nodes])
        self.information = np.log2(len(self.leaves) / self.below.sum(1))  # bits a node tells, N

    def path(self, node: str) -> tuple[str, ...]:
        """The nodes from the root to `node`.

        Raises:
            ValueError: if `node` is not in the tree, or its path has no end.
        """
        if node not in self.parents:
            raise ValueError(f"{node!r} is no node of the category tree")
        path = [node]
        while self.parents[path[-1]]:
            path.append(self.parents[path[-1]])
            if len(path) > len(self.parents):
                raise ValueError("The links of the tree run in a circle")
        return tuple(reversed(path))

    def under(self, nodes: Iterable[str]) -> np.ndarray:
        """Which leaves are one of `nodes` or under one, L bool.

        Raises:
            ValueError: if one of them is not in the tree.
        """
        result = np.zeros(len(self.leaves), bool)
        for node in nodes:
            if node not in self._row:
                raise ValueError(f"{node!r} is no node of the category tree")
            result |= self.below[self._row[node]]
        return result

    def leaf_probabilities(self, labels: Sequence[Sequence[str]], probabilities: np.ndarray) -> np.ndarray:
        """Spreads the probability of vague labels over the leaves that they may mean.

        A label "footwear" says "some footwear": its share goes to those leaves in the proportion in which they were
        probable by labels of their own, evenly where none was.

        Args:
            labels: K labels, each the nodes it may mean.
            probabilities: ... x K, summing to 1.

        Returns:
            ... x L, summing to 1.
        """
        meant = np.stack([self.under(label) for label in labels])  # K x L
        sharp = meant.sum(1) == 1
        own = probabilities[..., sharp] @ meant[sharp]
        result = own.copy()
        for column in np.flatnonzero(~sharp):
            share = (own + 1e-9) * meant[column]
            result += probabilities[..., column, None] * share / share.sum(-1, keepdims=True)
        return result

    def hedge(self, probabilities: np.ndarray, strength: float) -> np.ndarray:
        """The nodes that maximise (information + strength) x probability, equation 5 of the paper.

        Args:
            probabilities: ... x L.
            strength: the paper's lambda, at least 0: the larger, the less specific and the more often right.

        Returns:
            Rows of `nodes`, shape ...; the deeper node where two are equal.
        """
        reward = (probabilities @ self.below.T) * (self.information + strength)
        return (reward + 1e-9 * self._depth).argmax(-1)


__all__ = ["Tree"]
