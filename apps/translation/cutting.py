"""Long texts in parts: what a translator keeps of a text grows with the square of its length, so none gets it whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from modeling.planet_rbmt.translation_zh_ko import Translation

LONGEST_PART = 1_000
"""Characters of a part; a text up to this length is one part."""

_PLACES = (re.compile(r"\n\s*"), re.compile(r"[。！？…!?]+[”’」』）)\"]*\s*"), re.compile(r"[，、；：,;:\s]\s*"))


@dataclass(frozen=True)
class Part:
    """A part of a text.

    Attributes:
        text: without white space around it, unless it is the whole text.
        gap: what stands between its translation and the next one's.
    """

    text: str
    gap: str


def cut(text: str) -> list[Part]:
    """Parts of a text: cut at an end of line, else at the end of a sentence, else at a pause, else anywhere."""
    if len(text) <= LONGEST_PART:
        return [Part(text, "")]
    parts: list[Part] = []
    rest = text.strip()
    while rest:
        place = _place(rest) if len(rest) > LONGEST_PART else len(rest)
        piece = rest[:place]
        parts.append(Part(piece.strip(), "\n" * piece[len(piece.rstrip()) :].count("\n") or " "))
        rest = rest[place:].lstrip()
    return [*parts[:-1], Part(parts[-1].text, "")]


def _place(text: str) -> int:
    for pattern in _PLACES:
        ends = [match.end() for match in pattern.finditer(text, 0, LONGEST_PART)]
        if ends:
            return ends[-1]
    return LONGEST_PART


def joined(source: str, parts: Sequence[Part], found: Sequence[Translation]) -> Translation:
    """The translation of a text from those of its parts; more than one part leaves no alignment and no alternatives."""
    if len(parts) == 1:
        return found[0]
    tokens = max(sum(len(one.target_tokens) for one in found), 1)
    return Translation(
        source=source,
        text="".join(one.text + part.gap for one, part in zip(found, parts, strict=True)).strip(),
        score=sum(one.score * len(one.target_tokens) for one in found) / tokens,
        ms=sum(one.ms for one in found),
        source_tokens=tuple(token for one in found for token in one.source_tokens),
        target_tokens=tuple(token for one in found for token in one.target_tokens),
        copied=tuple(copied for one in found for copied in one.copied),
        steps=tuple(step for one in found for step in one.steps),
        derivation=tuple(tree for one in found for tree in one.derivation or ()) or None,
        warning=next((one.warning for one in found if one.warning), ""),
    )
