"""Every figure of a campaign, computed from its export and nothing else."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from apps.raters.agreement import Agreement, Consistency, agreement_of, consistency_of
from apps.raters.bradley_terry import POINTS, strengths
from apps.raters.campaign import Settings
from apps.raters.checks import Attention, attention
from apps.raters.records import Export
from apps.raters.resampling import RESAMPLES, holm, interval, resampled_counts, sign_flip_test
from apps.raters.study import Study, study_of

SIGNIFICANT = 0.05
_STRENGTH_RESAMPLES = 2_000


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % interval, by a bootstrap over sentences."""

    value: float
    ci95: tuple[float, float]


@dataclass(frozen=True)
class Row:
    """One row of the table: a domain, or all of them.

    Attributes:
        name: the domain; empty for the total.
        items: judged items in it.
        out_of: points to be had: two an item where outputs are scored, one where they are compared.
        points: of each system.
    """

    name: str
    items: int
    out_of: int
    points: tuple[Estimate, ...]


@dataclass(frozen=True)
class Comparison:
    """Two systems on the items both are judged on.

    Attributes:
        a: the first system.
        b: the second.
        items: how many.
        difference: points of `a` minus points of `b`.
        p: of the sign-flip test.
        p_corrected: for all pairs of systems (Holm).
        better: items where `a` was judged better on the mean of its raters.
        equal: items where neither was.
        worse: items where `b` was.
    """

    a: str
    b: str
    items: int
    difference: Estimate
    p: float
    p_corrected: float
    better: int
    equal: int
    worse: int

    @property
    def found(self) -> bool:
        """Whether the systems differ: the corrected test says so, and the interval does not hold zero."""
        low, high = self.difference.ci95
        return self.p_corrected < SIGNIFICANT and not low <= 0 <= high


@dataclass(frozen=True)
class Counts:
    """What was collected.

    Attributes:
        items: in the campaign.
        judged: items whose outputs are all judged.
        alike: items where two systems or more gave outputs that look alike.
        raters: who voted.
        votes: standing votes that count.
        repeats: standing votes on what was asked before.
        checks: standing votes on something damaged.
        undone: votes taken back.
        median_seconds: a question was shown; None without votes.
        least_raters: the fewest votes any judged item has.
    """

    items: int
    judged: int
    alike: int
    raters: int
    votes: int
    repeats: int
    checks: int
    undone: int
    median_seconds: float | None
    least_raters: int


@dataclass(frozen=True)
class Figures:
    """All figures.

    Attributes:
        settings: of the campaign.
        systems: "name@revision" of each.
        counts: what was collected.
        rows: the table, one row a domain.
        total: its last row; None while no item is judged.
        comparisons: every two systems.
        strengths: Bradley-Terry strengths in Elo points about zero, one a system; empty for a single one.
        agreement: between raters.
        consistency: of raters with themselves.
        attention: the checks of each rater.
        without_flagged: the comparisons again without the raters who failed too many checks; empty if none did.
        seed: of the resampling.
        resamples: how many.
    """

    settings: Settings
    systems: tuple[str, ...]
    counts: Counts
    rows: tuple[Row, ...]
    total: Row | None
    comparisons: tuple[Comparison, ...]
    strengths: tuple[Estimate, ...]
    agreement: Agreement
    consistency: Consistency
    attention: tuple[Attention, ...]
    without_flagged: tuple[Comparison, ...]
    seed: int
    resamples: int

    @property
    def flagged(self) -> tuple[str, ...]:
        """Raters who failed too many checks."""
        return tuple(one.rater for one in self.attention if one.flagged)

    def to_json(self) -> dict[str, Any]:
        """Ready for JSON, with what is concluded beside what was measured."""
        data = asdict(self)
        for name in ("comparisons", "without_flagged"):
            for entry, comparison in zip(data[name], getattr(self, name), strict=True):
                entry["found"] = comparison.found
        data["agreement"]["low"] = self.agreement.low
        data["consistency"]["share"] = self.consistency.share
        data["flagged"] = self.flagged
        return data


