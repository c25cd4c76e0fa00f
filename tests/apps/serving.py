"""The hub, served in this process for the time of a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import gradio as gr

from apps.hub import build_hub, launch
from apps.models import Model, published
from tests.apps.fake_reader import FakeReader
from tests.apps.fake_translator import FakeTranslator


@contextmanager
def served(models: Mapping[str, Model]) -> Iterator[tuple[str, gr.Blocks]]:
    """The address of a hub that shows `models`, and its Blocks."""
    demo, words = build_hub(models)
    try:
        yield launch(demo, words, prevent_thread_lock=True, quiet=True, inbrowser=False), demo
    finally:
        demo.close(verbose=False)


def shipped_or_fake() -> dict[str, Model]:
    """The models in hub_cards; two fakes where a system has none there yet."""
    models = published()
    if "planet-card-ocr" not in models:
        readers = FakeReader(), FakeReader("planet-card-ocr-classic", weak=4)
        models |= {reader.name: reader for reader in readers}
    if "planet-nmt-zh-ko" not in models:
        translators = FakeTranslator(), FakeTranslator("planet-smt-zh-ko")
        models |= {translator.name: translator for translator in translators}
    return models
