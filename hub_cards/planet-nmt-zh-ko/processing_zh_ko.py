"""Before and after a translator: Chinese text to words with placeholders, Korean with placeholders to text."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from .cleaning_zh_ko import clean, normalise_korean, to_half_width, to_simplified
from .josa_zh_ko import repair_josa
from .korean_zh_ko import join_korean, split_korean
from .names_zh_ko import load_names, protect_names
from .pairing_zh_ko import replace_slots
from .protecting_zh_ko import PLACEHOLDER, PLACEHOLDERS, Slot, protect
from .segmenting_zh_ko import Segmenter, units
from .translation_zh_ko import Copied, Step

__all__ = [
    "PLACEHOLDERS", "PostProcessor", "PreProcessor", "Prepared", "Slot", "Steps", "join_korean", "pair", "split_korean",
]  # fmt: skip

_BRACKETS = str.maketrans("⟦⟧", "〔〕")
_STRAY = re.compile(r"⟦(?:[NLP]\d?)?⟧?|⟧")


@dataclass(frozen=True)
class Steps:
    """Which steps are taken; each can be switched off to measure what it is worth.

    Attributes:
        clean: Unicode NFC, control characters, spaces, quotation marks.
        simplify: Traditional characters as Simplified.
        halfwidth: full-width digits, letters and symbols as half-width.
        protect: placeholders for numbers, Latin words, addresses, codes.
        names: placeholders for the names of the dictionary.
        segment: words; without it every character is one.
        josa: particles after restored text corrected.
    """

    clean: bool = True
    simplify: bool = True
    halfwidth: bool = True
    protect: bool = True
    names: bool = True
    segment: bool = True
    josa: bool = True

    def __post_init__(self) -> None:
        for field in fields(self):
            if not isinstance(getattr(self, field.name), bool):
                raise ValueError(f"{field.name} must be True or False, got {getattr(self, field.name)!r}")


@dataclass(frozen=True)
class Prepared:
    """A source text as a translator sees it.

    Attributes:
        source: as it came.
        words: Simplified Chinese words; a placeholder is a word of its own.
        slots: what the placeholders stand for.
        trace: the text after every step that was taken.
    """

    source: str
    words: tuple[str, ...]
    slots: tuple[Slot, ...] = ()
    trace: tuple[Step, ...] = ()


class PreProcessor:
    """Prepares Chinese text for a translator.

    Args:
        steps: the steps to take.
        segmenter: by default the one beside this module.
        names: Korean by Simplified Chinese names; by default the dictionary beside this module.
    """

    def __init__(
        self,
        steps: Steps | None = None,
        segmenter: Segmenter | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.steps = steps or Steps()
        self.segmenter = segmenter or Segmenter()
        self.names = load_names() if names is None else names

    @classmethod
    def from_folder(cls, folder: str | Path, steps: Steps | None = None) -> PreProcessor:
        """One with the segmenter and the names of a published model's folder."""
        return cls(steps, Segmenter(folder), load_names(folder))

    def prepare(self, text: str, skip: Collection[str] = ()) -> Prepared:
        """The words of a text, its slots and the trace.

        Args:
            text: one line or sentence; line breaks count as spaces.
            skip: expressions not to protect, as they stand in the cleaned text.

        Raises:
            ValueError: if `text` is not a string.
        """
        if not isinstance(text, str):
            raise ValueError(f"text must be a string, got {type(text).__name__}")
        trace: list[Step] = []
        line = text.translate(_BRACKETS)
        for name, wanted, change in (
            ("clean", self.steps.clean, clean),
            ("halfwidth", self.steps.halfwidth, to_half_width),
            ("simplify", self.steps.simplify, to_simplified),
        ):
            if wanted:
                changed = change(line)
                trace.append(Step(name, changed, () if changed == line else (_difference(line, changed),)))
                line = changed
        slots: tuple[Slot, ...] = ()
        if self.steps.protect:
            line, slots = protect(line, skip)
            trace.append(Step("protect", line, tuple(map(_describe, slots))))
        words = self.segmenter.segment(line) if self.steps.segment else units(line)
        if self.steps.segment:
            note = self.segmenter.note
            trace.append(Step("segment", " ".join(words), (note,) if note else ()))
        if self.steps.names:
            words, named = protect_names(words, self.names, skip)
            slots += named
            trace.append(Step("names", " ".join(words), tuple(map(_describe, named))))
        return Prepared(text, tuple(words), slots, tuple(trace))


