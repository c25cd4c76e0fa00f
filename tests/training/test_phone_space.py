"""The card reader in the browser as a static Space."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.stranger import ROOT
from training import phone_space
from training.publish_all import SPACE, plan


def test_the_readme_says_what_the_hub_must_know(tmp_path):
    site = tmp_path / "site"
    (site / "models").mkdir(parents=True)
    (site / "index.html").write_text("<!doctype html>")
    (site / "models" / "detector.onnx.packed").write_bytes(b"1")
    phone_space.stage_phone_space(site, tmp_path / "staged", "someone/some-model")
    text = (tmp_path / "staged" / "README.md").read_text(encoding="utf-8")
    fields = yaml.safe_load(text.split("---")[1])
    assert fields["sdk"] == "static"
    assert fields["models"] == ["someone/some-model"]
    assert len(fields["short_description"]) <= 60
    assert (tmp_path / "staged" / "models" / "detector.onnx.packed").is_file()


def test_a_folder_without_the_runtime_has_no_site(tmp_path):
    assert phone_space.built_site(tmp_path) is None


def test_it_is_published_before_the_hub_itself(tmp_path, monkeypatch):
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<!doctype html>")
    monkeypatch.setattr(phone_space, "built_site", lambda root: site)
    staging = tmp_path / "staging"
    staging.mkdir()
    targets = plan(Path(ROOT), "someone", staging)
    assert [target.name for target in targets[-2:]] == [phone_space.NAME, SPACE]
    assert (staging / phone_space.NAME / "index.html").is_file()
