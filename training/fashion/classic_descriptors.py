"""What the traditional eyes measure of pictures, before anything is learned: the slow half of their training, kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from modeling.fashion_classic import FashionClassicConfig
from modeling.fashion_classic.colour_fashion_classic import COLOUR_FEATURES
from modeling.fashion_classic.describing_fashion_classic import Descriptors, describe, shrunk
from modeling.fashion_classic.hog_fashion_classic import HOG_FEATURES
from modeling.fashion_classic.images_fashion import load_image
from modeling.fashion_classic.pattern_fashion_classic import PATTERN_FEATURES
from modeling.fashion_classic.region_fashion_classic import cut_region, whole
from training.fashion.sets import Item

_SIZES = (HOG_FEATURES, COLOUR_FEATURES, PATTERN_FEATURES)
_SPLITS = np.cumsum(_SIZES * 2)[:-1]


@dataclass(frozen=True)
class Measured:
    """Descriptors of P pictures: of the whole picture ("around") and of the region cut out of it ("seen").

    Attributes:
        around, seen: their fields are matrices with a row a picture.
    """

    around: Descriptors
    seen: Descriptors

    def __len__(self) -> int:
        return len(self.seen.shape)

    def rows(self, picture: int) -> tuple[Descriptors, Descriptors]:
        """`seen` and `around` of one picture, in the order that `FashionClassicModel.weigh` takes them."""
        return tuple(
            Descriptors(each.shape[picture], each.colour[picture], each.pattern[picture])
            for each in (self.seen, self.around)
        )


def measure_pictures(items: Sequence[Item], config: FashionClassicConfig, cache: Path | None = None) -> Measured:
    """Measures pictures as `FashionClassicModel.look` does without a box.

    Args:
        items: the pictures.
        config: sizes of the copies that are measured.
        cache: a file that is read if it is there and written if it is not. Delete it when the measuring changes.

    Raises:
        ValueError: if the file is of other pictures.
    """
    names = np.array([f"{item.path.parent.name}/{item.path.name}" for item in items])
    if cache is not None and cache.is_file():
        with np.load(cache) as kept:
            if kept["rows"].shape[1] != 2 * sum(_SIZES) or not np.array_equal(kept["names"], names):
                raise ValueError(f"{cache.name} was made of other pictures. Delete it to measure again.")
            rows = kept["rows"]
    else:
        shown = tqdm(items, desc="pictures", mininterval=10)
        rows = np.stack([_row(item.path, config) for item in shown]).astype(np.float16)
        if cache is not None:
            cache.parent.mkdir(parents=True, exist_ok=True)
            np.savez(cache, names=names, rows=rows)
    parts = np.split(rows.astype(np.float32), _SPLITS, axis=1)
    return Measured(Descriptors(*parts[:3]), Descriptors(*parts[3:]))


def _row(path: Path, config: FashionClassicConfig) -> np.ndarray:
    view = shrunk(load_image(path), config.view_side)
    frame = shrunk(view, config.frame_side)
    both = describe(view, whole(*frame.shape[:2])), describe(view, cut_region(frame, None, config.rounds))
    return np.concatenate([part for each in both for part in (each.shape, each.colour, each.pattern)])
