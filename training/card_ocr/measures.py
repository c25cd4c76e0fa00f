"""Figures of merit for readers that may refuse: pure functions over outcomes, no models, no files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import binomtest, bootstrap

from modeling.card_ocr.reading_card_ocr import VALID_LENGTHS, luhn_valid


@dataclass(frozen=True)
class Outcome:
    """What one reader made of one photograph.

    Attributes:
        truth: the number shown; None on a negative.
        raw: the digits read, before any reject.
        accepted: whether the reader stands by them.
        reason: the reader's reason code.
        confidence: in the whole number, 0..1.
        weakest: the lowest digit confidence, 0..1; 0 where no digit was read.
        digits: confidence of every digit read.
        plausible: whether cards print digits in the groups that were read.
        found: whether the number's lines were found; None where nobody looked.
        ms: milliseconds in all, and by stage.
        slice, legible, tags: what kind of photograph it is.
    """

    truth: str | None
    raw: str
    accepted: bool
    reason: str
    confidence: float
    weakest: float
    digits: tuple[float, ...] = ()
    plausible: bool = True
    found: bool | None = None
    ms: dict[str, float] = field(default_factory=dict)
    slice: str = ""
    legible: bool = True
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        return self.truth is not None and self.raw == self.truth


@dataclass(frozen=True)
class Share:
    """A proportion with its 95 % confidence interval (Wilson 1927)."""

    value: float
    low: float
    high: float
    n: int

    def as_dict(self) -> dict:
        return {"value": round(self.value, 5), "ci95": [round(self.low, 5), round(self.high, 5)], "n": self.n}


def share(hits: int, n: int) -> Share:
    """`hits` of `n` with the Wilson score interval; of nothing, nothing is known: 0 with the interval 0..1."""
    if n == 0:
        return Share(0.0, 0.0, 1.0, 0)
    interval = binomtest(hits, n).proportion_ci(method="wilson")
    return Share(hits / n, float(interval.low), float(interval.high), n)


def lost(before: Sequence[bool], after: Sequence[bool], seed: int) -> dict:
    """Share of the same cards that were right before, less those right after, with a 95 % bootstrap interval."""
    difference = np.asarray(before, float) - np.asarray(after, float)
    low = high = float(difference.mean())
    if difference.any():
        drawn = bootstrap((difference,), np.mean, n_resamples=2000, method="percentile", rng=seed, vectorized=True)
        low, high = drawn.confidence_interval
    interval = [round(float(bound), 5) for bound in (low, high)]
    return {"value": round(float(difference.mean()), 5), "ci95": interval, "n": len(difference)}


def exact(outcomes: Sequence[Outcome]) -> Share:
    """Share of cards whose raw digits are all right: no reject is applied."""
    return share(sum(o.right for o in outcomes), len(outcomes))


def digit_accuracy(outcomes: Sequence[Outcome]) -> Share:
    """Share of digits right, position by position; a reading of the wrong length counts all its digits wrong."""
    n = sum(len(o.truth) for o in outcomes)
    hits = sum(sum(a == b for a, b in zip(o.raw, o.truth, strict=True)) for o in outcomes if len(o.raw) == len(o.truth))
    return share(hits, n)


def length_accuracy(outcomes: Sequence[Outcome]) -> Share:
    return share(sum(len(o.raw) == len(o.truth) for o in outcomes), len(outcomes))


def survives(
    outcome: Outcome, confidence: bool, checksum: bool, digit_threshold: float, number_threshold: float
) -> bool:
    """Whether a reading passes the checks of its form and the rejects that are switched on."""
    if len(outcome.raw) not in VALID_LENGTHS or not outcome.plausible:
        return False
    if confidence and (outcome.weakest < digit_threshold or outcome.confidence < number_threshold):
        return False
    return not checksum or luhn_valid(outcome.raw)


def past_checksum(outcome: Outcome) -> bool:
    """Whether a reading is wrong and might pass the checksum, which one wrong digit in a valid number never does."""
    if outcome.right or outcome.truth is None or len(outcome.raw) != len(outcome.truth):
        return not outcome.right
    return not luhn_valid(outcome.truth) or sum(a != b for a, b in zip(outcome.raw, outcome.truth, strict=True)) > 1


def decisions(
    outcomes: Sequence[Outcome], digit_threshold: float, number_threshold: float
) -> dict[str, dict[str, int]]:
    """Accepted and rejected, right and wrong, after each reject alone and after both."""
    table = {}
    for name, confidence, checksum in (
        ("raw", False, False), ("+confidence", True, False), ("+luhn", False, True), ("both", True, True),
    ):  # fmt: skip
        row = {"accepted_right": 0, "accepted_wrong": 0, "rejected_right": 0, "rejected_wrong": 0}
        for outcome in outcomes:
            kept = survives(outcome, confidence, checksum, digit_threshold, number_threshold)
            row[f"{'accepted' if kept else 'rejected'}_{'right' if outcome.right else 'wrong'}"] += 1
        table[name] = row
    return table


def risk_coverage(outcomes: Sequence[Outcome]) -> tuple[np.ndarray, np.ndarray]:
    """Coverage and selective risk as the confidence threshold falls (El-Yaniv and Wiener 2010): two arrays.

    Readings that fail the checksum come last, whatever their confidence.
    """
    passed = [bool(o.raw) and luhn_valid(o.raw) for o in outcomes]
    order = np.argsort([-o.confidence - one for o, one in zip(outcomes, passed, strict=True)], kind="stable")
    wrong = np.array([not outcomes[i].right for i in order], float)
    count = np.arange(1, len(wrong) + 1)
    return count / len(wrong), np.cumsum(wrong) / count


def aurc(outcomes: Sequence[Outcome]) -> float:
    """Area under the risk-coverage curve; 0 is perfect."""
    return float(risk_coverage(outcomes)[1].mean())


def coverage_at_risk(outcomes: Sequence[Outcome], risk: float) -> float:
    """The largest coverage whose selective risk stays at or below `risk`."""
    coverage, risks = risk_coverage(outcomes)
    fitting = np.flatnonzero(risks <= risk)
    return float(coverage[fitting[-1]]) if len(fitting) else 0.0


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 15) -> float:
    """Expected calibration error with equal-width bins (Guo 2017)."""
    confidences, right = np.asarray(confidences, float), np.asarray(right, float)
    if not len(confidences):
        return 0.0
    index = np.minimum((confidences * bins).astype(int), bins - 1)
    return float(
        sum(abs((confidences[index == b] - right[index == b]).sum()) for b in np.unique(index)) / len(confidences)
    )


def digit_calibration(outcomes: Sequence[Outcome]) -> float:
    """Expected calibration error of digit confidences, over readings of the right length."""
    pairs = [
        (confidence, a == b)
        for o in outcomes
        if o.truth and len(o.raw) == len(o.truth)
        for confidence, a, b in zip(o.digits, o.raw, o.truth, strict=True)
    ]
    return calibration_error([c for c, _ in pairs], [r for _, r in pairs])


def latency(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of the milliseconds of every stage."""
    stages = outcomes[0].ms if outcomes else {}
    return {
        stage: {
            "median": round(float(np.median([o.ms[stage] for o in outcomes])), 2),
            "p95": round(float(np.percentile([o.ms[stage] for o in outcomes], 95)), 2),
        }
        for stage in stages
    }
