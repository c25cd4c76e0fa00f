"""Bootstrap and sign-flip test against naive loops and other people's code."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from apps.raters import resampling
from apps.raters.resampling import holm, interval, resampled_counts, sign_flip_test, wilson

whole = st.lists(st.integers(-3, 3), min_size=1, max_size=11)


def generator(seed=3):
    return np.random.default_rng(seed)


class TestSignFlip:
    @given(whole)
    @settings(max_examples=50, deadline=None)
    def test_exact_for_few_items(self, values):
        differences = np.array(values, dtype=float)
        patterns = product((1, -1), repeat=len(values))
        sums = [abs(sum(sign * value for sign, value in zip(signs, values, strict=True))) for signs in patterns]
        naive = np.mean([one >= abs(sum(values)) for one in sums])
        assert sign_flip_test(differences, generator()) == pytest.approx(naive)

    @given(whole)
    @settings(max_examples=30, deadline=None)
    def test_exchanging_the_systems_changes_nothing(self, values):
        differences = np.array(values, dtype=float)
        assert sign_flip_test(differences, generator()) == sign_flip_test(-differences, generator())

    def test_by_hand(self):
        assert sign_flip_test(np.array([1.0, 1, 1, 1, 1]), generator()) == 2 / 32
        assert sign_flip_test(np.array([3.0, -1, 0]), generator()) == 1
        assert sign_flip_test(np.zeros(7), generator()) == 1

    def test_agrees_with_scipy_on_many_items(self):
        differences = generator().normal(0.3, 1, 101)
        ours = sign_flip_test(differences, generator(), 20_000)
        theirs = stats.permutation_test(
            (differences,), lambda x: x.sum(), permutation_type="samples", n_resamples=20_000, rng=generator(4)
        )
        assert ours == pytest.approx(theirs.pvalue, abs=0.004)
        assert 0.0005 < ours < 0.1

    def test_sampled_patterns_agree_with_all_of_them(self, monkeypatch):
        differences = np.array([0.5, 1, -0.5, 2, 1, 1, -1, 0.5, 0.5, 1, -0.5, 1, 0.5])
        exact = sign_flip_test(differences, generator())
        monkeypatch.setattr(resampling, "EXACT", 0)
        assert sign_flip_test(differences, generator(), 20_000) == pytest.approx(exact, abs=0.006)

    def test_p_is_never_zero(self):
        assert sign_flip_test(np.ones(500), generator(), 999) == 1 / 1000


class TestBootstrap:
    def test_every_stratum_keeps_its_size(self):
        strata = np.array([0, 1, 0, 2, 2, 2, 2])
        counts = resampled_counts(strata, generator(), 101)
        assert counts.shape == (101, 7)
        for stratum, size in ((0, 2), (1, 1), (2, 4)):
            assert (counts[:, strata == stratum].sum(axis=1) == size).all()

    def test_agrees_with_scipy_on_one_stratum(self):
        values = generator().normal(1, 2, 53)
        ours = interval(resampled_counts(np.zeros(53), generator(), 20_000) @ values / 53)
        theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=20_000, rng=generator(4))
        assert ours == pytest.approx(tuple(theirs.confidence_interval), abs=0.03)

    def test_spread_of_a_sum_is_that_of_the_formula(self):
        values = generator().normal(size=40)
        strata = np.repeat([0, 1], 20)
        samples = resampled_counts(strata, generator(), 20_000) @ values
        expected = np.sqrt(sum(20 * np.var(values[strata == s]) for s in (0, 1)))
        assert samples.std() == pytest.approx(expected, rel=0.03)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize(("successes", "n"), [(0, 7), (3, 7), (7, 7), (95, 100)])
def test_wilson_agrees_with_scipy(successes, n):
    theirs = stats.binomtest(successes, n).proportion_ci(0.95, "wilson")
    assert wilson(successes, n) == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (8, 7), (-1, 7)])
def test_a_share_of_nothing_has_no_interval(successes, n):
    with pytest.raises(ValueError, match=f"got {successes} of {n}"):
        wilson(successes, n)
