"""The command line, from a campaign file to an export."""

from __future__ import annotations

import subprocess
import sys

import pytest

from apps.raters.__main__ import main
from apps.raters.export import read_export
from apps.raters.reading import write_campaign
from apps.raters.store import open_store
from tests.apps.raters.building import translation_campaign, vote_all


@pytest.fixture
def run(tmp_path, capsys):
    def run(*arguments, code=0):
        assert main(["--database", f"sqlite:///{tmp_path}/votes.db", *map(str, arguments)]) == code
        out, err = capsys.readouterr()
        return (err if code else out).strip()

    return run


def test_from_a_file_to_an_export(run, tmp_path):
    path = tmp_path / "birds.jsonl"
    write_campaign(path, translation_campaign(items=5))
    assert run("create", path, "--overlap", "2", "--per-rater", "3") == "birds: 5 items, 3 systems"
    tokens = run("invite", "birds", "--count", 2).splitlines()
    store = open_store(f"sqlite:///{tmp_path}/votes.db")
    for token in tokens:
        vote_all(store, token)
    store.close()
    assert run("campaigns").split("\t")[3:] == ["5 items", "2 raters", "6 votes", "open"]
    assert run("withdraw", "birds", 2) == "rater 2 can vote no more"
    lines = run("progress", "birds").splitlines()
    assert lines[0] == "1 of 5 questions judged by 2 raters; 1 will be"
    assert lines[2].endswith("3 of 3, checks failed 0 of 0  withdrawn")
    assert run("export", "birds", "--out", tmp_path / "votes.jsonl").startswith("6 votes in ")
    assert len(read_export(tmp_path / "votes.jsonl").records) == 6
    run("export", "birds", "--out", tmp_path / "votes.csv")
    assert (tmp_path / "votes.csv").read_text().startswith("campaign,item,domain")
    assert run("close", "birds") == "birds is closed"
    assert run("reopen", "birds") == "birds is open"


def test_mistakes_are_said_in_one_line(run, tmp_path):
    assert "no campaign 'fish'" in run("invite", "fish", code=1)
    assert "No such file" in run("create", tmp_path / "none.jsonl", code=1)
    assert "a .jsonl or a .csv file, got 'votes.txt'" in run("export", "birds", "--out", "votes.txt", code=1)


def test_an_unreachable_database_is_said_without_its_password(tmp_path, capsys):
    assert main(["--database", f"postgresql://u:secret@/none?host={tmp_path}", "campaigns"]) == 1
    error = capsys.readouterr().err
    assert "cannot be used" in error
    assert "secret" not in error


def test_voting_statistics_and_commands_need_no_gradio():
    code = (
        "import sys, apps.raters.__main__, apps.raters.report, apps.raters.simulate, apps.raters.make_campaign;"
        "sys.exit(bool({'gradio', 'torch', 'training'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=300).returncode == 0
