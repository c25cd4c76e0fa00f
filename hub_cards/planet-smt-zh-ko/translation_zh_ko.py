"""What a translator answers: the Korean text, how sure it is, and where every word came from.

All three translators (neural, statistical, by rules) carry their own copy of this file and of its `_zh_ko` siblings,
because the Hub publishes one folder at a time; a test keeps the copies equal. S source tokens, T target tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["number", "latin", "url", "name", "unknown"]
How = Literal["placeholder", "dictionary", "attention"]


@dataclass(frozen=True)
class Step:
    """What one step of the pre-processing made of the text.

    Attributes:
        name: of the step, as in `Steps`.
        text: what left it.
        notes: what it did, in words; empty where it changed nothing.
    """

    name: str
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Copied:
    """Where one piece of the Korean text came from that no model wrote.

    Attributes:
        source: as the reader typed it, up to full-width forms and Traditional characters.
        target: as it stands in the Korean text; empty if it was lost on the way.
        kind: "latin" also holds model names, article numbers and format codes, "url" also e-mail addresses, "unknown"
            emoji and other scripts.
        how: "placeholder" for what was taken out before translation, "dictionary" for a name whose Korean form was
            looked up, "attention" for a word the model did not know.
    """

    source: str
    target: str
    kind: Kind
    how: How

    @property
    def lost(self) -> bool:
        """Whether the model left it out."""
        return not self.target


@dataclass(frozen=True)
class Translation:
    """The answer of `translate()` for one text.

    Attributes:
        source: the text as it came.
        text: its translation; empty for an empty source.
        score: log-probability per token (neural), model score (statistical), 0.0 (rules).
        ms: wall-clock milliseconds of this text, or its share of the batch it was translated in.
        source_tokens: S words or subwords the model saw.
        target_tokens: T of them that it wrote.
        alignment: T x S weights; a row sums to 1, or to 0 where nothing is aligned.
        copied: what was restored or looked up instead of translated.
        steps: the trace of the pre-processing, in order.
        alternatives: the next best texts, without `text`.
        derivation: nested tuples of the rules used (statistical only), else None.
        warning: what the reader should know; empty where all is well.
    """

    source: str
    text: str
    score: float = 0.0
    ms: float = 0.0
    source_tokens: tuple[str, ...] = ()
    target_tokens: tuple[str, ...] = ()
    alignment: tuple[tuple[float, ...], ...] = field(default=(), repr=False)
    copied: tuple[Copied, ...] = ()
    steps: tuple[Step, ...] = field(default=(), repr=False)
    alternatives: tuple[str, ...] = ()
    derivation: object | None = field(default=None, repr=False)
    warning: str = ""

    def __post_init__(self) -> None:
        if len(self.alignment) not in (0, len(self.target_tokens)):
            raise ValueError(
                f"alignment needs a row per target token ({len(self.target_tokens)}) or none, got {len(self.alignment)}"
            )


def merged_steps(traces: Sequence[Sequence[Step]]) -> tuple[Step, ...]:
    """The traces of a text's sentences as one: steps of the same name joined, in order."""
    names = list(dict.fromkeys(step.name for trace in traces for step in trace))
    merged = []
    for name in names:
        steps = [step for trace in traces for step in trace if step.name == name]
        notes = tuple(dict.fromkeys(note for step in steps for note in step.notes))
        merged.append(Step(name, " ".join(step.text for step in steps), notes))
    return tuple(merged)
