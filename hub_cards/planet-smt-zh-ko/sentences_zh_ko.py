"""Where does a sentence end? Cuts texts into what the translator takes at once, and joins the translations again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .cleaning_zh_ko import looks_chinese

LONGEST_LINE = 2000
"""Characters of a line without sentence ends from which on a warning is given."""

_SENTENCE = re.compile(r".*?(?:[。！？…]+[”’」』）)\"]*|[!?]+(?=\s|$)|$)\s*", re.DOTALL)
_PAUSE = re.compile(r"[，、；：,;:\s]")
_UNBROKEN = re.compile(r"[A-Za-z0-9.,@:/_%+-]")


@dataclass(frozen=True)
class Sentence:
    """A piece of a text.

    Attributes:
        text: without white space around it; may be empty.
        gap: what joins its translation to the next one: a space, line ends, or nothing.
    """

    text: str
    gap: str


def split_sentences(text: str, longest: int = 200) -> list[Sentence]:
    """Cuts at ends of lines, at 。！？… and, before white space, at ! and ?; a longer sentence at a pause or anywhere.

    Args:
        longest: characters of a sentence at most.

    Raises:
        ValueError: if `longest` is less than 2.
    """
    if longest < 2:
        raise ValueError(f"longest must be at least 2 characters, got {longest}")
    sentences: list[Sentence] = []
    for line in re.split(r"(\s*[\r\n\u2028\u2029]\s*)", text):
        if "\n" in line or "\r" in line or not line.strip():
            if sentences and line:
                sentences[-1] = Sentence(sentences[-1].text, "\n" * max(line.count("\n"), 1))
            continue
        for sentence in filter(None, (found.strip() for found in _SENTENCE.findall(line))):
            sentences += [Sentence(part, " ") for part in _shortened(sentence, longest)]
    if sentences:
        sentences[-1] = Sentence(sentences[-1].text, "")
    return sentences


def join_sentences(translations: Sequence[str], sentences: Sequence[Sentence]) -> str:
    """The text of its sentences' translations."""
    pairs = zip(translations, sentences, strict=True)
    return "".join(translation + sentence.gap for translation, sentence in pairs).strip()


def warning_for(text: str) -> str:
    """What a reader should know before trusting the translation of `text`; empty if it looks like Chinese."""
    if not looks_chinese(text):
        return "The text does not look Chinese; the translation means little."
    if text.strip() and not any(map(str.isalpha, text)):
        return "The text has no words; numbers and signs are copied."
    if any(len(line) > LONGEST_LINE and not re.search(r"[。！？…!?]", line) for line in text.splitlines()):
        return "A line is very long and has no sentence ends; it was cut up, which harms the translation."
    return ""


def _shortened(sentence: str, longest: int) -> list[str]:
    parts = []
    while len(sentence) > longest:
        pauses = [found.end() for found in _PAUSE.finditer(sentence, longest // 2, longest)]
        cut = next((place for place in reversed(pauses) if not _inside_word(sentence, place)), longest)
        for place in range(longest, longest // 2, -1) if cut == longest else ():
            if not _inside_word(sentence, place):
                cut = place
                break
        parts.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    return [part for part in (*parts, sentence) if part]


def _inside_word(sentence: str, place: int) -> bool:
    """Whether a cut before `place` would tear a number or a Latin word apart."""
    return bool(_UNBROKEN.match(sentence[place - 1]) and _UNBROKEN.match(sentence[place : place + 1]))
