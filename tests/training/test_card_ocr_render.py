"""The renderer: exact labels, honest splits, numbers that belong to nobody."""

import json

import cv2
import numpy as np
import pytest

from modeling.card_ocr.reading_card_ocr import luhn_valid
from training.card_ocr import card
from training.card_ocr.art import ART
from training.card_ocr.faces import faces
from training.card_ocr.numbers import ODD_LAYOUTS, STANDARD, invalid_number, specimen_number
from training.card_ocr.photos import dataset_sha256, read_photographs
from training.card_ocr.render import MIXES, draw, legible, render
from training.card_ocr.scene import turned
from training.card_ocr.strokes import STROKE_FACES
from training.card_ocr.typefaces import typefaces
from training.card_ocr.video import frames


def test_splits_share_neither_typeface_nor_art():
    for kind in ({s: {f.name for f in faces(s)} for s in MIXES}, {s: set(ART[s]) for s in MIXES}):
        assert not kind["train"] & kind["test"]
        assert not kind["train"] & kind["validation"]
        assert not kind["validation"] & kind["test"]
    families = {s: {t.path.stem.split("-latin")[0] for t in typefaces(s)} for s in MIXES}
    assert not families["train"] & families["test"]


def test_more_than_25_typefaces():
    assert len(typefaces()) + len(STROKE_FACES) >= 60


@pytest.mark.parametrize("length", [15, 16, 19])
def test_numbers_belong_to_nobody(length):
    rng = np.random.default_rng(3)
    for _ in range(50):
        assert luhn_valid(specimen_number(rng, length))
        assert not luhn_valid(invalid_number(rng, length))
        assert len(invalid_number(rng, length)) == length


@pytest.mark.parametrize("kind", MIXES["test"])
def test_a_photograph_is_drawn_from_its_seed_alone(kind):
    first, second = draw("test", 11, kind), draw("test", 11, kind)
    assert first[0] == second[0]
    np.testing.assert_array_equal(first[1].picture, second[1].picture)
    assert sorted(first[1].picture.shape) == [3, 480, 640]
    assert first[0]["slice"] == kind


@pytest.mark.parametrize("kind", ["flat", "embossed", "scene", "odd"])
def test_labels_are_whole_and_inside_the_frame(kind):
    for index in range(7):
        label, _ = draw("test", 500 + index, kind)
        digits = np.array(label["digits"])
        assert len(digits) == len(label["number"]) == sum(label["groups"])
        assert luhn_valid(label["number"])
        assert digits.min() >= 0
        assert (digits[..., 0] < 640).all()
        assert (digits[..., 1] < 480).all()
        assert label["legible"]


def test_digit_boxes_hold_the_ink():
    """Inside the boxes the picture varies far more than just above them."""
    ratios = []
    for index in range(10):
        label, photo = draw("validation", 700 + index, "flat")
        grey = cv2.cvtColor(photo.picture, cv2.COLOR_RGB2GRAY).astype(float)
        for quad in np.array(label["digits"]):
            x0, y0, x1, y1 = *quad.min(0).astype(int), *np.ceil(quad.max(0)).astype(int)
            inside = grey[y0:y1, x0:x1]
            above = grey[max(y0 - 6, 0) : max(y0 - 2, 1), x0:x1]
            ratios.append(inside.std() / (above.std() + 1))
    assert np.median(ratios) > 3


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_labels_turn_with_the_picture(quarters):
    """Turned back, the picture under the labels is the one that was under them before."""
    label, photo = draw("test", 31, "flat")
    moved = turned(photo, quarters)
    np.testing.assert_array_equal(np.rot90(moved.picture, -quarters), photo.picture)
    for before, after in ((photo.digits, moved.digits), (photo.digits[:, ::-1], moved.digits[:, ::-1])):
        x, y = after.reshape(-1, 2).astype(int).T
        u, v = before.reshape(-1, 2).astype(int).T
        near = np.abs(moved.picture[y, x].astype(int) - photo.picture[v, u].astype(int)).mean()
        assert near < 12, "labels are off by more than the pixel that rounding costs"
    assert np.ptp(moved.digits.mean(1)[:, 0]) > 100 or quarters % 2
    assert label["legible"]


