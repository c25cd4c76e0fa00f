"""Cases made to slip past the Luhn checksum: which errors it misses, and whether the reader makes any of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from modeling.card_ocr.reading_card_ocr import luhn_valid
from training.card_ocr.card import draw_card
from training.card_ocr.numbers import STANDARD, specimen_number
from training.card_ocr.scene import FRAMED, WILD, Photo, photograph

CONFUSABLE = (("3", "8"), ("0", "8"), ("5", "6"), ("1", "7"), ("0", "6"), ("5", "9"))
"""Pairs of digits that look alike; two of them misread together can cancel out in the checksum."""


def twin(number: str) -> str | None:
    """A valid number that differs from `number` in two confusable digits; None if there is none."""
    partners = dict(CONFUSABLE) | {b: a for a, b in CONFUSABLE}
    places = [i for i, digit in enumerate(number) if digit in partners]
    for i in places:
        for j in places:
            if i < j:
                changed = list(number)
                changed[i], changed[j] = partners[number[i]], partners[number[j]]
                if luhn_valid("".join(changed)):
                    return "".join(changed)
    return None


def confusable_number(rng: np.random.Generator) -> str:
    """A specimen number that has a twin."""
    while True:
        number = specimen_number(rng, 16)
        if twin(number):
            return number


def photographs(count: int, seed: int) -> Iterator[tuple[str, Photo]]:
    """Test-split photographs of numbers that have a twin: (number, photo)."""
    for index in range(count):
        rng = np.random.default_rng([seed, index])
        number = confusable_number(rng)
        face = draw_card(rng, "test", number, STANDARD, bool(rng.random() < 0.5))
        yield number, photograph(rng, "test", face, FRAMED if rng.random() < 0.5 else WILD)


def luhn_misses(seed: int, count: int = 2000) -> dict[str, float]:
    """How often the checksum alone lets an error through, by kind of error, counted on random specimen numbers."""
    rng = np.random.default_rng(seed)
    passed = {"one_digit": 0, "two_digits": 0, "group_order": 0}
    tried = dict.fromkeys(passed, 0)
    for _ in range(count):
        number = specimen_number(rng, 16)
        for kind, size in (("one_digit", 1), ("two_digits", 2)):
            changed = list(number)
            for place in rng.choice(16, size, replace=False):
                changed[place] = str((int(changed[place]) + rng.integers(1, 10)) % 10)
            tried[kind] += 1
            passed[kind] += luhn_valid("".join(changed))
        groups = [number[i : i + 4] for i in range(0, 16, 4)]
        for order in permutations(groups):
            if "".join(order) != number:
                tried["group_order"] += 1
                passed["group_order"] += luhn_valid("".join(order))
    return {kind: round(passed[kind] / tried[kind], 4) for kind in passed}
