"""Everything that is measured of translations, as plain dictionaries ready for results.json."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sacrebleu.metrics import BLEU, CHRF

from modeling.planet_nmt.processing_zh_ko import PreProcessor
from training.translation import variants
from training.translation.answers import Answer, Cache
from training.translation.fidelity import measure
from training.translation.fidelity_suite import build_suite
from training.translation.keeping import (
    checks_figure,
    numbers_figure,
    rate,
    raw_symbols,
    round_trip,
    slots_figure,
)
from training.translation.scores import Counts, Draws, compare, count, figure
from training.translation.systems import System
from training.translation.testsets import Pair, Part, part_of
from training.translation.twins import measure_twins

LENGTHS = ((1, 10), (11, 20), (21, 30), (31, 50), (51, 10_000))
"""Buckets of source length in characters, both ends included."""
NUMBER_ROWS = (
    "integers", "decimals", "percent", "separators", "scaling", "dates", "prices", "units", "two equal",
)  # fmt: skip
"""Rows of the fidelity suite that are about numbers."""


@dataclass(frozen=True)
class Bench:
    """What every measurement needs.

    Attributes:
        systems: in the order of tables; the first is compared with all others.
        parts: the sets, by name.
        cache: translates, or reads what was translated.
        metrics: of sacreBLEU, by name.
        draws: how sentences are resampled; their seed is also that of the fidelity suite.
    """

    systems: Sequence[System]
    parts: dict[str, Part]
    cache: Cache
    metrics: dict[str, BLEU | CHRF]
    draws: Draws

    def answers(self, system: System, part: Part) -> dict[int, Answer]:
        """Translations of the part of a set that the system sees, by place."""
        places = part.places(system.limit)
        texts = [part.pairs[place].zh for place in places]
        return dict(zip(places, self.cache.translate(system, texts, part.name), strict=True))

    def all_answers(self, system: System) -> list[tuple[Pair, Answer]]:
        """The same over all sets."""
        return [
            (part.pairs[place], one)
            for part in self.parts.values()
            for place, one in self.answers(system, part).items()
        ]


@dataclass(frozen=True)
class Scored:
    """One system on one set: the places translated, and the counts of every metric over them."""

    places: list[int]
    counts: dict[str, Counts]

    def rows(self, places: Iterable[int]) -> list[int]:
        """Rows of the counts that hold these places."""
        row_of = {place: row for row, place in enumerate(self.places)}
        return [row_of[place] for place in places]


def scored(bench: Bench, system: System, part: Part) -> Scored:
    """Counts of a system's translations of a set."""
    answers = bench.answers(system, part)
    hypotheses, references = [one.text for one in answers.values()], [part.pairs[place].ko for place in answers]
    return Scored(list(answers), {name: count(m, hypotheses, references) for name, m in bench.metrics.items()})


def measure_sets(bench: Bench) -> dict[str, dict]:
    """Scores of every system on every set, differences between systems on common sentences, and domains of a set."""
    report = {}
    for part in bench.parts.values():
        found = {system.name: scored(bench, system, part) for system in bench.systems}
        report[part.name] = {
            "n": part.size,
            "systems": {name: _figures(one.counts, bench.draws) for name, one in found.items()},
            "paired": _paired(found, bench.draws),
            "domains": _by_group(found, [pair.domain for pair in part.pairs], bench.draws),
        }
    return report


def _figures(counts: dict[str, Counts], draws: Draws) -> dict:
    return {name: figure(one, draws) for name, one in counts.items()}


def _paired(found: dict[str, Scored], draws: Draws) -> dict[str, dict]:
    """Differences of every system to those after it, on the sentences both translated."""
    names = list(found)
    report: dict[str, dict] = {name: {} for name in names[:-1]}
    for place, name in enumerate(names):
        for other in names[place + 1 :]:
            one, two = found[name], found[other]
            common = [place for place in one.places if place in set(two.places)]
            report[name][other] = {
                metric: {
                    "own": round((own := one.counts[metric].of(one.rows(common))).score(), 3),
                    "other": round((rival := two.counts[metric].of(two.rows(common))).score(), 3),
                    **compare(own, rival, draws),
                    "own_ci95": figure(own, draws)["ci95"],
                }
                for metric in one.counts
            }
    return report


def _by_group(found: dict[str, Scored], groups: Sequence[str], draws: Draws) -> dict[str, dict]:
    """Scores by domain; nothing where a set has but one."""
    if len(set(groups)) < 2:
        return {}
    report = {}
    for group in sorted(set(groups)):
        report[group] = {}
        for name, one in found.items():
            rows = [row for row, place in enumerate(one.places) if groups[place] == group]
            if rows:
                report[group][name] = _figures({m: c.of(rows) for m, c in one.counts.items()}, draws)
    return report


