"""Models from an organisation of a Hub: the pinned commits and no others, and what happens when they cannot be had.

The Hub is the stand-in of `tests/hub_server.py`.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from apps import hub
from apps.hub_models import Pins, from_hub, read_pins
from apps.models import Model, published
from tests.hub_client import use_hub
from tests.hub_server import NAMESPACE, READ_TOKEN, HubServer, Repo

NOWHERE = "http://127.0.0.1:9"
FILES = {"config.json": b"{}", "model.safetensors": b"weights" * 1000, "README.md": b"# Card\n"}


@pytest.fixture(scope="module")
def server() -> Iterator[HubServer]:
    with HubServer() as running:
        yield running


@pytest.fixture
def commits(server: HubServer) -> dict[str, str]:
    """Two published models, each with a commit after the pinned one."""
    server.repos.clear()
    pinned = {}
    for name in ("planet-one", "planet-two"):
        repo = server.repos["models", f"{NAMESPACE}/{name}"] = Repo()
        pinned[name] = repo.commit({**FILES, "name.txt": name.encode()})
        repo.commit({**FILES, "name.txt": b"newer"})
    server.app.state.requests.clear()
    return pinned


@pytest.fixture
def local(tmp_path: Path) -> dict[str, Model]:
    for name in ("planet-one", "planet-two"):
        for file, content in FILES.items():
            path = tmp_path / "cards" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return published(tmp_path / "cards")


@pytest.fixture
def online(server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    caplog.set_level(logging.WARNING)
    use_hub(monkeypatch, server.url, tmp_path / "cache")
    # The client waits between its five attempts.
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    yield
    server.app.state.broken.clear()
    server.app.state.cut.clear()


def get(commits: dict[str, str | None], local: dict[str, Model], owner: str = NAMESPACE) -> dict[str, Model]:
    return from_hub(owner, local, Pins(NAMESPACE, commits))


@pytest.mark.usefixtures("online")
def test_the_pinned_commits_are_loaded_and_named(commits, local, caplog):
    models = get(commits, local)
    assert list(models) == ["planet-one", "planet-two"]
    for name, model in models.items():
        assert model.commit == commits[name]
        assert model.revision == commits[name][:12]
        assert (model.folder / "name.txt").read_text() == name
        assert model.weights_bytes == 7000
    assert caplog.messages == []


@pytest.mark.usefixtures("online")
def test_what_was_downloaded_is_not_asked_for_again(commits, local, server, monkeypatch, tmp_path):
    first = get(commits, local)
    server.app.state.requests.clear()
    assert get(commits, local) == first
    assert server.app.state.requests == []
    use_hub(monkeypatch, NOWHERE, tmp_path / "cache")
    assert get(commits, local) == first


def test_a_hub_out_of_reach_is_asked_once_and_local_folders_serve(commits, local, tmp_path, monkeypatch, caplog):
    use_hub(monkeypatch, NOWHERE, tmp_path / "cache")
    start = time.monotonic()
    assert get(commits, local) == local
    # The client's own patience would be half a minute for each model.
    assert time.monotonic() - start < 10
    first, second = caplog.messages
    assert f"planet-one: not from the Hub, using {local['planet-one'].folder}. {NOWHERE} cannot be reached" in first
    assert second.endswith("It was not downloaded before.")


def test_offline_is_said(commits, local, tmp_path, monkeypatch, caplog):
    use_hub(monkeypatch, NOWHERE, tmp_path / "cache")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert get(commits, local) == local
    assert "HF_HUB_OFFLINE is set" in caplog.messages[0]


@pytest.mark.usefixtures("online")
def test_one_wrong_revision_does_not_hinder_the_others(commits, local, caplog):
    models = get({**commits, "planet-one": "ab" * 20}, local)
    assert models["planet-one"] == local["planet-one"]
    assert models["planet-two"].commit == commits["planet-two"]
    assert f"{NAMESPACE}/planet-one has no revision {'ab' * 20}: hub_models.json pins those of" in caplog.text


@pytest.mark.usefixtures("online")
def test_an_organisation_without_the_models_is_said(commits, local, caplog):
    assert get(commits, local, owner="somebody-else") == local
    assert "shows no somebody-else/planet-two; if it is private, set HF_TOKEN" in caplog.text


@pytest.mark.usefixtures("online")
def test_private_models_need_a_token(commits, local, server, monkeypatch, caplog):
    server.repos["models", f"{NAMESPACE}/planet-one"].private = True
    assert get(commits, local)["planet-one"] == local["planet-one"]
    assert "set HF_TOKEN" in caplog.text
    monkeypatch.setenv("HF_TOKEN", READ_TOKEN)
    assert get(commits, local)["planet-one"].commit == commits["planet-one"]


@pytest.mark.usefixtures("online")
def test_half_a_download_is_not_used_and_is_completed_later(commits, local, server, monkeypatch, tmp_path, caplog):
    server.app.state.broken.add("planet-one/resolve")
    models = get(commits, local)
    assert models["planet-one"] == local["planet-one"]
    assert models["planet-two"].commit == commits["planet-two"]
    server.app.state.broken = {f"planet-one/resolve/{commits['planet-one']}/model.safetensors"}
    assert get(commits, local)["planet-one"] == local["planet-one"]
    begun = tmp_path / "cache" / f"models--{NAMESPACE}--planet-one" / "snapshots" / commits["planet-one"]
    assert (begun / "config.json").exists(), "something of it must be there for this test to mean anything"
    use_hub(monkeypatch, NOWHERE, tmp_path / "cache")
    assert get(commits, local)["planet-one"] == local["planet-one"]
    server.app.state.broken.clear()
    use_hub(monkeypatch, server.url, tmp_path / "cache")
    assert get(commits, local)["planet-one"].commit == commits["planet-one"]


@pytest.mark.usefixtures("online")
def test_a_file_that_breaks_off_is_not_used(commits, local, server, caplog):
    server.app.state.cut.add("model.safetensors")
    assert get(commits, local) == local
    assert "planet-one: not from the Hub" in caplog.text


@pytest.mark.usefixtures("online")
def test_a_repository_without_weights_is_not_used(commits, local, server, caplog):
    repo = server.repos["models", f"{NAMESPACE}/planet-one"]
    pinned = repo.commit({"config.json": b"{}"})
    assert get({**commits, "planet-one": pinned}, local)["planet-one"] == local["planet-one"]
    assert "no weights" in caplog.text


@pytest.mark.usefixtures("online")
def test_what_is_not_pinned_stays_local(commits, local, caplog):
    models = get({"planet-one": None, "planet-three": None}, local)
    assert models == local
    assert [line.split(":")[0] for line in caplog.messages] == ["planet-one", "planet-three", "planet-two"]
    assert "no local folder: it is left out" in caplog.messages[1]


def test_a_branch_is_no_pin(tmp_path):
    (tmp_path / "pins.json").write_text(json.dumps({"namespace": "a", "models": {"planet-one": "main"}}))
    with pytest.raises(ValueError, match="planet-one is pinned by 40 hexadecimal digits or null, got 'main'"):
        read_pins(tmp_path / "pins.json")


def test_the_shipped_pins_name_models_that_are_shipped():
    assert read_pins().models.keys() <= published().keys()


@pytest.mark.parametrize("name", ["a/b", "", "../x", "-a"])
def test_an_organisation_is_one_name(local, name):
    with pytest.raises(ValueError, match="an organisation is"):
        from_hub(name, local)


@pytest.mark.parametrize(
    ("arguments", "variable", "asked"),
    [
        ([], None, None),
        ([], "", None),
        ([], "you", "you"),
        (["--models-from", "me"], "you", "me"),
    ],
)
def test_who_is_asked(monkeypatch, tmp_path, arguments, variable, asked):
    owners = []
    monkeypatch.delenv("PLANET_HUB_MODELS", raising=False)
    if variable is not None:
        monkeypatch.setenv("PLANET_HUB_MODELS", variable)
    monkeypatch.setattr(hub, "from_hub", lambda owner, models: owners.append(owner) or models)
    monkeypatch.setattr(hub, "launch", lambda *page, **options: "")
    hub.main([*arguments, "--models", str(tmp_path), "--no-browser"])
    assert owners == ([asked] if asked else [])


def test_a_wrong_organisation_is_told_on_the_command_line(capsys):
    with pytest.raises(SystemExit):
        hub.main(["--models-from", "a/b"])
    assert "--models-from: invalid organisation value: 'a/b'" in capsys.readouterr().err
