"""From text as people paste it to plain Simplified Chinese on one line, and plain Korean likewise."""

from __future__ import annotations

import functools
import re
import unicodedata

import opencc

_FULL_WIDTH_STAYS = "，！？；：（）"
"""Full-width forms that Chinese typography wants (GB/T 15834-2011); all other full-width ASCII becomes half-width."""

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in _FULL_WIDTH_STAYS} | {
    0x3000: " ", 0xFFE0: "¢", 0xFFE1: "£", 0xFFE3: "¯", 0xFFE5: "¥", 0xFFE6: "₩",
}  # fmt: skip
_THOUSANDS = re.compile(r"(?<=\d)，(?=\d{3}(?!\d))")
_CLOCK = re.compile(r"(?<=\d)：(?=\d)")

_BREAK = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_JOINER = re.compile(r"(?<![\u2190-\U0001FAFF])\u200d|\u200d(?![\u2190-\U0001FAFF])")
_QUOTES = str.maketrans("「」『』", "“”‘’")

_LETTERS = re.compile(
    r"(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323AF〇])|(?P<kana>[\u3041-\u30ff])"
    r"|(?P<hangul>[\uac00-\ud7a3])|(?P<word>[^\W\d_\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]+)"
)


def clean(text: str) -> str:
    """The text in Unicode NFC, without control, zero-width and direction characters, spaces single.

    Line breaks of every kind become "\\n" and stay; emoji keep the joiners inside them; the quotation marks 「」『』
    become “”‘’.
    """
    text = _BREAK.sub("\n", unicodedata.normalize("NFC", text)).replace("\t", " ")
    text = _JOINER.sub("", text)
    kept = (c for c in text if c in "\n\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    lines = _SPACES.sub(" ", "".join(kept).translate(_QUOTES)).split("\n")
    # Removing a character can bring a letter and its accent together.
    return unicodedata.normalize("NFC", "\n".join(line.strip() for line in lines))


def to_half_width(text: str) -> str:
    """Full-width ASCII as half-width, except the punctuation Chinese sets full-width: ，。！？；：（）《》 stay.

    A full-width comma or colon between digits belongs to the number and becomes half-width: １，２３４ and １０：３０.
    """
    return _CLOCK.sub(":", _THOUSANDS.sub(",", text.translate(_HALF_WIDTH)))


@functools.lru_cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def to_simplified(text: str) -> str:
    """Traditional Chinese as Simplified by OpenCC; Simplified text comes back as it is.

    Text that t2s leaves alone is Simplified. Anything else goes through tw2s, which also knows the character variants
    of Taiwan. The vocabulary conversion tw2sp is not used: it turns 文件 into 文档 and 建立 into 创建 where the writer
    meant the former, and so parts twins that differ in script alone.
    """
    if _converter("t2s").convert(text) == text:
        return text
    return _converter("t2s").convert(_converter("tw2s").convert(text))


def looks_chinese(text: str, least: float = 0.3) -> bool:
    """Whether at least `least` of what carries meaning is Han: characters of Han, kana and Hangul, words of the rest.

    More than one kana in ten is Japanese, more than one Hangul syllable to two Han Korean. Text without any letter
    (numbers, emoji) is no reason to warn.
    """
    counts = dict.fromkeys(("han", "kana", "hangul", "word"), 0)
    for match in _LETTERS.finditer(text):
        counts[match.lastgroup] += 1
    total = sum(counts.values())
    foreign = counts["kana"] > 0.1 * total or counts["hangul"] > 0.5 * counts["han"]
    return total == 0 or (counts["han"] >= least * total and not foreign)


def normalise_korean(text: str) -> str:
    """Korean text as models see it: cleaned, half-width throughout, on one line, without the space mark ▁."""
    text = clean(text).translate(_HALF_WIDTH | {ord(c): ord(c) - 0xFEE0 for c in _FULL_WIDTH_STAYS})
    return " ".join(text.replace("▁", "_").split())