@pytest.mark.parametrize("seed", range(12))
def test_numbers_leave_the_chip_alone(seed, monkeypatch):
    """Cards never print over the contacts."""
    chips = []
    drawn = card._chip
    monkeypatch.setattr(card, "_chip", lambda *args: chips.append(drawn(*args)) or chips[-1])
    face = card.draw_card(np.random.default_rng(seed), "train", "4000001234567899", STANDARD, embossed=seed % 2 == 0)
    for x0, y0, x1, y1 in chips:
        assert not any(b[0] < x1 and b[2] > x0 and b[1] < y1 and b[3] > y0 for b in face.boxes)


def test_art_that_hides_the_print_is_not_called_legible():
    label, _ = draw("validation", 41, "flat")
    assert legible(label["conditions"])
    assert not legible(label["conditions"] | {"distinct": 0.2})


@pytest.mark.parametrize("family", sorted({**ART["train"], **ART["validation"], **ART["test"]}))
def test_every_family_paints(family):
    """Any size, the same picture from the same seed, and finite colours."""
    painter = {**ART["train"], **ART["validation"], **ART["test"]}[family]
    for w, h in ((97, 61), (61, 97)):
        first, second = (painter(np.random.default_rng(5), w, h) for _ in range(2))
        assert first.shape == (h, w, 3)
        assert np.isfinite(first).all()
        np.testing.assert_array_equal(first, second)


def test_bad_checksums_and_negatives_are_what_they_say():
    assert not luhn_valid(draw("test", 1, "bad_checksum")[0]["number"])
    negative, _ = draw("test", 1, "negative")
    assert negative["number"] is None
    assert negative["lines"] == []
    assert not draw("test", 1, "illegible")[0]["legible"]


def test_every_layout_appears():
    seen = {draw("train", 900 + index, "odd")[0]["layout"] for index in range(40)}
    assert seen == {layout.name for layout in ODD_LAYOUTS}


def test_a_rendered_folder_reads_back(tmp_path):
    path = render(tmp_path, "test", 5)
    assert len(path.read_text().splitlines()) == 5
    photographs = read_photographs(tmp_path)
    assert [p.number for p in photographs] == [draw("test", i)[0]["number"] for i in range(5)]
    before = dataset_sha256(tmp_path)
    (tmp_path / photographs[2].record["file"]).write_bytes(b"changed")
    assert dataset_sha256(tmp_path) != before


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("not json", "line 1: expected a JSON object"),
        (json.dumps({"number": "1"}), "file and number"),
        (json.dumps({"file": "no.jpg", "number": "1"}), "no file 'no.jpg'"),
        (json.dumps({"file": "a.jpg", "number": "12x"}), "digits only"),
        (json.dumps({"file": "a.jpg", "number": "12", "digits": [[[0, 0]] * 4]}), "1 digit boxes for 2 digits"),
    ],
)
def test_a_bad_label_is_named(tmp_path, line, message):
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "labels.jsonl").write_text(line)
    with pytest.raises(ValueError, match=message):
        read_photographs(tmp_path)


def test_spaces_in_your_own_numbers_are_fine(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "labels.jsonl").write_text(json.dumps({"file": "a.jpg", "number": "4000 0000-0000 0002"}))
    assert read_photographs(tmp_path)[0].number == "4000000000000002"


def test_unknown_split_is_refused():
    with pytest.raises(ValueError, match="Unknown split 'tset'"):
        draw("tset", 0)


def test_a_split_may_begin_at_any_index(tmp_path):
    whole, part = render(tmp_path / "whole", "test", 7), render(tmp_path / "part", "test", 3, first=4)
    labels = [path.read_text(encoding="utf-8").splitlines() for path in (whole, part)]
    assert labels[0][4:] == labels[1]
    assert sorted(path.name for path in (tmp_path / "part" / "images").iterdir())[0] == "000004.jpg"


def test_a_video_shows_one_card_moving():
    number, shown = frames("test", 5, 3)
    assert (number, shown) == frames("test", 5, 3)
    pictures = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) for data in shown]
    assert {picture.shape for picture in pictures} == {(480, 640, 3)}
    assert len({picture.tobytes() for picture in pictures}) == 3
    assert frames("test", 6, 1)[0] != number
