"""The shared reading contract: Luhn arithmetic, what must not leak, and the order of the rejects."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from modeling.card_ocr.reading_card_ocr import VALID_LENGTHS, CardReading, Digit, Stage, decide, luhn_valid, mask_number

# Worked example of the Luhn patent family, and specimen numbers of unissued prefixes (computed by hand).
GOLDEN = ("79927398713", "0000000000000000", "4000000000000002", "9999999999999995", "340000000000009")


def check_digit(body: str) -> str:
    """The naive definition: double every second digit from the right of the finished number, add digits."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = int(character) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str(-total % 10)


def make_digits(number: str, confidence: float | list[float] = 0.99) -> tuple[Digit, ...]:
    confidences = [confidence] * len(number) if isinstance(confidence, float) else confidence
    corners = ((0.0, 0.0), (7.0, 0.0), (7.0, 11.0), (0.0, 11.0))
    return tuple(
        Digit(value, sure, tuple(sure if int(value) == k else (1 - sure) / 9 for k in range(10)), corners, (0.0, 7.0))
        for value, sure in zip(number, confidences, strict=True)
    )


def make_reading(number: str, decision: str = "accepted", reason: str = "ok", **changes) -> CardReading:
    fields = {
        "number": number if decision == "accepted" else None,
        "digits": make_digits(number),
        "groups": (4, 4, 4, 4),
        "decision": decision,
        "reason": reason,
        "confidence": 0.9,
        "stages": (Stage("locate", 1.0, np.zeros((5, 7, 3), np.uint8)),),
        "ms": 3.0,
    }
    return CardReading(**(fields | changes))


@pytest.mark.parametrize("number", GOLDEN)
def test_golden_numbers_pass(number):
    assert luhn_valid(number)


def test_agrees_with_the_naive_definition():
    rng = np.random.default_rng(5)
    for length in (1, 2, *VALID_LENGTHS):
        for _ in range(50):
            body = "".join(map(str, rng.integers(0, 10, length - 1)))
            valid = body + check_digit(body)
            assert [last for last in "0123456789" if luhn_valid(body + last)] == [valid[-1]]


def test_every_single_digit_error_is_caught():
    for number in GOLDEN:
        for place, wrong in itertools.product(range(len(number)), "0123456789"):
            if wrong != number[place]:
                assert not luhn_valid(number[:place] + wrong + number[place + 1 :])


def test_groups_of_four_in_any_order_pass():
    # Why the order of groups must come from geometry: the checksum is blind to it.
    body = "400012345678901"
    number = body + check_digit(body)
    groups = [number[i : i + 4] for i in range(0, 16, 4)]
    assert len({"".join(order) for order in itertools.permutations(groups)}) == 24
    assert all(luhn_valid("".join(order)) for order in itertools.permutations(groups))


def test_a_ninth_of_double_errors_passes():
    number, passed, total = "4000000000000002", 0, 0
    for a, b in itertools.product("0123456789", repeat=2):
        if a != number[3] and b != number[8]:
            total += 1
            passed += luhn_valid(number[:3] + a + number[4:8] + b + number[9:])
    assert (passed, total) == (9, 81)


@pytest.mark.parametrize("text", ["", "4000 0000", "4000-0000", "12a4", "²²²", "４０００", "-12", " 1"])
def test_luhn_refuses_other_characters_without_repeating_them(text):
    with pytest.raises(ValueError, match=f"{len(text)} characters") as caught:
        luhn_valid(text)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    ("number", "visible", "masked"),
    [
        ("4000123456789017", 4, "•••• •••• •••• 9017"),
        ("400012345678903", 4, "•••• •••• •••8 903"),
        ("4000123456789012345", 4, "•••• •••• •••• •••2 345"),
        ("4000123456789017", 0, "•••• •••• •••• ••••"),
        ("123", 4, "123"),
        ("", 4, ""),
    ],
)
def test_mask(number, visible, masked):
    assert mask_number(number, visible) == masked


def test_repr_shows_the_last_four_at_most():
    number = "4929123487655678"
    reading = make_reading(number)
    for text in (repr(reading), str(reading), f"{reading}", repr([reading])):
        assert "5678" in text
        assert not any(number[i : i + 3] in text for i in range(12))
    rejected = make_reading(number, "rejected", "checksum")
    assert "5678" not in repr(rejected)
    assert rejected.masked == "•••• •••• •••• ••••"


def test_repr_of_parts_shows_no_digit_and_no_pixels():
    digit = make_digits("7", 0.875)[0]
    assert "'7'" not in repr(digit)
    assert "probabilities" not in repr(digit)
    assert "array" not in repr(Stage("locate", 1.0, np.zeros((5, 7), np.uint8)))


def test_properties():
    reading = make_reading("4000123456789017", digits=make_digits("41", [0.9, 0.3]), groups=(1, 1))
    assert (reading.raw, reading.layout, reading.weakest) == ("41", "1-1", 1)
    empty = make_reading("", "rejected", "no_card", digits=(), groups=())
    assert (empty.raw, empty.masked, empty.layout, empty.weakest) == ("", "", "", None)


@pytest.mark.parametrize(
    "reason", ["ok", "no_card", "too_small", "too_blurred", "uncertain_digit", "length", "checksum"]
)
def test_every_reason_has_words(reason):
    digits = make_digits("412", [0.9, 0.3, 0.9])
    message = make_reading("412", "rejected", reason, digits=digits).message
    assert message.endswith(".")
    assert "{" not in message
    if reason in ("uncertain_digit", "checksum"):
        assert "digit 2" in message.lower()
    if reason == "length":
        assert message.startswith("3 digits")


VALID = "4000000000000002"


@pytest.mark.parametrize(
    ("digits", "confidence", "reason"),
    [
        (make_digits(VALID), 0.9, "ok"),
        ((), 0.0, "no_card"),
        (make_digits(VALID[:7]), 0.9, "no_card"),
        (make_digits(VALID[:8]), 0.9, "length"),
        (make_digits("4000000000000003"), 0.9, "checksum"),
        (make_digits("4000000000000003"), 0.4, "checksum"),
        (make_digits(VALID), 0.4, "uncertain_digit"),
        (make_digits(VALID, [0.1] + [0.99] * 15), 0.9, "uncertain_digit"),
        (make_digits("4000000000000003", [0.1] + [0.99] * 15), 0.9, "uncertain_digit"),
        (make_digits(VALID[:13]), 0.9, "length"),
        (make_digits(VALID[:13], [0.1] + [0.99] * 12), 0.9, "length"),
        (make_digits(VALID, [0.1] * 5 + [0.99] * 11), 0.9, "uncertain_digit"),
        (make_digits(VALID, [0.1] * 6 + [0.99] * 10), 0.9, "too_blurred"),
        (make_digits(VALID[:13], [0.1] * 13), 0.9, "too_blurred"),
    ],
)
def test_rejects_come_in_the_order_a_person_can_act_on(digits, confidence, reason):
    assert decide(digits, confidence, digit_threshold=0.5, number_threshold=0.5) == reason


def test_thresholds_are_inclusive():
    assert decide(make_digits(VALID, 0.5), 0.5, 0.5, 0.5) == "ok"


@pytest.mark.parametrize("name", ["reading", "images"])
def test_both_readers_carry_the_same_file(name):
    root = Path(__file__).parents[2] / "modeling"
    original = (root / "card_ocr" / f"{name}_card_ocr.py").read_bytes()
    assert original == (root / "card_ocr_classic" / f"{name}_card_ocr_classic.py").read_bytes()
