"""Whether a Korean text keeps a value: numbers by what they amount to, Latin by its characters, particles by sound."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

SCALES = {"십": 10, "백": 100, "천": 1000, "만": 10**4, "억": 10**8, "조": 10**12}
_NUMBER = re.compile(r"(?:\d[\d,]*(?:\.\d+)?\s*(?:[십백천]*[만억조]|[십백천]+)?\s?)+")
_PART = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([십백천]*)([만억조]?)")


def values(korean: str) -> list[Decimal]:
    """The numbers of a Korean text by value: 1만 2,000 is one number, 3 4 are two."""
    found = []
    for match in _NUMBER.finditer(korean):
        total, smallest = Decimal(0), None
        for digits, small, large in _PART.findall(match[0]):
            factor = 1
            for scale in small:
                factor *= SCALES[scale]
            factor *= SCALES.get(large, 1)
            value = Decimal(digits.replace(",", "")) * factor
            if smallest is not None and (factor >= smallest or value >= smallest):
                found.append(total)
                total = Decimal(0)
            total, smallest = total + value, factor
        found.append(total)
    return found


def holds(*wanted: str | int | Decimal) -> Callable[[str], bool]:
    """A check that every one of the numbers occurs, as often as it is wanted."""
    need = Counter(Decimal(str(value)) for value in wanted)

    def check(korean: str) -> bool:
        return not need - Counter(values(korean))

    return check


def shows(*texts: str) -> Callable[[str], bool]:
    """A check that every text occurs character by character, not inside a longer Latin word or number."""
    patterns = [re.compile(rf"(?<![A-Za-z0-9]){re.escape(text)}(?![A-Za-z0-9])") for text in texts]
    return lambda korean: all(pattern.search(korean) for pattern in patterns)


def both(*checks: Callable[[str], bool]) -> Callable[[str], bool]:
    """A check that all of `checks` pass."""
    return lambda korean: all(check(korean) for check in checks)


def particle_after(text: str, wrong: str) -> Callable[[str], bool]:
    """A check that `text` is there and no particle of the wrong form follows it."""
    bad = re.compile(rf"{re.escape(text)}\s?{wrong}(?![가-힣])")
    return lambda korean: text in korean and not bad.search(korean)
