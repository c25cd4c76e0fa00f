"""What a reading shows and what it keeps to itself until someone asks."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from apps.card_ocr import markup as html
from apps.card_ocr.pictures import band_picture, found_region, shrink
from apps.card_ocr.service import CardReaderService
from apps.i18n import LOCALES, speak
from modeling.card_ocr.reading_card_ocr import CardReading
from tests.apps.fake_reader import HEIGHT, NUMBER, PITCH, TOP, FakeReader, photo

ENGLISH = speak("en")


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "card.png"
    Image.fromarray(photo()).save(path)
    return path


def _answer(picture, *readers):
    return CardReaderService(readers or [FakeReader()]).answer(picture)


def _page(answer, revealed):
    return html.verdict(answer, revealed, ENGLISH) + html.stages(answer, revealed, ENGLISH)


def _words(page):
    """The page's text, without its pictures."""
    return re.sub(r"<[^>]*>", " ", page)


def test_before_the_reveal_only_four_digits_are_anywhere(picture):
    page = _page(_answer(picture, FakeReader(), FakeReader("planet-card-ocr-classic", weak=3)), revealed=False)
    tiles = re.findall(r"<b>(.*?)</b>", page)
    assert [tile for tile in tiles if tile.isdigit()] == list(NUMBER[-4:])
    assert NUMBER[:12] not in re.sub(r"\s", "", _words(page))
    assert "•••• •••• •••• 7899" in " ".join(_words(page).split())
    assert len(re.findall(r'<th scope="row">', page)) == 4


def test_after_the_reveal_the_whole_number_is_there(picture):
    page = _page(_answer(picture), revealed=True)
    assert re.findall(r"<b>(\d)</b>", page) == list(NUMBER)
    assert " ".join(NUMBER[i : i + 4] for i in range(0, 16, 4)) in " ".join(_words(page).split())
    assert len(re.findall(r'<th scope="row">', page)) == 16


def test_a_rejected_number_shows_no_digit_at_all(picture):
    page = _page(_answer(picture, FakeReader(number=NUMBER[:-1] + "0")), revealed=False)
    assert not re.search(r"<b>\d", page)
    assert "checksum" in page
    assert "7890" not in page.replace(" ", "")


def test_the_band_gives_away_only_the_last_four(picture):
    reading = _answer(picture).readers[0].reading
    hidden = np.asarray(Image.open(io.BytesIO(band_picture(reading, revealed=False))))
    shown = np.asarray(Image.open(io.BytesIO(band_picture(reading, revealed=True))))
    first_open = hidden.shape[1] * 12 // 16
    assert len(np.unique(hidden[:, : first_open - 12])) == 1
    assert len(np.unique(shown[:, : first_open - 12])) > 5
    assert (hidden[:, first_open + 12 : -12] != hidden[0, 0]).any()


def test_the_photo_is_painted_over_where_digits_are_hidden(tmp_path):
    image = photo()
    small, scale = shrink(image)
    reading = FakeReader().read(image)
    covered = np.asarray(Image.open(io.BytesIO(found_region(small, scale, reading, revealed=False))), float)
    clear = np.asarray(Image.open(io.BytesIO(found_region(small, scale, reading, revealed=True))), float)
    rows = slice(int(TOP) + 3, int(TOP + HEIGHT) - 3)
    hidden, last = slice(44, int(40 + 12 * PITCH) - 6), slice(int(40 + 12 * PITCH) + 3, int(40 + 16 * PITCH) - 5)
    assert covered[rows, hidden].std() < 6 < 30 < clear[rows, hidden].std()
    assert covered[rows, last].std() > 30


def test_nothing_found_means_no_picture_and_no_reveal(tmp_path):
    path = tmp_path / "plain.png"
    Image.new("RGB", (320, 240), "navy").save(path)
    answer = _answer(path)
    page = _page(answer, revealed=False)
    assert "<img" not in page
    assert ENGLISH("reason_no_card") in page
    assert ENGLISH("number_none") in page


@pytest.mark.parametrize(
    ("reason", "states"),
    [
        ("ok", "passed passed passed passed passed"),
        ("no_card", "failed skipped skipped skipped skipped"),
        ("too_small", "passed failed skipped skipped skipped"),
        ("too_blurred", "passed failed skipped skipped skipped"),
        ("length", "passed passed failed skipped skipped"),
        ("uncertain_digit", "passed passed passed failed skipped"),
        ("checksum", "passed passed passed passed failed"),
    ],
)
def test_checks_stop_at_the_first_failure(reason, states):
    reading = CardReading(None, (), (), "accepted" if reason == "ok" else "rejected", reason, 0.0, (), 0.0)
    assert [state for _, state in html.checks(reading)] == states.split()
    assert html.reason(reading, ENGLISH) == reading.message


def test_the_weak_digit_is_named_in_words(picture):
    answer = _answer(picture, FakeReader(weak=6))
    for locale in LOCALES:
        assert "7" in html.verdict(answer, False, speak(locale)).split("ph-reason")[1].split("</p>")[0]
    assert html.stages(answer, False, ENGLISH).count(ENGLISH("digit_weakest")) == 1


def test_a_visitors_photo_is_blurred_only_while_covered(picture):
    service = CardReaderService([FakeReader()])
    own, example = service.answer(picture), service.example(picture)
    assert "data-covered" in html.verdict(own, False, ENGLISH)
    assert "data-covered" not in html.verdict(own, True, ENGLISH)
    assert "data-covered" not in html.verdict(example, False, ENGLISH)


def test_one_reader_is_not_compared_with_itself(picture):
    assert "ph-readers" not in html.stages(_answer(picture), False, ENGLISH)
    both = html.stages(_answer(picture, FakeReader(), FakeReader("rival")), False, ENGLISH)
    assert both.count("<article") == 2


def test_examples_are_read_once_per_revision(picture):
    reader = FakeReader()
    service = CardReaderService([reader])
    first = service.example(picture)
    assert service.example(picture) is first
    reader.revision = "another"
    assert service.example(picture) is not first


def test_the_service_needs_a_reader():
    with pytest.raises(ValueError, match="at least one"):
        CardReaderService([])


@pytest.mark.parametrize(
    ("probability", "shown"), [(0.9999, "99.9 %"), (1.0, "100.0 %"), (0.0, "0.0 %"), (0.5561, "55.6 %")]
)
def test_doubt_is_never_rounded_away(probability, shown):
    assert html.percent(probability) == shown


def test_kept_answers_hold_no_full_size_photograph(picture):
    stages = _answer(picture).readers[0].reading.stages
    assert [stage.picture is None for stage in stages] == [True, False, True, True]
