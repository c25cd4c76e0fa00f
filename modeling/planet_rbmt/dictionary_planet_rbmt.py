"""The bilingual dictionary: longest match over segmented words, Sino-Korean readings for the rest.

Parts of speech: n noun, r pronoun, e determiner or fixed attribute, q numeral, m counter, y unit, t time, l place noun,
v verb, a adjective, d adverb, c conjunction, i set phrase, u grammatical word (the rules know it by its Chinese),
o punctuation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .pieces_planet_rbmt import Piece, Token, pieces_of

LONGEST = 8
"""Words that one entry may span."""

PARTS = "nreqmytlvadciuo"
PUNCTUATION = {
    "，": ",", ",": ",", "。": ".", ".": ".", "；": ";", ";": ";", "：": ":", ":": ":", "？": "?", "?": "?", "！": "!",
    "!": "!", "、": ",", "…": "…", "……": "…",
    "—": "-", "——": " -", "-": "-", "·": "·", "/": "/", "~": "~", "～": "~", "|": "|",
}  # fmt: skip
OPENING = {"“": '"', "‘": "'", "《": "'", "「": "'", "『": "'", "（": "(", "(": "(", "【": "[", "[": "[", "〈": "'"}
CLOSING = {"”": '"', "’": "'", "》": "'", "」": "'", "』": "'", "）": ")", ")": ")", "】": "]", "]": "]", "〉": "'"}
_GRAMMAR = """
    的 地 得 了 过 着 在 是 有 没有 没 无 不 别 不要 勿 请勿 不能 不可 不会 能 能够 可以 可 会 要 想
    应该 应 应当 须 将 正在 把 将要 被 给 和 与 及 以及 或 或者 跟 同 从 自 于 到 至 对 对于 向 往 为
    为了 以 用 比 由 由于 因为 因 根据 按照 按 据 随着 关于 通过 除了 请 让 使 如果 如 若 要是 假如 虽然
    尽管 当 时 时候 后 前 吗 吧 呢 啊 呀 的话 所 等 之 们 而 则 便 拟 可否
