"""General OCR engines behind one contract, so that the card reader can be compared with what people would use instead.

Engines are for benchmarks only and optional; `training/card_ocr/requirements-benchmark.txt` says how to install them.
From their text the card number is taken as generously as geometry allows: rows of boxes are joined, four stacked rows
of four digits are joined, letters that look like digits count as digits, and a candidate that passes the checksum is
preferred to one that does not.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from modeling.card_ocr.reading_card_ocr import VALID_LENGTHS, luhn_valid

_LOOKALIKES = str.maketrans({"O": "0", "o": "0", "D": "0", "Q": "0", "I": "1", "l": "1", "|": "1", "!": "1", "i": "1",
                             "Z": "2", "z": "2", "A": "4", "S": "5", "s": "5", "G": "6", "b": "6", "T": "7", "B": "8",
                             "g": "9", "q": "9"})  # fmt: skip
_SEPARATORS = " .-·•,_:'’\t"


@dataclass(frozen=True)
class TextBox:
    """A piece of text an engine found.

    Attributes:
        text: as the engine gave it.
        quad: 4 x 2 corners in pixels, clockwise from the text's upper left.
        score: the engine's confidence, 0 to 1.
    """

    text: str
    quad: np.ndarray
    score: float


@dataclass(frozen=True)
class EngineReading:
    """What an engine made of a picture.

    Attributes:
        number: the best candidate for the card number; None where no 15, 16 or 19 digits were found.
        candidates: all candidates, best first.
        text: everything the engine read, a line for each box, in reading order.
    """

    number: str | None
    candidates: tuple[str, ...]
    text: str


class Engine(Protocol):
    """A general OCR engine."""

    name: str

    def read(self, image: np.ndarray) -> EngineReading:
        """Reads a picture, H x W x 3 RGB uint8, on one thread."""


class RapidOcr:
    """RapidOCR: PaddleOCR's detector, direction classifier and recogniser on ONNX Runtime, settings as they come."""

    name = "rapidocr"

    def __init__(self):
        rapidocr = _require("rapidocr")
        single = "EngineConfig.onnxruntime"
        self._engine = rapidocr.RapidOCR(
            params={
                f"{single}.intra_op_num_threads": 1,
                f"{single}.inter_op_num_threads": 1,
                "Global.log_level": "critical",
            }
        )

    def read(self, image: np.ndarray) -> EngineReading:
        """See `Engine.read`."""
        result = self._engine(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        if result.boxes is None or result.txts is None:
            return reading_of([])
        found = zip(result.txts, result.boxes, result.scores, strict=True)
        return reading_of([TextBox(text, np.asarray(box, float), float(score)) for text, box, score in found])


class Tesseract:
    """Tesseract's LSTM engine on the enlarged grey picture, digits only: sparse text first, then one block.

    Enlarging brings digits near the 30 pixels Tesseract was trained on; of 1.5, 2 and 3 times, with and without
    contrast equalisation, 1.5 times read most of our validation cards. The second pass runs where the first finds no
    number that passes the checksum. Tesseract expects level text: sloping cards are beyond it.
    """

    name = "tesseract"
    _ENLARGE = 1.5
    _PASSES = tuple(f"--oem 1 --psm {mode} -c tessedit_char_whitelist=0123456789" for mode in (11, 6))

    def __init__(self):
        self._tesseract = _require("pytesseract")
        try:
            self._tesseract.get_tesseract_version()
        except self._tesseract.TesseractNotFoundError:
            raise ValueError(
                "The tesseract program is missing: install it with apt-get install tesseract-ocr"
            ) from None
        os.environ["OMP_THREAD_LIMIT"] = "1"  # read by the tesseract program; it has no option for it

    def read(self, image: np.ndarray) -> EngineReading:
        """See `Engine.read`."""
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        enlarged = cv2.resize(grey, None, fx=self._ENLARGE, fy=self._ENLARGE, interpolation=cv2.INTER_CUBIC)
        best = None
        for options in self._PASSES:
            reading = reading_of(self._boxes(enlarged, options))
            if reading.number and luhn_valid(reading.number):
                return reading
            best = reading if best is None or (reading.number and not best.number) else best
        return best

    def _boxes(self, picture: np.ndarray, options: str) -> list[TextBox]:
        words = self._tesseract.image_to_data(picture, config=options, output_type=self._tesseract.Output.DICT)
        boxes = []
        for index, text in enumerate(words["text"]):
            left, top, width, height = (words[key][index] / self._ENLARGE for key in ("left", "top", "width", "height"))
            if text.strip() and float(words["conf"][index]) >= 0:
                right, bottom = left + width, top + height
                quad = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
                boxes.append(TextBox(text, quad, float(words["conf"][index]) / 100))
        return boxes


ENGINES = {engine.name: engine for engine in (RapidOcr, Tesseract)}


def load_engine(name: str) -> Engine:
    """The engine of that name, ready to read.

    Raises:
        ValueError: if the name is unknown, or what the engine needs is not installed; the text says how to get it.
    """
    if name not in ENGINES:
        raise ValueError(f"Unknown engine {name!r}; choose one of {', '.join(ENGINES)}")
    return ENGINES[name]()


def _require(module: str):
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ValueError(
            f"{error.name or module} is not installed: "
            "pip install --no-deps -r training/card_ocr/requirements-benchmark.txt"
        ) from None


def reading_of(boxes: list[TextBox]) -> EngineReading:
    """Orders an engine's boxes and looks for card numbers among their digits."""
    rows = rows_of(boxes)
    text = "\n".join(box.text for row in rows for box in row)
    found: dict[str, float] = {}
    for number, score in _in_rows(rows) + _in_stacks(rows):
        found[number] = max(score, found.get(number, -1.0))
    ranked = sorted(found, key=lambda number: (not luhn_valid(number), -len(number), -found[number]))
    return EngineReading(ranked[0] if ranked else None, tuple(ranked), text)


def rows_of(boxes: list[TextBox]) -> list[list[TextBox]]:
    """Boxes in rows from top to bottom, each from left to right, along the slope most of the text has."""
    if not boxes:
        return []
    widths = np.array([box.quad[1] - box.quad[0] for box in boxes])
    # the longest boxes know the slope best: short ones may be upright by accident
    longest = np.argsort(-np.hypot(*widths.T))[: max(len(boxes) // 3, 1)]
    slope = float(np.median(np.arctan2(widths[longest, 1], widths[longest, 0])))
    order = sorted(boxes, key=lambda box: _level(box, slope)[1])
    rows: list[list[TextBox]] = []
    for box in order:
        fitting = [row for row in rows if _same_row(row[-1], box, slope)]
        if fitting:
            fitting[-1].append(box)
        else:
            rows.append([box])
    return [sorted(row, key=lambda box: _level(box, slope)[0]) for row in rows]


def _level(box: TextBox, slope: float) -> tuple[float, float]:
    """The middle of a box in axes along and across the text."""
    x, y = box.quad.mean(0)
    c, s = np.cos(slope), np.sin(slope)
    return x * c + y * s, y * c - x * s


def _height(box: TextBox) -> float:
    return float(np.hypot(*(box.quad[3] - box.quad[0])) + np.hypot(*(box.quad[2] - box.quad[1]))) / 2


def _same_row(one: TextBox, other: TextBox, slope: float) -> bool:
    smaller, larger = sorted((_height(one), _height(other)))
    apart = abs(_level(one, slope)[1] - _level(other, slope)[1])
    return apart < 0.5 * smaller and larger < 1.7 * max(smaller, 1)


def digit_runs(text: str) -> list[str]:
    """Runs of digits in a text, split at spaces and marks; look-alike letters count beside enough real digits.

    "4OOO 1234" gives ["4000", "1234"]; "VALID 05/27" gives ["05", "27"].
    """
    for separator in _SEPARATORS:
        text = text.replace(separator, " ")
    runs = []
    for word in text.split():
        digits = sum(character.isdecimal() and character.isascii() for character in word)
        changed = word.translate(_LOOKALIKES) if 2 * digits >= len(word) else word
        run = ""
        for character in [*changed, " "]:
            if character.isascii() and character.isdecimal():
                run += character
            elif run:
                runs.append(run)
                run = ""
    return runs


def _in_rows(rows: list[list[TextBox]]) -> list[tuple[str, float]]:
    """Neighbouring runs of one row that together have the length of a card number."""
    found = []
    for row in rows:
        runs = [(run, box.score) for box in row for run in digit_runs(box.text)]
        for start in range(len(runs)):
            for end in range(start + 1, len(runs) + 1):
                number = "".join(run for run, _ in runs[start:end])
                if len(number) in VALID_LENGTHS:
                    found.append((number, float(np.mean([score for _, score in runs[start:end]]))))
                if len(number) >= max(VALID_LENGTHS):
                    break
    return found


def _in_stacks(rows: list[list[TextBox]]) -> list[tuple[str, float]]:
    """Four boxes of four digits below each other at similar distances."""
    fours = [box for row in rows for box in row if [len(run) for run in digit_runs(box.text)] == [4]]
    found = []
    for first in fours:
        stack = [first]
        while len(stack) < 4 and (below := _below(stack, fours)) is not None:
            stack.append(below)
        if len(stack) == 4:
            number = "".join(digit_runs(box.text)[0] for box in stack)
            found.append((number, float(np.mean([box.score for box in stack]))))
    return found


def _below(stack: list[TextBox], boxes: list[TextBox]) -> TextBox | None:
    """The nearest box under the last of a stack, at about the distance of those before it."""
    last = stack[-1]
    along = last.quad[1] - last.quad[0]
    slope = float(np.arctan2(along[1], along[0])) if np.hypot(*along) > 0 else 0.0
    x, y = _level(last, slope)
    height = _height(last)
    step = None if len(stack) < 2 else y - _level(stack[-2], slope)[1]
    best, nearest = None, np.inf
    for box in boxes:
        right, down = np.subtract(_level(box, slope), (x, y))
        regular = step is None or 0.6 * step < down < 1.6 * step
        if abs(right) < 1.2 * height and 0.7 * height < down < min(2.6 * height, nearest) and regular:
            best, nearest = box, down
    return best
