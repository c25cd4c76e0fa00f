"""Renders a split of card photographs to a folder with exact labels.

    python -m training.card_ocr.render train --count 24000 --processes 2

Every photograph has its own seed (split, index), so a split is the same however many processes draw it, and a longer
split begins with the shorter one. The folder holds `labels.jsonl` and `images/`; see training/card_ocr/README.md.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from training.card_ocr.card import draw_card
from training.card_ocr.negatives import negative
from training.card_ocr.numbers import ODD_LAYOUTS, STANDARD, Layout, invalid_number, specimen_number
from training.card_ocr.scene import BORDERLINE, FRAMED, ILLEGIBLE, ODD, WILD, Difficulty, Photo, photograph, turned

_JUDGED = {
    "flat": 0.15, "embossed": 0.15, "scene": 0.15, "odd": 0.15, "turned": 0.06,
    "bad_checksum": 0.1, "illegible": 0.1, "negative": 0.14,
}  # fmt: skip
_LEARNT = {
    "flat": 0.20, "embossed": 0.27, "scene": 0.22, "odd": 0.14, "borderline": 0.06, "illegible": 0.02, "negative": 0.09,
}  # fmt: skip
MIXES: dict[str, dict[str, float]] = {"train": _LEARNT, "validation": _JUDGED, "test": _JUDGED}
"""Share of each slice in a split; training alone sees borderline photographs, so that confidence learns its middle."""

SPLITS = tuple(MIXES)

LEAST_DISTINCT = 0.5
"""Print that changes the art less than this share of the art's own variation is lost in it."""


def _layout(rng: np.random.Generator, kind: str) -> Layout:
    odd = {"flat": 0.0, "embossed": 0.0, "odd": 1.0}.get(kind, 0.25)
    return ODD_LAYOUTS[rng.integers(len(ODD_LAYOUTS))] if rng.random() < odd else STANDARD


def _embossed(rng: np.random.Generator, kind: str, layout: Layout) -> bool:
    """Stacked numbers are printed flat on real cards; everything else may be either."""
    if layout.stacked or kind == "flat":
        return False
    return kind == "embossed" or bool(rng.random() < 0.5)


def _difficulty(rng: np.random.Generator, kind: str) -> Difficulty:
    if kind == "illegible":
        return ILLEGIBLE[rng.integers(len(ILLEGIBLE))]
    fixed = {"flat": FRAMED, "embossed": FRAMED, "odd": ODD, "scene": WILD, "borderline": BORDERLINE}
    return fixed[kind] if kind in fixed else (FRAMED, WILD)[rng.integers(2)]


def legible(conditions: dict) -> bool:
    """Whether a careful person can read every digit: size, sharpness, contrast, quiet art and nothing in the way."""
    return bool(
        not conditions["covered"]
        and conditions["digit_height"] >= 7.5
        and conditions["blur"] <= 0.13
        and conditions["motion"] <= 0.3
        and conditions["contrast"] >= max(12, 1.2 * conditions["noise"])
        and conditions["distinct"] >= LEAST_DISTINCT
        and conditions["glare"] <= 0.5
    )


def _number(rng: np.random.Generator, split: str, kind: str, length: int) -> str:
    invalid = kind == "bad_checksum" or (split == "train" and rng.random() < 0.7)
    return invalid_number(rng, length) if invalid else specimen_number(rng, length)


def draw(split: str, index: int, kind: str | None = None) -> tuple[dict, Photo]:
    """Photograph `index` of a split and its label without the file name; `kind` forces a slice.

    Raises:
        ValueError: if the split or the kind is unknown.
    """
    if split not in MIXES:
        raise ValueError(f"Unknown split {split!r}; choose one of {SPLITS}")
    rng = np.random.default_rng([SPLITS.index(split), index])
    kinds = MIXES[split]
    chosen = str(rng.choice(list(kinds), p=np.array(list(kinds.values())) / sum(kinds.values())))
    kind = kind or chosen
    if kind == "negative":
        art, photo = negative(rng, split)
        label = {
            "number": None,
            "lines": [],
            "digits": [],
            "groups": [],
            "style": None,
            "layout": None,
            "font": None,
            "art": art,
        }
        return label | {"slice": kind, "legible": False, "conditions": _rounded(photo.conditions)}, photo
    layout = _layout(rng, kind)
    embossed = _embossed(rng, kind, layout)
    number = _number(rng, split, kind, layout.length)
    while True:
        face = draw_card(rng, split, number, layout, embossed)
        photo = photograph(rng, split, face, _difficulty(rng, kind))
        readable = legible(photo.conditions)
        if readable or kind in ("borderline", "illegible"):
            break
    if kind == "turned":
        photo = turned(photo, int(rng.integers(1, 4)))
    label = {
        "number": number,
        "lines": [line.tolist() for line in line_quads(photo.digits, face.lines)],
        "digits": np.round(photo.digits, 2).tolist(),
        "groups": list(layout.groups),
        "slice": kind,
        "style": "embossed" if embossed else "flat",
        "layout": layout.name,
        "font": face.typeface,
        "art": face.art,
        "legible": readable and kind != "illegible",
        "conditions": _rounded(photo.conditions),
    }
    return label, photo


def _rounded(conditions: dict) -> dict:
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in conditions.items()}


def line_quads(digits: np.ndarray, lines: tuple[int, ...]) -> list[np.ndarray]:
    """The quadrilateral of each printed line from its digits' (N x 4 x 2): 4 x 2 each, rounded to 0.01 pixel."""
    quads, start = [], 0
    for count in lines:
        first, last = digits[start], digits[start + count - 1]
        quads.append(np.round(np.array([first[0], last[1], last[2], first[3]]), 2))
        start += count
    return quads


def _write(folder: Path, split: str, index: int) -> dict:
    label, photo = draw(split, index)
    name = f"images/{index:06d}.jpg"
    cv2.imwrite(str(folder / name), photo.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 93])
    return {"file": name} | label


def render(folder: Path, split: str, count: int, processes: int = 1, first: int = 0) -> Path:
    """Writes `count` photographs of a split, from index `first`, and their labels; returns the path of labels.jsonl."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    write = partial(_write, folder, split)
    cv2.setNumThreads(1)
    indexes = range(first, first + count)
    with open(folder / "labels.jsonl.part", "w", encoding="utf-8") as out:
        if processes == 1:
            labels = map(write, indexes)
            _drain(labels, out, count, split)
        else:
            with ProcessPoolExecutor(processes) as pool:
                _drain(pool.map(write, indexes, chunksize=64), out, count, split)
    return Path(out.name).rename(folder / "labels.jsonl")


def _drain(labels, out, count: int, split: str) -> None:
    for label in tqdm(labels, total=count, desc=split, mininterval=2):
        out.write(json.dumps(label, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split", choices=SPLITS)
    parser.add_argument("--count", type=int, required=True, help="number of photographs")
    parser.add_argument(
        "--first", type=int, default=0, help="index of the first one: others than were looked at before"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/card_ocr/data"), help="parent folder of the split")
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    print(render(args.out / args.split, args.split, args.count, args.processes, args.first))


if __name__ == "__main__":
    main()
