"""How attempts at a number compare, and that a doubtful one is looked at again from a little further."""

from dataclasses import replace

import numpy as np
import pytest

from modeling.card_ocr import CardOcrModel
from modeling.card_ocr.attempt_card_ocr import NOTHING, Attempt, likeliest
from modeling.card_ocr.geometry_card_ocr import NumberLine
from modeling.card_ocr.looks_card_ocr import NUDGES, nudged
from tests.modeling.test_card_ocr import CARD, small_config
from tests.modeling.test_reading import make_digits
from training.card_ocr.render import draw

PASSING, FAILING = "4000000000000002", "4000000000000003"
LINE = NumberLine((31.0, 53.0), (331.0, 453.0), 11.0, 17.0)


def attempt(number: str, alone: float, reason: str = "uncertain_digit", **changes) -> Attempt:
    doubtful = Attempt([LINE], None, make_digits(number), (4, 4, 4, 4), alone, 0.9, False, reason)
    return replace(doubtful, **changes)


def test_a_number_that_fails_the_checksum_must_be_far_surer():
    passing, failing = attempt(PASSING, 0.04), attempt(FAILING, 0.7, "checksum")
    assert passing.passes
    assert not failing.passes
    assert passing.weight > failing.weight
    assert attempt(PASSING, 0.04).weight < attempt(FAILING, 0.9, "checksum").weight


def test_what_is_accepted_or_printed_like_a_card_comes_first():
    accepted = attempt(PASSING, 0.1, "ok", certain=True)
    ungrouped = attempt(PASSING, 0.99, "length", groups=(16,))
    doubtful = attempt(FAILING, 0.2, "checksum")
    for key in ("weight", "rank"):
        assert sorted((doubtful, accepted, ungrouped), key=lambda one: getattr(one, key)) == [
            ungrouped, doubtful, accepted,
        ]  # fmt: skip


def test_a_line_as_long_as_a_number_comes_before_a_sure_scrap():
    line, scrap = attempt(PASSING + "0", 0.001, "length", groups=(17,)), attempt("7", 0.9, "no_card", groups=(1,))
    assert line.rank > scrap.rank


@pytest.mark.parametrize(("reason", "alone", "certain", "expected"), [
    ("ok", 0.1, True, True), ("checksum", 0.5, True, True), ("checksum", 0.3, True, False),
    ("checksum", 0.5, False, False), ("uncertain_digit", 0.9, True, False),
])  # fmt: skip
def test_what_leaves_nothing_to_gain(reason, alone, certain, expected):
    assert attempt(FAILING, alone, reason, certain=certain).settled is expected
    assert not NOTHING.settled


@pytest.mark.parametrize(("alone", "reason"), [(0.9, "uncertain_digit"), (0.1, "uncertain_digit"), (1e-6, "ok")])
def test_two_numbers_that_pass_share_the_confidence(alone, reason):
    """Print like 1 and 7 is read as either from different places, and both may pass the checksum."""
    accepted, rival = attempt(PASSING, 0.8, "ok", certain=True, confidence=0.9999), attempt("4000000000000010", alone)
    assert rival.passes
    best = likeliest([attempt(FAILING, 0.9, "checksum"), rival, rival, accepted], 0.9997)
    assert (best.number, best.reason) == (PASSING, reason)
    if reason != "ok":
        assert best.confidence == pytest.approx(0.9999 * 0.8 / (0.8 + alone))
        assert not best.settled
    assert likeliest([accepted, attempt(PASSING, 0.7)], 0.9997) is accepted


