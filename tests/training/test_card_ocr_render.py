"""The renderer: exact labels, honest splits, numbers that belong to nobody."""

import json

import cv2
import numpy as np
import pytest

from modeling.card_ocr.reading_card_ocr import luhn_valid
from training.card_ocr.art import ART
from training.card_ocr.faces import faces
from training.card_ocr.numbers import ODD_LAYOUTS, invalid_number, specimen_number
from training.card_ocr.photos import dataset_sha256, read_photographs
from training.card_ocr.render import MIXES, draw, render
from training.card_ocr.strokes import STROKE_FACES
from training.card_ocr.typefaces import typefaces


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
    assert first[1].picture.shape == (480, 640, 3)
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
