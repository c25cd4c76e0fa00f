"""Reads pictures with the published readers, for the page and for the API; knows nothing of components."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from apps.card_ocr import markup as html
from apps.card_ocr.pictures import shrink
from apps.i18n import Text
from modeling.card_ocr.images_card_ocr import load_image
from modeling.card_ocr.reading_card_ocr import CardReading


class Reader(Protocol):
    """What the page needs of a published model; `apps.models.Model` is one."""

    name: str
    revision: str
    weights_bytes: int

    def load(self) -> Any:
        """The model, whose `read(image)` returns a `CardReading`."""


class CardReaderService:
    """Reads pictures with one or more readers; for the page and for the API.

    Args:
        readers: the models, the one whose answer counts first.
    """

    def __init__(self, readers: Sequence[Reader]) -> None:
        if not readers:
            raise ValueError("The card reader's page needs at least one reader, got none.")
        self.readers = tuple(readers)
        self._warm: set[str] = set()
        self._examples: dict[tuple[str, tuple[str, ...]], html.Answer] = {}

    def answer(self, path: str | Path) -> html.Answer:
        """What every reader says about a picture file.

        Raises:
            ValueError: in words for the person who chose the picture.
        """
        image = load_image(path)
        photo, scale = shrink(image)
        answers = tuple(
            html.ReaderAnswer(reader.name, reader.revision, reader.weights_bytes, _light(self._read(reader, image)))
            for reader in self.readers
        )
        return html.Answer(photo, scale, answers)

    def _read(self, reader: Reader, image: np.ndarray) -> CardReading:
        model = reader.load()
        if reader.name not in self._warm:
            # The first reading of a process prepares buffers and kernels as well: its time would mislead.
            model.read(image)
            self._warm.add(reader.name)
        return model.read(image)

    def example(self, path: Path) -> html.Answer:
        """The same for an example, read once per revision of the readers."""
        key = (path.name, tuple(reader.revision for reader in self.readers))
        if key not in self._examples:
            self._examples[key] = replace(self.answer(path), private=False)
        return self._examples[key]

    def record(self, path: str | Path, reveal: bool, name: str, text: Text) -> dict[str, Any]:
        """What the API answers about a picture file; digits are in it only if `reveal` is true.

        Raises:
            ValueError: in words for the person who chose the picture, or if there is no reader called `name`.
        """
        reader = next((reader for reader in self.readers if reader.name == name), None)
        if reader is None:
            raise ValueError(f"No reader {name!r}; there are {', '.join(reader.name for reader in self.readers)}.")
        reading = self._read(reader, load_image(path))
        digits = [{"confidence": digit.confidence, "corners": digit.corners} for digit in reading.digits]
        if reveal:
            digits = [{"value": digit.value, **item} for digit, item in zip(reading.digits, digits, strict=True)]
        return {
            "decision": reading.decision,
            "reason": reading.reason,
            "message": html.reason(reading, text),
            "masked": reading.masked,
            "number": reading.number if reveal else None,
            "confidence": reading.confidence,
            "layout": reading.layout,
            "digits": digits,
            "stages": [{"name": stage.name, "ms": stage.ms} for stage in reading.stages],
            "ms": reading.ms,
            "model": {"name": reader.name, "revision": reader.revision},
        }


def _light(reading: CardReading) -> CardReading:
    """The reading without its full-size photograph, which would fill the memory of a busy server."""
    stages = tuple(replace(stage, picture=None) if stage.name == "locate" else stage for stage in reading.stages)
    return replace(reading, stages=stages)
