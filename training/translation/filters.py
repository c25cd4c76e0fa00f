"""What may not be trained on: pairs that are no translation, repeat another, or stand in a held-out set."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache

GRAM = 13
"""Characters of the grams that near copies share (Brown et al. 2020, appendix C, count words)."""

SHORTEST = 8
"""Texts of fewer characters are common phrases: only equality counts."""

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_HANGUL = re.compile(r"[가-힣]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_LATIN = re.compile(r"[A-Za-z]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufffd\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"\s+")
_FORMATS = re.compile(
    r"%\d*\$?[-+0#]*\d*\.?\d*[a-zA-Z]|\$?\{+[^{}]{0,40}\}+|</?[a-zA-Z][^<>]{0,80}>|&[a-z]+;|\\[nrt]|\$\w+"
)
_CODE = re.compile(r"[;{}]\s*$|^\s*(?:import|def|class|return|const|var|let)\s|=>|::|\w\(\)|[=!]=")
_CLOSING = re.compile(r"[\s.。!?！？~…:;,)\]」』》\"'”’]+$")


def clean(text: str) -> str:
    """The text as it is kept: NFC, one line, single spaces, nothing invisible. Traditional and full-width stay."""
    return _SPACES.sub(" ", _INVISIBLE.sub(" ", unicodedata.normalize("NFC", text))).strip()


@cache
def _converter():
    from opencc import OpenCC

    return OpenCC("t2s")


def key(text: str) -> str:
    """What two texts share that differ only in script, width, case, spaces and punctuation."""
    plain = unicodedata.normalize("NFKC", _converter().convert(text)).lower()
    return "".join(filter(str.isalnum, plain))


def keys(texts: Iterable[str], block: int = 20_000) -> list[str]:
    """`key` of many single-line texts; converts blocks of lines at once, which is several times faster."""
    texts = list(texts)
    result = []
    for start in range(0, len(texts), block):
        lines = _converter().convert("\n".join(texts[start : start + block])).split("\n")
        result += ["".join(filter(str.isalnum, unicodedata.normalize("NFKC", line).lower())) for line in lines]
    if len(result) != len(texts):
        raise ValueError("A text holds a line break; clean() it first")
    return result


def template(text_key: str) -> str:
    """A key with every number and Latin word replaced by one mark: equal for sentences of one template."""
    return re.sub(r"[a-z]+", "a", re.sub(r"\d+", "0", text_key))


def register(korean: str) -> str:
    """How a Korean text ends: "hamnida" (합니다), "haeyo" (해요), "handa" (한다) or "noun"."""
    ending = _CLOSING.sub("", korean)
    if ending.endswith(("니다", "니까", "시오")):
        return "hamnida"
    if ending.endswith(("요", "죠")):
        return "haeyo"
    return "handa" if ending.endswith("다") else "noun"


def is_sentence(chinese: str, korean: str) -> bool:
    """At least ten Han characters and three Korean words."""
    return len(_HAN.findall(chinese)) >= 10 and len(korean.split()) >= 3


def reason_to_drop(chinese: str, korean: str, score: float, least_score: float = -3.3) -> str:
    """The first filter that a pair fails, or "" where it passes all.

    Args:
        score: lexical alignment score of the pair, nan where unknown.
        least_score: lower is dropped; -3.3 is the lowest 5 % of software_and_games.
    """
    if not chinese or not korean:
        return "empty"
    if chinese == korean or not _HANGUL.search(korean):
        return "untranslated"
    codes = sum(map(len, _FORMATS.findall(chinese)))
    if codes > 0.3 * len(chinese) or _CODE.search(chinese):
        return "format codes"
    han, latin_zh = len(_HAN.findall(chinese)), len(_LATIN.findall(chinese))
    if not han or han < 0.25 * (han + latin_zh) or _HANGUL.search(chinese) or len(_KANA.findall(chinese)) > 1:
        return "not Chinese"
    hangul, latin_ko = len(_HANGUL.findall(korean)), len(_LATIN.findall(korean))
    han_ko = len(_HAN.findall(korean))
    if hangul < 0.25 * (hangul + latin_ko) or han_ko > 0.2 * hangul or len(_KANA.findall(korean)) > 1:
        return "not Korean"
    if len(chinese) > 240 or len(korean) > 400:
        return "too long"
    # Hangul syllables and Latin letters of a faithful pair keep within a factor of about three of its characters
    if han >= 5 and not 0.45 <= (hangul + 0.4 * latin_ko + 2) / (han + 0.4 * latin_zh + 2) <= 3.2:
        return "length ratio"
    return "score" if score < least_score else ""


class HeldOut:
    """Finds texts of held-out sets in training texts, exactly and nearly. Everything goes in as `key`s.

    Args:
        texts: the keys of one language's side of all held-out sets.
        near: the least share of the smaller text's 13-grams that makes a near copy, 0 to 1.
    """

    def __init__(self, texts: Iterable[str], near: float = 0.5):
        self.near = near
        self.whole = {text for text in texts if text}
        self.short = {text for text in self.whole if SHORTEST <= len(text) < GRAM}
        self.lengths = sorted({len(text) for text in self.short})
        self.parts: set[str] = set()
        self.sizes: list[int] = []
        self.owners: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(sorted(self.whole)):
            for size in range(SHORTEST, GRAM):
                self.parts.update(_grams(text, size))
            grams = set(_grams(text, GRAM))
            self.sizes.append(len(grams))
            for gram in grams:
                self.owners[gram].append(number)

    def match(self, text: str) -> str:
        """ "exact", "contained" (either in the other), "near" or "" for a training text's key."""
        if text in self.whole:
            return "exact"
        if len(text) < SHORTEST:
            return ""
        if text in self.parts or any(gram in self.short for size in self.lengths for gram in _grams(text, size)):
            return "contained"
        grams = _grams(text, GRAM)
        hits = Counter(owner for gram in grams if gram in self.owners for owner in self.owners[gram])
        share = max((count / min(self.sizes[owner], len(grams)) for owner, count in hits.items()), default=0.0)
        if share >= 1.0:
            return "contained"
        return "near" if share and share >= self.near else ""


def _grams(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(len(text) - size + 1)]
