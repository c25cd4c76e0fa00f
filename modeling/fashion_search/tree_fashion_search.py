"""Places in a category tree that is given as node -> parent, the root's parent being ""."""

from __future__ import annotations

from collections.abc import Mapping


def path_to(node: str, tree: Mapping[str, str]) -> tuple[str, ...]:
    """The nodes from the root down to `node`; only `node` itself where the tree does not know it, none for "".

    Raises:
        ValueError: if the tree runs in a circle.
    """
    path = [node] if node else []
    while path and tree.get(path[-1]):
        if tree[path[-1]] in path:
            raise ValueError(f"The category tree runs in a circle: {' > '.join([*path, tree[path[-1]]])}")
        path.append(tree[path[-1]])
    return tuple(reversed(path))


def at_or_below(node: str, other: str, tree: Mapping[str, str]) -> bool:
    """Whether `other` is `node` or one of its descendants."""
    return node in path_to(other, tree)


def upwards(node: str, tree: Mapping[str, str]) -> tuple[str, ...]:
    """`node` and its ancestors below the root, the most specific first."""
    path = path_to(node, tree)
    return tuple(reversed(path[1:] if len(path) > 1 else path))
