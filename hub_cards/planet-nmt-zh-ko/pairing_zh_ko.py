"""Where the Korean side of a training pair holds what the Chinese side has in a slot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from .numbers_zh_ko import chinese_amount, korean_numbers, plain
from .protecting_zh_ko import CURRENCIES, PARTS, UNITS, VERSION, Slot, numeral_value

Span = tuple[int, int]

_SAME_UNIT = (
    "%|퍼센트|프로", "‰|퍼밀", "km|㎞|킬로미터|킬로", "m|미터", "cm|㎝|센티미터|센티|센치", "mm|㎜|밀리미터",
    "㎛|μm|마이크로미터", "nm|나노미터|나노", "㎡|m²|m2|제곱미터|평방미터", "㎢|km²|km2|제곱킬로미터|평방킬로미터",
    "㎥|m³|m3|세제곱미터", "kg|㎏|킬로그램|킬로", "g|그램", "mg|㎎|밀리그램", "톤|t", "L|ℓ|l|리터", "ml|㎖|mL|밀리리터",
    "℃|°C|도", "dB|데시벨", "W|와트", "kW|킬로와트", "MW|메가와트", "kWh|킬로와트시", "V|볼트",
    "mAh|mA|밀리암페어시", "Hz|헤르츠", "MHz|메가헤르츠", "GHz|기가헤르츠",
    "KB|킬로바이트", "MB|메가바이트", "GB|기가바이트", "TB|테라바이트", "inch|인치|in",
)  # fmt: skip
_UNIT_WORDS = {unit: words for words in _SAME_UNIT for unit in words.split("|")}
_JOIN = re.compile(r"\s?[-~∼–—:/×xX*]\s?")
_CURRENCY_SIGNS = {"위안": "[¥￥]", "달러": r"(?:US)?\$", "유로": "€", "파운드": "£", "원": "₩"}


def find_slot(slot: Slot, korean: str, taken: Sequence[Span]) -> list[Span]:
    """All places of a slot's value in normalised Korean that overlap none of `taken`, from left to right.

    Numbers are compared by value and unit (1.2万 with 12,000, 1만2천 and 1만 2000), Latin without regard to case, names
    by their Korean form at the beginning of a word.
    """
    if slot.kind == "number":
        found = _find_number(slot.source, korean)
    elif slot.kind == "name":
        found = _matches(rf"(?<![가-힣]){re.escape(slot.target)}", korean)
    else:
        found = _matches(_bounded(re.escape(slot.source).replace(r"\ ", r"\s?"), slot.source), korean)
    spans: list[Span] = []
    for start, end in found:
        if all(end <= left or start >= right for left, right in (*taken, *spans)):
            spans.append((start, end))
    return spans


def replace_slots(slots: Sequence[Slot], korean: str) -> tuple[str, dict[str, int]]:
    """Korean with the placeholders of all slots that it holds, and how often it holds each.

    Slots with more to them go first, so that 3 does not take a part of 3~5.
    """
    taken: dict[Span, str] = {}
    for slot in sorted(slots, key=lambda slot: -len(slot.target)):
        for span in find_slot(slot, korean, list(taken)):
            taken[span] = slot.placeholder
    counts = dict.fromkeys((slot.placeholder for slot in slots), 0)
    for (start, end), placeholder in sorted(taken.items(), reverse=True):
        korean = korean[:start] + placeholder + korean[end:]
        counts[placeholder] += 1
    return korean, counts


def _matches(pattern: str, korean: str) -> Iterator[Span]:
    return (match.span() for match in re.finditer(pattern, korean, re.IGNORECASE))


def _bounded(pattern: str, literal: str) -> str:
    """The pattern where it does not begin or end inside a Latin word or number."""
    before = "(?<![A-Za-z0-9])" if literal[0].isascii() and literal[0].isalnum() else ""
    after = "(?![A-Za-z0-9])" if literal[-1].isascii() and literal[-1].isalnum() else ""
    return before + pattern + after


def _find_number(source: str, korean: str) -> Iterator[Span]:
    if VERSION.fullmatch(source):
        yield from _matches(rf"(?<![\d.]){re.escape(source)}(?!\.?\d)", korean)
        return
    match = PARTS.fullmatch(source)
    if match is None:
        value = numeral_value(source)
        if value is not None:
            yield from _by_value(value, "%" if source.startswith("百分之") else "", "", korean)
        return
    unit = UNITS.get(match["unit"] or "", match["unit"] or "")
    amount, sign = match["amount"], match["sign"] or ""
    if match["rest"]:
        yield from _matches(_joined_pattern(source, unit), korean)
    elif len(amount) > 1 and amount[0] == "0" and amount[1] != ".":
        yield from _matches(rf"(?<![\d.,]){re.escape(amount)}(?![\d.])", korean)
    else:
        value = plain(amount) if amount[-1].isascii() and amount.isascii() else chinese_amount(amount)
        if value is not None:
            yield from _by_value(value, unit, CURRENCIES.get(match["currency"] or "", ""), korean, sign)


def _by_value(value: Decimal, unit: str, currency: str, korean: str, sign: str = "") -> Iterator[Span]:
    """Numbers of a value with their unit or currency, before or after; bare ones where neither is asked for."""
    words = _UNIT_WORDS.get(unit, re.escape(unit)) if unit else currency
    after = re.compile(rf"\s?(?:{words})(?![A-Za-z0-9])", re.IGNORECASE) if words else None
    before = re.compile(rf"{_CURRENCY_SIGNS[currency]}\s?$") if currency else None
    last = 0
    for start, end, found in korean_numbers(korean):
        if found != value or start < last:
            continue
        if before and (lead := before.search(korean, 0, start)):
            start = lead.start()
        elif after:
            tail = after.match(korean, end)
            if tail is None:
                continue
            end = tail.end()
        elif korean[start - 1 : start].isascii() and korean[start - 1 : start].isalpha():
            continue
        if sign and korean[start - 1 : start] in ("-", "−"):
            start -= 1
        last = end
        yield start, end


def _joined_pattern(source: str, unit: str) -> str:
    """Ranges, sizes, ratios, clock times and numbers with hyphens, whatever joins their parts in Korean."""
    parts = [re.match(r"[\d.,]+", part)[0].rstrip(".,") for part in _JOIN.split(source) if part[:1].isdigit()]
    digits = (re.escape(part) + "(?:[%만억조천]|" + (_UNIT_WORDS.get(unit) or "%") + ")?" for part in parts)
    body = r"\s?[-~∼–—〜:/×xX*]\s?".join(digits)
    return rf"(?<![\dA-Za-z.]){body}(?:\s?(?:{_UNIT_WORDS.get(unit, re.escape(unit))}))?(?![A-Za-z0-9])"
