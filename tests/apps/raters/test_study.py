"""Votes as arrays: values by hand, and that neither sides nor order matter."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.raters.reveal import Revealed, duels, reveal
from apps.raters.study import ratings_of, study_of
from tests.apps.raters.voting import A, B, C, export, flipped, random_export, record

nan = np.nan
seeds = st.integers(0, 99)
protocols = st.sampled_from(["score012", "pairwise"])


def assert_same(one, other):
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.shares, other.shares)


class TestByHand:
    def test_scores_are_means_over_raters(self):
        votes = [
            record("x-1", "r1", [A, B], [2, 0]),
            record("x-1", "r2", [B, A], [1, 1]),
            record("y-1", "r1", [B, A], [2, 1]),
            record("y-2", "r1", [A, B], [2, 2], undone=True),
            record("y-1", "r1", [B, A], [0, 2], kind="repeat", repeats=0),
            record("x-1", "r2", [B, A], [0, 2], kind="check", damaged=0),
        ]
        study = study_of(export(votes))
        np.testing.assert_array_equal(study.values, [[1.5, 0.5], [1, 2], [nan, nan]])
        np.testing.assert_array_equal(study.judged, [True, True, False])
        np.testing.assert_array_equal(study.difference(0, 1), [1, -1, nan])
        np.testing.assert_array_equal(study.domain, [0, 1, 1])
        np.testing.assert_array_equal(study.shares[0], [[nan, 0.75], [0.25, nan]])
        assert (study.domains, study.top) == (("x", "y"), 2)

    def test_one_output_of_two_systems_counts_for_both(self):
        votes = [record("x-1", "r1", [f"{A}+{C}", B], [1, 2])]
        study = study_of(export(votes, (A, B, C), groups={"x-1": ((A, C), (B,))}))
        np.testing.assert_array_equal(study.values, [[1, 2, 1]])
        np.testing.assert_array_equal(study.shares[0], [[nan, 0, 0.5], [1, nan, 1], [0.5, 0, nan]])

    def test_comparisons_are_shares_won(self):
        votes = [
            record("x-1", "r1", [A, B], "A"),
            record("x-1", "r2", [B, A], "tie"),
            record("x-2", "r1", [B, A], "A"),
            record("x-2", "r2", [A, B], "both_bad"),
        ]
        study = study_of(export(votes, protocol="pairwise"))
        np.testing.assert_array_equal(study.values, [[0.75, 0.25], [0.25, 0.75]])
        np.testing.assert_array_equal(study.difference(0, 1), [0.25, -0.25])
        assert study.top == 1

    def test_equal_outputs_tie_without_a_vote(self):
        votes = [record("x-1", "r1", [A, B], "A")]
        study = study_of(export(votes, protocol="pairwise", groups={"x-2": ((A, B),)}))
        np.testing.assert_array_equal(study.values, [[1, 0], [0.5, 0.5]])
        np.testing.assert_array_equal(study.difference(0, 1), [0.5, 0])

    def test_an_item_counts_once_all_its_pairs_are_judged(self):
        votes = [record("x-1", "r1", [A, B], "A"), record("x-1", "r1", [B, C], "A")]
        study = study_of(export(votes, (A, B, C), "pairwise"))
        assert not study.judged.any()
        np.testing.assert_array_equal(study.difference(0, 1), [0.5])

    def test_raters_can_be_left_out(self):
        votes = [record("x-1", "r1", [A, B], [2, 0]), record("x-1", "r2", [A, B], [0, 2])]
        np.testing.assert_array_equal(study_of(export(votes), frozenset({"r2"})).values, [[2, 0]])

    def test_ratings_of_comparisons_speak_of_systems_not_of_sides(self):
        votes = [
            record("x-1", "r1", [A, B], "A"), record("x-1", "r2", [B, A], "B"), record("x-1", "r3", [B, A], "tie"),
        ]  # fmt: skip
        ratings = ratings_of(export(votes, protocol="pairwise"))
        np.testing.assert_array_equal(ratings.values, [[0], [0], [1]])

    def test_ratings_of_scores_have_a_column_an_output(self):
        votes = [record("x-1", "r1", [A, B], [2, 0]), record("x-2", "r2", [B, A], [1, 2])]
        ratings = ratings_of(export(votes))
        np.testing.assert_array_equal(ratings.values, [[2, 0, nan, nan], [nan, nan, 2, 1]])
        np.testing.assert_array_equal(ratings.item, [0, 0, 1, 1])


class TestSymmetry:
    @given(seeds, protocols)
    @settings(max_examples=30, deadline=None)
    def test_sides_do_not_matter(self, seed, protocol):
        votes = random_export(seed, protocol=protocol)
        turned = replace(votes, records=tuple(flipped(one) for one in votes.records))
        assert_same(study_of(votes), study_of(turned))
        np.testing.assert_array_equal(ratings_of(votes).values, ratings_of(turned).values)

    @given(seeds, protocols)
    @settings(max_examples=30, deadline=None)
    def test_turning_twice_changes_nothing(self, seed, protocol):
        for one in random_export(seed, items=3, protocol=protocol).records:
            assert flipped(flipped(one)) == one
            assert sorted(duels(flipped(one))) == sorted((b, a, -outcome) for a, b, outcome in duels(one))

    @given(seeds, protocols)
    @settings(max_examples=30, deadline=None)
    def test_the_order_of_votes_does_not_matter(self, seed, protocol):
        votes = random_export(seed, protocol=protocol)
        shuffled = random.Random(seed).sample(votes.records, len(votes.records))
        # Sums of halves and of whole numbers are exact.
        assert_same(study_of(votes), study_of(replace(votes, records=tuple(shuffled))))

    @given(seeds, protocols)
    @settings(max_examples=30, deadline=None)
    def test_exchanging_systems_negates_differences(self, seed, protocol):
        study = study_of(random_export(seed, protocol=protocol))
        for a, b in ((0, 1), (0, 2), (1, 2)):
            np.testing.assert_allclose(study.difference(a, b), -study.difference(b, a))
        both = study.shares + study.shares.swapaxes(1, 2)
        np.testing.assert_allclose(both, np.broadcast_to(np.where(np.eye(3), nan, 1), both.shape))


def test_what_a_rater_is_told_at_the_end():
    votes = [
        record("x-1", "r1", [A, f"{B}+{C}"], [2, 1]),
        record("x-2", "r1", [C, A, B], [1, 1, 0]),
        record("x-2", "r1", [C, A, B], [0, 0, 2], kind="repeat", repeats=1),
    ]
    assert reveal((A, B, C), votes) == (
        Revealed(A, 2, 1.5, wins=3, ties=1, losses=0),
        Revealed(B, 2, 0.5, wins=0, ties=1, losses=3),
        Revealed(C, 2, 1.0, wins=1, ties=2, losses=1),
    )
    (first, _) = reveal((A, B), [record("x-1", "r1", [B, A], "B")])
    assert first == Revealed(A, 1, None, wins=1, ties=0, losses=0)


@pytest.mark.parametrize("choice", ["tie", "both_bad"])
def test_neither_is_better(choice):
    assert duels(record("x-1", "r1", [A, B], choice)) == [(A, B, 0)]
