"""The hub, served in this process for the time of a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from apps.hub import build_hub, launch
from apps.models import Model, published
from tests.apps.fake_reader import FakeReader


@contextmanager
def served(models: Mapping[str, Model]) -> Iterator[str]:
    """The address of a hub that shows `models`."""
    demo, words = build_hub(models)
    try:
        yield launch(demo, words, prevent_thread_lock=True, quiet=True, inbrowser=False)
    finally:
        demo.close(verbose=False)


def shipped_or_fake() -> dict[str, Model]:
    """The models in hub_cards; two fakes where no card reader is there yet."""
    models = published()
    if "planet-card-ocr" in models:
        return models
    readers = FakeReader(), FakeReader("planet-card-ocr-classic", weak=4)
    return {reader.name: reader for reader in readers}
