"""The three translators behind one call: neural and statistical as published, rules built beside them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from apps.models import Model
from apps.translation.cutting import cut, joined
from modeling.planet_rbmt.translation_zh_ko import Translation

SYSTEMS = {"planet-nmt-zh-ko": "neural", "planet-smt-zh-ko": "statistical"}
"""The key of a translator on the page and in the API, by its published name."""

RULES = "rules"
RULES_FOLDER = Path(__file__).resolve().parents[2] / "modeling" / "planet_rbmt"


class Published(Protocol):
    """What the page needs of a published model; `apps.models.Model` is one."""

    name: str
    folder: Path
    revision: str
    weights_bytes: int

    def load(self) -> Any:
        """The model, whose `translate(texts, nbest=...)` returns a `Translation` a text."""


@dataclass(frozen=True)
class Limits:
    """How much one translator takes at once, so that nobody waits for minutes.

    Attributes:
        text: characters of one text.
        file: characters of a file.
        lines: lines of a file that are translated together, between two reports of progress.
    """

    text: int = 10_000
    file: int = 200_000
    lines: int = 32


# The chart of the statistical translator takes up to two seconds a sentence.
_LIMITS = {"statistical": Limits(text=1_000, file=10_000, lines=4)}


@dataclass(frozen=True)
class Engine:
    """A translator as page and API see it; at most one thread at a time is inside it.

    Attributes:
        key: "neural", "statistical" or "rules".
        model: what it is loaded from.
    """

    key: str
    model: Published
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    _warm: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    @property
    def limits(self) -> Limits:
        """How much it takes at once."""
        return _LIMITS.get(self.key, Limits())

    def translate(self, texts: Sequence[str], n_best: int = 1) -> list[Translation]:
        """Translations of texts, in their order.

        Args:
            texts: Chinese; anything else is answered as well as possible.
            n_best: how many are wanted of each; rules have only one.

        Raises:
            RuntimeError: whatever goes wrong inside: the texts were checked before, so it is nothing a visitor can fix.
        """
        with self._lock:
            try:
                return self._in_parts(texts, n_best)
            except ValueError as error:
                raise RuntimeError(f"{self.model.name} refused checked texts") from error

    def _in_parts(self, texts: Sequence[str], n_best: int) -> list[Translation]:
        parts = [cut(text) for text in texts]
        found = iter(self._translate([part.text for whole in parts for part in whole], n_best))
        return [joined(text, whole, [next(found) for _ in whole]) for text, whole in zip(texts, parts, strict=True)]

    def _translate(self, texts: list[str], n_best: int) -> list[Translation]:
        # In float32, as the figures on the card were measured; int8 (`.quantize()`) answers a little otherwise.
        model = self.model.load()
        if not self._warm.is_set():
            # The first translation of a process prepares dictionaries and buffers as well: its time would mislead.
            model.translate(["你好。"])
            self._warm.set()
        return model.translate(texts) if self.key == RULES else model.translate(texts, nbest=n_best)


class RuleModel:
    """The translator by rules. It has no weights to publish; its segmenter is that of a published rival.

    Args:
        folder: of a published model, where the segmenter lies.
    """

    name = "planet-rbmt"
    weights_bytes = 0

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def revision(self) -> str:
        """Changes with any rule and any word of the dictionary."""
        return Model(self.name, RULES_FOLDER).revision

    def load(self) -> Any:
        """The translator, made at the first call."""
        return self._rules

    @cached_property
    def _rules(self) -> Any:
        # Imported here: the home page needs none of it.
        from modeling.planet_rbmt import PlanetRbmt
        from modeling.planet_rbmt.processing_zh_ko import PreProcessor

        return PlanetRbmt(pre=PreProcessor.from_folder(self.folder))


def engines(models: Sequence[Published]) -> tuple[Engine, ...]:
    """The translators of the page: those published, then rules.

    Raises:
        ValueError: if there is no model, or one of another name.
    """
    unknown = [model.name for model in models if model.name not in SYSTEMS]
    if unknown or not models:
        raise ValueError(f"The translation page needs some of {', '.join(SYSTEMS)}, got {unknown or 'none'}.")
    published = tuple(Engine(SYSTEMS[model.name], model) for model in models)
    return (*published, Engine(RULES, RuleModel(models[0].folder)))
