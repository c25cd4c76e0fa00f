"""Publishing: what is refused, what goes, and that a stranger gets back what was published.

The Hub is the stand-in of `tests/hub_server.py`: it shows that the client is used rightly, not that the real Hub
agrees.
"""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.alike import assert_alike
from tests.hub_server import NAMESPACE, READ_TOKEN, WRITE_TOKEN, HubServer
from tests.stranger import ROOT, hub_environment, run_stranger
from tests.training.toy_model.configuration_toy import ToyConfig
from tests.training.toy_model.modeling_toy import ToyModel
from training.publish import PublishError, main, stage
from training.space import space_readme

CARD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: feature-extraction
tags: [toy]
---
# Toy
"""
LOAD_AND_RUN = """
import json, sys, torch
from transformers import AutoModel
model = AutoModel.from_pretrained(sys.argv[1], trust_remote_code=True, revision=sys.argv[2])
with torch.no_grad():
    print(json.dumps(model(torch.arange(35.).reshape(7, 5)).tolist()))
"""
PUBLISH_MANY = """
import contextlib, io, json, os, sys
from training.publish import main
answers = []
for environment, arguments in json.loads(sys.argv[1]):
    os.environ.pop("HF_TOKEN", None)
    os.environ.update(environment)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    answers.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(answers))
"""


def publish_many(home: Path, *calls: tuple[str | None, list[str]]) -> list[tuple[int, str, str]]:
    """Call the command line for each (token, arguments) in one process that is online; (status, stdout, stderr)."""
    payload = [({"HF_TOKEN": token} if token else {}, arguments) for token, arguments in calls]
    done = subprocess.run(
        [sys.executable, "-c", PUBLISH_MANY, json.dumps(payload)],
        cwd=ROOT,
        env=hub_environment(home, endpoint="http://127.0.0.1:9"),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [tuple(answer) for answer in json.loads(done.stdout.splitlines()[-1])]


@pytest.fixture(scope="module")
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A folder that may be published."""
    folder = tmp_path / "planet-toy"
    ToyConfig.register_for_auto_class()
    ToyModel.register_for_auto_class("AutoModel")
    torch.manual_seed(1)
    ToyModel(ToyConfig()).save_pretrained(folder)
    (folder / "README.md").write_text(CARD)
    (folder / "results.json").write_text(json.dumps({"headline": [{"key": "x", "value": 1}]}))
    return folder


def test_round_trip_is_exact(hub: HubServer, toy: Path, tmp_path: Path) -> None:
    repo_id = f"{NAMESPACE}/planet-toy"
    arguments = [str(toy), "--repo-id", repo_id, "--endpoint", hub.url, "--public", "--message", "First words"]
    (toy / "notes.txt").write_text("to be gone in the next commit")
    (first, second, unchanged) = publish_many(
        tmp_path / "home",
        (WRITE_TOKEN, arguments),
        (WRITE_TOKEN, [*arguments[:-2], "--max-file-mb", "1"]),
        (WRITE_TOKEN, arguments),
    )
    assert [answer[0] for answer in (first, second, unchanged)] == [0, 0, 0], (first, second, unchanged)
    revision = re.search(r"^revision: ([0-9a-f]{40})$", first[1], re.M).group(1)
    assert f"{hub.url}/{repo_id}" in first[1]
    published = hub.repos["models", repo_id].commits[revision]
    names = {"config.json", "configuration_toy.py", "layers_toy.py", "modeling_toy.py", "model.safetensors"}
    assert names | {"README.md", "results.json", "notes.txt", ".gitattributes"} == published.keys()
    assert all(published[path.name] == path.read_bytes() for path in toy.iterdir() if path.is_file())
    answer = run_stranger(LOAD_AND_RUN, repo_id, revision, folder=tmp_path / "stranger", endpoint=hub.url)
    with torch.no_grad():
        expected = ToyModel.from_pretrained(toy)(torch.arange(35.0).reshape(7, 5))
    assert_alike(json.loads(answer), expected.tolist())


