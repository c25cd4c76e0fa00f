"""The fidelity suite judges values, not strings, and cannot be passed by an output that loses them."""

import re
from decimal import Decimal

import pytest

from training.translation.fidelity import as_table, measure, wilson
from training.translation.fidelity_checks import holds, particle_after, shows, values
from training.translation.fidelity_suite import ROWS, build_suite

SUITE = build_suite(200, seed=5)


@pytest.mark.parametrize(
    ("korean", "numbers"),
    [
        ("1만 2,000원", [12000]),
        ("1만2천 명", [12000]),
        ("12,000개", [12000]),
        ("1.2만", [12000]),
        ("3억 5000만 위안", [350_000_000]),
        ("3천만", [30_000_000]),
        ("4월 11일", [4, 11]),
        ("99.5위안", ["99.5"]),
        ("3 4", [3, 4]),
        ("없음", []),
    ],
)
def test_numbers_are_read_by_value(korean, numbers):
    assert values(korean) == [Decimal(str(number)) for number in numbers]


def test_two_equal_numbers_must_both_be_there():
    assert holds(17, 17)("사과 17개와 오렌지 17개")
    assert not holds(17, 17)("사과와 오렌지 17개")


def test_latin_must_not_be_a_part_of_something_longer():
    assert shows("LG")("LG가 좋다")
    assert not shows("LG")("LGX가 좋다")


def test_a_wrong_particle_is_seen():
    assert particle_after("LG 5", "(?:은|이)")("LG 5가 왔다")
    assert not particle_after("LG 5", "(?:은|이)")("LG 5이 왔다")


def test_every_row_has_its_items_and_they_differ():
    rows = {item.row for item in SUITE}
    assert rows == {*ROWS, "twins"}
    for row in rows:
        sentences = [item.chinese for item in SUITE if item.row == row]
        assert len(set(sentences)) == len(sentences) == 200


def test_a_seed_gives_the_same_suite():
    again = build_suite(200, seed=5)
    assert [(item.chinese, item.twin) for item in again] == [(item.chinese, item.twin) for item in SUITE]
    assert [item.chinese for item in build_suite(7, seed=6)] != [item.chinese for item in build_suite(7, seed=5)]


def test_losing_everything_passes_nothing():
    assert {row.passed for row in measure(lambda texts: ["네."] * len(texts), SUITE)} == {0}


def test_changing_every_digit_fails_every_row_of_numbers():
    def wrong(texts):
        return [re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), text) for text in texts]

    rows = {row.name: row for row in measure(wrong, SUITE)}
    for name in (
        "integers",
        "decimals",
        "percent",
        "separators",
        "dates",
        "prices",
        "codes",
        "units",
        "two equal",
        "twins",
    ):
        assert rows[name].passed == 0, rows[name].failures


def test_copying_the_source_keeps_latin_and_codes_but_no_twin():
    rows = {row.name: row for row in measure(list, SUITE)}
    assert rows["latin"].rate == rows["codes"].rate == rows["urls"].rate == 1.0
    assert rows["twins"].passed == 0


def test_wilson_interval_of_a_known_rate():
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-3)
    assert wilson(200, 200)[1] == pytest.approx(1.0)


def test_the_table_names_every_row():
    assert len(as_table(measure(list, build_suite(3))).splitlines()) == len(ROWS) + 1


def test_missing_answers_are_an_error():
    with pytest.raises(ValueError, match="answered"):
        measure(lambda texts: texts[1:], build_suite(3))
