"""The site that is kept at hand for the published model, and the hub's page around it."""

from __future__ import annotations

import json
import shutil

import pytest

from apps.card_phone import page
from apps.card_phone.build import RUNTIME_FILES
from apps.card_phone.prepare import site_of
from apps.i18n import speak
from modeling.card_ocr import CardOcrConfig


@pytest.fixture
def parts(tmp_path):
    """A published model and a runtime that hold all files, and nothing real."""
    model, runtime = tmp_path / "model", tmp_path / "runtime"
    for folder, names in ((model, ("detector.onnx", "recogniser.onnx")), (runtime, RUNTIME_FILES)):
        folder.mkdir()
        for name in names:
            (folder / name).write_bytes(name.encode() * 7)
    (model / "config.json").write_text(json.dumps(CardOcrConfig().to_dict()))
    return model, runtime, tmp_path / "work"


def test_it_is_built_once_and_again_when_the_model_changes(parts):
    site = site_of(*parts)
    assert (site / "index.html").is_file()
    assert json.loads((site / "models" / "reader.json").read_text())["frame_side"] == 640
    site_of.cache_clear()
    assert site_of(*parts) == site
    (parts[0] / "detector.onnx").write_bytes(b"another")
    site_of.cache_clear()
    other = site_of(*parts)
    assert other != site
    assert sorted(path.name for path in parts[2].iterdir()) == sorted([site.name, other.name])


@pytest.mark.parametrize("missing", [0, 1])
def test_without_model_or_runtime_there_is_none(parts, missing):
    shutil.rmtree(parts[missing])
    site_of.cache_clear()
    assert site_of(*parts) is None
    assert not parts[2].exists()


def test_the_page_says_where_the_reader_is_missing():
    text = speak("en")
    assert "make phone" in page._site(text, built=False)
    assert "<iframe" not in page._site(text, built=False)
    assert 'allow="camera' in page._site(text, built=True)


def test_sizes_stand_beside_the_deck_s(tmp_path):
    assert page.measured_sizes(tmp_path) == {}
    sizes = {name: {"bytes": 9, "gzip": mb * 1_000_000} for name, mb in (("page", 1), ("weights", 2), ("runtime", 4))}
    results = {"weights_bytes": 300_000, "figures": {"browser": {"sizes": sizes}}}
    (tmp_path / "results.json").write_text(json.dumps(results))
    table = page.size_table(page.measured_sizes(tmp_path), speak("en"))
    for size in ("7.44", "2.76", "0.3", "7"):
        assert f">{size}\u00a0MB<" in table
