"""A translator that answers by formula: fast, and its Korean is known in advance."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from modeling.planet_rbmt.processing_zh_ko import PostProcessor, PreProcessor
from modeling.planet_rbmt.translation_zh_ko import Copied, Translation

_PRE, _POST = PreProcessor(), PostProcessor()


@dataclass
class FakeTranslator:
    """Writes 말1 말2 … for the words of a text, in reverse order; placeholders come back as what they stand for.

    Attributes:
        unknown: a word it copies because it does not know it.
        fails: raises this instead of answering.
        gate: where given, every answer waits for it.
        calls: the texts of every call, the one that warms it up included.
    """

    name: str = "planet-nmt-zh-ko"
    unknown: str = ""
    fails: Exception | None = None
    gate: threading.Event | None = None
    revision: str = "0123456789ab"
    weights_bytes: int = 7_310_000
    folder: Path = Path("no-such-folder")
    calls: list[list[str]] = field(default_factory=list)

    def load(self) -> FakeTranslator:
        return self

    def translate(self, texts: list[str], nbest: int = 1) -> list[Translation]:
        self.calls.append(list(texts))
        if self.gate:
            assert self.gate.wait(60)
        if self.fails:
            raise self.fails
        return [self._translate(text, nbest) for text in texts]

    def _translate(self, text: str, nbest: int) -> Translation:
        prepared = _PRE.prepare(text)
        words = prepared.words
        order = list(reversed(range(len(words))))
        tokens = tuple(self._token(words[i], i) for i in order)
        korean = "".join(tokens).replace("▁", " ").strip()
        finished, copied = _POST.finish(korean, prepared)
        if self.unknown and self.unknown in words:
            copied += (Copied(self.unknown, self.unknown, "unknown", "attention"),)
        return Translation(
            source=text,
            text=finished,
            score=-0.37,
            ms=41.7,
            source_tokens=words,
            target_tokens=tokens,
            alignment=tuple(self._row(i, len(words)) for i in order),
            copied=copied,
            steps=prepared.trace,
            alternatives=tuple(f"{finished} ({rank})" for rank in range(2, nbest + 1)),
            derivation=self._derivation(words) if "smt" in self.name else None,
            warning="" if any("一" <= c <= "鿿" for c in text) else "The text does not look Chinese; it means little.",
        )

    def _token(self, word: str, place: int) -> str:
        return f"▁{word}" if word.startswith("⟦") or word == self.unknown else f"▁말{place + 1}"

    def _row(self, place: int, size: int) -> tuple[float, ...]:
        if "smt" in self.name or size < 2:
            return tuple(float(i == place) for i in range(size))
        row = [0.0] * size
        row[place], row[(place + 1) % size] = 0.83, 0.17
        return tuple(row)

    def _derivation(self, words: tuple[str, ...]) -> tuple | None:
        """Glue over rules of two words, each with one hole."""
        rules = []
        for start in range(0, len(words), 2):
            pair = words[start : start + 2]
            if len(pair) == 1:
                rules.append((f"X → {pair[0]} | {self._token(pair[0], start)}", (start, start + 1), ()))
                continue
            inner = (f"X → {pair[1]} | {self._token(pair[1], start + 1)}", (start + 1, start + 2), ())
            rules.append((f"X → {pair[0]} X1 | X1 {self._token(pair[0], start)}", (start, start + 2), (inner,)))
        if not rules:
            return None
        tree = ("S → X", (0, rules[0][1][1]), (rules[0],))
        for rule in rules[1:]:
            tree = ("S → S X", (0, rule[1][1]), (tree, rule))
        return (tree,)
