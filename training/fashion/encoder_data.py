"""Pictures and targets as the encoder's training takes them.

Dims: L leaves of the category tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from modeling.fashion_encoder.fitting_fashion_encoder import fit_picture, to_pixels
from modeling.fashion_encoder.tree_fashion_encoder import CategoryTree
from training.fashion.encoder_augment import view
from training.fashion.sets import Item

UNKNOWN = -1
"""Target of what a picture's label does not say."""


class Targets:
    """Labels as numbers.

    Args:
        tree: whose leaves are the categories.
        attributes: group -> words; class 0 of each group is "none".
        pairs: (category, colour) pairs known to the retrieval loss.
    """

    def __init__(self, tree: CategoryTree, attributes: Mapping[str, Sequence[str]], pairs: Sequence[tuple[str, str]]):
        self.tree, self.attributes = tree, attributes
        self._word = {group: {word: i + 1 for i, word in enumerate(words)} for group, words in attributes.items()}
        self._pair = {pair: index for index, pair in enumerate(pairs)}
        self._masks: dict[tuple[str, ...], Tensor] = {}

    def allowed(self, item: Item) -> Tensor:
        """The leaves its label allows: L bool."""
        if item.nodes not in self._masks:
            self._masks[item.nodes] = self.tree.leaf_mask(item.nodes)
        return self._masks[item.nodes]

    def words(self, item: Item) -> dict[str, int]:
        """Class of each group, 0 where it has none; `UNKNOWN` everywhere for a picture without attributes."""
        if not item.attributes:
            return dict.fromkeys(self.attributes, UNKNOWN)
        return {group: known.get(item.attributes.get(group, ""), 0) for group, known in self._word.items()}

    def pair(self, item: Item) -> int:
        """Number of its (category, colour) pair, or `UNKNOWN`."""
        return self._pair.get((item.category, item.attributes.get("colour", "")), UNKNOWN)


def category_colour_pairs(items: Sequence[Item]) -> list[tuple[str, str]]:
    """The (category, colour) pairs that occur, sorted."""
    return sorted({(i.category, i.attributes["colour"]) for i in items if i.category and "colour" in i.attributes})


def read_rgb(path: Path) -> np.ndarray:
    """H x W x 3 uint8."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


Reader = Callable[[Path], np.ndarray]
"""`read_rgb`, or another way to the same picture."""


class KeptPictures:
    """Pictures decoded once and kept in memory; worker processes forked afterwards share it.

    Args:
        items: whose pictures are kept: some 120 kB each.
    """

    def __init__(self, items: Iterable[Item]):
        paths = list({item.path: None for item in items})
        with ThreadPoolExecutor() as threads:
            self._pictures = dict(zip(paths, threads.map(read_rgb, paths), strict=True))

    def __call__(self, path: Path) -> np.ndarray:
        """H x W x 3 uint8, for reading only."""
        return self._pictures[path]


class Views(Dataset):
    """Random views of labelled pictures; randomness comes from NumPy's global generator, which the loop seeds.

    Args:
        items: the pictures.
        targets: what is said of them.
        canvas: (rows, columns) of the views.
        read: gives a picture.
    """

    def __init__(self, items: Sequence[Item], targets: Targets, canvas: tuple[int, int], read: Reader = read_rgb):
        self.items, self.targets, self.canvas, self.read = items, targets, canvas, read

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        item = self.items[index]
        rng = np.random.default_rng(np.random.randint(2**31))
        picture = view(self.read(item.path), self.canvas, rng, phone=bool(item.label))
        words = {f"word_{group}": torch.tensor(word) for group, word in self.targets.words(item).items()}
        return {
            "canvas": torch.from_numpy(picture),
            "allowed": self.targets.allowed(item),
            "pair": torch.tensor(self.targets.pair(item)),
            **words,
        }


def plain_pixels(items: Sequence[Item], canvas: tuple[int, int], read: Reader = read_rgb) -> Tensor:
    """Pictures as the published model sees them: B x 3 x h x w in -1..1."""
    return to_pixels(np.stack([fit_picture(read(item.path), canvas) for item in items]))
