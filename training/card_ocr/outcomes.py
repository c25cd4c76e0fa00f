"""Runs readers over labelled photographs; nothing read is written anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from tqdm import tqdm

from modeling.card_ocr.geometry_card_ocr import NumberLine, plausible
from modeling.card_ocr.images_card_ocr import load_image
from modeling.card_ocr.reading_card_ocr import luhn_valid
from training.card_ocr.finding import covers
from training.card_ocr.measures import Outcome
from training.card_ocr.photos import Photograph, line_of

Read = Callable[[Photograph], Outcome]


def tags(photograph: Photograph) -> dict[str, str]:
    """The conditions of a photograph as names of sub-slices."""
    record, conditions = photograph.record, photograph.record.get("conditions", {})
    named = {key: str(record[key]) for key in ("style", "layout", "font", "art") if record.get(key)}
    for name, present in (
        ("blur", conditions.get("blur", 0) > 0.06 or conditions.get("motion", 0) > 0.1),
        ("glare", conditions.get("glare", 0) > 0.2),
        ("low contrast", conditions.get("contrast", 99) < 22),
        ("small", conditions.get("digit_height", 99) < 11),
        ("dark", conditions.get("gain", 1) < 0.6),
    ):
        if present:
            named[name] = "yes"
    if conditions.get("quarters"):
        named["turned"] = f"{90 * conditions['quarters']} degrees"
    return named


def card_reader(reader) -> Read:
    """A reader with the `read()` contract, as a function from photograph to outcome."""

    def read(photograph: Photograph) -> Outcome:
        reading = reader.read(load_image(photograph.path))
        lines: list[NumberLine] = [line_of_corners(corners) for corners in reading.stages[0].regions]
        return Outcome(
            truth=photograph.number,
            raw=reading.raw,
            accepted=reading.decision == "accepted",
            reason=reading.reason,
            confidence=reading.confidence,
            weakest=min((digit.confidence for digit in reading.digits), default=0.0),
            digits=tuple(digit.confidence for digit in reading.digits),
            plausible=plausible(reading.groups),
            found=covers(lines, photograph.digits) if len(photograph.digits) else None,
            ms={"total": reading.ms} | {stage.name: stage.ms for stage in reading.stages},
            slice=photograph.slice,
            legible=photograph.legible,
            tags=tags(photograph),
        )

    return read


def engine_reader(engine) -> Read:
    """A general OCR engine (`engines.Engine`) as a function from photograph to outcome; it accepts what passes Luhn."""

    def read(photograph: Photograph) -> Outcome:
        picture = load_image(photograph.path)
        began = time.perf_counter()
        number = engine.read(picture).number or ""
        spent = 1e3 * (time.perf_counter() - began)
        accepted = bool(number) and luhn_valid(number)
        return Outcome(
            photograph.number, number, accepted, "ok" if accepted else "checksum", float(accepted), float(accepted),
            ms={"total": spent}, slice=photograph.slice, legible=photograph.legible, tags=tags(photograph),
        )  # fmt: skip

    return read


def line_of_corners(corners) -> NumberLine:
    """The line through the middle of four corners."""
    return line_of(np.array(corners, float))


def read_all(read: Read, photographs: Sequence[Photograph], name: str) -> list[Outcome]:
    """Outcomes of all photographs, in order, with a progress bar called `name`."""
    return [read(photograph) for photograph in tqdm(photographs, desc=name, mininterval=2)]
