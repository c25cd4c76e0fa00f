"""One command publishes what this repository ships; someone who has nothing of it loads every model and opens the hub.

The Hub is the stand-in of `tests/hub_server.py`. The Space runs from its published files alone, in an environment that
has nothing but its published requirements, with its local models taken away: what it shows comes from the Hub.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fresh import fresh_python
from tests.hub_server import NAMESPACE, WRITE_TOKEN, HubServer
from tests.stranger import ROOT, hub_environment, run_stranger
from training.space import SPACE_ENTRIES

MODELS = sorted(path.name for path in (ROOT / "hub_cards").glob("*") if path.is_dir())
PUBLISH = "import sys; from training.publish_all import main; sys.exit(main(sys.argv[1:]))"
LOAD_ALL = """
import json, sys
from huggingface_hub import hf_hub_download
from transformers.dynamic_module_utils import get_class_from_dynamic_module
loaded = {}
for repo_id, revision in json.loads(sys.argv[1]).items():
    auto_map = json.load(open(hf_hub_download(repo_id, "config.json", revision=revision)))["auto_map"]
    reference = next(reference for auto, reference in auto_map.items() if auto.startswith("AutoModel"))
    model_class = get_class_from_dynamic_module(reference, repo_id, revision=revision)
    loaded[repo_id] = type(model_class.from_pretrained(repo_id, revision=revision)).__name__
print(json.dumps(loaded))
"""
SECONDS_TO_START = 240


@dataclass(frozen=True)
class Published:
    """Attributes: hub: where everything is. said: what the command printed. pins: of each model."""

    hub: HubServer
    said: str
    pins: dict[str, str]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    root = tmp_path_factory.mktemp("repository")
    for name in SPACE_ENTRIES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, root / name)
    with HubServer() as hub:
        said = subprocess.run(
            [sys.executable, "-c", PUBLISH, "--namespace", NAMESPACE, "--public", "--root", str(root)],
            cwd=ROOT,
            env=hub_environment(root / ".home", hub.url, WRITE_TOKEN),
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert said.returncode == 0, said.stderr[-3000:]
        pins = json.loads((root / "apps/hub_models.json").read_text())
        assert pins["namespace"] == NAMESPACE
        yield Published(hub, said.stdout, pins["models"])
        # What the command changed in the repository is the pins and nothing else.
        assert {path.name for path in root.iterdir()} <= {*SPACE_ENTRIES, ".home"}


def test_all_of_it_is_there(published: Published) -> None:
    assert sorted(published.pins) == MODELS
    for name, commit in published.pins.items():
        files = published.hub.repos["models", f"{NAMESPACE}/{name}"].commits[commit]
        assert files["README.md"] == (ROOT / "hub_cards" / name / "README.md").read_bytes()
        assert re.search(rf"^published +model +{NAMESPACE}/{name} +{commit}$", published.said, re.M)
    space = published.hub.repos["spaces", f"{NAMESPACE}/planet-hub"].files("main")
    assert json.loads(space["apps/hub_models.json"])["models"] == published.pins
    assert space["packages.txt"] == (ROOT / "packages.txt").read_bytes()
    assert f"- {NAMESPACE}/planet-card-ocr\n" in space["README.md"].decode().split("---")[1]
    (collection,) = published.hub.app.state.collections.values()
    kinds = [(item["type"], item["id"].split("/")[1]) for item in collection["items"]]
    others = [("dataset", "planet-raters"), ("space", "planet-hub")]
    assert kinds == [*(("model", name) for name in MODELS), *others]


def test_every_model_loads_by_name(published: Published, tmp_path: Path) -> None:
    wanted = {f"{NAMESPACE}/{name}": commit for name, commit in published.pins.items()}
    printed = run_stranger(LOAD_ALL, json.dumps(wanted), folder=tmp_path / "stranger", endpoint=published.hub.url)
    assert json.loads(printed.splitlines()[-1]).keys() == wanted.keys()


def test_the_space_shows_the_models_of_the_hub(published: Published, tmp_path: Path) -> None:
    space = tmp_path / "space"
    for path, content in published.hub.repos["spaces", f"{NAMESPACE}/planet-hub"].files("main").items():
        if path.split("/")[0] != "hub_cards":
            space.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
            space.joinpath(path).write_bytes(content)
    python = fresh_python(tmp_path / "environment", (space / "requirements.txt").read_text())
    variables = published.hub.app.state.variables[f"{NAMESPACE}/planet-hub"]
    environment = hub_environment(tmp_path / "home", published.hub.url)
    environment |= {name: entry["value"] for name, entry in variables.items()}
    environment |= {"GRADIO_SERVER_PORT": str(_free_port()), "GRADIO_ANALYTICS_ENABLED": "False"}
    environment["GRADIO_TEMP_DIR"] = str(tmp_path / "uploads")
    address = f"http://127.0.0.1:{environment['GRADIO_SERVER_PORT']}"
    log = tmp_path / "log.txt"
    with log.open("w") as output:
        app = subprocess.Popen([python, "app.py"], cwd=space, env=environment, stdout=output, stderr=output)
        try:
            home = _get_when_up(address, app, log)
            cards = [_get(f"{address}/{name}") for name in ("planet-card-ocr", "planet-nmt-zh-ko")]
        finally:
            app.terminate()
            app.wait(timeout=60)
    assert "not from the Hub" not in log.read_text()
    assert "./card-ocr" in home
    assert "./translation" in home
    assert all("pip install" in card for card in cards)
    downloaded = {path.name for path in (tmp_path / "home/hub").glob("models--*")}
    assert downloaded == {f"models--{NAMESPACE}--{name}" for name in MODELS}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _get(address: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=60) as answer:
        assert answer.status == 200
        return answer.read().decode("utf-8")


def _get_when_up(address: str, app: subprocess.Popen, log: Path) -> str:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        assert app.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        try:
            return _get(address)
        except urllib.error.URLError:
            time.sleep(0.2)
