"""The demonstration campaigns that ship: complete, blind, harmless, and ready to be voted on."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from PIL import Image

from apps.models import published
from apps.raters import make_campaign
from apps.raters.content import Content
from apps.raters.make_campaign import CAMPAIGNS, questions_of, read_sentences, take_photographs
from apps.raters.office import Office
from apps.raters.reading import read_campaign
from tests.apps.fake_translator import FakeTranslator
from tests.apps.raters.building import vote_all

NAMES = ("translation", "card_reading", "fashion_retrieval")


def shipped(name):
    return read_campaign(CAMPAIGNS / f"{name}.jsonl")


def test_the_deck_is_five_domains_of_twenty():
    campaign = shipped("translation")
    assert Counter(item.domain for item in campaign.items) == dict.fromkeys(
        ("politics", "economy", "society", "culture", "commerce"), 20
    )
    assert all(item.reference and item.reference.text for item in campaign.items)
    assert campaign.settings.protocol == "score012"


def test_systems_are_those_that_are_published():
    known = {*published(), "planet-rbmt"}
    for name in NAMES:
        systems = [system.partition("@")[0] for system in shipped(name).systems]
        assert set(systems) <= known
        assert len(systems) >= 2


def test_cards_show_four_digits_and_small_pictures_without_metadata():
    campaign = shipped("card_reading")
    assert len(campaign.items) == 12
    for item in campaign.items:
        path = CAMPAIGNS / item.source.pictures[0]
        assert path.stat().st_size < 60_000
        with Image.open(path) as picture:
            assert not picture.getexif()
            assert max(picture.size) <= 800
        for output in item.outputs:
            assert sum(map(str.isdigit, output.text)) <= 4
            assert all(0 <= x <= 1 and 0 <= y <= 1 for box in output.boxes for x, y in box)


def test_garments_are_asked_for_in_three_languages_and_answered_by_four_pictures():
    campaign = shipped("fashion_retrieval")
    assert len(campaign.items) == 12
    guides = "".join(item.source.text for item in campaign.items)
    assert re.search("[가-힣]", guides)
    assert re.search("[一-鿿]", guides)
    assert all(len(output.pictures) == 4 for item in campaign.items for output in item.outputs)
    shown = {name for item in campaign.items for content in (item.source, *item.outputs) for name in content.pictures}
    assert {f"garments/{path.name}" for path in (CAMPAIGNS / "garments").iterdir()} == shown


@pytest.mark.parametrize("name", NAMES)
def test_a_rater_can_go_through(name, open_here):
    store = open_here()
    office = Office(store)
    campaign = shipped(name)
    office.create(campaign)
    (token,) = office.invite(campaign.settings.name)
    tasks = vote_all(store, token)
    kinds = Counter(record.kind for record in office.export(campaign.settings.name).records)
    checks = max(1, len(campaign.items) // 20)
    assert kinds == {"judge": len(campaign.items), "repeat": len(campaign.items) // 10, "check": checks}
    assert len(tasks) == sum(kinds.values())


class TestMaking:
    def test_translations(self, monkeypatch, tmp_path):
        models = {name: FakeTranslator(name) for name in ("planet-nmt-zh-ko", "planet-smt-zh-ko")}
        monkeypatch.setattr(make_campaign, "published", lambda: models)
        path = tmp_path / "sentences.jsonl"
        rows = [
            {"id": str(i), "domain": "d", "zh": f"我来自740{i}年的NewYorkee。", "ko": f"참조 {i}"} for i in range(3)
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        make_campaign.main(["translation", "--sentences", str(path), "--out", str(tmp_path)])
        made = read_campaign(tmp_path / "translation.jsonl")
        assert [system.partition("@")[0] for system in made.systems] == [*models, "planet-rbmt"]
        assert [item.source.text for item in made.items] == [row["zh"] for row in rows]
        assert "7402년" in made.items[2].outputs[2].text
        # Again, from the campaign's own sentences.
        before = (tmp_path / "translation.jsonl").read_bytes()
        make_campaign.main(["translation", "--out", str(tmp_path)])
        assert (tmp_path / "translation.jsonl").read_bytes() == before
        assert questions_of(made)[0].reference == Content("참조 0")

    def test_photographs(self, tmp_path):
        rendered = tmp_path / "rendered"
        (rendered / "images").mkdir(parents=True)
        labels = []
        for i, kind in enumerate(["odd", "negative", "scene", "flat", "embossed"] * 4):
            Image.new("RGB", (1201, 997), (i, i, i)).save(rendered / "images" / f"{i}.jpg")
            labels.append({"file": f"images/{i}.jpg", "slice": kind, "legible": i > 3})
        (rendered / "labels.jsonl").write_text("".join(json.dumps(label) + "\n" for label in labels))
        questions = take_photographs(rendered, tmp_path)
        domains = [question.domain for question in questions[::3]]
        assert domains == ["flat print", "embossed", "in a scene", "unusual layout"]
        assert len({question.source.pictures for question in questions}) == 12
        with Image.open(tmp_path / questions[0].source.pictures[0]) as picture:
            assert picture.size == (800, 664)
        (rendered / "labels.jsonl").write_text("".join(json.dumps(label) + "\n" for label in labels[:9]))
        with pytest.raises(ValueError, match="3 photographs of each kind are wanted"):
            take_photographs(rendered, tmp_path)

    def test_mistakes_in_sentences_are_named(self, tmp_path):
        path = tmp_path / "s.jsonl"
        path.write_text('{"id": "1", "domain": "d", "zh": "我", "ko": "나"}\n{"id": "2"}\n')
        with pytest.raises(ValueError, match=r"s\.jsonl, line 2: id, domain, zh and ko are wanted"):
            read_sentences(path)
