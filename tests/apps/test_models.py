"""Models are found by their files, loaded once, and carry a revision that follows every byte."""

from __future__ import annotations

import json
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


PLAIN = """from .numbers_of_plain import NUMBER


class Plain:
    def __init__(self, folder):
        self.folder = folder

    @classmethod
    def from_pretrained(cls, folder):
        return cls(folder)

    def number(self):
        return NUMBER
"""
NETWORK = """import torch


class Network(torch.nn.Linear):
    @classmethod
    def from_pretrained(cls, folder):
        return cls(2, 3)
"""


@pytest.fixture
def folder(root, monkeypatch):
    """A published folder with its code; the modules made of it are forgotten afterwards."""
    monkeypatch.setattr(models, "_loaded", {})
    whole = root / "whole"
    (whole / "modeling_plain.py").write_text(PLAIN)
    (whole / "numbers_of_plain.py").write_text("NUMBER = 7\n")
    (whole / "modeling_network.py").write_text(NETWORK)
    _name(whole, {"AutoConfig": "no_such_file.Config", "AutoModel": "modeling_plain.Plain"})
    return whole


def _name(folder, auto_map):
    (folder / "config.json").write_text(json.dumps({"auto_map": auto_map}))


def test_what_the_folder_names_is_loaded(root, folder):
    model = published(root)["whole"].load()
    assert (type(model).__name__, model.number(), model.folder) == ("Plain", 7, folder)


def test_a_network_is_loaded_for_use_not_for_training(root, folder):
    _name(folder, {"AutoModelForSeq2SeqLM": "modeling_network.Network"})
    assert published(root)["whole"].load().training is False


@pytest.mark.parametrize("auto_map", [{}, {"AutoConfig": "a.B"}, {"AutoModel": "a.B", "AutoModelForSeq2SeqLM": "a.C"}])
def test_a_folder_must_name_one_model(root, folder, auto_map):
    _name(folder, auto_map)
    with pytest.raises(ValueError, match=r"whole/config\.json"):
        published(root)["whole"].load()


def test_a_language_model_counts_as_weights(root):
    (root / "whole" / "language_model.binary").write_bytes(b"0" * 100)
    assert published(root)["whole"].weights_bytes == len("model.safetensors") + 100


def test_eight_threads_load_one_model(root, folder, monkeypatch):
    dynamic = pytest.importorskip("transformers.dynamic_module_utils")
    loads = []

    class Slow:
        @classmethod
        def from_pretrained(cls, folder):
            loads.append(folder)
            time.sleep(0.05)
            return cls()

    monkeypatch.setattr(dynamic, "get_class_from_dynamic_module", lambda reference, folder: Slow)
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: published(root)["whole"].load(), range(8)))
    assert len({id(model) for model in loaded}) == 1
    assert loads == [folder]
