"""Drawn garments in few colours and an encoder small enough to learn them in seconds."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from modeling.fashion_encoder import FashionEncoderConfig
from training.fashion.sets import Item, frequent_words
from training.fashion.taxonomy import GARMENT_NODES, TREE

COLOURS = {"red": (220, 30, 30), "blue": (30, 40, 220)}


def draw(folder: Path, count: int, white: bool, seed: int = 0) -> list[Item]:
    """Plain wide shorts and striped tall jeans, red and blue, on white like a catalogue's or on a phone's floor."""
    rng, items = np.random.default_rng(seed), []
    for number in range(count):
        category, colour = ("shorts", "jeans")[number % 2], ("red", "blue")[number // 2 % 2]
        ground = np.full(3, 255) if white else rng.integers(60, 200, 3)
        picture = np.clip(ground + rng.normal(0, 0 if white else 9, (88, 66, 1)), 0, 255).astype(np.uint8)
        height, width = (20, 44) if category == "shorts" else (64, 18)
        top, left = rng.integers(4, 84 - height), rng.integers(4, 62 - width)
        garment = picture[top : top + height, left : left + width]
        garment[:] = COLOURS[colour]
        if category == "jeans":
            garment[::8] = garment[1::8] = garment[2::8] = garment[3::8] = 255
        path = folder / f"{'white' if white else 'floor'}-{number}.png"
        cv2.imwrite(str(path), picture[..., ::-1])
        attributes = {"parent": "pants", "category": category, "colour": colour, "gender": "men"} if white else {}
        items.append(Item(path, (category,), attributes, label="" if white else ("shorts", "pants")[number % 2]))
    return items


def small_config(items: list[Item], **changes) -> FashionEncoderConfig:
    settings = {
        "backbone": "resception", "width": 0.08, "image_height": 48, "image_width": 36, "feature_size": 64,
        "embedding": 16, "hidden": 24, "tree": TREE, "garment_nodes": GARMENT_NODES, "flip": False, "dropout": 0.1,
        "attributes": frequent_words(items, more_than=2),
    }  # fmt: skip
    return FashionEncoderConfig(**settings | changes)
