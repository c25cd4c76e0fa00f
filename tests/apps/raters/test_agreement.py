"""Agreement: worked examples, the naive definitions, and other people's code."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from apps.raters.agreement import Agreement, agreement_of, alpha_of, consistency_of, kappa_of, value_counts
from apps.raters.checks import Attention, attention, noticed
from apps.raters.study import ratings_of
from tests.apps.raters.voting import A, B, export, random_export, record


def generator():
    return np.random.default_rng(3)


def naive_alpha(counts):
    """1 - observed / expected disagreement from the coincidence matrix, with ordinal distances (Krippendorff 2004)."""
    levels = counts.shape[1]
    coincidence = np.zeros((levels, levels))
    for row in counts:
        m = row.sum()
        if m < 2:
            continue
        for c in range(levels):
            for k in range(levels):
                coincidence[c, k] += row[c] * (row[k] - (c == k)) / (m - 1)
    n_c = coincidence.sum(axis=1)
    n = n_c.sum()
    observed = expected = 0.0
    for c in range(levels):
        for k in range(levels):
            low, high = min(c, k), max(c, k)
            distance = (n_c[low : high + 1].sum() - (n_c[low] + n_c[high]) / 2) ** 2
            observed += coincidence[c, k] * distance
            expected += n_c[c] * n_c[k] * distance / (n - 1)
    return 1 - observed / expected


@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_that_of_the_definition(seed):
    counts = np.random.default_rng(seed).integers(0, 3, (17, 3))
    assert alpha_of(counts) == pytest.approx(naive_alpha(counts))


def test_alpha_of_an_export_is_that_of_its_table():
    ratings = ratings_of(random_export(5))
    theirs = krippendorff.alpha(reliability_data=ratings.values, level_of_measurement="ordinal")
    found = agreement_of(random_export(5), generator(), 100)
    assert found.alpha == pytest.approx(theirs)
    assert found.ci95[0] < found.alpha < found.ci95[1]
    assert (found.questions, found.pairs, found.low) == (39, 3, True)


def test_perfect_agreement_and_none():
    agreed = [record(f"x-{i}", rater, [A, B], [i % 3, 2 - i % 3]) for i in range(7) for rater in ("r1", "r2")]
    found = agreement_of(export(agreed), generator(), 50)
    assert (found.alpha, found.kappa, found.low) == (1.0, 1.0, False)
    opposed = [record(f"x-{i}", f"r{r}", [A, B], [2 * r, 2 - 2 * r]) for i in range(7) for r in (0, 1)]
    assert agreement_of(export(opposed), generator(), 50).alpha < 0


def test_where_nothing_varies_there_is_no_alpha():
    same = [record(f"x-{i}", rater, [A, B], [1, 1]) for i in range(3) for rater in ("r1", "r2")]
    assert agreement_of(export(same), generator(), 10) == Agreement(None, None, 6, None, None, 0)
    alone = [record(f"x-{i}", "r1", [A, B], [i, 1]) for i in range(3)]
    assert agreement_of(export(alone), generator(), 10).alpha is None


def test_counts_of_values():
    ratings = ratings_of(export([record("x-1", "r1", [A, B], [2, 0]), record("x-1", "r2", [B, A], [0, 1])]))
    np.testing.assert_array_equal(value_counts(ratings), [[0, 1, 1], [2, 0, 0]])


def test_kappa_by_hand_and_by_sklearn():
    # Observed squared disagreement 1 in 4 votes; expected the mean over all pairs of the margins.
    first, second = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])
    expected = np.mean([(a - b) ** 2 for a in first for b in second])
    assert kappa_of(first, second) == pytest.approx(1 - 0.25 / expected)
    rng = generator()
    one, other = rng.integers(0, 3, 31), rng.integers(0, 3, 31)
    assert kappa_of(one, other) == pytest.approx(cohen_kappa_score(one, other, weights="quadratic"))
    assert kappa_of(one, other) == pytest.approx(kappa_of(other, one))
    assert kappa_of(np.ones(5), np.ones(5)) is None


def test_raters_and_themselves():
    votes = [
        record("x-1", "r1", [A, B], [2, 0], place=0),
        record("x-2", "r1", [A, B], [1, 1], place=1),
        record("x-1", "r1", [A, B], [2, 1], place=2, kind="repeat", repeats=0),
        record("x-2", "r1", [A, B], [0, 0], place=3, kind="repeat", repeats=1, undone=True),
        record("x-1", "r2", [A, B], [0, 0], place=0),
    ]
    found = consistency_of(export(votes))
    assert (found.repeats, found.equal, found.share) == (2, 1, 0.5)
    assert found.kappa == pytest.approx(1 - 0.5 / np.mean([1, 0, 4, 1]))
    assert consistency_of(export(votes[:1])).share is None


def test_repeated_comparisons():
    votes = [
        record("x-1", "r1", [A, B], "A", place=0),
        record("x-1", "r1", [A, B], "B", place=7, kind="repeat", repeats=0),
        record("x-2", "r1", [B, A], "both_bad", place=1),
        record("x-2", "r1", [B, A], "tie", place=8, kind="repeat", repeats=1),
    ]
    found = consistency_of(export(votes, protocol="pairwise"))
    # A tie and "both bad" prefer neither.
    assert (found.repeats, found.equal) == (2, 1)


@pytest.mark.parametrize(
    ("choice", "damaged", "seen"),
    [
        ([2, 0], 1, True), ([2, 0], 0, False), ([1, 1], 0, False), ("A", 1, True), ("A", 0, False), ("B", 0, True),
        ("tie", 0, False), ("both_bad", 0, True),
    ],
)  # fmt: skip
def test_what_counts_as_noticed(choice, damaged, seen):
    assert noticed(record("x-1", "r1", [A, B], choice, kind="check", damaged=damaged)) == seen


def test_only_checks_can_be_noticed():
    with pytest.raises(ValueError, match="got a vote of kind 'judge'"):
        noticed(record("x-1", "r1", [A, B], [2, 0]))


def test_who_fails_more_than_a_third_is_flagged():
    def check(rater, damaged, **changes):
        return record("x-1", rater, [A, B], [2, 0], kind="check", damaged=damaged, **changes)

    votes = [check("r1", 1), check("r1", 1), check("r1", 0), check("r2", 0), check("r2", 1)]
    votes.append(check("r3", 0, undone=True))
    found = attention(["r1", "r2", "r3"], votes)
    assert found == (Attention("r1", 3, 1), Attention("r2", 2, 1), Attention("r3", 0, 0))
    assert [one.flagged for one in found] == [False, True, False]
