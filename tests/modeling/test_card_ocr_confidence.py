"""How sure a number is once its checksum is known, against counting every number there is."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modeling.card_ocr.confidence_card_ocr import MISPRINTED, given_checksum, remainder_masses
from modeling.card_ocr.reading_card_ocr import luhn_valid


def remainder(number: str) -> int:
    """The remainder by the definition: how far the last digit is from the one that would be valid."""
    return next(r for r in range(10) if luhn_valid(number[:-1] + str((int(number[-1]) - r) % 10)))


def certain(number: str, unsure: dict[int, dict[int, float]]) -> np.ndarray:
    """Distributions that are sure of `number` but for the places in `unsure`."""
    table = np.eye(10)[[int(digit) for digit in number]]
    for place, shares in unsure.items():
        table[place] = [shares.get(digit, 0.0) for digit in range(10)]
    return table


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_equals_counting_every_number(seed, length):
    rng = np.random.default_rng(seed)
    table = rng.dirichlet(np.full(10, 0.3), length)
    masses = np.zeros(10)
    for digits in product(range(10), repeat=length):
        masses[remainder("".join(map(str, digits)))] += np.prod([row[d] for row, d in zip(table, digits, strict=True)])
    assert np.allclose(remainder_masses(table), masses, atol=1e-12)
    read = "".join(map(str, table.argmax(1)))
    kept = masses[remainder(read)]
    assert given_checksum(table) == pytest.approx(table.max(1).prod() / (kept + MISPRINTED * (1 - kept)))


def test_one_unsure_digit_that_passes_is_certain_and_two_are_not():
    number = "4000000000000002"
    assert luhn_valid(number)
    one = certain(number, {5: {0: 0.6, 8: 0.4}})
    assert given_checksum(one) == pytest.approx(0.6 / (0.6 + MISPRINTED * 0.4))
    assert given_checksum(one) > 0.99
    # 0 -> 1 in an undoubled place and 0 -> 9 in another: their sum is lost in the remainder
    two = certain(number, {5: {0: 0.6, 1: 0.4}, 7: {0: 0.6, 9: 0.4}})
    assert given_checksum(two) == pytest.approx(0.36 / (0.36 + 0.16 + MISPRINTED * 0.48))


def test_groups_in_another_order_cannot_be_told_by_it():
    rows = np.random.default_rng(3).dirichlet(np.full(10, 0.1), 16)
    assert given_checksum(rows) == pytest.approx(given_checksum(np.roll(rows, 4, 0)))


def test_no_digit_no_confidence():
    assert given_checksum([]) == 0.0
