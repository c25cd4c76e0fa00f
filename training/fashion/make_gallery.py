"""Chooses the CC0 pictures the hub ships: a gallery to search in, and photographs to search with.

    python -m training.fashion.make_gallery --garments FOLDER

The gallery comes from the training split, photographs to search with from the test split, so that no garment is asked
for that is there itself. Titles are written here, in three languages by turns, from the label and the colour that was
measured: the set has no sellers. `python -m apps.fashion.index` then builds the index.
"""

from __future__ import annotations

import argparse
import csv
import random
from pathlib import Path

import cv2
import numpy as np

from training.fashion.cutouts import PHONE, cut_all
from training.fashion.flatlays import flat_lay

SIDE, QUALITY = 224, 78
"""Longest side in pixels and JPEG quality of a gallery picture."""

WORDS = {
    "dress": ("women's {colour} dress", "여성 {colour} 원피스", "女士{colour}连衣裙"),
    "hat": ("{colour} hat", "{colour} 모자", "{colour}帽子"),
    "longsleeve": ("{colour} long sleeve top", "{colour} 긴팔 티셔츠", "{colour}长袖T恤"),
    "outwear": ("{colour} jacket", "{colour} 재킷", "{colour}外套"),
    "pants": ("{colour} trousers", "{colour} 바지", "{colour}长裤"),
    "shirt": ("{colour} shirt", "{colour} 셔츠", "{colour}衬衫"),
    "shoes": ("{colour} shoes", "{colour} 신발", "{colour}鞋"),
    "shorts": ("{colour} shorts", "{colour} 반바지", "{colour}短裤"),
    "skirt": ("women's {colour} skirt", "여성 {colour} 스커트", "女士{colour}半身裙"),
    "t-shirt": ("{colour} t-shirt", "{colour} 티셔츠", "{colour}T恤"),
}
"""Titles in English, Korean and Chinese by the set's class."""

COLOURS = {
    "black": ((20, 128, 128), ("black", "블랙", "黑色")), "white": ((238, 128, 128), ("white", "화이트", "白色")),
    "grey": ((140, 128, 128), ("grey", "그레이", "灰色")), "red": ((110, 185, 165), ("red", "레드", "红色")),
    "pink": ((190, 160, 130), ("pink", "핑크", "粉色")), "blue": ((95, 132, 85), ("blue", "블루", "蓝色")),
    "navy-blue": ((45, 132, 108), ("navy blue", "네이비", "藏青色")),
    "green": ((110, 100, 150), ("green", "그린", "绿色")),
    "yellow": ((215, 125, 195), ("yellow", "옐로우", "黄色")), "brown": ((85, 140, 148), ("brown", "브라운", "棕色")),
    "beige": ((200, 131, 143), ("beige", "베이지", "米色")), "purple": ((90, 155, 95), ("purple", "퍼플", "紫色")),
}  # fmt: skip
"""Named colours: OpenCV's 8-bit CIELAB, and the names in three languages."""


def read_set(garments: Path, split: str) -> list[tuple[Path, str]]:
    """Pictures of a split on whose class both labels of the set agree, with that class.

    Raises:
        ValueError: if the folder has no senders.csv.
    """
    table = garments / "senders.csv"
    if not table.is_file():
        raise ValueError(f"{garments} has no senders.csv; give the folder of the CC0 garment set")
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["path"].startswith(f"{split}/")]
    return [(garments / row["path"], row["label"]) for row in rows if row["original_label"].lower() == row["label"]]


def named_colour(bgr: np.ndarray) -> str | None:
    """The named colour of a picture's middle, where the garment lies; None where no single one covers most of it."""
    height, width = bgr.shape[:2]
    middle = bgr[int(0.3 * height) : int(0.7 * height), int(0.3 * width) : int(0.7 * width)]
    lab = cv2.cvtColor(middle, cv2.COLOR_BGR2LAB).reshape(-1, 3).astype(np.float32)
    names = list(COLOURS)
    centres = np.array([COLOURS[name][0] for name in names], np.float32)
    weight = np.array([0.6, 1.4, 1.4], np.float32)
    nearest = np.square((lab[:, None] - centres) * weight).sum(2).argmin(1)
    counts = np.bincount(nearest, minlength=len(names))
    return names[counts.argmax()] if counts.max() >= 0.5 * counts.sum() else None


def choose(pictures: list[tuple[Path, str]], per_class: int, seed: int) -> list[tuple[Path, str, str | None]]:
    """As many pictures of every class, of as many colours as there are: (file, class, colour)."""
    rng = random.Random(seed)
    chosen = []
    for name in WORDS:
        group = [path for path, label in pictures if label == name]
        coloured: dict[str | None, list[Path]] = {}
        for path in rng.sample(group, min(4 * per_class, len(group))):
            coloured.setdefault(named_colour(cv2.imread(str(path))), []).append(path)
        queues = [[(path, name, colour) for path in paths] for colour, paths in sorted(coloured.items(), key=str)]
        while queues and sum(label == name for _, label, _ in chosen) < per_class:
            for queue in list(queues):
                chosen.append(queue.pop())
                if not queue:
                    queues.remove(queue)
                if sum(label == name for _, label, _ in chosen) == per_class:
                    break
    return chosen


def write_gallery(chosen: list[tuple[Path, str, str | None]], folder: Path, seed: int) -> None:
    """Writes small pictures and items.csv: uri, title, price, source."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    with (folder / "items.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["uri", "title", "price", "source"], lineterminator="\n")
        table.writeheader()
        for number, (path, label, colour) in enumerate(chosen, 1):
            name = f"{number:03d}.jpg"
            _save(cv2.imread(str(path)), pictures / name)
            language = number % 3
            words = COLOURS[colour][1][language] if colour else ""
            title = " ".join(WORDS[label][language].format(colour=words).split())
            price = round(rng.uniform(9, 90)) + 0.9
            table.writerow({"uri": f"pictures/{name}", "title": title, "price": price, "source": path.stem})


def _save(bgr: np.ndarray, path: Path, side: int = SIDE) -> None:
    scale = min(side / max(bgr.shape[:2]), 1.0)
    small = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(path), small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def write_lays(pictures: list[tuple[Path, str]], folder: Path, count: int, seed: int) -> None:
    """Writes flat lays of several garments, candidates for the examples of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    some = random.Random(seed).sample(pictures, min(150, len(pictures)))
    cutouts = cut_all([(path, PHONE[label], False) for path, label in some])
    for number in range(count):
        picture, _, names = flat_lay(cutouts, np.random.default_rng((seed, number)), most=7)
        if len(names) >= 4:
            _save(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), folder / f"lay-{number:02d}.jpg", side=576)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--garments", type=Path, required=True, help="folder of the CC0 garment set")
    parser.add_argument("--out", type=Path, default=Path("apps/fashion/gallery"))
    parser.add_argument("--per-class", type=int, default=30)
    parser.add_argument("--lays", type=Path, help="also write flat lays of test garments here, to choose examples from")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args(argv)
    write_gallery(choose(read_set(args.garments, "train"), args.per_class, args.seed), args.out, args.seed)
    if args.lays:
        write_lays(read_set(args.garments, "test"), args.lays, 40, args.seed)


if __name__ == "__main__":
    main()