def _describe(slot: Slot) -> str:
    kept = slot.source if slot.source == slot.target else f"{slot.source} → {slot.target}"
    return f"{slot.placeholder} {kept}"


def _difference(before: str, after: str) -> str:
    if len(before) != len(after):
        return f"{len(before)} → {len(after)} characters"
    changed = dict.fromkeys((a, b) for a, b in zip(before, after, strict=True) if a != b)
    return ", ".join(f"{a} → {b}" for a, b in list(changed)[:20])


class PostProcessor:
    """Restores what was taken out of the source, in the Korean text.

    Args:
        steps: of the pre-processor; only `josa` matters here.
    """

    def __init__(self, steps: Steps | None = None) -> None:
        self.steps = steps or Steps()

    def finish(self, korean: str, prepared: Prepared) -> tuple[str, tuple[Copied, ...]]:
        """The Korean text with every placeholder restored, and where each restored piece came from.

        A placeholder the source does not have is removed. A slot the model left out is reported as a `Copied` with an
        empty target.

        Args:
            korean: joined text with placeholders.
            prepared: what the translator was given.
        """
        slots = {slot.placeholder: slot for slot in prepared.slots}
        pieces: list[str] = []
        spans: list[tuple[int, int]] = []
        copied: list[Copied] = []
        at = length = 0
        for match in _STRAY.finditer(korean):
            slot = slots.get(match[0])
            between = korean[at : match.start()]
            if slot is None and between.endswith(" ") and korean[match.end() : match.end() + 1] in ("", " "):
                between = between[:-1]
            target = slot.target if slot else ""
            pieces += (between, target)
            length += len(between) + len(target)
            if slot:
                spans.append((length - len(target), length))
                copied.append(_copied(slot, slot.target))
            at = match.end()
        text = "".join((*pieces, korean[at:]))
        if self.steps.josa:
            text = repair_josa(text, spans)
        present = set(PLACEHOLDER.findall(korean))
        lost = (_copied(slot, "") for slot in prepared.slots if slot.placeholder not in present)
        return text.strip(), (*copied, *lost)


def _copied(slot: Slot, target: str) -> Copied:
    return Copied(slot.source, target, slot.kind, "dictionary" if slot.kind == "name" else "placeholder")


@functools.lru_cache(maxsize=1)
def _default() -> PreProcessor:
    return PreProcessor()


def pair(zh: str, ko: str, preprocessor: PreProcessor | None = None) -> tuple[Prepared, str] | None:
    """Prepares a training pair: the same slots on both sides, found by value on the Korean side.

    What the Korean side does not hold, or holds less often than the source does, is left unprotected on both sides.

    Args:
        zh, ko: the two sides as they stand in the corpus.
        preprocessor: the default one if None.

    Returns:
        The prepared source and normalised Korean with placeholders; None if either side is empty.
    """
    preprocessor = preprocessor or _default()
    korean = normalise_korean(ko.translate(_BRACKETS))
    skip: set[str] = set()
    while True:
        prepared = preprocessor.prepare(zh, skip)
        if not prepared.words or not korean:
            return None
        replaced, counts = replace_slots(prepared.slots, korean)
        missing = {s.source for s in prepared.slots if counts[s.placeholder] < prepared.words.count(s.placeholder)}
        if not missing:
            return prepared, replaced
        skip |= missing
