"""The table, the comparisons and the strengths of a campaign: by hand, and whatever the order of what went in."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.raters.figures import Comparison, Estimate, figures_of
from tests.apps.raters.voting import A, B, C, export, flipped, random_export, record

seeds = st.integers(0, 99)


def close(one: Estimate, other: Estimate, sign: int = 1) -> None:
    low, high = other.ci95
    bounds = (low, high) if sign == 1 else (-high, -low)
    assert one.value == pytest.approx(sign * other.value)
    assert one.ci95 == pytest.approx(bounds, abs=2.0)


def deck():
    """Five domains of three sentences; the first system has 2 points everywhere, the second 2, 1 and 0."""
    votes = [
        record(f"d{d}-{i}", f"r{r}", [A, B] if (d + i + r) % 2 else [B, A], [2, i] if (d + i + r) % 2 else [i, 2])
        for d in range(5) for i in range(3) for r in range(3)
    ]  # fmt: skip
    return export(votes)


class TestByHand:
    def test_the_table(self):
        figures = figures_of(deck(), resamples=500)
        assert [(row.name, row.items, row.out_of) for row in figures.rows] == [(f"d{d}", 3, 6) for d in range(5)]
        assert [row.points[0] for row in figures.rows] == [Estimate(6.0, (6.0, 6.0))] * 5
        assert [row.points[1].value for row in figures.rows] == [3.0] * 5
        assert (figures.total.items, figures.total.out_of) == (15, 30)
        assert [points.value for points in figures.total.points] == [30.0, 15.0]
        low, high = figures.total.points[1].ci95
        # Each domain's sum of three draws of 0, 1, 2 has variance 2; five of them 10.
        assert (low, high) == pytest.approx((15 - 1.96 * 10**0.5, 15 + 1.96 * 10**0.5), abs=1.5)

    def test_the_comparison(self):
        (found,) = figures_of(deck(), resamples=500).comparisons
        assert (found.a, found.b, found.items, found.difference.value) == (A, B, 15, 15.0)
        assert (found.better, found.equal, found.worse) == (10, 5, 0)
        assert found.p == found.p_corrected == 2 / 2**10
        assert found.found

    def test_the_counts(self):
        votes = deck()
        more = (
            record("d0-0", "r0", [A, B], [2, 0], undone=True),
            record("d0-0", "r0", [A, B], [2, 0], kind="repeat", repeats=0),
            record("d0-0", "r1", [A, B], [2, 0], kind="check", damaged=1),
        )
        counts = figures_of(replace(votes, records=votes.records + more), resamples=100).counts
        assert (counts.items, counts.judged, counts.raters, counts.votes) == (15, 15, 3, 45)
        assert (counts.repeats, counts.checks, counts.undone, counts.least_raters) == (1, 1, 1, 3)
        assert counts.median_seconds == 4.0

    def test_a_difference_is_found_only_by_test_and_interval(self):
        one = Comparison(A, B, 9, Estimate(3.0, (0.5, 5.0)), 0.01, 0.03, 5, 2, 2)
        assert one.found
        assert not replace(one, p_corrected=0.06).found
        assert not replace(one, difference=Estimate(3.0, (-0.1, 5.0))).found

    def test_flagged_raters_are_left_out_once_more(self):
        votes = deck()
        careless = [record(f"d{d}-{i}", "bad", [A, B], [0, 2]) for d in range(5) for i in range(3)]
        failed = [record("d0-0", "bad", [A, B], [2, 2], kind="check", damaged=0)]
        figures = figures_of(export([*votes.records, *careless, *failed]), resamples=500)
        assert figures.flagged == ("bad",)
        assert figures.comparisons[0].difference.value < 15
        assert figures.without_flagged[0].difference.value == 15
        assert figures_of(votes, resamples=100).without_flagged == ()

    def test_without_votes(self):
        empty = replace(deck(), records=())
        figures = figures_of(empty, resamples=100)
        assert (figures.rows, figures.total, figures.comparisons, figures.strengths) == ((), None, (), ())
        assert figures.counts.median_seconds is None
        json.dumps(figures.to_json())

    def test_a_single_system_is_only_scored(self):
        figures = figures_of(export([record("x-1", "r1", [A], [1])], systems=(A,)), resamples=100)
        assert (figures.total.points[0].value, figures.comparisons, figures.strengths) == (1.0, (), ())

    def test_equal_outputs_of_comparisons_without_a_vote(self):
        figures = figures_of(replace(export([], protocol="pairwise", groups={"x-1": ((A, B),)})), resamples=100)
        assert figures.total is None


class TestSymmetry:
    @given(seeds, st.sampled_from(["score012", "pairwise"]))
    @settings(max_examples=4, deadline=None)
    def test_sides_and_order_of_votes_do_not_matter(self, seed, protocol):
        votes = random_export(seed, protocol=protocol)
        shuffled = random.Random(seed).sample([flipped(one) for one in votes.records], len(votes.records))
        one, other = (figures_of(each, resamples=200) for each in (votes, replace(votes, records=tuple(shuffled))))
        assert (one.rows, one.total, one.comparisons) == (other.rows, other.total, other.comparisons)
        assert one.agreement == other.agreement
        for a, b in zip(one.strengths, other.strengths, strict=True):
            assert a.value == pytest.approx(b.value)

    @given(seeds, st.sampled_from(["score012", "pairwise"]))
    @settings(max_examples=4, deadline=None)
    def test_exchanging_the_systems_negates_the_difference(self, seed, protocol):
        votes = random_export(seed, protocol=protocol, systems=(A, B))
        one = figures_of(votes, resamples=1_000)
        other = figures_of(replace(votes, systems=(B, A)), resamples=1_000)
        close(other.comparisons[0].difference, one.comparisons[0].difference, sign=-1)
        assert other.comparisons[0].p == pytest.approx(one.comparisons[0].p, abs=0.05)
        assert (other.comparisons[0].better, other.comparisons[0].worse) == (
            one.comparisons[0].worse, one.comparisons[0].better
        )  # fmt: skip
        assert [e.value for e in other.strengths] == pytest.approx([e.value for e in one.strengths][::-1])

    def test_the_same_export_gives_the_same_figures(self):
        votes = random_export(7)
        assert figures_of(votes, resamples=300) == figures_of(votes, resamples=300)
        assert figures_of(votes, seed=1, resamples=300) != figures_of(votes, resamples=300)

    def test_more_systems_are_corrected_for(self):
        figures = figures_of(random_export(7, items=29, systems=(A, B, C)), resamples=500)
        assert [(one.a, one.b) for one in figures.comparisons] == [(A, B), (A, C), (B, C)]
        assert all(one.p_corrected >= one.p for one in figures.comparisons)
        assert max(one.p_corrected for one in figures.comparisons) > min(one.p for one in figures.comparisons)