def measure_lengths(bench: Bench) -> dict[str, dict]:
    """Scores over all sets by source length."""
    report: dict[str, dict] = {}
    for system in bench.systems:
        pairs = bench.all_answers(system)
        hypotheses, references = [one.text for _, one in pairs], [pair.ko for pair, _ in pairs]
        counts = {name: count(metric, hypotheses, references) for name, metric in bench.metrics.items()}
        lengths = np.array([len(pair.zh) for pair, _ in pairs])
        for low, high in LENGTHS:
            rows = np.flatnonzero((lengths >= low) & (lengths <= high)).tolist()
            if rows:
                bucket = report.setdefault(f"{low}–{high}" if high < 10_000 else f"over {low - 1}", {})
                bucket[system.name] = _figures({name: one.of(rows) for name, one in counts.items()}, bench.draws)
    return report


def measure_fidelity(bench: Bench, items: int) -> tuple[dict[str, dict], dict[str, list[Answer]]]:
    """The fidelity suite row by row, for every system, and the answers to it."""
    suite = build_suite(items, bench.draws.seed)
    report, kept = {}, {}
    for system in bench.systems:
        answers: list[Answer] = []

        def translate(texts: list[str], system=system, answers=answers) -> list[str]:
            answers += bench.cache.translate(system, texts, "fidelity")
            return [one.text for one in answers]

        rows = measure(translate, suite)
        report[system.name] = {
            row.name: rate(row.passed, row.items) | {"failures": [list(one) for one in row.failures[:3]]}
            for row in rows
        }
        numbers = [row for row in rows if row.name in NUMBER_ROWS]
        report[system.name]["all numbers"] = rate(sum(r.passed for r in numbers), sum(r.items for r in numbers))
        kept[system.name] = answers
    return report, kept


def measure_keeping(
    bench: Bench, suite: dict[str, list[Answer]], rater: str, preprocessor: PreProcessor
) -> dict[str, dict]:
    """Numbers, must-keep tokens, placeholders and raw symbols over all sets and the suite, for every system.

    `references` says how many numbers the human translations keep by the same count: no system can be asked for more.
    """
    pairs = [part.pairs[place] for part in bench.parts.values() for place in part.places()]
    report = {
        "references": {"numbers": numbers_figure([(pair.zh, pair.ko) for pair in pairs])},
        "processors alone": {"placeholders": round_trip([pair.zh for pair in pairs], preprocessor)},
    }
    for system in bench.systems:
        answers = bench.all_answers(system)
        everything = [one for _, one in answers] + suite.get(system.name, [])
        own = report[system.name] = {
            "numbers": numbers_figure([(pair.zh, one.text) for pair, one in answers]),
            "raw_symbols": raw_symbols([a.text for a in everything], [a.source for a in everything])
            | {"n": len(everything)},
        }
        if any(one.slots for one in everything):
            own["placeholders"] = slots_figure(everything)
        if rater in bench.parts:
            found = bench.answers(system, bench.parts[rater])
            must = [bench.parts[rater].pairs[place] for place in found]
            own["must_keep"] = checks_figure(must, [one.text for one in found.values()])
    return report


def measure_all_twins(bench: Bench, names: Sequence[str]) -> dict[str, dict]:
    """Traditional twins of some sets, for every system."""
    metric = bench.metrics["bleu"]
    return {
        system.name: {
            name: measure_twins(system, bench.parts[name], bench.cache, metric, bench.draws)
            for name in names
            if name in bench.parts
        }
        for system in bench.systems
    }


def measure_variants(bench: Bench, nmt: System, folder: Path, names: Sequence[str], sentences: int) -> dict:
    """Planet NMT with one step or choice of the search changed, on the same `sentences` of each of some sets.

    Every variant comes with its difference from all steps on and the search as published.
    """
    chosen = [bench.parts[name] for name in names if name in bench.parts]
    pairs = [part.pairs[place] for part in chosen for place in part.places(sentences)]
    pool = part_of("variants", pairs)
    base: dict[str, Counts] = {}
    report: dict[str, dict] = {}
    for name, system in variants.variants(nmt, folder):
        counts = scored(bench, system, pool).counts
        base = base or counts
        report[name] = _figures(counts, bench.draws)
        if counts is not base:
            for metric in counts:
                report[name][metric]["paired"] = compare(counts[metric], base[metric], bench.draws)
    return {"sets": {part.name: len(part.places(sentences)) for part in chosen}, "variants": report}
