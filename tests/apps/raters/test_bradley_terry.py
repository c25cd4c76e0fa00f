"""Strengths against the classic iteration and against numbers on paper."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from apps.raters.bradley_terry import POINTS, strengths

tables = arrays(float, (4, 4), elements=st.integers(0, 13).map(float)).map(lambda wins: wins * ~np.eye(4, dtype=bool))


def by_iteration(wins, rounds):
    """The MM iteration of Hunter (2004), eq. 3, one strength at a time, with plain loops."""
    size = len(wins)
    gamma = [1.0] * size
    for _ in range(rounds):
        new = []
        for i in range(size):
            won = sum(wins[i][j] for j in range(size) if j != i)
            games = sum((wins[i][j] + wins[j][i]) / (gamma[i] + gamma[j]) for j in range(size) if j != i)
            new.append(won / games)
        mean = np.exp(np.mean(np.log(new)))
        gamma = [value / mean for value in new]
    return np.log(gamma)


@given(tables)
@settings(max_examples=12, deadline=None)
def test_agrees_with_the_classic_iteration(wins):
    with_prior = wins + 0.5 * ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(strengths(wins), by_iteration(with_prior.tolist(), 1_000), atol=1e-3)


def test_two_systems_on_paper():
    # 30 wins to 10: odds of three to one.
    found = strengths(np.array([[0.0, 30], [10, 0]]), prior=0)
    np.testing.assert_allclose(found, [np.log(3) / 2, -np.log(3) / 2])
    np.testing.assert_allclose(POINTS * strengths(np.array([[0, 10.0], [1, 0]]), prior=0), [200, -200])


@given(tables)
@settings(max_examples=30, deadline=None)
def test_exchanging_wins_and_losses_negates_strengths(wins):
    np.testing.assert_allclose(strengths(wins.T), -strengths(wins), atol=1e-6)


@given(tables, st.permutations(range(4)))
@settings(max_examples=30, deadline=None)
def test_systems_keep_their_strength_in_any_order(wins, order):
    np.testing.assert_allclose(strengths(wins[np.ix_(order, order)]), strengths(wins)[list(order)], atol=1e-6)


def test_a_stack_of_tables_is_solved_table_by_table():
    stack = np.random.default_rng(3).integers(0, 29, (5, 3, 3)).astype(float)
    np.testing.assert_allclose(strengths(stack), [strengths(one) for one in stack], atol=1e-9)


def test_who_never_lost_has_a_finite_strength():
    found = strengths(np.array([[0.0, 100, 100], [0, 0, 100], [0, 0, 0]]))
    assert np.isfinite(found).all()
    assert found[0] > found[1] > found[2]
    assert found.sum() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("wins", [np.zeros((2, 3)), np.zeros(3), -np.ones((2, 2))])
def test_tables_are_checked(wins):
    with pytest.raises(ValueError, match="square table"):
        strengths(wins)
