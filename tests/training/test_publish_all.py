"""Publishing everything with one command: once, again, after a failure, and not at all.

The repository is a small one, the Hub the stand-in of `tests/hub_server.py`; the one this project ships is published in
`test_publish_everything.py`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from huggingface_hub.utils import disable_progress_bars

from tests.hub_client import use_hub
from tests.hub_server import NAMESPACE, READ_TOKEN, WRITE_TOKEN, HubServer
from tests.stranger import ROOT
from tests.training.toy_model.configuration_toy import ToyConfig
from tests.training.toy_model.modeling_toy import ToyModel
from training.pins import read_pins
from training.publish import PublishError
from training.publish_all import main, plan
from training.rater_dataset import read_campaign_file, stage_dataset
from training.space import space_readme, space_requirements

CARD = "---\nlicense: apache-2.0\nlibrary_name: transformers\npipeline_tag: other\ntags: [toy]\n---\n# Toy\n"
REQUIREMENTS = """# Models
torch==2.13.0

# Pages
gradio[mcp]==6.31.0
# Training and measuring
scikit-learn==1.9.1
python_crfsuite==0.9.12
gensim==4.4.0
# Tests
pytest==9.2.0
"""
SETTINGS = {"name": "words", "title": "Words", "task": "translation", "systems": ["nmt@1f3a", "smt@77bc"]}
ITEMS = [
    {
        "id": "1",
        "domain": "economy",
        "source": "一",
        "reference": "하나",
        "outputs": {"nmt@1f3a": "하나", "smt@77bc": ""},
    },
    {"id": "2", "domain": "society", "source": "二", "outputs": {"nmt@1f3a": "둘", "smt@77bc": "이"}},
]
CARD_SETTINGS = {"name": "cards", "title": "Cards", "task": "card_reading", "systems": ["a@1", "b@2"]}
READING = {"text": "**** 7899", "boxes": [[[0, 0], [1, 0], [1, 1], [0, 1]]], "reason": "ok"}
CARD_ITEM = {
    "id": "1",
    "domain": "flat",
    "source": {"pictures": ["pictures/1.jpg"]},
    "outputs": {"a@1": READING, "b@2": {"reason": "no_card"}},
}


def write_lines(path: Path, *lines: dict) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of two models, two campaigns and a page."""
    root = tmp_path / "repository"
    ToyConfig.register_for_auto_class()
    ToyModel.register_for_auto_class("AutoModel")
    for seed, name in enumerate(("planet-a", "planet-b")):
        torch.manual_seed(seed)
        folder = root / "hub_cards" / name
        ToyModel(ToyConfig()).save_pretrained(folder)
        (folder / "README.md").write_text(CARD)
        (folder / "results.json").write_text(json.dumps({"headline": [{"key": "x", "value": 1}]}))
    campaigns = root / "apps/raters/campaigns"
    (campaigns / "pictures").mkdir(parents=True)
    (campaigns / "pictures/1.jpg").write_bytes(b"\xff\xd8")
    write_lines(campaigns / "translation.jsonl", SETTINGS, *ITEMS)
    write_lines(campaigns / "card_reading.jsonl", CARD_SETTINGS, CARD_ITEM)
    (root / "modeling/toy").mkdir(parents=True)
    (root / "modeling/toy/modeling_toy.py").write_text("import pycrfsuite\nfrom sklearn import svm\n")
    (root / "app.py").write_text("")
    (root / "packages.txt").write_text("g++\n")
    (root / "requirements.txt").write_text(REQUIREMENTS)
    (root / "README.md").write_text("# Planet Hub\n\nText.\n")
    return root


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


