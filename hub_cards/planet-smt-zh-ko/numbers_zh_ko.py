"""Numbers: what Chinese and Korean expressions are worth, and how Korean newspapers write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_DIGITS = {
    c: i for i, row in enumerate(("零〇", "一", "二两兩", "三", "四", "五", "六", "七", "八", "九")) for c in row
}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_KOREAN_SMALL = {"십": 10, "백": 100, "천": 1000}
_KOREAN_LARGE = {"만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16}

DECIMAL = r"(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\.?\d)"
_CHINESE_PIECE = re.compile(rf"({DECIMAL})([十百千]?)((?:万亿|萬億|[万萬亿億])?)")
_KOREAN_START = re.compile(rf"(?<![\d.])(?<!\d,){DECIMAL}")
_KOREAN_PIECE = re.compile(rf"\s?({DECIMAL})([십백천]?)([만억조경]?)")


def plain(digits: str) -> Decimal:
    """The value of a decimal in ASCII digits, thousands separators allowed."""
    return Decimal(digits.replace(",", ""))


def chinese_amount(text: str) -> Decimal | None:
    """The value of digits with scales, such as 1.2万, 28.8万亿 or 3亿5000万; None where it is not one."""
    total, below, place = Decimal(0), None, 0
    while place < len(text):
        match = _CHINESE_PIECE.match(text, place)
        if match is None:
            return None
        digits, small, large = match.groups()
        scale = _SMALL.get(small, 1)
        for character in large:
            scale *= _LARGE[character]
        amount = plain(digits) * scale
        if below is not None and (below == 1 or amount >= below):
            return None
        total, below, place = total + amount, scale, match.end()
    return total if place else None


def chinese_numeral(text: str) -> int | None:
    """The value of a Chinese numeral such as 三十五, 两百零三 or 一亿两千万; None where it is none or only about right.

    五六十 (fifty or sixty), 三五 and the like are refused, and so is the colloquial 两万五 (25,000).
    """
    total = section = 0
    digit: int | None = None
    small, large, zero = 10**4, 10**12, False
    for character in text:
        if character in _DIGITS:
            if digit is not None:
                return None
            if character in "零〇":
                if zero or not (total or section):
                    return None
                zero = True
                continue
            digit = _DIGITS[character]
        elif character in _SMALL:
            if _SMALL[character] >= small or (digit is None and (character != "十" or section or total)):
                return None
            small = _SMALL[character]
            section, digit, zero = section + (1 if digit is None else digit) * small, None, False
        elif character in _LARGE:
            section += digit or 0
            if _LARGE[character] >= large or not section:
                return None
            large = _LARGE[character]
            total, section, digit, small, zero = total + section * large, 0, None, 10**4, False
        else:
            return None
    if digit is not None:
        lowest = small if section else large if total else 0
        if lowest > 10 and not zero:
            return None
        section += digit
    return None if zero and digit is None else total + section or None


def numeral_digits(text: str) -> str:
    """A numeral spelled digit by digit, as years are: 一九九八 is 1998."""
    return "".join(str(_DIGITS[character]) for character in text)


def korean_amount(value: Decimal) -> str:
    """The value as Korean newspapers write it: blocks of four digits with 만, 억, 조, 경; below 10,000 only digits.

    12000 is 1만 2000, 120000000 is 1억 2000만.

    Raises:
        ValueError: for negative values and from 10**20.
    """
    if not 0 <= value < 10**20:
        raise ValueError(f"value must be at least 0 and below 10**20, got {value}")
    whole, blocks = int(value), []
    for unit, scale in reversed(_KOREAN_LARGE.items()):
        block, whole = divmod(whole, scale)
        if block:
            blocks.append(f"{block}{unit}")
    rest = whole + value % 1
    if rest or not blocks:
        blocks.append(_plain_text(Decimal(rest)))
    return " ".join(blocks)


def _plain_text(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def korean_numbers(text: str) -> Iterator[tuple[int, int, Decimal]]:
    """Every reading of every number in Korean text: start, end, value; of one start the longest reading first.

    1만 2천 명 is read as 12000, 10000 and 1: which one is meant, the Chinese side knows.
    """
    for found in _KOREAN_START.finditer(text):
        readings, total, section, place = [], Decimal(0), Decimal(0), found.start()
        last_small = last_large = 10**20
        while match := _KOREAN_PIECE.match(text, place):
            number, small, large = plain(match[1]), _KOREAN_SMALL.get(match[2], 1), _KOREAN_LARGE.get(match[3], 1)
            if small >= last_small or (large > 1 and large >= last_large):
                break
            readings.append((match.end(1), total + section + number))
            section += number * small
            readings.append((match.end(2), total + section))
            last_small = small
            if large > 1:
                total, section = total + section * large, Decimal(0)
                readings.append((match.end(3), total))
                last_small, last_large = 10**20, large
            if small == large == 1:
                break
            place = match.end()
        for end, value in dict(reversed(readings)).items():
            yield found.start(), end, value
