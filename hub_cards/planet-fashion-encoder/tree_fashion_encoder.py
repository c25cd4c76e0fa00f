"""The category tree, and hedging: a sure inner node instead of a wrong leaf (Deng et al., CVPR 2012).

Dims: B pictures, L leaves, N nodes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from functools import cached_property

import torch
from torch import Tensor


class CategoryTree:
    """A tree of categories, given as node -> parent. The order of that mapping does not matter: JSON files lose it.

    Attributes:
        nodes: every node, root first, each after its parent, children in alphabetical order.
        leaves: the nodes without children, in the order of `nodes`.
        root: the node above all.

    Raises:
        ValueError: if there is not exactly one root, or a node does not hang from it.
    """

    def __init__(self, parents: Mapping[str, str]):
        roots = [node for node, parent in parents.items() if not parent]
        if len(roots) != 1:
            raise ValueError(f"A tree has exactly one root (a node whose parent is ''), got {roots}")
        self.root = roots[0]
        self.parents = dict(parents)
        children: dict[str, list[str]] = {node: [] for node in parents}
        for node, parent in parents.items():
            if parent and parent not in children:
                raise ValueError(f"The parent {parent!r} of {node!r} is not a node of the tree")
            if parent:
                children[parent].append(node)
        self.children = {node: tuple(sorted(below)) for node, below in children.items()}
        self.nodes = tuple(self._walk(self.root))
        if len(self.nodes) != len(parents):
            raise ValueError(f"Not below the root: {', '.join(sorted(set(parents) - set(self.nodes)))}")
        self.leaves = tuple(node for node in self.nodes if not self.children[node])
        self._leaf_index = {leaf: index for index, leaf in enumerate(self.leaves)}

    def _walk(self, node: str) -> list[str]:
        return [node] + [below for child in self.children[node] for below in self._walk(child)]

    def __contains__(self, node: str) -> bool:
        return node in self.parents

    def path(self, node: str) -> tuple[str, ...]:
        """The nodes from the root down to `node`.

        Raises:
            ValueError: if `node` is not in the tree.
        """
        if node not in self.parents:
            raise ValueError(f"{node!r} is not a category; known are {', '.join(self.nodes)}")
        path = [node]
        while self.parents[path[-1]]:
            path.append(self.parents[path[-1]])
        return tuple(reversed(path))

    def is_leaf(self, node: str) -> bool:
        """Whether nothing is below `node`."""
        return node in self._leaf_index

    def below(self, node: str) -> tuple[str, ...]:
        """`node` and every node under it."""
        return tuple(other for other in self.nodes if node in self.path(other))

    def leaf_index(self, leaf: str) -> int:
        """Where `leaf` stands among the leaves."""
        return self._leaf_index[leaf]

    def leaf_mask(self, nodes: Collection[str]) -> Tensor:
        """Which leaves are one of `nodes` or lie under one of them: L bool."""
        for node in nodes:
            self.path(node)
        return torch.tensor([any(node in nodes for node in self.path(leaf)) for leaf in self.leaves])

    @cached_property
    def membership(self) -> Tensor:
        """1 where a leaf lies at or under a node: L x N float. Leaf probabilities times it are node probabilities."""
        return torch.stack([self.leaf_mask([node]) for node in self.nodes], 1).float()  # N of L -> L x N

    @cached_property
    def information(self) -> Tensor:
        """Information gain of each node in bits, log2(L / leaves at or under it): N."""
        return math.log2(len(self.leaves)) - self.membership.sum(0).log2()

    def hedge(self, leaf_probabilities: Tensor, strength: float) -> Tensor:
        """The node that maximises (information + strength) * probability: DARTS for one lambda.

        Args:
            leaf_probabilities: B x L.
            strength: lambda, at least 0. It rewards being right over being specific: 0 maximises the expected
                information, infinity always answers the root.

        Returns:
            Index into `nodes`: B.
        """
        probabilities = leaf_probabilities @ self.membership.to(leaf_probabilities)  # B x N
        rewards = (self.information.to(probabilities) + strength) * probabilities
        # Of equal rewards (a node with one child) the deeper one: it comes later.
        return rewards.shape[1] - 1 - rewards.flip(1).argmax(1)


def marginal_nll(log_probabilities: Tensor, allowed: Tensor) -> Tensor:
    """Negative log of the summed probability of the leaves a label allows: B.

    Args:
        log_probabilities: B x L, of the leaf softmax.
        allowed: B x L bool; a leaf label allows one leaf, an inner node all leaves under it.
    """
    return -log_probabilities.masked_fill(~allowed, -torch.inf).logsumexp(1)
