"""Campaign files: what is read back, and that every mistake is named with its line."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from apps.raters.campaign import Campaign, Settings, tells
from apps.raters.content import Content, check_output, check_source, content_from_json
from apps.raters.reading import read_campaign, write_campaign
from tests.apps.raters.building import SYSTEMS, card_campaign, search_campaign, translation_campaign

HEAD = {"name": "deck", "title": "Deck", "task": "translation", "systems": ["nmt@1f3a", "smt@77bc"]}
ITEM = {"id": "1", "domain": "economy", "source": "股价。", "outputs": {"nmt@1f3a": "주가", "smt@77bc": "주식"}}


def write_lines(path, *lines):
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


@pytest.mark.parametrize("make", [translation_campaign, card_campaign, search_campaign])
def test_what_is_written_is_read(make, tmp_path):
    campaign = make()
    path = tmp_path / "campaign.jsonl"
    write_campaign(path, campaign)
    assert read_campaign(path) == replace(campaign, folder=tmp_path)


def test_outputs_follow_the_systems_and_not_the_order_of_the_line(tmp_path):
    swapped = ITEM | {"outputs": dict(reversed(ITEM["outputs"].items()))}
    campaign = read_campaign(write_lines(tmp_path / "c.jsonl", HEAD, "", swapped))
    assert [output.text for output in campaign.items[0].outputs] == ["주가", "주식"]
    assert campaign.settings == Settings("deck", "Deck", "translation")


def test_settings_of_the_caller_go_before_those_of_the_file(tmp_path):
    campaign = read_campaign(write_lines(tmp_path / "c.jsonl", HEAD, ITEM), protocol="pairwise", seed=11)
    assert (campaign.settings.protocol, campaign.settings.seed) == ("pairwise", 11)


@pytest.mark.parametrize(
    ("line", "change", "message"),
    [
        (1, "{", "not JSON"),
        (1, [], "an object is wanted, got list"),
        (1, {k: v for k, v in HEAD.items() if k != "task"}, "settings lack task"),
        (1, HEAD | {"colour": 1}, "got 'colour'"),
        (1, HEAD | {"systems": "nmt"}, "systems is a list"),
        (1, HEAD | {"systems": ["nmt", "smt@1"]}, "name@revision, got 'nmt'"),
        (1, HEAD | {"systems": ["nmt@1f3a", "nmt@1f3a"]}, "occur twice"),
        (1, HEAD | {"systems": ["nmt@1f3a"], "protocol": "pairwise"}, "pairwise judges 2 to 6 systems, got 1"),
        (1, HEAD | {"task": "poetry"}, "task is one of translation, card_reading, fashion_retrieval, got 'poetry'"),
        (1, HEAD | {"seed": -1}, "seed is a whole number of at least 0, got -1"),
        (1, HEAD | {"repeats": 0.7}, "repeats is a share between 0 and 0.5, got 0.7"),
        (1, HEAD | {"name": "De ck"}, "got 'De ck'"),
        (3, "nonsense", "not JSON"),
        (3, ITEM | {"colour": 1}, "got 'colour'"),
        (3, {k: v for k, v in ITEM.items() if k != "domain"}, "the item lacks domain"),
        (3, ITEM | {"outputs": {"nmt@1f3a": "주가"}}, "one entry a system (nmt@1f3a, smt@77bc), got nmt@1f3a"),
        (3, ITEM | {"source": {"text": "股价", "sound": "x"}}, "got 'sound'"),
        (3, ITEM | {"source": 7}, "a content is a text or an object, got int"),
        (3, ITEM | {"source": {"pictures": ["a.jpg"]}}, "a translation's source is a text, got pictures"),
        (3, ITEM | {"source": "x" * 10_001}, "10,000 characters at most, got 10,001"),
        (3, ITEM | {"domain": "the nmt@1f3a one"}, "must not name a system"),
        (3, ITEM | {"domain": ""}, "domain is a printable text"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path, line, change, message):
    lines = [HEAD, ITEM | {"id": "0"}, ITEM]
    lines[line - 1] = change
    with pytest.raises(ValueError, match=f"^c.jsonl, line {line}: ") as caught:
        read_campaign(write_lines(tmp_path / "c.jsonl", *lines))
    assert message in str(caught.value)


def test_other_mistakes_name_the_file(tmp_path):
    with pytest.raises(ValueError, match=r"c\.jsonl: item '1' occurs twice"):
        read_campaign(write_lines(tmp_path / "c.jsonl", HEAD, ITEM, ITEM))
    with pytest.raises(ValueError, match="1 to 10,000 items, got 0"):
        read_campaign(write_lines(tmp_path / "c.jsonl", HEAD))
    with pytest.raises(ValueError, match=r"line 1: the file is empty"):
        read_campaign(write_lines(tmp_path / "c.jsonl"))
    (tmp_path / "d.jsonl").write_bytes(b"\xff\xfe{}")
    with pytest.raises(ValueError, match=r"d\.jsonl: not UTF-8"):
        read_campaign(tmp_path / "d.jsonl")
    with pytest.raises(ValueError, match=r"\.jsonl or a \.csv"):
        read_campaign(tmp_path / "c.txt")


def test_csv(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(
        '\ufeffid,domain,source,nmt@1f3a,reference,smt@77bc\n1,economy,"股价, ""涨""。",주가,참조,주식\n'
        '2,economy,第二,"{""text"": ""둘""}",,\n',
        encoding="utf-8",
    )
    campaign = read_campaign(path, name="deck", title="Deck", task="translation")
    assert campaign.systems == ("nmt@1f3a", "smt@77bc")
    first, second = campaign.items
    assert (first.source.text, first.reference, first.outputs[1].text) == ('股价, "涨"。', Content("참조"), "주식")
    assert (second.reference, second.outputs) == (None, (Content("둘"), Content()))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,source,nmt@1\n", "line 1: columns are"),
        ("id,domain,source,source,nmt@1\n", "line 1: columns are"),
        ("id,domain,source,nmt\n1,e,s,t\n", "line 1: a system is called name@revision, got 'nmt'"),
        ("id,domain,source,nmt@1\n1,e,s,t\n2,e,s\n", "line 3: 4 cells are wanted, got 3"),
        ('id,domain,source,nmt@1\n1,e,s,"{"\n', "line 2: not JSON"),
        ('id,domain,source,nmt@1\n1,e,s,"a\n', "line 2: "),
    ],
)
def test_csv_mistakes_are_named_with_their_line(tmp_path, text, message):
    path = tmp_path / "c.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"^c\.csv, ") as caught:
        read_campaign(path, name="deck", title="Deck", task="translation")
    assert message in str(caught.value)


class TestBlindness:
    @pytest.mark.parametrize("title", ["A ZebraFinch study", "kingfisher against others", "revision 77BC41d09ee2"])
    def test_a_title_that_names_a_system_is_refused(self, title):
        with pytest.raises(ValueError, match="must not name a system"):
            translation_campaign(title=title)

    def test_what_tells(self):
        assert tells("owner/zebrafinch@1f3a5c7e9b2d") == ("owner/zebrafinch", "zebrafinch", "1f3a5c7e9b2d")
        # "nmt" is part of too many words to be searched for.
        assert tells("nmt@1") == ()

    def test_a_card_reading_shows_four_digits_at_most(self):
        check_output("card_reading", Content("•••• 1234", reason="ok"))
        with pytest.raises(ValueError, match="4 digits at most, the others masked; got 5"):
            check_output("card_reading", Content("•••5 1234", reason="ok"))


class TestContents:
    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ({"pictures": "a.jpg"}, "list of file names"),
            ({"pictures": ["a.jpg"] * 13}, "12 entries at most, got 13"),
            ({"boxes": [[[0, 0], [1, 0], [1, 1]]]}, "four corners"),
            ({"boxes": [[[0, 0], [1, 0], [1, 1], [0, 50]]]}, "fractions of the picture"),
            ({"boxes": ["abcd"]}, "four [x, y] corners"),
            ({"reason": "bored"}, "got 'bored'"),
            ({"text": 5}, "text is a string, got int"),
        ],
    )
    def test_fields_are_checked(self, value, message):
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            content_from_json(value)
        assert message in str(caught.value)

    @pytest.mark.parametrize(
        ("task", "check", "content"),
        [
            ("card_reading", check_source, Content("a card")),
            ("card_reading", check_source, Content(pictures=("a", "b"))),
            ("card_reading", check_output, Content("••••")),
            ("fashion_retrieval", check_source, Content()),
            ("fashion_retrieval", check_output, Content("dress")),
            ("translation", check_output, Content(pictures=("a",))),
        ],
    )
    def test_each_task_wants_its_own(self, task, check, content):
        with pytest.raises(ValueError):  # noqa: PT011
            check(task, content)

    def test_no_answer_is_an_answer(self):
        check_output("translation", Content())
        check_output("fashion_retrieval", Content())


def test_a_campaign_wants_an_output_of_every_system():
    campaign = translation_campaign()
    with pytest.raises(ValueError, match="item 'item-0' has 3 outputs for 2 systems"):
        Campaign(campaign.settings, SYSTEMS[:2], campaign.items)
    assert campaign.domains == ("domain 0", "domain 1", "domain 2")
