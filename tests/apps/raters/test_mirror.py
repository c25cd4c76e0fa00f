"""The copy of votes on the Hub: through the real client to the stand-in Hub, and never in a rater's way."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from apps.raters.mirror import HubMirror
from apps.raters.office import Office
from apps.raters.store import open_store
from tests.apps.raters.building import first_choice, translation_campaign
from tests.hub_server import NAMESPACE, WRITE_TOKEN, HubServer
from tests.stranger import ROOT, hub_environment

MIRRORED = """
import sys
from pathlib import Path
from apps.raters.mirror import HubMirror
from apps.raters.office import Office
from apps.raters.store import open_store
from tests.apps.raters.building import translation_campaign, vote_all
folder, repo = Path(sys.argv[1]), sys.argv[2]
store = open_store(f"sqlite:///{folder}/votes.db", HubMirror(repo, folder / "mirror"))
office = Office(store)
office.create(translation_campaign(items=5))
(token,) = office.invite("birds")
vote_all(store, token)
store.undo(token, store.standing(token).last)
store.close()
"""


def test_votes_reach_a_private_dataset(tmp_path):
    with HubServer() as hub:
        environment = hub_environment(tmp_path, endpoint=hub.url) | {"HF_TOKEN": WRITE_TOKEN}
        repo_id = f"{NAMESPACE}/rater-votes"
        done = subprocess.run(
            [sys.executable, "-c", MIRRORED, str(tmp_path), repo_id],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        repo = hub.repos["datasets", repo_id]
        files = repo.files("main")
    (name,) = [name for name in files if name.endswith(".jsonl")]
    assert name.startswith("votes/votes-")
    assert repo.private
    records = [json.loads(line) for line in files[name].splitlines()]
    assert [record["undone"] for record in records] == [False] * 7 + [True]
    store = open_store(f"sqlite:///{tmp_path}/votes.db")
    (token_hash,) = {record["rater"] for record in records}
    assert token_hash in Office(store).export("birds").raters
    store.close()


class FullDisk:
    """A mirror that cannot be written."""

    def append(self, record):
        raise OSError("no space left on device")

    def close(self):
        pass


def test_a_mirror_that_fails_costs_no_vote(tmp_path, caplog):
    store = open_store(f"sqlite:///{tmp_path}/votes.db", FullDisk())
    Office(store).create(translation_campaign(items=5))
    (token,) = Office(store).invite("birds")
    task = store.next_task(token)
    assert store.vote(token, task.key, first_choice(task), 1, "client-key").done == 1
    assert "could not be written to the mirror" in caplog.text
    store.close()


def test_nothing_is_started_before_the_first_vote(tmp_path):
    mirror = HubMirror("owner/votes", tmp_path / "mirror")
    mirror.close()
    assert not (tmp_path / "mirror").exists()


def test_without_the_hub_votes_are_kept_in_the_file(tmp_path, caplog):
    # The tests are offline, so the client refuses at once.
    mirror = HubMirror("owner/votes", tmp_path)
    mirror.append({"choice": "A"})
    mirror.append({"choice": "B"})
    mirror.close()
    assert [json.loads(line)["choice"] for line in mirror.path.read_text().splitlines()] == ["A", "B"]
    assert caplog.text.count("cannot be mirrored to owner/votes for now") == 1


@pytest.mark.parametrize("repo_id", ["votes", "a/b/c", "/votes"])
def test_datasets_have_an_owner(repo_id, tmp_path):
    with pytest.raises(ValueError, match="owner/name"):
        HubMirror(repo_id, tmp_path)
