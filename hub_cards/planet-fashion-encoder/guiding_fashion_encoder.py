"""What a guide ("women", "cardigan") means for the words of a description and for the category.

Dims: G groups, V words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .configuration_fashion_encoder import CATEGORY, PARENT
from .sequence_fashion_encoder import END, Words
from .tree_fashion_encoder import CategoryTree


@dataclass(frozen=True)
class Orders:
    """A guide, spelt out.

    Attributes:
        forced: G indices of words, `END` where a group is free.
        allowed: V, whether a word may be chosen freely.
        foreign: group -> a word of the guide that the model never learnt; the group's own words are not allowed then.
        node: the node at or under which the category lies; the root without a guide.
    """

    forced: tuple[int, ...]
    allowed: tuple[bool, ...]
    foreign: dict[str, str]
    node: str


def spell_out(guide: Mapping[str, str] | None, words: Words, tree: CategoryTree) -> Orders:
    """Turns a guide into forced and allowed words.

    A leaf as category forces its parent too. A node above leaves only forces the parent and leaves the category to the
    model, among its leaves; one higher up ("clothing") only limits both.

    Args:
        guide: group -> word; None or empty is no guide.
        words: of the description.
        tree: of the categories.

    Raises:
        ValueError: if a group is unknown, or the category is not a node of the tree.
    """
    guide = {group: word for group, word in (guide or {}).items() if word}
    unknown = [group for group in guide if group not in words.groups]
    if unknown:
        raise ValueError(f"A guide knows the groups {', '.join(words.groups)}, got {', '.join(map(repr, unknown))}")
    node = guide.get(CATEGORY) or guide.get(PARENT) or tree.root
    below = set(tree.below(node)) if tree.path(node) else set()
    if CATEGORY in guide:
        guide |= _category(guide.pop(CATEGORY), tree)
    forced, foreign = [END] * len(words.groups), {}
    for place, group in enumerate(words.groups):
        if group in guide:
            forced[place] = words.index.get((group, guide[group]), END)
            if forced[place] == END:
                foreign[group] = guide[group]
    allowed = [
        group not in foreign and (group not in (PARENT, CATEGORY) or _fits(group, word, node, below, tree))
        for group, word in words.words
    ]
    return Orders(tuple(forced), tuple(allowed), foreign, node)


def _category(node: str, tree: CategoryTree) -> dict[str, str]:
    """Words that a guide's category forces."""
    if tree.is_leaf(node):
        return {PARENT: tree.parents[node], CATEGORY: node}
    return {PARENT: node} if all(tree.is_leaf(child) for child in tree.children[node]) else {}


def _fits(group: str, word: str, node: str, below: set[str], tree: CategoryTree) -> bool:
    """Whether a word for parent or category lies at or under the guide's node; the parent of a leaf is above it."""
    return word in below or (group == PARENT and tree.is_leaf(node) and word == tree.parents[node])
