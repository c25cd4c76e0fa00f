"""What must come through a translation of natural text: numbers, must-keep tokens, placeholders; and what must not."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from modeling.planet_nmt.numbers_zh_ko import chinese_amount
from modeling.planet_nmt.processing_zh_ko import PostProcessor, PreProcessor, join_korean
from training.translation.answers import Answer
from training.translation.fidelity import wilson
from training.translation.fidelity_checks import shows, values
from training.translation.testsets import Pair

RAW_SYMBOLS = ("<unk>", "<s>", "</s>", "<pad>", "[UNK]", "⟦", "⟧", "▁", "⁇", "\ufffd")
"""What only a model or a broken file writes."""

_SCALED = re.compile(
    r"(?<![A-Za-z\d.])(?<!\d,)(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)*(?:[多余餘]?[十百千]?(?:\s?[万萬亿億]+)?(?:\d+[十百千]?[万萬亿億]+)*)"
)
_LOOSE = re.compile(r"[多余餘\s]")


def rate(passed: int, items: int) -> dict:
    """A share with its 95 % Wilson interval; of nothing, nothing is known: 0 with the interval 0..1."""
    low, high = wilson(passed, items) if items else (0.0, 1.0)
    return {"value": round(passed / max(items, 1), 5), "ci95": [round(low, 5), round(high, 5)], "n": items}


def source_numbers(chinese: str) -> list[Decimal | str]:
    """The digits of a Chinese text by value (1.2万 is 12,000), or as they stand where they have none (1.2.3).

    Digits right after a Latin letter belong to a name (USB3, A4) and are left out; 20多万 counts as 200,000.
    """
    found: list[Decimal | str] = []
    for match in _SCALED.finditer(unicodedata.normalize("NFKC", chinese)):
        text = _LOOSE.sub("", match[0])
        digits = re.match(r"[\d.,]*[\d]", text)[0]
        amount = None if digits.count(".") > 1 else chinese_amount(text)
        found.append(digits if amount is None else amount)
    return found


def kept_numbers(chinese: str, korean: str) -> tuple[int, int]:
    """How many of a source's numbers a translation holds, by value or as the same digits, and how many there are."""
    there = Counter(values(korean))
    literal = Counter(re.findall(r"\d+(?:\.\d+)*", korean.replace(",", "")))
    numbers = source_numbers(chinese)
    kept = 0
    for number in numbers:
        digits = number.replace(",", "") if isinstance(number, str) else f"{number:f}"
        if not isinstance(number, str) and there[number]:
            there[number] -= 1
            literal[digits] -= 1  # the same digits, unless they are written otherwise
            kept += 1
        elif literal[digits] > 0:
            literal[digits] -= 1
            kept += 1
    return kept, len(numbers)


def numbers_figure(pairs: Sequence[tuple[str, str]]) -> dict:
    """The share of numbers kept over (Chinese, Korean) pairs."""
    kept = [kept_numbers(chinese, korean) for chinese, korean in pairs]
    return rate(sum(hits for hits, _ in kept), sum(count for _, count in kept))


def checks_figure(pairs: Sequence[Pair], korean: Sequence[str]) -> dict:
    """The share of must-keep tokens kept: character by character, numbers also by value."""
    passed = items = 0
    for pair, text in zip(pairs, korean, strict=True):
        for token in pair.checks:
            number = re.fullmatch(r"\d[\d,]*(?:\.\d+)?", token)
            by_value = number is not None and Decimal(token.replace(",", "")) in values(text)
            passed += by_value or (shows(token)(text) if token.isascii() else token in text)
            items += 1
    return rate(passed, items)


def raw_symbols(texts: Iterable[str], sources: Iterable[str]) -> dict:
    """How many translations hold a symbol only a model writes, that its source does not, and the first of them."""
    guilty = [
        text
        for text, source in zip(texts, sources, strict=True)
        if any(symbol in text and symbol not in source for symbol in RAW_SYMBOLS)
    ]
    return {"count": len(guilty), "examples": guilty[:5]}


def slots_figure(answers: Iterable[Answer]) -> dict:
    """The share of placeholders that came back from the translator, and what was lost first."""
    answers = list(answers)
    slots, lost = sum(one.slots for one in answers), [text for one in answers for text in one.lost]
    return rate(slots - len(lost), slots) | {"lost": lost[:10]}


def round_trip(texts: Sequence[str], preprocessor: PreProcessor) -> dict:
    """The share of placeholders that pre- and post-processor restore exactly, with no model in between."""
    finish = PostProcessor().finish
    passed = items = 0
    for text in texts:
        prepared = preprocessor.prepare(text)
        restored, _ = finish(join_korean(tuple("▁" + word for word in prepared.words)), prepared)
        for slot in prepared.slots:
            passed += restored.count(slot.target) >= prepared.words.count(slot.placeholder)
            items += 1
    return rate(passed, items)