def figures_of(export: Export, seed: int = 0, resamples: int = RESAMPLES) -> Figures:
    """Every figure of an export; the same export and seed give the same figures.

    Args:
        export: the votes.
        seed: of the resampling.
        resamples: of the bootstrap and of the sign-flip test.
    """
    rng = np.random.default_rng(seed)
    study = study_of(export)
    seen = attention(export.raters, export.records)
    flagged = frozenset(one.rater for one in seen if one.flagged)
    rows, total = table(study, rng, resamples)
    return Figures(
        settings=export.settings,
        systems=export.systems,
        counts=_counts(export, study),
        rows=rows,
        total=total,
        comparisons=compare(study, rng, resamples),
        strengths=_strengths(study, rng, min(resamples, _STRENGTH_RESAMPLES)),
        agreement=agreement_of(export, rng, min(resamples, 1_000)),
        consistency=consistency_of(export),
        attention=seen,
        without_flagged=compare(study_of(export, flagged), rng, resamples) if flagged else (),
        seed=seed,
        resamples=resamples,
    )


def table(study: Study, rng: np.random.Generator, resamples: int = RESAMPLES) -> tuple[tuple[Row, ...], Row | None]:
    """The deck's table: points by domain and system, and their total; domains without a judged item are left out."""
    values, domain = study.values[study.judged], study.domain[study.judged]
    if not len(values):
        return (), None
    counts = resampled_counts(domain, rng, resamples)
    rows = []
    for d, name in enumerate(study.domains):
        inside = domain == d
        if inside.any():
            rows.append(_row(name, values[inside], counts[:, inside], study.top))
    return tuple(rows), _row("", values, counts, study.top)


def compare(study: Study, rng: np.random.Generator, resamples: int = RESAMPLES) -> tuple[Comparison, ...]:
    """Every two systems, on the items both are judged on; pairs without such an item are left out."""
    found: list[Comparison] = []
    for a, b in combinations(range(len(study.systems)), 2):
        differences = study.difference(a, b)
        both = ~np.isnan(differences)
        if not both.any():
            continue
        differences = differences[both]
        samples = resampled_counts(study.domain[both], rng, resamples) @ differences
        p = sign_flip_test(differences, rng, resamples)
        signs = np.sign(np.round(differences, 9))
        found.append(
            Comparison(
                a=study.systems[a],
                b=study.systems[b],
                items=len(differences),
                difference=Estimate(float(differences.sum()), interval(samples)),
                p=p,
                p_corrected=p,
                better=int((signs > 0).sum()),
                equal=int((signs == 0).sum()),
                worse=int((signs < 0).sum()),
            )
        )
    corrected = holm([one.p for one in found])
    return tuple(Comparison(**{**vars(one), "p_corrected": value}) for one, value in zip(found, corrected, strict=True))


def _row(name: str, values: np.ndarray, counts: np.ndarray, top: int) -> Row:
    sums, samples = values.sum(axis=0), counts @ values
    points = tuple(Estimate(float(sums[s]), interval(samples[:, s])) for s in range(values.shape[1]))
    return Row(name, len(values), top * len(values), points)


def _strengths(study: Study, rng: np.random.Generator, resamples: int) -> tuple[Estimate, ...]:
    """Each item has one vote for each two systems, shared out as its raters were divided."""
    if len(study.systems) < 2 or np.isnan(study.shares).all():
        return ()
    shares = np.nan_to_num(study.shares)
    counts = resampled_counts(study.domain, rng, resamples)
    seen = POINTS * strengths(shares.sum(axis=0))
    samples = POINTS * strengths(np.einsum("bi,ist->bst", counts, shares))
    return tuple(Estimate(float(value), interval(samples[:, s])) for s, value in enumerate(seen))


def _counts(export: Export, study: Study) -> Counts:
    standing = [record for record in export.records if not record.undone]
    counting = [record for record in standing if record.kind == "judge"]
    judged = {export.items[i].id: 0 for i in np.nonzero(study.judged)[0]}
    for rater_item in {(record.rater, record.item) for record in counting}:
        if rater_item[1] in judged:
            judged[rater_item[1]] += 1
    voted = [count for count in judged.values() if count]
    return Counts(
        items=len(export.items),
        judged=int(study.judged.sum()),
        alike=sum(len(item.groups) < len(export.systems) for item in export.items),
        raters=len({record.rater for record in standing}),
        votes=len(counting),
        repeats=sum(record.kind == "repeat" for record in standing),
        checks=sum(record.kind == "check" for record in standing),
        undone=sum(record.undone for record in export.records),
        median_seconds=float(np.median([record.milliseconds for record in standing])) / 1000 if standing else None,
        least_raters=min(voted, default=0),
    )