"""
GRAMMAR = frozenset(_GRAMMAR.split())
"""Words that the rules know by themselves."""
_PLACEHOLDER = re.compile(r"⟦([NLP])\d⟧")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Dictionary:
    """Chinese → Korean by part of speech, and how single characters are read.

    Attributes:
        entries: Chinese → {part of speech: Korean}.
        readings: Chinese character → Hangul syllable.
    """

    entries: dict[str, dict[str, str]]
    readings: dict[str, str]

    def __post_init__(self):
        wrong = [word for word, senses in self.entries.items() if not senses or set(senses) - set(PARTS)]
        if wrong:
            raise ValueError(f"Dictionary entries need parts of speech out of {PARTS}, got {wrong[:3]}")

    @classmethod
    def load(cls, path: Path) -> Dictionary:
        """Reads a dictionary.json.

        Raises:
            ValueError: if there is none.
        """
        if not path.is_file():
            raise ValueError(f"No dictionary at {path}; write it with python -m training.translation.dictionary")
        content = json.loads(path.read_text("utf-8"))
        return cls(content["entries"], content["readings"])

    def save(self, path: Path) -> None:
        """Writes what `load` reads."""
        content = {"entries": self.entries, "readings": self.readings}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n", "utf-8")

    def look_up(self, words: Sequence[str]) -> list[Token]:
        """The tokens of segmented words, the longest entries first; every word ends up in exactly one token or more."""
        tokens, at = [], 0
        while at < len(words):
            size = next((n for n in range(min(LONGEST, len(words) - at), 1, -1) if self._spans(words, at, n)), 1)
            positions = tuple(range(at, at + size))
            whole = "".join(words[at : at + size])
            tokens += self._tokens(whole, positions)
            at += size
        return resolve(_joined(tokens), self.entries)

    def _spans(self, words: Sequence[str], at: int, size: int) -> bool:
        whole = "".join(words[at : at + size])
        return whole in self.entries or whole in GRAMMAR

    def _tokens(self, word: str, sources: tuple[int, ...]) -> list[Token]:
        placeholder = _PLACEHOLDER.fullmatch(word)
        if placeholder:
            return [Token(word, "q" if placeholder[1] == "N" else "n", pieces_of(word, sources), sources)]
        if word in PUNCTUATION or word in OPENING or word in CLOSING:
            return [Token(word, "o", (), sources)]
        if word in GRAMMAR:
            return [Token(word, "u", (), sources)]
        if word in self.entries:
            return [self._token(word, sources)]
        return self._parts(word, sources)

    def _token(self, word: str, sources: tuple[int, ...]) -> Token:
        pos, korean = next(iter(self.entries[word].items()))
        return Token(word, pos, pieces_of(korean, sources), sources)

    def _parts(self, word: str, sources: tuple[int, ...]) -> list[Token]:
        """An unknown word as entries of two characters and more, and readings of what lies between them."""
        tokens, rest, at = [], "", 0
        while at < len(word):
            size = next((n for n in range(len(word) - at, 1, -1) if word[at : at + n] in self.entries), 0)
            if size:
                tokens += [self._unknown(rest, sources)] if rest else []
                tokens.append(self._token(word[at : at + size], sources))
            rest = "" if size else rest + word[at]
            at += size or 1
        return tokens + ([self._unknown(rest, sources)] if rest else [])

    def _unknown(self, word: str, sources: tuple[int, ...]) -> Token:
        read = "".join(self.readings.get(sign, sign) for sign in word)
        return Token(word, "n", (Piece(read, sources),), sources, unknown=bool(_HAN.search(word)))


def _joined(tokens: Sequence[Token]) -> list[Token]:
    """Unknown words that follow each other as one: they are mostly a name or a word that was cut too small."""
    joined: list[Token] = []
    for token in tokens:
        if token.unknown and joined and joined[-1].unknown:
            last = joined.pop()
            sources = tuple(dict.fromkeys(last.sources + token.sources))
            piece = Piece(last.korean + token.korean, sources)
            token = Token(last.zh + token.zh, "n", (piece,), sources, unknown=True)
        joined.append(token)
    return joined


def resolve(tokens: Sequence[Token], entries: dict[str, dict[str, str]]) -> list[Token]:
    """Chooses between parts of speech by the neighbours.

    Before a noun a word that can be a determiner is one; a word that can be a noun is one after 的, a counter, a
    determiner or a verb; otherwise the first part of speech in the dictionary stands.
    """
    chosen: list[Token] = []
    for place, token in enumerate(tokens):
        senses = entries.get(token.zh, {}) if token.pos not in "uo" else {}
        before = chosen[-1] if chosen else None
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        pos = token.pos
        if len(senses) > 1:
            nominal = before is not None and (before.zh in ("的", "个", "种", "项") or before.pos in "emv")
            if "m" in senses and before is not None and before.pos in "qe":
                pos = "m"
            elif "n" in senses and ({"v", "a"} & set(senses)) and (nominal or (after is not None and after.zh == "的")):
                pos = "n"
            elif "e" in senses and after is not None and (after.pos in "nm" or after.pos == "q"):
                pos = "e"
            elif "a" in senses and "e" in senses:
                pos = "a"
            elif "d" in senses and after is not None and after.pos in "va":
                pos = "d"
            elif "y" in senses and before is not None and before.pos == "q":
                pos = "y"
            elif "l" in senses and before is not None and before.pos in "nr":
                pos = "l"
        chosen.append(token if pos == token.pos else _as(token, pos, senses[pos]))
    return chosen


def _as(token: Token, pos: str, korean: str) -> Token:
    return Token(token.zh, pos, pieces_of(korean, token.sources), token.sources)
