"""A reader that answers by rule instead of by sight: fast, and its digits are known in advance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from modeling.card_ocr.images_card_ocr import load_image
from modeling.card_ocr.reading_card_ocr import CardReading, Digit, Stage, decide

NUMBER = "4000001234567899"
TOP, HEIGHT, PITCH = 100.0, 24.0, 20.0


@dataclass
class FakeReader:
    """Reads `number` on every picture but plain ones, which hold no card.

    Attributes:
        weak: index of a digit it is unsure of, if any.
        fails: raises this instead of answering.
    """

    name: str = "planet-card-ocr"
    number: str = NUMBER
    weak: int | None = None
    fails: Exception | None = None
    revision: str = "0123456789ab"
    weights_bytes: int = 1_310_000
    folder: Path = Path("no-such-folder")

    def load(self) -> FakeReader:
        return self

    def read(self, source: object) -> CardReading:
        if self.fails:
            raise self.fails
        image = load_image(source)
        if image.std(axis=(0, 1)).max() < 2:
            stages = tuple(Stage(name, 1.0) for name in ("locate", "rectify", "recognise", "decide"))
            return CardReading(None, (), (), "rejected", "no_card", 0.0, stages, 4.0)
        digits = tuple(self._digit(i, int(value)) for i, value in enumerate(self.number))
        confidence = float(np.prod([digit.confidence for digit in digits]))
        reason = decide(digits, confidence, digit_threshold=0.9, number_threshold=0.5)
        number = self.number if reason == "ok" else None
        decision = "accepted" if number else "rejected"
        groups = (4,) * (len(digits) // 4)
        return CardReading(number, digits, groups, decision, reason, confidence, self._stages(image), 17.0)

    def _digit(self, i: int, value: int) -> Digit:
        confidence = 0.55 if i == self.weak else 0.99
        probabilities = np.full(10, (1 - confidence) / 9)
        probabilities[value] = confidence
        left = 40 + PITCH * i
        corners = ((left, TOP), (left + 18, TOP), (left + 18, TOP + HEIGHT), (left, TOP + HEIGHT))
        return Digit(str(value), confidence, tuple(probabilities.tolist()), corners, (PITCH * i, PITCH * i + 18))

    def _stages(self, image: np.ndarray) -> tuple[Stage, ...]:
        right, bottom = 40 + PITCH * len(self.number), TOP + HEIGHT
        region = ((40.0, TOP), (right, TOP), (right, bottom), (40.0, bottom))
        # Every digit's columns are as bright as its value says, so that a test can see what a band gives away.
        band = np.repeat([[20 * int(value) for value in self.number]], 32, axis=0).repeat(int(PITCH), axis=1)
        return (
            Stage("locate", 9.0, image, (region,)),
            Stage("rectify", 1.0, band.astype(np.uint8)),
            Stage("recognise", 6.0),
            Stage("decide", 0.01),
        )


def photo(width: int = 480, height: int = 320, seed: int = 7) -> np.ndarray:
    """A picture with something on it, H x W x 3."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
