"""Exports: what is written is read back, mistakes are named, and a spreadsheet runs nothing."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from apps.raters.export import from_jsonl, read_export, to_csv, to_jsonl
from tests.apps.raters.voting import A, B, export, random_export, record


@pytest.mark.parametrize("protocol", ["score012", "pairwise"])
def test_jsonl_is_read_back(protocol, tmp_path):
    votes = random_export(3, protocol=protocol)
    path = tmp_path / "votes.jsonl"
    path.write_text(to_jsonl(votes), encoding="utf-8")
    assert read_export(path) == votes


def test_every_line_says_what_it_is():
    kinds = [json.loads(line)["type"] for line in to_jsonl(random_export(3, items=5)).splitlines()]
    assert kinds == ["campaign"] + ["item"] * 5 + ["vote"] * 15


@pytest.mark.parametrize(
    ("line", "change", "message"),
    [
        (1, '{"type": "vote"}', "a campaign line first, then items and votes; got 'vote'"),
        (1, "nonsense", "Expecting value"),
        (2, '{"type": "rumour"}', "got 'rumour'"),
        (2, '{"type": "item", "id": "x"}', "'groups'"),
        (4, '{"type": "vote", "item": "x-1"}', "no vote"),
        (4, "[]", "an object is wanted, got list"),
    ],
)
def test_mistakes_are_named_with_their_line(line, change, message):
    lines = to_jsonl(export([record("x-1", "r1", [A, B], [2, 0]), record("x-2", "r1", [A, B], [2, 0])])).splitlines()
    lines[line - 1] = change
    with pytest.raises(ValueError, match=f"^votes, line {line}: ") as caught:
        from_jsonl("\n".join(lines), "votes")
    assert message in str(caught.value)


def test_another_format_is_refused():
    with pytest.raises(ValueError, match="line 1: format 1 is known, got 2"):
        from_jsonl(to_jsonl(random_export(3)).replace('"format": 1', '"format": 2', 1))
    with pytest.raises(ValueError, match="empty"):
        from_jsonl("")


@pytest.mark.parametrize(("change", "what"), [({"item": "x-9"}, "item: x-9"), ({"rater": "r9"}, "rater: r9")])
def test_votes_about_strangers_are_refused(change, what):
    votes = export([record("x-1", "r1", [A, B], [2, 0])])
    strange = replace(votes, records=(replace(votes.records[0], **change),))
    with pytest.raises(ValueError, match=f"votes about an unknown {what}"):
        from_jsonl(to_jsonl(strange))


def test_csv_has_a_row_a_vote():
    votes = [
        record("x-1", "r1", [f"{A}+{B}"], [2]),
        record("=1+1", "r1", [A, B], [0, 1], kind="check", damaged=1, undone=True, domain="@x"),
    ]
    header, first, second = csv.reader(io.StringIO(to_csv(export(votes))))
    one, other = dict(zip(header, first, strict=True)), dict(zip(header, second, strict=True))
    assert (one["sides"], one["choice"], one["damaged"]) == ("first@one+second@two", "2", "")
    assert (other["sides"], other["choice"]) == ("first@one|second@two", "0 1")
    assert (other["damaged"], other["undone"]) == ("1", "True")
    # A spreadsheet would compute a cell that begins with "=" or "@".
    assert (other["item"], other["domain"]) == ("'=1+1", "'@x")
