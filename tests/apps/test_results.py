"""Numbers on the home page: rounded as in the model cards, with interval, sample size, rival and goal."""

from __future__ import annotations

import json

import pytest

from apps.home import SystemCard, render
from apps.i18n import speak
from apps.models import HUB_CARDS
from apps.results import SPACE, Figure, quantity, read_results
from training.figures import show_value

RESULTS = {
    "model": "planet-card-ocr",
    "command": "python -m training.card_ocr.evaluate",
    "date": "2026-11-23",
    "dataset": {"name": "cards & <receipts>", "sha256": "00", "samples": 4000},
    "headline": [
        {"key": "exact_flat", "label": "Exact card, flat print", "value": 0.9912, "ci95": [0.982, 0.996], "n": 800,
         "unit": "%", "rival": 0.41, "rival_name": "planet-card-ocr-classic", "goal": 0.99, "higher_is_better": True},
        {"key": "ms", "label": "Time", "value": 71.25, "ci95": None, "n": None, "unit": "ms", "rival": None,
         "rival_name": None, "goal": 60, "higher_is_better": False},
    ],
    "weights_bytes": 1_310_000,
    "figures": {},
}  # fmt: skip


@pytest.fixture
def results(tmp_path):
    path = tmp_path / "planet-card-ocr" / "results.json"
    path.parent.mkdir()
    path.write_text(json.dumps(RESULTS))
    return read_results(path)


@pytest.mark.parametrize("unit", ["%", "ms", "x", "MB"])
@pytest.mark.parametrize("value", [0.0, 1.0, 0.9912, 0.99996, 0.0001, -0.00165, 0.41, 23.456, 861.0, 1234.5, 1.31])
def test_rounding_is_that_of_the_model_cards(value, unit):
    assert quantity(value, unit).replace(SPACE, " ") == show_value(value, unit)


@pytest.mark.parametrize(
    ("value", "goal", "higher", "met"),
    [
        (0.99, 0.99, True, True),
        (0.98, 0.99, True, False),
        (60, 60, False, True),
        (61, 60, False, False),
        (1, None, True, None),
    ],
)
def test_goals_have_a_side(value, goal, higher, met):
    assert Figure("k", "label", value, "", goal=goal, higher_is_better=higher).met is met


def test_home_shows_every_number_with_its_doubt(results):
    page = render([SystemCard("card-ocr", "card_ocr", ("planet-card-ocr",), (results,))], speak("en"))
    page = page.replace(SPACE, " ")
    for shown in ("99.1 %", "98.2–99.6 %", "n = 800", "41.0 %", "≥ 99.0 %", "71.2 ms", "≤ 60 ms", "4,000", "1.31 MB"):
        assert shown in page
    assert page.count("ph-met") == 1
    assert page.count("ph-missed") == 1
    assert "cards &amp; &lt;receipts&gt;" in page
    assert 'href="./planet-card-ocr"' in page


def test_labels_are_translated(results):
    page = render([SystemCard("card-ocr", "card_ocr", (), (results,))], speak("ko"))
    assert "카드 전체 정답, 평면 인쇄" in page
    assert "Exact card" not in page


def test_home_without_systems_names_none():
    assert "<article" not in render([], speak("en"))


@pytest.mark.parametrize("content", ["", "[]", '{"model": "x"}', "not json"])
def test_a_broken_results_file_is_named(tmp_path, content):
    path = tmp_path / "some-model" / "results.json"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(ValueError, match="some-model"):
        read_results(path)


@pytest.mark.parametrize("path", sorted(HUB_CARDS.glob("*/results.json")), ids=lambda path: path.parent.name)
def test_shipped_results_can_be_shown_and_labels_match(path):
    shipped = read_results(path)
    assert shipped.headline
    english = speak("en")
    if shipped.model.startswith("planet-card-ocr"):
        labels = {figure.key: figure.label for figure in shipped.headline}
        page = "card_phone" if shipped.model.endswith("-compact") else "card_ocr"
        assert labels == {key: english(f"metric_{page}_{key}") for key in labels}
