"""What is measured of the fashion search, on fakes, and that the published figures are what the measurements say."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from tests.modeling.fashion_fakes import DIMENSION, FakeEyes
from tests.stranger import ROOT
from training.fashion import measure_detector, measure_search
from training.fashion.export_detector import best_threshold
from training.fashion.headline import classic_rows, detector_rows, encoder_rows
from training.fashion.result_tables import class_table, encoder_tables
from training.fashion.sets import Item, items_sha256
from training.fashion.street import Photo

CARDS = {name: ROOT / "hub_cards" / f"planet-fashion-{name}" for name in ("detector", "encoder", "classic")}
CLASSES = ("bag", "top")


class _FakeDetector:
    """Finds every true box; bags with a low score that only a guide lets through, and a top that is not there."""

    config = SimpleNamespace(classes=CLASSES, threshold=0.5, guided_threshold=0.2)

    def __init__(self, photos: list[Photo]):
        self.photos = {photo.path: photo for photo in photos}

    def detect(self, path, classes=None, threshold=None):
        if threshold is None:
            threshold = self.config.threshold if classes is None else self.config.guided_threshold
        photo = self.photos[path]
        found = [
            SimpleNamespace(label=CLASSES[k], score=0.3 if k == 0 else 0.9, box=tuple(box))
            for k, box in zip(photo.labels.tolist(), photo.boxes.tolist(), strict=True)
        ]
        found.append(SimpleNamespace(label="top", score=0.95, box=(200.0, 200.0, 230.0, 260.0)))
        return [one for one in found if one.score >= threshold and (classes is None or one.label in classes)]


@pytest.fixture
def photos() -> list[Photo]:
    boxes = np.array([[5, 5, 45, 45], [60, 10, 120, 90]], np.float32)
    return [Photo(Path(f"{n}.jpg"), boxes + n, np.array([0, 1])) for n in range(3)]


def test_the_guide_is_worth_what_it_lets_through(photos, monkeypatch):
    monkeypatch.setattr(measure_detector, "RESAMPLES", 5)
    measured = measure_detector.measure(_FakeDetector(photos), photos)
    assert measured["questions"] == 6
    assert measured["unguided"]["classes"]["bag"]["ap50"] == pytest.approx(1)
    assert measured["unguided"]["classes"]["top"]["ap50"] == pytest.approx(0.5, abs=0.01)  # the false one comes first
    assert measured["asked_unguided"]["classes"]["bag"]["ap50"] == 0
    assert measured["asked_guided"]["classes"]["bag"]["ap50"] == pytest.approx(1)
    assert measured["shown"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    low, high = measured["guide_gain_ap50_ci95"]
    assert low <= 0.5 <= high


def test_a_garment_counts_once(photos):
    twice = [[("bag", 0.9, (5, 5, 45, 45)), ("bag", 0.8, (5, 5, 45, 44))], [], []]
    assert measure_detector.agreement(photos, twice, CLASSES)["precision"] == 0.5


def test_the_threshold_is_where_f_is_best(photos):
    found = [[("bag", 0.7, tuple(photo.boxes[0])), ("top", 0.4, (0, 0, 9, 9))] for photo in photos]
    assert best_threshold(photos, found, CLASSES)[0] > 0.4


def test_the_whole_search_is_measured(tmp_path):
    """Three reds and three blues of one type: the nearest of each has its colour."""
    items = []
    for number, colour in enumerate(((0, 0, 220), (10, 0, 210), (0, 10, 230), (220, 0, 0), (210, 10, 0), (230, 0, 10))):
        picture = np.full((64, 48, 3), 255, np.uint8)
        picture[8:56, 8:40] = colour
        picture[10 + number, 10:30] = 0
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
        words = {"category": "t-shirt", "colour": "red" if number < 3 else "blue"}
        items.append(Item(tmp_path / f"{number}.png", ("t-shirt",), words))
    measured = measure_search.measure(FakeEyes(), items, 4, ("unguided", "guided"), bits=DIMENSION)
    assert (measured["items"], measured["queries"]) == (6, 4)
    assert measured["unguided"]["type"]["hit@1"]["accuracy"] == 1
    assert measured["unguided"]["type_colour"]["hit@1"]["accuracy"] >= 0.75
    assert measured["guided"]["ms"]["p50"] > 0
    assert items_sha256(items) != items_sha256(items[:5])


@pytest.fixture(scope="module")
def published() -> dict[str, dict]:
    return {name: json.loads((folder / "results.json").read_text("utf-8")) for name, folder in CARDS.items()}


def test_published_headlines_are_what_the_figures_say(published):
    sizes = {name: (folder / "model.safetensors").stat().st_size for name, folder in CARDS.items()}
    figures = published["encoder"]["figures"] | {"classic": published["classic"]["figures"]}
    rows = {
        "detector": detector_rows(published["detector"]["figures"], sizes["detector"]),
        "encoder": encoder_rows(figures, sizes["encoder"], sizes["detector"] + sizes["encoder"]),
        "classic": classic_rows(published["classic"]["figures"], sizes["classic"]),
    }
    for name, expected in rows.items():
        assert published[name]["headline"] == json.loads(json.dumps(expected)), name
    assert published["encoder"]["figures"]["tables"] == encoder_tables(figures)
    assert published["detector"]["figures"]["table"] == class_table(published["detector"]["figures"])


def test_neural_weights_fit_their_budget(published):
    assert published["detector"]["weights_bytes"] + published["encoder"]["weights_bytes"] <= 15.2e6
