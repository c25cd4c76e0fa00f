"""What the fashion search shows: words in four languages, escaped titles, notes, boxes in place, tabs, catalogue."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from apps.card_ocr.pictures import data_uri
from apps.fashion import table
from apps.fashion.answers import CLASSIC, GUIDED, UNGUIDED, Answer, Outcome, Pick, Query
from apps.fashion.columns import STAGES, columns
from apps.fashion.markup import described, garment_labels, guide_chips, label_rows, seen, share, understood
from apps.fashion.pictures import placed, shrink, thumbnail
from apps.fashion.wording import Speech
from apps.i18n import LOCALES, TABLES, has_text
from modeling.fashion_search.guide_fashion_search import Guide
from modeling.fashion_search.results_fashion_search import Attribute, Category, Detection, Hit, Item, Note, SearchResult

EN, KO = Speech("en"), Speech("ko")
EVIL = '<img src=x onerror="alert(1)">'
PHOTO = shrink(np.full((61, 97, 3), 200, np.uint8))
BAG, SHOES = Detection("bag", 0.934, (10, 5, 40, 30)), Detection("footwear", 0.5, (50, 40, 80, 60))
CATEGORY = Category("handbag", 0.61, "bag", 0.996, ("product", "accessories", "bag"))
ATTRIBUTES = (Attribute("category", "handbag", 0.7, True), Attribute("colour", "navy-blue", 0.996))


def _result(*hits: Hit, detections=(BAG, SHOES), **changes) -> SearchResult:
    parts = detections, BAG.box, "bag", None, ATTRIBUTES, hits
    ms = {"detect": 30.0, "encode": 12.0, "total": 45.0}
    return SearchResult(*parts, ms=ms, category=CATEGORY, **{"threshold": 0.5, "candidates": 300, **changes})


def _hit(score: float = 0.83, title: str = "red bag", **changes) -> Hit:
    why = (
        Note("look", "similar look {value}", value="0.91"),
        Note("same", "same {group}: {value}", group="colour", value="red"),
    )
    return Hit(Item(7, "pictures/7.jpg", title=title, price=1234.5), score, 0.1, why, **changes)


def _answer(*outcomes: Outcome, **changes) -> Answer:
    return Answer(Query("photo.jpg"), PHOTO, (97, 61), outcomes, **changes)


def _outcome(kind: str, result: SearchResult | None = None, **changes) -> Outcome:
    return Outcome(kind, "classic" if kind == CLASSIC else "deep", "planet-x", "0123456789ab", result, **changes)


@pytest.mark.parametrize(
    ("group", "token", "words"),
    [
        ("category", "t-shirt", ("t-shirt", "티셔츠", "T恤", "T恤")),
        ("colour", "navy-blue", ("navy blue", "네이비", "藏青色", "藏青色")),
        ("pattern", "polka_dot", ("polka dot", "도트", "波点", "波點")),
        ("garment", "headwear", ("headwear", "모자류", "帽饰", "帽飾")),
        ("usage", "smart-casual", ("smart casual", "스마트 캐주얼", "商务休闲", "商務休閒")),
        ("sleeve", "short", ("short", "반팔", "短袖", "短袖")),
        ("category", "never-heard", ("never heard",) * 4),
    ],
)
def test_tokens_have_words_in_every_language(group, token, words):
    assert tuple(Speech(locale).word(group, token) for locale in LOCALES) == words


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_of_the_page_keeps_its_tags(locale):
    for key, text in TABLES[locale].items():
        if key.startswith("fashion_"):
            assert re.findall(r"</?\w+>", text) == re.findall(r"</?\w+>", TABLES["en"][key]), key


def test_every_stage_has_a_name():
    assert [name for name in STAGES if not has_text(f"fashion_group_stage_{name}")] == []


def test_notes_are_said_in_the_visitors_words():
    note = Note("not_found", "No {wanted} was found in the picture.", wanted="bag or footwear")
    assert "가방 / 신발" in KO.note(note)
    conflict = Note(
        "conflict", "The guide says {values} ({field}).", values="jacket and footwear", field="category", chosen=""
    )
    assert EN.note(conflict) == "The guide contradicts itself (category): jacket / footwear."
    assert (
        EN.note(Note("new_kind", "Said by {who}.", who=EVIL))
        == "Said by &lt;img src=x onerror=&quot;alert(1)&quot;&gt;."
    )
    assert EN.note(Note("unknown_words", "{words}", words=EVIL)).count("&lt;img") == 1
    wanted = Note("wanted", "as asked: {value}", value="navy-blue / red", field="colours")
    assert KO.reason(wanted) == "요청한 대로: 네이비 / 레드"


@pytest.mark.parametrize(("value", "shown"), [(1.0, "1.00"), (0.999, "0.99"), (0.4, "0.40"), (0.0, "0.00")])
def test_doubt_is_not_rounded_away(value, shown):
    assert share(value) == shown


def test_garments_are_numbered_and_the_chosen_one_marked():
    answer = _answer(_outcome(UNGUIDED, _result()))
    assert garment_labels(answer, EN) == ["1 · bag 0.93", "2 · footwear 0.50"]
    html = seen(answer, EN)
    assert re.search(r'data-pick="0"[^>]* data-chosen', html)
    assert not re.search(r'data-pick="1"[^>]* data-chosen', html)
    assert "left:10.31%;top:8.20%;width:30.93%;height:40.98%" in html
    assert "2 · footwear 0.50" in re.search(r'<img [^>]*alt="([^"]*)"', html)[1]


def test_labels_stand_below_each_other_where_they_would_cover_one_another():
    size = (300, 400)
    jacket, top, hat, far = (20, 100, 200, 380), (30, 110, 190, 390), (25, 135, 60, 150), (220, 100, 290, 200)
    assert label_rows([jacket, top], 1, size) == [2, 0]  # the chosen one's stays at the head
    assert label_rows([jacket, top], None, size) == [0, 1]
    assert label_rows([jacket, jacket, jacket], 2, size) == [1, 2, 0]
    assert label_rows([jacket, far, hat], None, size) == [0, 0, 0]
    assert label_rows([jacket, top, hat], None, size) == [0, 1, 1]
    assert label_rows([], None, size) == []
    near = replace(BAG, box=(10, 5, 40, 50)), replace(SHOES, box=(12, 7, 38, 52))
    html = seen(_answer(_outcome(UNGUIDED, _result(detections=near))), EN)
    assert re.search(r'data-pick="1"[^>]*--row:1"', html)
    assert html.count("--row") == 1


def test_a_guide_adds_garments_that_were_not_sure_enough_and_a_choice_stays():
    belt = Detection("belt", 0.2, (10, 5, 40, 30))
    answer = _answer(_outcome(GUIDED, _result(detections=(belt,))), _outcome(UNGUIDED, _result()))
    assert [one.label for one in answer.garments] == ["bag", "footwear", "belt"]
    again = replace(answer, query=Query("photo.jpg", pick=Pick("tie", (1, 1, 5, 9))))
    assert [one.label for one in again.garments][-1] == "tie"
    assert garment_labels(again, EN)[-1] == "4 · tie"


def test_small_boxes_lie_above_large_ones():
    large = Detection("dress", 0.9, (0, 0, 97, 61))
    html = seen(_answer(_outcome(UNGUIDED, _result(detections=(BAG, large)))), EN)
    assert html.index('data-pick="1"') < html.index('data-pick="0"')


def test_a_guide_is_shown_with_what_is_doubtful():
    html = guide_chips(Guide("bag", "women", ("red",), unknown=(EVIL,), conflicts=(("sleeve", ("short", "long")),)), KO)
    for word in ("가방", "여성", "레드", "반팔 / 긴팔", "&lt;img"):
        assert word in html
    assert "Nothing in it" in guide_chips(Guide(unknown=("brandino",)), EN)
    assert "type a guide" in understood(_answer(_outcome(UNGUIDED, _result())), EN)


def test_attributes_say_what_was_given_and_the_category_what_is_sure():
    html = described(_answer(_outcome(GUIDED, _result())), EN)
    assert re.search(r"handbag</b><small class=.ph-by-guide.>given", html)
    assert "navy blue" in html
    assert re.search(r"bag</b> <small>sure 0.99", html)
    assert re.search(r"handbag</b> <small>likely 0.61", html)
    assert described(_answer(_outcome(GUIDED)), EN) == ""


def test_answers_are_cards_with_reasons_and_nothing_of_a_title_is_code():
    outcome = _outcome(GUIDED, _result(_hit(title=EVIL), _hit(0.31, duplicates=(8, 9))), pictures={7: data_uri(PHOTO)})
    html = columns(_answer(outcome, _outcome(UNGUIDED), _outcome(CLASSIC, problem=EVIL)), False, EN)
    assert EVIL not in html
    assert html.count('data-item="7" data-engine="deep"') == 2
    for words in (
        "0.83",
        "1,234.50",
        "look 0.91",
        "same colour: red",
        "2 more pictures",
        "weak match",
        "45 ms",
        "Searching …",
    ):
        assert words in html
    assert html.count('role="tab"') == 3
    assert html.count("data-shown") == 1
    assert 'aria-busy="true"' in html
    assert "weak match" not in columns(_answer(outcome), True, EN)


def test_no_good_match_and_no_picture_are_said():
    html = columns(_answer(_outcome(GUIDED, _result(_hit(0.3)))), False, EN)
    assert "No good match" in html
    assert "The picture is gone" in html
    assert "Nothing was found" in columns(_answer(_outcome(GUIDED, _result())), False, EN)


def test_pictures_that_are_gone_or_none_have_no_thumbnail(tmp_path):
    assert thumbnail(tmp_path / "gone.jpg") == ""
    (tmp_path / "text.jpg").write_text("no picture")
    assert thumbnail(tmp_path / "text.jpg") == ""
    assert placed((0, 0, 97, 61), (97, 61)) == "left:0.00%;top:0.00%;width:100.00%;height:100.00%"


def test_the_catalogue_shows_words_and_edits_only_where_it_may():
    guide = {"category": "bag", "unknown": ["x&y"]}
    item = Item(3, "a.jpg", title=EVIL, keywords=('"new"', "sale"), attributes=ATTRIBUTES, guide=guide)
    html = table.rows([item], {}, {3: [5, 8]}, True, EN)
    assert EVIL not in html
    for words in ("#5, #8", "x&amp;y", "navy blue", 'value="&quot;new&quot;, sale"', 'data-save="3"'):
        assert words in html
    assert "<input" not in table.rows([item], {}, {}, False, EN)
