"""What a model must not translate freely: numbers, Latin words, addresses and codes become placeholders.

Inside a number's slot are the digits with their scale (1.2亿), sign, per cent, currency sign and unit of measure; what
has a word of its own in Korean stays outside for the model to see: 年 月 日 in dates, 元, 个, 多.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from .numbers_zh_ko import DECIMAL, chinese_amount, chinese_numeral, korean_amount, numeral_digits, plain
from .translation_zh_ko import Kind

PER_KIND = 10
PLACEHOLDERS = tuple(f"⟦{letter}{index}⟧" for letter in "NLP" for index in range(PER_KIND))
"""⟦N0⟧.. numbers, ⟦L0⟧.. Latin words, addresses, codes, emoji and other scripts, ⟦P0⟧.. names."""
PLACEHOLDER = re.compile(r"⟦[NLP]\d⟧")

UNITS = {
    "平方公里": "㎢", "平方千米": "㎢", "平方米": "㎡", "立方米": "㎥",
    "公里": "km", "千米": "km", "厘米": "cm", "公分": "cm", "毫米": "mm", "微米": "㎛", "米": "m",
    "公斤": "kg", "千克": "kg", "毫克": "mg", "克": "g", "吨": "톤", "毫升": "ml", "升": "L",
    "千瓦时": "kWh", "毫安时": "mAh", "毫安": "mAh", "千瓦": "kW", "兆瓦": "MW", "瓦": "W", "赫兹": "Hz", "分贝": "dB",
}  # fmt: skip
"""Units of measure and how Korean writes them; of two that begin alike the longer comes first."""
_UNIT_NOT_BEFORE = {
    "克": "拉隆服制里罗什林",
    "升": "级至到高降温学值任起为旗职入空",
    "米": "其尔兰饭粉线黄色白老勒德歇奇",
    "瓦": "斯片",
}
CURRENCIES = {"¥": "위안", "$": "달러", "US$": "달러", "€": "유로", "£": "파운드", "₩": "원"}

_SCALE = r"(?:[十百千]?[万萬][亿億]|[十百千]?[万萬亿億]|千(?![克米瓦卡帕伏焦])|百(?![货姓分科度合帕]))"
_AMOUNT = rf"{DECIMAL}(?:{_SCALE}(?:{DECIMAL}{_SCALE})*(?:\d{{4}}(?![\d.]))?)?"
_UNIT = "|".join(f"{unit}(?![{_UNIT_NOT_BEFORE[unit]}])" if unit in _UNIT_NOT_BEFORE else unit for unit in UNITS)
_LATIN_UNIT = (
    r"(?:[kcmnμµ]?m[²³23]?|[kmμµ]?g|[mdk]?[lL]|[kMG]?[WV]|[kMG]?Wh|m?Ah?|[kMG]?Hz|[kKMGTP]i?B|[KMG]bps|[mμµ]?s|[kMh]?Pa"
    r"|dB|ppm|rpm|bp|fps|px|inch|oz|lbs?|lm|[㎜㎝㎞㎡㎢㎎㎏㎖ℓ]|°?[CF]|[℃℉°])(?:/(?:s|h|d|min))?(?![A-Za-z0-9])"
)
_JOINED = r"[-~∼–—:/×xX*]"
_LATIN = (
    r"(?!\w+://|www\.|[\w.+-]+@\w)(?=\d*(?:[-_./&+]\d+)*[-_./&+]?[A-Za-zÀ-ɏ])[0-9A-Za-zÀ-ɏ]*[0-9A-Za-zÀ-ɏ](?:[-_./&+'’][0-9A-Za-zÀ-ɏ]+)*"
    r"(?:\+\+?|\#)?"
)
_COUNTED = (
    r"(?![零〇一二两兩三四五六七八九十百千万萬亿億])(?=[%个個名人位元块年月日号天小秒岁歲次件家条條只隻公里米克升吨多余餘倍周届屆度点層层楼种種款台部本张張辆輛艘架套份项項期集场場"
    r"轮輪所座分户戶亩頁页册冊篇首句步辈对對双雙群组組支枚颗顆粒袋盒箱瓶杯间間门門篇桌村县縣市省国國處处起笔筆美韩韓日欧歐港])"
)
VERSION = re.compile(r"\d+(?:\.\d+){2,}")
_YEAR = "[一二三四五六七八九〇零]{4}"
_NUMERAL = (
    rf"(?P<percent>百分之(?P<share>[零〇一二两三四五六七八九十百]+|{DECIMAL}))|(?P<year>{_YEAR})(?=年)"
    r"|(?<![几数上双初个十百千万亿零〇两一二三四五六七八九])(?P<month>[一二三四五六七八九十])(?=月)"
    r"|(?<=月)(?P<day>[一二三四五六七八九十])(?=[日号])"
    rf"|(?<![几數数上双雙初点])(?P<numeral>十(?=[多余餘年])|[一二两兩三四五六七八九十][零〇一二两兩三四五六七八九十百千万萬亿億]+{_COUNTED})"
)
_PATTERN = re.compile(
    rf"""
    (?P<url>(?:https?|ftp)://[^\s⟦⟧，。；：！？（）《》“”、<>"\u3400-\u9fff]+|www\.[A-Za-z0-9][-\w./?=&%#+~]*
        |[A-Za-z0-9][\w.+-]{{0,63}}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)
    |(?P<code>%\(\w+\)[a-z]|%(?:\d+\$)?[-+0]?\d*(?:\.\d+)?[sdifuxXc@](?![A-Za-z])|\$?\{{\{{[^{{}}\n]{{0,80}}\}}\}}
        |\$?\{{[^{{}}\n]{{0,80}}\}}|</?[A-Za-z][^<>\n]{{0,200}}>|&(?:[A-Za-z]{{2,8}}|\#\d{{1,6}});|\\[nrt]
        |[\#@][A-Za-z_][A-Za-z0-9_]*)
    |(?P<money>¥\s?{_AMOUNT}(?:\s?元)?|(?:US\$|[$€£₩])\s?{_AMOUNT})
    |(?P<version>(?<![A-Za-z0-9.]){VERSION.pattern}(?![A-Za-z0-9]))
    |(?P<compound>(?<![A-Za-z0-9.]){DECIMAL}(?:{_JOINED}{DECIMAL})+\s?{_LATIN_UNIT}
        |(?<![A-Za-z0-9.]){DECIMAL}{_SCALE}?(?:\s?{_JOINED}\s?{DECIMAL}{_SCALE}?)+(?![A-Za-z])(?:\s?[%‰]|{_UNIT})?)
    |(?P<measure>(?:(?<=[\s（(约約至到])|^)?[-−]?(?<![A-Za-z0-9]){_AMOUNT}\s?{_LATIN_UNIT})
    |(?P<latin>(?<![A-Za-zÀ-ɏ]){_LATIN}(?:\ {_LATIN})*)
    |(?P<number>(?<![双雙\d]){_AMOUNT}(?:\s?[%‰]|{_UNIT})?)
    |{_NUMERAL}
    |(?P<other>[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]+(?:\ [\u3131-\u318e\uac00-\ud7a3]+)*|[\u3041-\u30ff]+
        |[\u0370-\u1fff]+(?:\ [\u0370-\u1fff]+)*
        |[\u2600-\u27bf\u2b50\U0001f000-\U000e007f][\ufe0f\u200d\u2600-\u27bf\U0001f000-\U000e007f]*)
    """,
    re.VERBOSE,
)
_LETTER = {"url": "L", "code": "L", "latin": "L", "other": "L"}
_KIND: dict[str, Kind] = {"url": "url", "code": "latin", "latin": "latin", "other": "unknown"}


@dataclass(frozen=True)
class Slot:
    """One thing taken out of the source.

    Attributes:
        placeholder: what stands in its place, one of `PLACEHOLDERS`.
        source: what was there.
        kind: "number", "latin", "url", "name" or "unknown".
        target: how Korean writes it.
    """

    placeholder: str
    source: str
    kind: Kind
    target: str


def protect(text: str, skip: Collection[str] = ()) -> tuple[str, tuple[Slot, ...]]:
    """Cleaned text with placeholders, and what they stand for.

    Equal things share a placeholder. Numbered by kind in order of first appearance; what comes after the tenth of its
    kind stays as it is, and so do the expressions in `skip`.
    """
    slots: dict[tuple[str, str, str], Slot] = {}
    counts = dict.fromkeys("NLP", 0)

    def replace(match: re.Match) -> str:
        source, group = match[0], match.lastgroup or ""
        letter, kind = _LETTER.get(group, "N"), _KIND.get(group, "number")
        target = source if letter == "L" else render_number(source)
        if target is None or source in skip:
            return source
        key = (letter, source, target)
        if key not in slots:
            if counts[letter] == PER_KIND:
                return source
            slots[key] = Slot(f"⟦{letter}{counts[letter]}⟧", source, kind, target)
            counts[letter] += 1
        return slots[key].placeholder

    return _PATTERN.sub(replace, text), tuple(slots.values())


PARTS = re.compile(
    rf"(?P<currency>US\$|[¥$€£₩])?\s?(?P<sign>[-−])?(?P<amount>{_AMOUNT})(?P<rest>(?:\s?{_JOINED}\s?{DECIMAL}{_SCALE}?)*)"
    rf"\s?(?P<unit>[%‰]|{_UNIT}|{_LATIN_UNIT})?(?:\s?元)?"
)


def render_number(source: str) -> str | None:
    """A protected number as Korean writes it; None where it is better left alone.

    Digits without a scale stay exactly as they are written (3,500 and 3500, 2.50, 007). Scaled numbers and Chinese
    numerals are written in blocks (1.2亿: 1억 2000만), sign and unit kept, ￥500 and ￥500元
    as 500위안, ～ in ranges as ~.
    """
    if VERSION.fullmatch(source):
        return source
    match = PARTS.fullmatch(source)
    if match is None:
        return _render_numeral(source)
    amount = _render_amount(match["amount"])
    if amount is None:
        return None
    rest = re.sub(rf"{DECIMAL}{_SCALE}", lambda piece: _render_amount(piece[0]) or piece[0], match["rest"])
    scale = re.search(rf"({_SCALE})$", match["rest"])
    if scale and match["amount"][-1].isdigit() and re.match(r"\s?[-~∼–—]", match["rest"]):
        amount = _render_amount(match["amount"] + scale[1]) or amount
    rest = rest.replace("∼", "~")
    unit = match["unit"] or ""
    unit = UNITS.get(unit, unit)
    gap = " " if unit == "톤" and amount[-1] in "만억조" else ""
    currency = match["currency"] or ""
    word = CURRENCIES.get(currency, "")
    gap = " " if word and amount[-1] in "만억조" else gap
    return f"{match['sign'] or ''}{amount}{rest}{gap}{unit}{word}"


def _render_amount(text: str) -> str | None:
    if text[-1].isdigit() and re.fullmatch(DECIMAL, text):
        return text
    value = chinese_amount(text)
    return None if value is None or value >= 10**20 else korean_amount(value)


def _render_numeral(source: str) -> str | None:
    value = numeral_value(source)
    if value is None or re.fullmatch(_YEAR, source):
        return None if value is None else str(value)
    return f"{value}%" if source.startswith("百分之") else korean_amount(value)


def numeral_value(source: str) -> Decimal | None:
    """The value of a protected Chinese numeral, the share of 百分之三十 and the like; None where it has none."""
    if re.fullmatch(_YEAR, source):
        return plain(numeral_digits(source))
    numeral = source.removeprefix("百分之")
    if numeral[0].isascii():
        return plain(numeral)
    value = 100 if numeral == "百" and numeral != source else chinese_numeral(numeral)
    return None if value is None else Decimal(value)
