"""A folder of card photographs with its labels: rendered by us, or taken by you.

`labels.jsonl` holds one JSON object a line. Of your own photographs only "file" and "number" are needed; "lines" (one
quadrilateral per printed line, in reading order) helps, and "digits" (one per digit) makes the label exact.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from modeling.card_ocr.geometry_card_ocr import NumberLine


@dataclass(frozen=True)
class Photograph:
    """One labelled photograph.

    Attributes:
        path: the image file.
        number: the card number, None where the picture shows none.
        lines: L x 4 x 2 corners of its printed lines in reading order, clockwise from the upper left; may be empty.
        digits: N x 4 x 2 corners of its digits in reading order; may be empty.
        slice: what the photograph tests, e.g. "flat" or "negative".
        legible: whether a careful person could read every digit.
        record: the whole label.
    """

    path: Path
    number: str | None
    lines: np.ndarray
    digits: np.ndarray
    slice: str = "own"
    legible: bool = True
    record: dict = field(default_factory=dict, repr=False)

    @property
    def number_lines(self) -> list[NumberLine]:
        return [line_of(quad) for quad in self.lines]


def line_of(quad: np.ndarray) -> NumberLine:
    """The straight line along the middle of a quadrilateral (4 x 2), with the height of either end."""
    left, right = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
    direction = (right - left) / max(np.linalg.norm(right - left), 1e-6)
    normal = np.array([-direction[1], direction[0]])
    heights = [float(abs((quad[b] - quad[a]) @ normal)) for a, b in ((0, 3), (1, 2))]
    return NumberLine(tuple(map(float, left)), tuple(map(float, right)), *heights)


def read_photographs(folder: Path | str) -> list[Photograph]:
    """All labelled photographs of a folder, in the order of labels.jsonl.

    Raises:
        ValueError: naming the line, if a label is not JSON, lacks a field, or names a missing file or a bad number.
    """
    folder = Path(folder)
    path = folder / "labels.jsonl"
    if not path.is_file():
        raise ValueError(f"{folder} has no labels.jsonl; write one JSON object a line with at least file and number")
    photographs = []
    for row, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if text.strip():
            photographs.append(_photograph(folder, text, f"{path}, line {row}"))
    return photographs


def _photograph(folder: Path, text: str, where: str) -> Photograph:
    try:
        record = json.loads(text)
        file, number = record["file"], record["number"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"{where}: expected a JSON object with file and number ({error})") from error
    if number is not None:
        number = str(number).replace(" ", "").replace("-", "")
        if not (number.isascii() and number.isdigit()):
            raise ValueError(f"{where}: number must hold digits only (spaces and hyphens are dropped), or be null")
    if not (folder / file).is_file():
        raise ValueError(f"{where}: there is no file {file!r}")
    lines = np.array(record.get("lines") or [], np.float64).reshape(-1, 4, 2)
    digits = np.array(record.get("digits") or [], np.float64).reshape(-1, 4, 2)
    if len(digits) and len(digits) != len(number or ""):
        raise ValueError(f"{where}: {len(digits)} digit boxes for {len(number or '')} digits")
    return Photograph(
        folder / file,
        number,
        lines,
        digits,
        record.get("slice", "own"),
        record.get("legible", number is not None),
        record,
    )


def dataset_sha256(folder: Path | str) -> str:
    """SHA-256 over the labels and every image file of a folder, in the order of labels.jsonl."""
    folder = Path(folder)
    digest = hashlib.sha256((folder / "labels.jsonl").read_bytes())
    for photograph in read_photographs(folder):
        digest.update(photograph.path.read_bytes())
    return digest.hexdigest()