@pytest.fixture
def publish(
    hub: HubServer, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> Callable[..., tuple[int, str]]:
    """Runs the command; its status and what it said."""
    use_hub(monkeypatch, hub.url, tmp_path / "cache", WRITE_TOKEN)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    disable_progress_bars()

    def run(*arguments: str, namespace: str = NAMESPACE) -> tuple[int, str]:
        status = main(["--namespace", namespace, "--root", str(root), "--endpoint", hub.url, *arguments])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


def heads(hub: HubServer) -> dict[tuple[str, str], str]:
    return {key: repo.head for key, repo in hub.repos.items()}


def pins_of(root: Path) -> dict[str, str | None]:
    return json.loads((root / "apps/hub_models.json").read_text())["models"]


def test_the_second_time_changes_nothing_and_says_so(hub, root, publish):
    status, said = publish("--public")
    assert status == 0, said
    assert {key: repo.private for key, repo in hub.repos.items()} == {
        ("models", f"{NAMESPACE}/planet-a"): False,
        ("models", f"{NAMESPACE}/planet-b"): False,
        ("datasets", f"{NAMESPACE}/planet-raters"): False,
        ("spaces", f"{NAMESPACE}/planet-hub"): False,
    }
    assert pins_of(root) == {name: hub.repos["models", f"{NAMESPACE}/{name}"].head for name in ("planet-a", "planet-b")}
    for (kind, repo_id), head in heads(hub).items():
        assert re.search(rf"^published +{kind[:-1]} +{repo_id} +{head}$", said, re.M)
    before, collections = heads(hub), json.dumps(hub.app.state.collections)
    status, said = publish("--public")
    assert status == 0
    assert heads(hub) == before
    assert json.dumps(hub.app.state.collections) == collections
    assert "published" not in said
    assert said.endswith("Nothing changed: all of it was there already.\n")


def test_only_what_changed_is_published_again(hub, root, publish):
    assert publish()[0] == 0
    before = heads(hub)
    (root / "hub_cards/planet-b/README.md").write_text(CARD + "More.\n")
    status, said = publish()
    changed = {key[1].split("/")[1] for key, head in heads(hub).items() if head != before[key]}
    # The Space carries the card and the pin.
    assert (status, changed) == (0, {"planet-b", "planet-hub"})
    assert pins_of(root)["planet-b"] == hub.repos["models", f"{NAMESPACE}/planet-b"].head
    assert "2 changed." in said


def test_after_a_failure_the_same_command_goes_on(hub, root, publish):
    hub.app.state.broken.add("planet-b/commit")
    status, said = publish()
    assert status == 1
    assert "answered 500" in said
    assert said.endswith("the same command goes on from here.\n")
    first = hub.repos["models", f"{NAMESPACE}/planet-a"].head
    assert pins_of(root) == {"planet-a": first, "planet-b": None}
    assert ("spaces", f"{NAMESPACE}/planet-hub") not in hub.repos
    hub.app.state.broken = {"/items"}
    status, said = publish()
    assert status == 1
    assert re.search(rf"^unchanged +model +{NAMESPACE}/planet-a +{first}$", said, re.M)
    assert None not in pins_of(root).values()
    hub.app.state.broken.clear()
    status, said = publish()
    assert status == 0
    (collection,) = hub.app.state.collections.values()
    assert [item["id"].split("/")[1] for item in collection["items"]] == [
        "planet-a",
        "planet-b",
        "planet-raters",
        "planet-hub",
    ]


def test_a_collection_keeps_what_others_put_into_it(hub, publish):
    assert publish()[0] == 0
    (collection,) = hub.app.state.collections.values()
    collection["items"].insert(0, {"_id": "0", "id": "somebody/else", "type": "model", "position": 0})
    del collection["items"][2]
    assert publish()[0] == 0
    assert [item["id"].split("/")[1] for item in collection["items"]] == [
        "else",
        "planet-a",
        "planet-raters",
        "planet-hub",
        "planet-b",
    ]


def test_votes_in_the_dataset_stay(hub, root, publish):
    assert publish()[0] == 0
    repo = hub.repos["datasets", f"{NAMESPACE}/planet-raters"]
    repo.commit({**repo.files("main"), "votes/votes-1.jsonl": b"{}\n", "old.txt": b"x"})
    (root / "apps/raters/campaigns/card_reading.jsonl").unlink()
    assert publish()[0] == 0
    files = repo.files("main").keys()
    assert "votes/votes-1.jsonl" in files
    assert not files & {"old.txt", "campaigns/card_reading.jsonl", "data/cards.jsonl"}


def test_a_dry_run_sends_nothing_and_needs_no_token(hub, root, publish, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    status, said = publish("--dry-run")
    assert status == 0
    assert re.search(rf"^{NAMESPACE}/planet-a +model +7 files", said, re.M)
    assert said.endswith(f"Dry run: nothing was sent to {NAMESPACE}.\n")
    assert hub.app.state.requests == []
    assert not (root / "apps/hub_models.json").exists()


def test_everything_is_checked_before_anything_is_sent(hub, root, publish):
    (root / "hub_cards/planet-b/README.md").unlink()
    (root / "hub_cards/planet-a/extra.pkl").write_bytes(b"x")
    (root / "app.py").unlink()
    write_lines(root / "apps/raters/campaigns/more.jsonl", SETTINGS | {"name": "more"}, {"id": "1"})
    status, said = publish()
    assert status == 1
    for problem in ("README.md is missing", "extra.pkl may run code", "app.py is missing", "more.jsonl, line 2"):
        assert problem in said
    assert hub.app.state.requests == []


@pytest.mark.parametrize(
    ("token", "expected"),
    [(None, "No token found"), ("hf_wrong", "does not accept the token"), (READ_TOKEN, "may not write to")],
)
def test_rights_are_explained(publish, monkeypatch, token, expected):
    monkeypatch.delenv("HF_TOKEN")
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    status, said = publish()
    assert (status, expected in said) == (1, True), said


def test_what_is_private_stays_so(hub, publish):
    assert publish()[0] == 0
    assert all(repo.private for repo in hub.repos.values())
    assert [collection["private"] for collection in hub.app.state.collections.values()] == [True]
    # The Space has no token with which it could read them.
    assert hub.app.state.variables == {}
    status, said = publish("--public")
    assert (status, "is private, you asked for public" in said) == (1, True)


def test_the_space_is_told_whose_models_to_load(hub, publish):
    assert publish("--public")[0] == 0
    variables = hub.app.state.variables[f"{NAMESPACE}/planet-hub"]
    assert variables["PLANET_HUB_MODELS"]["value"] == NAMESPACE
    files = hub.repos["spaces", f"{NAMESPACE}/planet-hub"].files("main")
    assert files["packages.txt"] == b"g++\n"
    front = files["README.md"].decode().split("---")[1]
    assert f"models:\n- {NAMESPACE}/planet-a\n- {NAMESPACE}/planet-b\n" in front
    assert f"datasets:\n- {NAMESPACE}/planet-raters\n" in front
    assert "hf_oauth: true\n" in front


def test_pins_of_another_namespace_are_forgotten(root, publish):
    path = root / "apps/hub_models.json"
    path.write_text(json.dumps({"namespace": "somebody", "models": {"planet-a": "ab" * 20, "gone": None}}))
    assert publish()[0] == 0
    assert json.loads(path.read_text())["namespace"] == NAMESPACE
    assert pins_of(root).keys() == {"planet-a", "planet-b"}
    assert "ab" * 20 not in pins_of(root).values()


def test_a_branch_is_never_pinned(root):
    pins = read_pins(root / "apps/hub_models.json", NAMESPACE, ["planet-a"])
    with pytest.raises(ValueError, match="planet-a must be pinned by 40 hexadecimal digits, got 'main'"):
        pins.set("planet-a", "main")
    assert not pins.path.exists()


def test_cards_name_the_namespace_they_are_published_under(root, tmp_path):
    shutil.rmtree(root / "hub_cards")
    name = "planet-card-ocr-classic"
    shutil.copytree(ROOT / "hub_cards" / name, root / "hub_cards" / name)
    staging = tmp_path / "staging"
    staging.mkdir()
    plan(root, "you", staging)
    card = (staging / name / "README.md").read_text()
    assert f'from_pretrained("you/{name}"' in card
    assert f"{NAMESPACE}/" not in card


def test_a_repository_without_models_is_refused(root, tmp_path):
    shutil.rmtree(root / "hub_cards")
    with pytest.raises(PublishError, match="holds no models"):
        plan(root, NAMESPACE, tmp_path)


def test_the_space_installs_what_its_code_imports(root):
    kept = space_requirements(root).splitlines()[1:]
    assert kept == ["torch==2.13.0", "gradio[mcp]==6.31.0", "scikit-learn==1.9.1", "python_crfsuite==0.9.12"]
    assert "models:" not in space_readme(root)


def test_campaigns_become_tables(root, tmp_path):
    datasets = pytest.importorskip("datasets")
    stage_dataset(root / "apps/raters/campaigns", tmp_path / "data", "you/planet-raters")
    words = datasets.load_dataset(str(tmp_path / "data"), "words", split="train", cache_dir=tmp_path / "cache")
    assert words[1] == {
        "id": "1",
        "domain": "economy",
        "system": "smt@77bc",
        "source": "一",
        "reference": "하나",
        "output": "",
    }
    assert words["reference"][2:] == [None, None]
    cards = datasets.load_dataset(str(tmp_path / "data"), "cards", split="train", cache_dir=tmp_path / "cache")
    assert cards["output_reason"][:] == ["ok", "no_card"]
    assert (tmp_path / "data/campaigns" / cards[0]["source_pictures"][0]).read_bytes() == b"\xff\xd8"
    card = (tmp_path / "data/README.md").read_text()
    assert "| words | translation | score012 | 2 | nmt@1f3a, smt@77bc |" in card
    assert 'load_dataset("you/planet-raters", "cards"' in card


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], "settings in its first line"),
        ([SETTINGS], "settings in its first line"),
        ([{"name": "x"}, ITEMS[0]], "line 1: title is missing"),
        ([SETTINGS, {**ITEMS[0], "outputs": {"nmt@1f3a": ""}}], "line 2: smt@77bc is missing"),
    ],
)
def test_what_is_no_campaign_is_refused(tmp_path, lines, expected):
    write_lines(tmp_path / "x.jsonl", *lines)
    with pytest.raises(ValueError, match=rf"x\.jsonl.*{expected}"):
        read_campaign_file(tmp_path / "x.jsonl")


def test_campaigns_have_names_of_their_own(tmp_path):
    for file in ("x.jsonl", "y.jsonl"):
        write_lines(tmp_path / file, SETTINGS, *ITEMS)
    with pytest.raises(ValueError, match="different names, got words, words"):
        stage_dataset(tmp_path, tmp_path / "target", "you/planet-raters")
