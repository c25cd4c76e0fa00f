"""Figures of merit against values worked out by hand or recomputed naively."""

import numpy as np
import pytest

from training.card_ocr.adversarial import luhn_misses, twin
from training.card_ocr.export import choose_thresholds
from training.card_ocr.measures import (
    Outcome,
    aurc,
    calibration_error,
    coverage_at_risk,
    decisions,
    digit_accuracy,
    exact,
    latency,
    past_checksum,
    risk_coverage,
    share,
)

VALID, ALSO_VALID, INVALID = "4242424242424242", "4000000000000002", "4242424242424241"


def outcome(truth, raw, confidence=0.9, weakest=0.9, **more) -> Outcome:
    return Outcome(truth, raw, True, "ok", confidence, weakest, **more)


def test_wilson_interval_of_a_known_case():
    nine_of_ten = share(9, 10)
    assert nine_of_ten.value == 0.9
    assert (nine_of_ten.low, nine_of_ten.high) == pytest.approx((0.5958, 0.9821), abs=1e-3)
    assert share(0, 0).n == 0


def test_none_wrong_in_3000_still_allows_one_in_a_thousand():
    assert share(0, 3000).high == pytest.approx(0.00128, abs=1e-4)


def test_exact_and_digit_accuracy():
    outcomes = [outcome("123", "123"), outcome("123", "124"), outcome("123", "12")]
    assert exact(outcomes).value == pytest.approx(1 / 3)
    assert digit_accuracy(outcomes).value == pytest.approx(5 / 9)


def test_decisions_after_each_reject():
    outcomes = [
        outcome(VALID, VALID),
        outcome(VALID, INVALID),  # caught by the checksum alone
        outcome(VALID, ALSO_VALID, confidence=0.2),  # caught by the confidence alone
        outcome(VALID, VALID, weakest=0.1),  # a right reading lost to caution
        outcome(VALID, VALID[:14]),  # caught by its length
    ]
    table = decisions(outcomes, 0.5, 0.5)
    assert table["raw"] == {"accepted_right": 2, "accepted_wrong": 2, "rejected_right": 0, "rejected_wrong": 1}
    assert table["+confidence"]["accepted_wrong"] == 1
    assert table["+luhn"]["accepted_wrong"] == 1
    assert table["both"] == {"accepted_right": 1, "accepted_wrong": 0, "rejected_right": 1, "rejected_wrong": 3}


@pytest.mark.parametrize(
    ("truth", "raw", "dangerous"),
    [
        (VALID, VALID, False),
        (VALID, INVALID, False),  # one wrong digit of a valid number: the checksum fails for sure
        (INVALID, VALID, True),  # one wrong digit of an invalid number may mend it
        (VALID, "4242424242424233", True),  # two wrong digits
        ("4242424242424242999", VALID, True),  # cut short
        (None, VALID, True),
    ],
)
def test_one_wrong_digit_of_a_valid_number_is_the_checksum_s_to_catch(truth, raw, dangerous):
    assert past_checksum(outcome(truth, raw)) is dangerous


def test_thresholds_keep_most_cards_that_no_dangerous_reading_passes_with():
    caught = [outcome(VALID, INVALID, confidence=0.99, slice="flat")]
    sure = [outcome(VALID, VALID, confidence=0.9, slice="flat")] * 7
    unsure = [outcome(VALID, VALID, confidence=0.3, slice="flat")] * 3
    fooled = [outcome(VALID, ALSO_VALID, confidence=0.58, slice="turned")]
    chosen = choose_thresholds([*caught, *sure, *unsure, *fooled], 0.001)
    assert (chosen.number, chosen.coverage) == (0.9, round(8 / 11, 4))
    assert (chosen.accepted, chosen.wrong_before_checksum, chosen.dangerous_before_checksum) == (8, 1, 0)
    assert choose_thresholds([*caught, *sure, *unsure], 0.001).number == 0.3
    halved = choose_thresholds([*caught, *sure, *unsure, *fooled], 0.001, doubt=0.5)
    assert (halved.number, halved.accepted, halved.coverage) == (0.95, 1, round(1 / 11, 4))


def test_risk_coverage_counts_from_the_most_confident():
    outcomes = [outcome("1", "1", 0.9), outcome("1", "2", 0.5), outcome("1", "1", 0.7), outcome("1", "1", 0.3)]
    coverage, risk = risk_coverage(outcomes)
    np.testing.assert_allclose(coverage, [0.25, 0.5, 0.75, 1.0])
    np.testing.assert_allclose(risk, [0, 0, 1 / 3, 1 / 4])
    assert aurc(outcomes) == pytest.approx((1 / 3 + 1 / 4) / 4)
    assert coverage_at_risk(outcomes, 0.001) == 0.5


def test_calibration_error_is_the_gap_between_claim_and_fact():
    assert calibration_error([0.8] * 10, [True] * 8 + [False] * 2) == pytest.approx(0)
    assert calibration_error([1.0] * 10, [True] * 7 + [False] * 3) == pytest.approx(0.3)
    assert calibration_error([], []) == 0


def test_latency_by_stage():
    outcomes = [outcome("1", "1", ms={"total": float(ms)}) for ms in range(1, 102)]
    assert latency(outcomes)["total"] == {"median": 51.0, "p95": 96.0}


def test_the_checksum_misses_what_theory_says():
    misses = luhn_misses(seed=7, count=600)
    assert misses["one_digit"] == 0
    assert misses["two_digits"] == pytest.approx(1 / 9, abs=0.04)
    assert misses["group_order"] == 1


def test_a_twin_is_valid_and_two_digits_away():
    other = twin("8000000000000008"[:15] + "3")
    for number in ("4242424242424242", "4000000000000002"):
        other = twin(number)
        if other:
            assert sum(a != b for a, b in zip(number, other, strict=True)) == 2
