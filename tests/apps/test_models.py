"""Models are found by their files, loaded once, and carry a revision that follows every byte."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from apps import models
from apps.models import published


@pytest.fixture
def root(tmp_path):
    for name, files in {"whole": ("config.json", "model.safetensors"), "no-weights": ("config.json",)}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).write_text(file)
    return tmp_path


def test_only_whole_folders_are_published(root):
    assert list(published(root)) == ["whole"]
    assert published(root)["whole"].weights_bytes == len("model.safetensors")


def test_revision_follows_content_and_names(root):
    first = published(root)["whole"].revision
    assert first == published(root)["whole"].revision
    (root / "whole" / "model.safetensors").write_text("others")
    second = published(root)["whole"].revision
    (root / "whole" / "config.json").rename(root / "whole" / "other.json")
    (root / "whole" / "config.json").write_text("config.json")
    assert len({first, second, published(root)["whole"].revision}) == 3


def test_eight_threads_load_one_model(root, monkeypatch):
    transformers = pytest.importorskip("transformers")
    loads = []

    class Slow:
        @classmethod
        def from_pretrained(cls, folder, trust_remote_code):
            loads.append((folder, trust_remote_code))
            time.sleep(0.05)
            return cls()

        def eval(self):
            return self

    monkeypatch.setattr(transformers, "AutoModel", Slow)
    monkeypatch.setattr(models, "_loaded", {})
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: published(root)["whole"].load(), range(8)))
    assert len({id(model) for model in loaded}) == 1
    assert loads == [(root / "whole", True)]
