"""Which product pictures flat lays are made of: the same number of every garment class, as far as there are any."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from training.fashion.cutouts import FLAT, PHONE

VALIDATION = "validation"
_OF_PRODUCTS = {VALIDATION: "val"}
"""What products.csv calls a split that the folders of garments call otherwise."""


def flat_sources(
    garments: Path | None, products: Path | None, count: int, seed: int, split: str = "train"
) -> list[tuple[Path, str, bool]]:
    """Pictures of one split with one garment each.

    Args:
        garments: folder of phone photographs, `<split>/<class>/*.jpg`; None for none.
        products: folder with products.csv; None for none.
        count: pictures in all, at most.
        seed: of the choice.
        split: "train", "validation" or "test".

    Returns:
        (file, garment class, whether its background is white).
    """
    found: dict[str, list[tuple[Path, str, bool]]] = {}
    if garments is not None:
        for name, garment in PHONE.items():
            for path in sorted((garments / split / name).glob("*.jpg")):
                found.setdefault(garment, []).append((path, garment, False))
    if products is not None:
        garment_of = {kind: garment for garment, kinds in FLAT.items() for kind in kinds}
        with (products / "products.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["split"] == _OF_PRODUCTS.get(split, split) and (garment := garment_of.get(row["articleType"])):
                    found.setdefault(garment, []).append((products / row["path"], garment, True))
    share = -(-count // max(len(found), 1))
    rng = random.Random(seed)
    return [source for _, group in sorted(found.items()) for source in rng.sample(group, min(share, len(group)))]