def test_publishing_again_removes_what_is_gone(hub: HubServer, toy: Path, tmp_path: Path) -> None:
    repo_id = f"{NAMESPACE}/planet-changed"
    arguments = [str(toy), "--repo-id", repo_id, "--endpoint", hub.url]
    (toy / "notes.txt").write_text("old")
    assert publish_many(tmp_path / "home", (WRITE_TOKEN, arguments))[0][0] == 0
    assert "notes.txt" in hub.repos["models", repo_id].files("main")
    (toy / "notes.txt").unlink()
    again = publish_many(tmp_path / "home", (WRITE_TOKEN, arguments), (WRITE_TOKEN, arguments))
    assert "notes.txt" not in hub.repos["models", repo_id].files("main")
    assert hub.repos["models", repo_id].private
    assert again[0][1].splitlines()[-1] == again[1][1].splitlines()[-1], "an unchanged folder makes no new revision"


def test_failures_are_explained(hub: HubServer, toy: Path, tmp_path: Path) -> None:
    to_hub = [str(toy), "--endpoint", hub.url, "--repo-id"]
    public = f"{NAMESPACE}/planet-public"
    calls = {
        "No token found": (None, [*to_hub, public]),
        "does not accept the token": ("hf_wrong", [*to_hub, public]),
        f"may not write to {NAMESPACE}/read-only": (READ_TOKEN, [*to_hub, f"{NAMESPACE}/read-only"]),
        "may not write to somebody/else": (WRITE_TOKEN, [*to_hub, "somebody/else"]),
        "is no repository name": (WRITE_TOKEN, [*to_hub, "a/b/c"]),
        "cannot be reached": (WRITE_TOKEN, [str(toy), "--repo-id", public, "--endpoint", "http://127.0.0.1:9"]),
        "is not a folder": (WRITE_TOKEN, [str(toy / "nowhere"), "--repo-id", public]),
        "published": (WRITE_TOKEN, [*to_hub, public, "--public"]),
        "is public, you asked for private": (WRITE_TOKEN, [*to_hub, public, "--private"]),
    }
    for expected, (status, out, err) in zip(calls, publish_many(tmp_path / "home", *calls.values()), strict=True):
        assert expected in out + err
        assert status == (0 if expected == "published" else 1), expected
        assert "Traceback" not in err


