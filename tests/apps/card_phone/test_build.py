"""The built folder and the addresses it is served at."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from apps.card_phone.build import MODEL_FILES, RUNTIME_FILES, SETTINGS, SOURCE, build_site, reader_settings
from apps.card_phone.routes import phone_routes
from modeling.card_ocr import CardOcrConfig


@pytest.fixture
def parts(tmp_path) -> tuple[Path, Path]:
    """Folders of models and runtime that hold all files, and nothing real."""
    models, runtime = tmp_path / "models", tmp_path / "runtime"
    for folder, names in ((models, MODEL_FILES), (runtime, RUNTIME_FILES)):
        folder.mkdir()
        for name in names:
            (folder / name).write_bytes(name.encode() * 7)
    (models / "reader.json").write_text(json.dumps(reader_settings(CardOcrConfig().to_dict())))
    return models, runtime


def _listed(site: Path) -> dict:
    return json.loads(re.fullmatch(r"self\.SITE = (.*);\n", (site / "files.js").read_text(), re.DOTALL)[1])


def test_everything_is_listed_once_and_versioned(tmp_path, parts):
    site = build_site(tmp_path / "site", *parts)
    there = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    listed = _listed(site)
    assert sorted(listed["files"]) == sorted(["./", *(there - {"files.js", "service-worker.js"})])
    assert _listed(build_site(tmp_path / "site", *parts)) == listed
    (parts[0] / "detector.onnx").write_bytes(b"another")
    assert _listed(build_site(tmp_path / "site", *parts))["version"] != listed["version"]


def test_no_address_is_absolute():
    for path in SOURCE.rglob("*"):
        if path.suffix in (".html", ".js", ".css", ".webmanifest"):
            text = path.read_text(encoding="utf-8")
            assert not re.findall(r"""(?:src|href)="/|url\(/|https?://(?!www\.w3\.org)""", text), path.name


def test_what_is_missing_is_named(tmp_path, parts):
    models, runtime = parts
    (runtime / RUNTIME_FILES[0]).unlink()
    with pytest.raises(ValueError, match=r"vendor_onnxruntime_web\.sh"):
        build_site(tmp_path / "site", models, runtime)
    (models / "reader.json").write_text("{}")
    (runtime / RUNTIME_FILES[0]).touch()
    with pytest.raises(ValueError, match="lack frame_side"):
        build_site(tmp_path / "site", models, runtime)
    (models / "detector.onnx").unlink()
    with pytest.raises(ValueError, match=r"no detector\.onnx"):
        build_site(tmp_path / "site", models, runtime)


def test_a_folder_of_something_else_is_left_alone(tmp_path, parts):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "text.md").touch()
    with pytest.raises(ValueError, match="something else"):
        build_site(tmp_path / "thesis", *parts)
    assert (tmp_path / "thesis" / "text.md").is_file()


def test_settings_are_those_of_the_model():
    assert set(SETTINGS) <= set(CardOcrConfig().to_dict())


def test_routes(tmp_path, parts):
    site = build_site(tmp_path / "site", *parts)
    client = TestClient(Starlette(routes=phone_routes(site)), follow_redirects=False)
    assert client.get("/card-phone").headers["location"] == "card-phone/"
    assert client.get("/card-phone/").headers["content-type"].startswith("text/html")
    kinds = {
        "app.js": "text/javascript",
        "runtime/ort.wasm.bundle.min.mjs": "text/javascript",
        "runtime/ort-wasm-simd-threaded.wasm.packed": "application/octet-stream",
        "manifest.webmanifest": "application/manifest+json",
    }
    for name, kind in kinds.items():
        answer = client.get(f"/card-phone/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert answer.headers["cache-control"] == "no-cache"
    assert client.get("/card-phone/nothing.js").status_code == 404
    assert client.post("/card-phone/app.js").status_code == 405
