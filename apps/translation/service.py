"""Translates texts with every translator, for the page and for the API; knows nothing of components."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps.i18n import Text
from apps.translation.engines import Engine, Published, engines
from apps.translation.examples import EXAMPLES, Example
from modeling.planet_rbmt.translation_zh_ko import Translation

CHARACTERS = 10_000
"""Longest text in characters (Unicode code points)."""

N_BEST = 5
MOST_ALTERNATIVES = 10
KEPT_TOKENS = 400
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Outcome:
    """What one translator made of a text: a translation, or a sentence why there is none; neither while it is awaited.

    Attributes:
        system: "neural", "statistical" or "rules".
        name: the model's name.
        revision: the model's revision.
        translation: with the alignment of its first tokens only.
        problem: in the visitor's language.
    """

    system: str
    name: str
    revision: str
    translation: Translation | None = None
    problem: str = ""

    @property
    def pending(self) -> bool:
        """Whether the answer is still awaited."""
        return self.translation is None and not self.problem


@dataclass(frozen=True)
class Answer:
    """Everything the page shows about a text.

    Attributes:
        source: the text as it came.
        outcomes: one per translator, in the order of the columns.
    """

    source: str
    outcomes: tuple[Outcome, ...]

    def having(self, outcome: Outcome) -> Answer:
        """The same with one translator's outcome filled in."""
        return replace(self, outcomes=tuple(outcome if o.system == outcome.system else o for o in self.outcomes))

    def translation(self, system: str) -> Translation | None:
        """What one translator wrote, if it did."""
        return next((outcome.translation for outcome in self.outcomes if outcome.system == system), None)

    def stale(self, reference: str, source: str) -> bool:
        """Whether a reference went with this answer's text, and a new text is to be translated now.

        An example's own translation and an adopted output do; what the visitor wrote is theirs to keep.
        """
        ours = {example.reference for example in EXAMPLES} | {
            o.translation.text for o in self.outcomes if o.translation
        }
        return source != self.source and reference in ours

    @property
    def done(self) -> bool:
        """Whether no translator is awaited any more."""
        return not any(outcome.pending for outcome in self.outcomes)


class TranslationService:
    """Translates with one, two or three systems.

    Args:
        models: published translators, the one whose answer counts first.
    """

    def __init__(self, models: Sequence[Published]) -> None:
        self.engines = engines(models)
        self._examples: dict[tuple[str, ...], Outcome] = {}

    @property
    def quickest_first(self) -> list[Engine]:
        """The translators in the order they are asked, so that a slow one keeps nobody waiting."""
        return sorted(self.engines, key=lambda engine: engine.key == "statistical")

    def engine(self, system: str, text: Text) -> Engine:
        """The translator called `system`.

        Raises:
            ValueError: in words for people, if there is none.
        """
        for engine in self.engines:
            if engine.key == system:
                return engine
        known = ", ".join(engine.key for engine in self.engines)
        raise ValueError(text("translation_error_system", system=repr(system)[:40], known=known))

    def awaited(self, source: str) -> Answer:
        """The answer about a text before any translator was asked."""
        outcomes = (Outcome(engine.key, engine.model.name, engine.model.revision) for engine in self.engines)
        return Answer(source, tuple(outcomes))

    def outcome(self, engine: Engine, source: str, text: Text) -> Outcome:
        """What one translator makes of a checked text; a text too long for it is a problem, not an error."""
        blank = Outcome(engine.key, engine.model.name, engine.model.revision)
        limit = engine.limits.text
        if len(source) > limit:
            return replace(blank, problem=text("translation_skipped", limit=f"{limit:,}", count=f"{len(source):,}"))
        (translation,) = engine.translate([source], N_BEST)
        return replace(blank, translation=_light(translation))

    def example(self, engine: Engine, example: Example, text: Text) -> Outcome:
        """The same for an example, translated once per revision of the translator."""
        key = (example.key, engine.key, engine.model.revision)
        if key not in self._examples:
            self._examples[key] = self.outcome(engine, example.source, text)
        return self._examples[key]

    def record(self, source: str, system: str, n_best: int, text: Text) -> dict[str, Any]:
        """What the API answers about a text.

        Raises:
            ValueError: in words for people.
        """
        engine = self.engine(system, text)
        source = checked(source, text, engine.limits.text)
        if (
            isinstance(n_best, bool)
            or not isinstance(n_best, int | float)
            or n_best not in range(1, MOST_ALTERNATIVES + 1)
        ):
            raise ValueError(text("translation_error_n_best", most=MOST_ALTERNATIVES, value=repr(n_best)[:40]))
        (found,) = engine.translate([source], int(n_best))
        return {
            "text": found.text,
            "score": found.score,
            "ms": found.ms,
            "tokens": {"source": list(found.source_tokens), "target": list(found.target_tokens)},
            "copied": [
                {"source": c.source, "target": c.target, "kind": c.kind, "how": c.how, "lost": c.lost}
                for c in found.copied
            ],
            "steps": [{"name": step.name, "text": step.text, "notes": list(step.notes)} for step in found.steps],
            "alternatives": list(found.alternatives[: int(n_best) - 1]),
            "warning": found.warning,
            "system": engine.key,
            "model": {"name": engine.model.name, "revision": engine.model.revision},
        }


def checked(source: object, text: Text, limit: int = CHARACTERS) -> str:
    """The text to translate.

    Raises:
        ValueError: in words for people: nothing to translate, too long, or no text at all.
    """
    if source is None or (isinstance(source, str) and not source.strip()):
        raise ValueError(text("translation_error_empty"))
    if not isinstance(source, str):
        raise ValueError(text("translation_error_no_text", kind=type(source).__name__))
    if len(source) > limit:
        raise ValueError(text("translation_error_long", limit=f"{limit:,}", count=f"{len(source):,}"))
    if _SURROGATE.search(source):
        raise ValueError(text("translation_error_broken"))
    return source


def _light(translation: Translation) -> Translation:
    """The translation without most of a long text's alignment, whose size grows with the square of the text."""
    if len(translation.target_tokens) <= KEPT_TOKENS and len(translation.source_tokens) <= KEPT_TOKENS:
        return translation
    return replace(
        translation,
        source_tokens=translation.source_tokens[:KEPT_TOKENS],
        target_tokens=translation.target_tokens[:KEPT_TOKENS],
        alignment=tuple(row[:KEPT_TOKENS] for row in translation.alignment[:KEPT_TOKENS]),
    )
