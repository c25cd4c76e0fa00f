"""Reads the two sets of single products: catalogue photos with attributes, and phone photos with one of ten labels."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from training.fashion.taxonomy import ARTICLE_NODES, GARMENT_NODES, TREE

ATTRIBUTE_GROUPS = ("parent", "category", "gender", "colour", "pattern", "usage", "season")
"""The order of the sequence."""

PRODUCT_SPLITS = ("train", "val", "test")
GARMENT_SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Item:
    """One labelled picture.

    Attributes:
        path: of the picture.
        nodes: the nodes of the tree its label stands for: one, or several that are equally possible.
        attributes: group -> word, groups without a word left out; empty for phone photos.
        label: the ten-class label of phone photos, else "".
        duplicates: name shared by almost equal photos, or "".
        title: the seller's text, or "".
    """

    path: Path
    nodes: tuple[str, ...]
    attributes: dict[str, str]
    label: str = ""
    duplicates: str = ""
    title: str = ""

    @property
    def category(self) -> str:
        """The leaf, or "" where the label is vaguer."""
        return self.attributes.get("category", "")


def slug(text: str) -> str:
    """ "Navy Blue" and "polka_dot" as the project writes them: "navy-blue", "polka-dot"."""
    return text.strip().lower().replace(" ", "-").replace("_", "-")


def read_products(folder: Path, split: str) -> list[Item]:
    """The catalogue photos of one split, in the order of `products.csv`.

    Raises:
        ValueError: if the split is unknown, the table is missing, or it names an unknown article type.
    """
    if split not in PRODUCT_SPLITS:
        raise ValueError(f"split must be one of {', '.join(PRODUCT_SPLITS)}, got {split!r}")
    table = folder / "products.csv"
    if not table.is_file():
        raise ValueError(f"There is no {table.name} in {folder.name!r}")
    with table.open(encoding="utf-8", newline="") as file:
        return [_product(row, folder) for row in csv.DictReader(file) if row["split"] == split]


def _product(row: dict[str, str], folder: Path) -> Item:
    if row["articleType"] not in ARTICLE_NODES:
        raise ValueError(f"Product {row['id']} has the unknown article type {row['articleType']!r}")
    node = ARTICLE_NODES[row["articleType"]]
    inner = node in TREE.values()
    attributes = {
        "parent": node if inner else TREE[node],
        "category": "" if inner else node,
        "gender": slug(row["gender"]),
        "colour": slug(row["baseColour"]),
        "pattern": slug(row["pattern"]),
        "usage": slug(row["usage"]),
        "season": slug(row["season"]),
    }
    return Item(
        path=folder / row["path"],
        nodes=(node,),
        attributes={group: word for group, word in attributes.items() if word},
        duplicates=row["near_duplicate_group"],
        title=row["title"],
    )


def read_garments(folder: Path, split: str) -> list[Item]:
    """The phone photos of one split, sorted by label and file name.

    Raises:
        ValueError: if the split is unknown or holds no picture.
    """
    if split not in GARMENT_SPLITS:
        raise ValueError(f"split must be one of {', '.join(GARMENT_SPLITS)}, got {split!r}")
    items = [
        Item(path=path, nodes=tuple(nodes), attributes={}, label=label)
        for label, nodes in GARMENT_NODES.items()
        for path in sorted((folder / split / label).glob("*.jpg"))
    ]
    if not items:
        raise ValueError(f"No garments below {folder.name}/{split}")
    return items


def frequent_words(items: Iterable[Item], more_than: int = 50) -> dict[str, list[str]]:
    """Group -> the words seen more than `more_than` times, most frequent first."""
    items = list(items)
    words = {}
    for group in ATTRIBUTE_GROUPS:
        counts = Counter(item.attributes[group] for item in items if group in item.attributes)
        words[group] = [word for word, count in counts.most_common() if count > more_than]
    return words


def items_sha256(items: Iterable[Item]) -> str:
    """SHA-256 over every picture and its labels, in order."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(item.path.read_bytes() + repr((item.nodes, sorted(item.attributes.items()), item.label)).encode())
    return digest.hexdigest()