def test_a_line_is_moved_across_itself():
    """The line runs three to the right for every four down, so across it is four to the left for every three down."""
    assert LINE.nudged(1, 0, 0) == LINE
    lower = LINE.nudged(2, 0.5, 0)
    assert (lower.left_height, lower.right_height) == (22, 34)
    np.testing.assert_allclose(lower.left, (31 - 0.8 * 5.5, 53 + 0.6 * 5.5))
    np.testing.assert_allclose(lower.right, (331 - 0.8 * 8.5, 453 + 0.6 * 8.5))
    turned = LINE.nudged(1, 0, 0.5)
    np.testing.assert_allclose(turned.left, (31 + 0.8 * 5.5, 53 - 0.6 * 5.5))
    np.testing.assert_allclose(turned.right, lower.right)
    assert [len(lines) for lines in nudged([LINE, LINE])] == [2] * len(NUDGES)


class TestNudging:
    """`read` with attempts that are given: the first at the lines found, the others at those lines moved."""

    @pytest.fixture
    def read(self, monkeypatch):
        model = CardOcrModel(small_config()).eval()
        for name in ("_locate_close", "_locate_turned"):
            monkeypatch.setattr(model, name, lambda grey, lines: [])
        monkeypatch.setattr(model, "_locate", lambda grey: [[LINE]])

        def read(first: Attempt, others: list[Attempt]):
            """What is read, and how many others were asked for."""
            queue = iter(others)

            def one(grey, lines, clock):
                if not lines:
                    return NOTHING
                return first if lines == [LINE] else next(queue)

            monkeypatch.setattr(model, "_attempt", one)
            monkeypatch.setattr("modeling.card_ocr.modeling_card_ocr.second_looks", lambda lines, digits: [])
            monkeypatch.setattr(
                "modeling.card_ocr.modeling_card_ocr.nudged", lambda lines: [[lines[0].nudged(0.9, 0, 0)]] * len(others)
            )
            return model.read(np.full((480, 640), 127, np.uint8)), len(others) - len(list(queue))

        return read

    def test_the_likeliest_number_is_taken(self, read):
        others = [attempt(FAILING, 0.1, "checksum"), attempt(PASSING, 0.2), attempt(PASSING[::-1], 0.01)]
        reading, asked = read(attempt(FAILING, 0.3, "checksum"), others)
        assert (reading.raw, reading.reason, asked) == (PASSING, "uncertain_digit", 3)

    def test_nothing_is_asked_for_after_a_number_is_accepted(self, read):
        others = [attempt(PASSING, 0.8, "ok", certain=True), attempt(PASSING, 0.9, "ok", certain=True)]
        reading, asked = read(attempt(FAILING, 0.3, "checksum"), others)
        assert (reading.number, asked) == (PASSING, 1)

    def test_a_number_in_doubt_stays_where_no_other_is_likelier(self, read):
        reading, asked = read(attempt(PASSING, 0.3), [attempt(FAILING, 0.9, "checksum"), attempt(PASSING[::-1], 0.2)])
        assert (reading.raw, asked) == (PASSING, 2)

    @pytest.mark.parametrize("first", [
        attempt(PASSING, 0.3, "ok", certain=True), attempt(FAILING, 0.9, "checksum", certain=True),
        attempt(PASSING[:11], 0.3, "length", groups=(11,)), NOTHING,
    ], ids=["accepted", "surely misprinted", "too few digits", "no line"])  # fmt: skip
    def test_what_is_settled_or_no_number_is_not_looked_at_again(self, read, first):
        assert read(first, [attempt(PASSING, 0.99, "ok", certain=True)])[1] == 0


def test_published_weights_read_more_with_it_than_without(monkeypatch):
    shipped = CardOcrModel.from_pretrained(CARD).eval()
    cards = [draw("test", 900_000 + index, "scene") for index in range(120)]

    def right() -> set[int]:
        readings = [shipped.read(photo.picture).raw == label["number"] for label, photo in cards]
        return {index for index, read in enumerate(readings) if read}

    with_it = right()
    monkeypatch.setattr(shipped, "_nudged_attempt", lambda grey, attempt, clock: attempt)
    without = right()
    assert len(with_it - without) > len(without - with_it)
