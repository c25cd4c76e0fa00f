"""What may be given to the fashion search, who may edit, and what leaves it as CSV."""

from __future__ import annotations

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.fashion.catalogue_page import keywords_of
from apps.fashion.checks import checked_box, checked_count, checked_filters, checked_guide, checked_picture
from apps.fashion.editing import allowed
from apps.fashion.pictures import overlap
from apps.fashion.table import CSV_COLUMNS, write_csv
from apps.i18n import speak
from modeling.fashion_search.results_fashion_search import Attribute, Item

TEXT = speak("en")
KNOWN = {"category": ("dress", "bag"), "colour": ("red", "blue"), "gender": ("men", "women")}
SIZE = (97, 61)


@pytest.mark.parametrize("upload", [None, {}, {"path": ""}, "photo.jpg"])
def test_no_picture_is_said_so(upload):
    with pytest.raises(ValueError, match="Choose a photo first"):
        checked_picture(upload, TEXT)


@pytest.mark.parametrize(
    ("guide", "kept"), [(None, ""), ("  ", ""), (" red bag\n", "red bag"), ("가" * 1000, "가" * 1000)]
)
def test_guides_are_taken(guide, kept):
    assert checked_guide(guide, TEXT) == kept


@pytest.mark.parametrize(("guide", "message"), [("r" * 10_000, "10,000 characters; 1,000"), (["red"], "got list")])
def test_other_guides_are_refused(guide, message):
    with pytest.raises(ValueError, match=message):
        checked_guide(guide, TEXT)


@pytest.mark.parametrize("box", [None, [], ()])
def test_no_box_is_none(box):
    assert checked_box(box, SIZE, TEXT) is None


@pytest.mark.parametrize("box", [[1, 2, 3], "1234", [1, 2, 3, "4"], [0, 0, math.nan, 5], {"x": 1}, [True, 0, 9, 9]])
def test_what_is_no_box_is_refused(box):
    with pytest.raises(ValueError, match="four numbers"):
        checked_box(box, SIZE, TEXT)


@pytest.mark.parametrize("box", [[97, 0, 120, 9], [-9, -9, 0, 0], [50, 10, 40, 20], [5, 5, 5, 30]])
def test_boxes_without_picture_in_them_are_refused(box):
    with pytest.raises(ValueError, match="97 × 61"):
        checked_box(box, SIZE, TEXT)


@given(st.tuples(*[st.floats(-200, 200, allow_subnormal=False)] * 4))
def test_boxes_pass_exactly_if_they_hold_a_pixel_of_the_picture(box):
    inside = min(box[2], 97) - max(box[0], 0) >= 1 and min(box[3], 61) - max(box[1], 0) >= 1
    try:
        assert checked_box(box, SIZE, TEXT) == box
        assert inside
    except ValueError:
        assert not inside


@pytest.mark.parametrize("k", [0, 101, 2.5, "5", None, True])
def test_odd_counts_are_refused(k):
    with pytest.raises(ValueError, match="1 to 100"):
        checked_count(k, TEXT)


def test_filters_lose_what_filters_nothing():
    filters = {"category": "", "colour": [], "gender": "women", "price_min": None, "price_max": 5}
    assert checked_filters(filters, KNOWN, TEXT) == {"gender": "women", "price_max": 5}
    assert checked_filters(None, KNOWN, TEXT) == {}
    assert checked_filters({"category": "anything"}, {}, TEXT) == {"category": "anything"}


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"category": "car"}, "no category car; it has bag, dress"),
        ({"category": ["dress"]}, "no category"),
        ({"colour": ["red", "infrared"]}, "no colour infrared"),
        ({"gender": "robots"}, "there are men, women"),
        ({"size": "XL"}, "got size"),
        (["dress"], "Filters are category"),
        ({"price_min": -1}, "from 0 on"),
        ({"price_max": "10"}, "from 0 on"),
        ({"price_min": 9, "price_max": 8.5}, r"\(9\) is above the highest \(8.5\)"),
    ],
)
def test_other_filters_are_refused(filters, message):
    with pytest.raises(ValueError, match=message):
        checked_filters(filters, KNOWN, TEXT)


@pytest.mark.parametrize(
    ("environment", "host", "headers", "may"),
    [
        ({}, "127.0.0.1", {"host": "127.0.0.1:7860"}, True),
        ({}, "::1", {"host": "[::1]:7860"}, True),
        ({}, "127.0.0.1", {"host": "localhost"}, True),
        ({}, "192.168.0.7", {"host": "127.0.0.1:7860"}, False),
        ({}, "127.0.0.1", {"host": "hub.example:443"}, False),
        ({}, "127.0.0.1", {"host": "localhost", "x-forwarded-for": "203.0.113.9"}, False),
        ({}, "", {}, False),
        ({"SPACE_ID": "someone/hub"}, "127.0.0.1", {"host": "localhost"}, False),
        ({"SPACE_ID": "someone/hub", "PLANET_HUB_EDIT": "1"}, "203.0.113.9", {"host": "hub.example"}, True),
        ({"PLANET_HUB_EDIT": "0"}, "127.0.0.1", {"host": "localhost"}, False),
    ],
)
def test_who_may_edit(environment, host, headers, may):
    assert allowed(environment, host, headers) is may


def test_keywords_stand_between_commas_of_any_script():
    assert keywords_of(" sale, 여름，夏季、 ,new ", TEXT) == ["sale", "여름", "夏季", "new"]
    assert keywords_of(None, TEXT) == []
    for words in ("a," * 21, "a" * 301):
        with pytest.raises(ValueError, match="At most 20"):
            keywords_of(words, TEXT)


def test_the_csv_can_be_indexed_again_and_runs_nothing():
    item = Item(
        7, "pictures/7.jpg", title='=HYPERLINK("x")', price=12.5, category="dress", colour="red", keywords=("a", "b"),
        attributes=(Attribute("colour", "red", 0.9),), guide={"category": "dress", "colours": ["red", "blue"]},
    )  # fmt: skip
    file = io.StringIO()
    write_csv(file, [item])
    header, row = csv.reader(io.StringIO(file.getvalue()))
    found = dict(zip(header, row, strict=True))
    assert tuple(header) == CSV_COLUMNS
    assert (found["uri"], found["price"], found["keywords"]) == ("pictures/7.jpg", "12.5", "a; b")
    assert found["title"].startswith("'=")
    assert found["guide"] == "category=dress colours=red+blue"


@given(*[st.tuples(*[st.integers(0, 13)] * 4)] * 2)
def test_overlap_counts_pixels(one, other):
    one, other = ((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)) for x0, y0, x1, y1 in (one, other))
    pixels = [{(x, y) for x in range(b[0], b[2]) for y in range(b[1], b[3])} for b in (one, other)]
    union = len(pixels[0] | pixels[1])
    assert overlap(one, other) == pytest.approx(len(pixels[0] & pixels[1]) / union if union else 0.0)
