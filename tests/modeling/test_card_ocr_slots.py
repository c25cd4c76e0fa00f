"""Which of the digits seen on a line count: those that stand where cards print digits."""

from itertools import accumulate

import numpy as np
import pytest
import torch

from modeling.card_ocr import CardOcrModel
from modeling.card_ocr.attempt_card_ocr import NOTHING
from modeling.card_ocr.geometry_card_ocr import PRINTED, BandSegment, NumberLine
from modeling.card_ocr.modeling_card_ocr import _Clock
from modeling.card_ocr.recogniser_card_ocr import BLANK
from modeling.card_ocr.seen_card_ocr import SeenBand
from modeling.card_ocr.slots_card_ocr import slots
from tests.modeling.test_card_ocr import CARD
from training.card_ocr.render import draw

FORMS = [groups for forms in PRINTED.values() for groups in forms]
STEP, GAP = 14.0, 9.0


def printed(groups: tuple[int, ...], growth: float = 0.0) -> np.ndarray:
    """Where the digits of a form stand; each step is by a share `growth` longer than the one before."""
    starts = set(accumulate(groups[:-1]))
    steps = [(STEP + GAP * (place in starts)) * (1 + growth) ** place for place in range(sum(groups))]
    return 40 + np.cumsum(steps)


FIRST = printed((4, 4, 4, 4))[0]
IN_GAP = printed((4, 4, 4, 4))[7:9].mean()


def chosen(middles: np.ndarray, sure: dict[int, float] | None = None):
    """The slots of digits that are 0.99 sure but for those in `sure`."""
    return slots(middles, [(sure or {}).get(index, 0.99) for index in range(len(middles))])


@pytest.mark.parametrize("growth", [-0.02, 0.0, 0.02])
@pytest.mark.parametrize("groups", FORMS, ids=str)
def test_a_whole_number_is_kept_as_it_is(groups, growth):
    middles = printed(groups, growth)
    found = chosen(middles)
    assert found.groups == groups
    assert found.seen == tuple(range(sum(groups)))
    np.testing.assert_allclose(found.middles, middles)


@pytest.mark.parametrize("groups", FORMS, ids=str)
@pytest.mark.parametrize("place", [0, 1, 4, 5, 9, 14])
def test_one_that_was_not_seen_is_missed_where_it_is(groups, place):
    middles = printed(groups)
    found = chosen(np.delete(middles, place))
    assert found.groups == groups
    assert found.seen[place] is None
    assert [index for index in found.seen if index is not None] == list(range(sum(groups) - 1))
    assert found.middles[place] == pytest.approx(middles[place])


@pytest.mark.parametrize("offset", [-3.1, -1.5, -0.5, 1.5, 7.5, 15.6], ids="{:+} steps".format)
def test_a_digit_seen_in_the_art_is_left_out(offset):
    middles = printed((4, 4, 4, 4))
    stray = FIRST + offset * STEP if offset < 10 else middles[-1] + 1.6 * STEP
    at = int(np.searchsorted(middles, stray))
    found = chosen(np.insert(middles, at, stray), {at: 0.8})
    assert found.groups == (4, 4, 4, 4)
    np.testing.assert_allclose(found.middles, middles)


def test_three_strays_and_one_missing():
    middles = printed((4, 6, 5))
    strays = np.array([middles[0] - 50, middles[2] + 6, middles[-1] + 40])
    found = chosen(np.sort(np.concatenate([np.delete(middles, 7), strays])))
    assert found.groups == (4, 6, 5)
    assert found.seen[7] is None
    np.testing.assert_allclose(found.middles, middles)


def test_sixteen_of_nineteen_are_not_a_number():
    middles = printed((4, 4, 4, 4, 3))
    assert chosen(middles).groups == (4, 4, 4, 4, 3)
    assert chosen(middles[:-1]).groups == (4, 4, 4, 4, 3)


@pytest.mark.parametrize("middles", [
    [], [5.0], printed((4, 4, 4, 4))[:11], np.delete(printed((4, 4, 4, 4)), [5, 6]), np.cumsum(np.arange(1, 18) ** 2.0),
], ids=["none", "one", "few", "two missing side by side", "uneven"])  # fmt: skip
def test_what_no_card_prints_has_no_slots(middles):
    assert chosen(np.asarray(middles, float)) is None