def test_offline_is_explained(toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setenv("HF_TOKEN", WRITE_TOKEN)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert main([str(toy), "--repo-id", "a/b", "--endpoint", "http://127.0.0.1:9"]) == 1
    assert "HF_HUB_OFFLINE is set" in capsys.readouterr().err


def test_dry_run_sends_nothing(hub: HubServer, toy: Path, capsys: pytest.CaptureFixture) -> None:
    (toy / "__pycache__").mkdir()
    (toy / "__pycache__/x.pyc").write_bytes(b"cache")
    assert main([str(toy), "--repo-id", f"{NAMESPACE}/dry", "--endpoint", hub.url, "--dry-run"]) == 0
    out = capsys.readouterr().out
    size = (toy / "model.safetensors").stat().st_size
    assert re.search(rf"^ +{size:,}  model\.safetensors$", out, re.M)
    assert "__pycache__" not in out
    assert ("models", f"{NAMESPACE}/dry") not in hub.repos


def spoil(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


SPOILERS = {
    "README.md is missing": lambda f: (f / "README.md").unlink(),
    "no front matter": lambda f: (f / "README.md").write_text("# Toy"),
    "front matter lacks license": lambda f: spoil(f, "README.md", "license: apache-2.0", "language: en"),
    "not valid YAML": lambda f: spoil(f, "README.md", "tags: [toy]", "tags: [toy"),
    "[More Information Needed]": lambda f: spoil(f, "README.md", "# Toy", "# Toy\n[More Information Needed]"),
    "config.json is missing": lambda f: (f / "config.json").unlink(),
    "config.json has no auto_map": lambda f: spoil(f, "config.json", '"auto_map"', '"other"'),
    "defines no ToyModel": lambda f: spoil(f, "modeling_toy.py", "class ToyModel", "class Renamed"),
    "results.json is missing": lambda f: (f / "results.json").unlink(),
    "empty headline": lambda f: (f / "results.json").write_text('{"headline": []}'),
    "model.safetensors is missing": lambda f: (f / "model.safetensors").unlink(),
    "model.safetensors is damaged": lambda f: (f / "model.safetensors").write_bytes(b"\xff" * 64),
    "layers_toy is not a file of this folder": lambda f: (f / "layers_toy.py").unlink(),
    "import of modeling works only here": lambda f: spoil(
        f, "layers_toy.py", "from torch", "import modeling\nfrom torch"
    ),
    "import of layers_toy works only here": lambda f: spoil(f, "modeling_toy.py", "from .layers", "from layers"),
    "..layers_toy is not a file": lambda f: spoil(f, "modeling_toy.py", "from .layers", "from ..layers"),
    "code must lie flat": lambda f: (f / "sub").mkdir() or (f / "sub/x.py").write_text(""),
    "may run code when it is loaded": lambda f: (f / "pytorch_model.bin").write_bytes(b"x"),
    "pickle in disguise": lambda f: (f / "labels.txt").write_bytes(pickle.dumps({"a": 1})),
    "pickle in disguise ": lambda f: torch.save({"a": torch.ones(2)}, f / "weights.dat"),
    "is a link": lambda f: (f / "link.txt").symlink_to(f / "README.md"),
    "more than the 50,000 allowed": lambda f: (f / "big.txt").write_bytes(b"x" * 50_001),
}


@pytest.mark.parametrize("problem", SPOILERS)
def test_unfit_folders_are_refused(toy: Path, tmp_path: Path, problem: str) -> None:
    SPOILERS[problem](toy)
    with pytest.raises(PublishError, match=re.escape(problem.strip())):
        stage(toy, "model", tmp_path / "staging", max_file_mb=0.05)
    assert not (tmp_path / "staging").exists()


def test_all_problems_are_told_at_once(toy: Path, tmp_path: Path) -> None:
    (toy / "README.md").unlink()
    (toy / "results.json").unlink()
    with pytest.raises(PublishError, match=r"(?s)README\.md is missing.*results\.json is missing"):
        stage(toy, "model", tmp_path / "staging", max_file_mb=1)


@pytest.fixture
def space(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "apps").mkdir(parents=True)
    (root / "tests").mkdir()
    (root / "tests/test_x.py").write_text("stays at home")
    (root / "apps/hub.py").write_text("")
    (root / "app.py").write_text("")
    (root / "requirements.txt").write_text("torch\ngradio[mcp]==6.31.0\n")
    (root / "README.md").write_text("# Planet Hub\n\nText.\n")
    return root


def test_space_gets_front_matter_and_only_its_files(hub: HubServer, space: Path, tmp_path: Path) -> None:
    repo_id = f"{NAMESPACE}/planet-hub"
    arguments = [str(space), "--repo-id", repo_id, "--repo-type", "space", "--endpoint", hub.url]
    status, _, err = publish_many(tmp_path / "home", (WRITE_TOKEN, arguments))[0]
    assert status == 0, err
    files = hub.repos["spaces", repo_id].files("main")
    assert files.keys() == {".gitattributes", "README.md", "app.py", "apps/hub.py", "requirements.txt"}
    readme = files["README.md"].decode()
    assert "sdk_version: 6.31.0" in readme
    assert readme.endswith("# Planet Hub\n\nText.\n")


def test_space_without_a_pinned_gradio_is_refused(space: Path, tmp_path: Path) -> None:
    (space / "requirements.txt").write_text("gradio\n")
    with pytest.raises(PublishError, match="pins no gradio version"):
        stage(space, "space", tmp_path / "staging", max_file_mb=1)


def test_space_front_matter_of_its_own_is_kept(space: Path) -> None:
    own = "---\ntitle: Mine\nsdk: gradio\nsdk_version: 6.31.0\napp_file: app.py\n---\nText\n"
    (space / "README.md").write_text(own)
    assert space_readme(space) == own


def test_unknown_routes_of_the_stand_in_are_not_found(hub: HubServer) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import httpx2; print(httpx2.get('{hub.url}/api/anything/else').status_code)"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.strip() == "404"
