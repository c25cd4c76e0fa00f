"""The UKBench protocol on any folder of object groups: do the other pictures of an object come first?

    python -m training.fashion.measure_groups FOLDER
    python -m training.fashion.measure_groups ukbench/full --group-size 4

Nistér and Stewénius (CVPR 2006): every picture asks among all of them, itself included; N-S is how many of its group
of four are among the first four, P@4 a quarter of that. Mean average precision is printed with the query among the
answers, as many papers count, and without it, as a user would.

Dims: P pictures, D feature.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from modeling.fashion_encoder import FashionEncoderModel
from training.fashion.encoder_features import plain_features
from training.fashion.retrieval import cosine, hamming_similarity
from training.fashion.retrieval_baselines import colour_histograms, imagenet_features
from training.fashion.sets import Item

CARD = Path("hub_cards/planet-fashion-encoder")
ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}

_BLOCK = 256
"""Queries that are ranked at a time."""


def read_groups(folder: Path, group_size: int | None = None) -> tuple[list[Path], np.ndarray]:
    """Pictures and the number of the object each shows.

    Args:
        folder: with a folder for each object; or, with `group_size`, with the pictures of an object one after the other
            in the order of their names, as UKBench has them.
        group_size: pictures of an object.

    Returns:
        P paths and P int64.

    Raises:
        ValueError: if there are no pictures, they do not make whole groups, or no object has two.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder")
    if group_size is None:
        found = {child: _pictures(child) for child in sorted(folder.iterdir()) if child.is_dir()}
        groups = [pictures for pictures in found.values() if pictures]
    else:
        if group_size < 2:
            raise ValueError(f"group_size must be at least 2, got {group_size}")
        pictures = _pictures(folder)
        if len(pictures) % group_size:
            raise ValueError(f"{len(pictures)} pictures do not make whole groups of {group_size}")
        groups = [pictures[start : start + group_size] for start in range(0, len(pictures), group_size)]
    if not any(len(group) > 1 for group in groups):
        raise ValueError(
            f"{folder} holds no object with two pictures; give each object a folder, or name --group-size for a folder "
            "in which the pictures of an object follow each other"
        )
    paths = [path for group in groups for path in group]
    return paths, np.repeat(np.arange(len(groups)), [len(group) for group in groups])


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)


def group_figures(similar: Callable[[slice], np.ndarray], groups: np.ndarray, progress: str = "") -> dict[str, float]:
    """Figures of the protocol, averaged over the pictures whose object has another one.

    - `p@4` and `ns`: right ones among the first four, the query included, as a share and as their number. An object of
      fewer than four pictures cannot reach 1.
    - `map_with_self`, `map`: mean average precision with the query among the answers and without it.
    - `hit@1`: share of queries whose first answer but themselves is right.

    The query comes first among the answers that are as alike as itself; other ties are ranked by place.

    Args:
        similar: answers b x P similarities for a slice of b queries.
        groups: P, the object of each picture.
        progress: name of a progress bar; none if empty.
    """
    count = len(groups)
    asking = np.bincount(groups)[groups] > 1
    sums = dict.fromkeys(("p@4", "ns", "map_with_self", "map", "hit@1"), 0.0)
    for start in tqdm(range(0, count, _BLOCK), desc=progress, disable=not progress, mininterval=2):
        rows = similar(slice(start, min(start + _BLOCK, count)))
        for query, row in enumerate(rows, start):
            if not asking[query]:
                continue
            order = np.lexsort((np.arange(count), np.arange(count) != query, -row))
            right = groups[order] == groups[query]
            others = right[order != query]
            sums["ns"] += right[:4].sum()
            sums["map_with_self"] += _average_precision(right)
            sums["map"] += _average_precision(others)
            sums["hit@1"] += others[0]
    sums["p@4"] = sums["ns"] / 4
    queries = int(asking.sum())
    return {name: float(value) / queries for name, value in sums.items()} | {"queries": queries}


def _average_precision(right: np.ndarray) -> float:
    """Precision at every right answer, averaged over them."""
    places = np.flatnonzero(right)
    return float((np.arange(1, len(places) + 1) / (places + 1)).mean())


def measure(paths: Sequence[Path], groups: np.ndarray, model: FashionEncoderModel, progress: bool = True) -> dict:
    """Figures by kind of feature: the encoder's ("deep"), its signs ("binary"), ImageNet's, colours alone.

    Args:
        paths: P pictures.
        groups: P, the object of each.
        model: in evaluation mode.
    """
    items = [Item(path=path, nodes=(), attributes={}) for path in paths]
    features = {
        "deep": plain_features(model, items).numpy(),
        "imagenet": imagenet_features(items),
        "colours": colour_histograms(items),
    }
    signatures = np.packbits(features["deep"] > 0, axis=1)
    similar = {name: _cosines(each) for name, each in features.items()}
    similar["binary"] = lambda some: hamming_similarity(signatures[some], signatures)
    return {
        "pictures": len(paths),
        "objects": int(groups.max()) + 1,
        "features": {name: group_figures(each, groups, name if progress else "") for name, each in similar.items()},
    }


def _cosines(features: np.ndarray) -> Callable[[slice], np.ndarray]:
    return lambda some: cosine(features[some], features)


def main(argv: list[str] | None = None) -> dict:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--group-size", type=int, help="pictures of an object that follow each other; 4 for UKBench")
    parser.add_argument("--card", type=Path, default=CARD, help="the encoder")
    parser.add_argument("--out", type=Path, help="JSON file to write, too")
    args = parser.parse_args(argv)
    try:
        paths, groups = read_groups(args.folder, args.group_size)
    except ValueError as error:
        parser.error(str(error))
    results = measure(paths, groups, FashionEncoderModel.from_pretrained(args.card).float().eval())
    text = json.dumps(results, indent=2)
    if args.out:
        args.out.write_text(text + "\n", encoding="utf-8")
    print(text)
    return results


if __name__ == "__main__":
    main()