def band(digits: dict[float, tuple[int, float]], columns: int = 360) -> SeenBand:
    """What a recogniser that sees digits at these columns, so sure, makes of a band."""
    probabilities = torch.full((columns // 2, BLANK + 1), 1e-6)
    probabilities[:, BLANK] = 1
    for middle, (value, sure) in digits.items():
        probabilities[int(middle / 2), value] = sure
        probabilities[int(middle / 2), BLANK] = 1 - sure
    line = NumberLine((10.0, 50.0), (350.0, 50.0), 20.0, 20.0)
    logs = (probabilities / probabilities.sum(-1, keepdim=True)).log()
    return SeenBand(
        torch.zeros(32, columns), (BandSegment(0, columns, line),), logs, torch.full((columns // 2, 2), 5.0)
    )


class TestSeenBand:
    NUMBER = "4000123456789017"

    def digits(self) -> dict[float, tuple[int, float]]:
        return {middle: (int(value), 0.99) for middle, value in zip(printed((4, 4, 4, 4)), self.NUMBER, strict=True)}

    def test_reads_at_the_places_alone(self):
        middles = printed((4, 4, 4, 4))
        stray = {(middles[6] + middles[7]) / 2: (8, 0.7)}
        seen = band(self.digits() | stray)
        assert len(seen.found) == 17
        digits, groups = seen.in_slots().in_picture(20)
        assert "".join(digit.value for digit in digits) == self.NUMBER
        assert groups == (4, 4, 4, 4)

    def test_looks_for_one_that_was_not_seen(self):
        digits = self.digits()
        place = list(digits)[5]
        digits[place] = (int(self.NUMBER[5]), 0.2)
        seen = band(digits)
        assert len(seen.found) == 15
        found = seen.in_slots().found
        assert "".join(str(digit.value) for digit in found) == self.NUMBER
        assert found[5].confidence == pytest.approx(0.2, abs=0.01)

    @pytest.mark.parametrize(("place", "sure", "expected"), [
        (FIRST - STEP, 0.95, True), (FIRST - 2 * STEP, 0.95, True), (FIRST - 2 * STEP, 0.85, False),
        (FIRST - 3 * STEP, 0.95, False), (IN_GAP, 0.95, True), (IN_GAP, 0.85, False),
    ])  # fmt: skip
    def test_a_sure_digit_left_out_may_belong_to_the_number(self, place, sure, expected):
        chosen = band(self.digits() | {place: (7, sure)}).in_slots()
        assert "".join(str(digit.value) for digit in chosen.found) == self.NUMBER
        assert chosen.leaves_out(0.9) is expected
        assert not band(self.digits()).leaves_out(0.9)

    def test_a_number_printed_evenly_is_not_taken_for_a_grouped_one(self):
        """Sixteen even digits fit 4-6-5 if one is left out at each gap; all of them are sure."""
        seen = band({20 + 16.0 * index: (int(value), 0.99) for index, value in enumerate(self.NUMBER)})
        assert seen.in_picture(20)[1] == (16,)
        chosen = seen.in_slots()
        assert chosen is None or chosen.leaves_out(0.9)


@pytest.fixture(scope="module")
def shipped() -> CardOcrModel:
    return CardOcrModel.from_pretrained(CARD).eval()


def test_published_weights_read_more_with_slots_than_without(shipped, monkeypatch):
    cards = [draw("test", 1_000_000 + index, "scene") for index in range(120)]

    def right() -> set[int]:
        readings = [shipped.read(photo.picture).raw == label["number"] for label, photo in cards]
        return {index for index, read in enumerate(readings) if read}

    with_them = right()
    monkeypatch.setattr(SeenBand, "in_slots", lambda seen: None)
    without = right()
    assert len(with_them - without) > len(without - with_them)


def test_a_sure_digit_left_out_keeps_a_number_from_being_accepted(shipped):
    line = NumberLine((10.0, 50.0), (350.0, 50.0), 20.0, 20.0)
    digits = TestSeenBand().digits()
    for sure, reason in ((0.85, "ok"), (0.95, "length")):
        seen = band(digits | {FIRST - 2 * STEP: (7, sure)})
        attempt = shipped._judged([line], seen, 640, _Clock())
        assert attempt.reason == reason
    assert attempt.rank > NOTHING.rank
