"""The contract of an external translator, for the side-by-side with Papago, Google, Baidu or a local one.

None is needed and none is shipped. Whoever has a key writes a module anywhere on the import path:

    class Papago:
        name = "Papago"

        def __init__(self):
            self._key = os.environ["PAPAGO_KEY"]

        def translate(self, texts: list[str]) -> list[str]:
            ...  # the service's client, in batches as it likes them

and names it: `python -m training.translation.evaluate --engine my_engines:Papago`. Answers are cached in
runs/translation/evaluation, so that an interrupted run pays for no sentence twice; keys never are.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class Engine(Protocol):
    """An external Chinese to Korean translator.

    Attributes:
        name: what tables call it; letters, digits and -_. only, because files are named after it.
        version: optional; changing it makes earlier answers stale.
    """

    name: str

    def translate(self, texts: list[str]) -> Sequence[str]:
        """Korean for every Chinese text, in their order; an empty text for an empty one.

        Raises:
            Exception: whatever the service raises; the evaluation stops, and continues there when run again.
        """


def load_engine(reference: str) -> Engine:
    """The engine that "module:Class" names, made without arguments.

    Raises:
        ValueError: if there is no such module or class, or it does not keep the contract.
    """
    module, _, name = reference.partition(":")
    try:
        engine = getattr(importlib.import_module(module), name)()
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"--engine {reference!r}: expected module:Class of an engine, got {error}") from error
    if not isinstance(engine, Engine):
        raise ValueError(f"--engine {reference!r}: {name} needs a name and translate(texts)")
    if not engine.name or set(engine.name) - set(_NAME_CHARACTERS):
        raise ValueError(f"--engine {reference!r}: name may hold letters, digits and -_. only, got {engine.name!r}")
    return engine


_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
