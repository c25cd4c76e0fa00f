"""What can three raters find? Simulated campaigns with a known difference, through the real assignment and statistics.

    python -m apps.raters.simulate

writes `results.json` beside this file: how often a true difference of 20 points in 200 is found, and how often a
difference is reported where there is none.

A simulated output has a quality; a rater sees it with an error of their own and gives 0, 1 or 2 by their own
thresholds. Qualities of the two systems on one sentence share the sentence's difficulty. The true difference is what
the model gives on the mean over all sentences and raters, set by bisection.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from apps.raters.agreement import alpha_of, value_counts
from apps.raters.assignment import plan, units_of
from apps.raters.campaign import Settings
from apps.raters.content import Content
from apps.raters.figures import Comparison, compare
from apps.raters.records import Export, ExportedItem, Record
from apps.raters.resampling import wilson
from apps.raters.study import ratings_of, study_of

RESULTS = Path(__file__).parent / "results.json"
SYSTEMS = ("first@sim1", "second@sim2")
DOMAINS, SENTENCES = 5, 20
_POINTS = 2 * DOMAINS * SENTENCES


@dataclass(frozen=True)
class World:
    """How simulated outputs and raters are. Standard deviations in units of the rater's error.

    Attributes:
        difficulty: of sentences.
        particular: of what a system does well or badly on one sentence, whatever its general quality.
        severity: of raters.
        thresholds: between 0 and 1, and between 1 and 2.
    """

    difficulty: float = 1.2
    particular: float = 0.4
    severity: float = 0.4
    thresholds: tuple[float, float] = (-0.8, 0.8)

    def mean_score(self, quality: float) -> float:
        """The mean score of a system of this general quality, over sentences and raters."""
        spread = np.sqrt(1 + self.difficulty**2 + self.particular**2 + self.severity**2)
        return float(sum(ndtr((quality - threshold) / spread) for threshold in self.thresholds))


# The first has the agreement careful raters of translations reach (alpha about 0.5); in the second, sentences and
# systems matter little beside the raters' errors, and alpha falls below 0.3.
WORLDS = {"raters agree": World(), "raters agree little": World(0.6, 0.4, 0.3, (-0.6, 0.6))}


def shift_for(points: float, world: World) -> float:
    """How far apart two qualities, set evenly about zero, must be for a true difference of so many points of 200.

    Raises:
        ValueError: if no difference in quality gives so many.
    """
    low, high = 0.0, 50.0
    if not 0 <= points < _POINTS:
        raise ValueError(f"a difference is 0 to {_POINTS} points, got {points}")
    for _ in range(60):
        middle = (low + high) / 2
        reached = world.mean_score(middle / 2) - world.mean_score(-middle / 2)
        low, high = (middle, high) if reached * _POINTS / 2 < points else (low, middle)
    return (low + high) / 2


def campaign(world: World, shift: float, raters: int, seed: int) -> Export:
    """One simulated campaign of 100 sentences: every rater judges both systems on every sentence."""
    rng = np.random.default_rng(seed)
    settings = Settings("simulated", "Simulated", "translation", seed=seed, checks=0.0)
    count = DOMAINS * SENTENCES
    difficulty = world.difficulty * rng.standard_normal((count, 1))
    quality = difficulty + np.array([0.5, -0.5]) * shift + world.particular * rng.standard_normal((count, 2))
    units = units_of([[Content(f"{i} a"), Content(f"{i} b")] for i in range(count)], "score012")
    items = tuple(
        ExportedItem(str(i), f"domain {i // SENTENCES + 1}", tuple((system,) for system in SYSTEMS))
        for i in range(count)
    )
    turns: dict[str, int] = {}
    records: list[Record] = []
    for number in range(raters):
        severity = world.severity * rng.standard_normal()
        for place, row in enumerate(plan(units, turns, turns, number, settings, _no_damage)):
            seen = quality[row.unit.item] - severity + rng.standard_normal(2)
            scores = [int(sum(seen[side[0]] > threshold for threshold in world.thresholds)) for side in row.sides]
            records.append(
                Record(
                    campaign=settings.name,
                    item=items[row.unit.item].id,
                    domain=items[row.unit.item].domain,
                    kind=row.kind,
                    sides=tuple(tuple(SYSTEMS[s] for s in side) for side in row.sides),
                    choice=tuple(scores),
                    rater=f"rater {number + 1}",
                    place=place,
                    milliseconds=0,
                    app_version="simulated",
                    seed=seed,
                    date="1970-01-01",
                    repeats=row.repeats,
                )
            )
        turns = {unit.key: turns.get(unit.key, 0) + 1 for unit in units}
    return Export(settings, SYSTEMS, items, tuple(f"rater {n + 1}" for n in range(raters)), tuple(records))


def _no_damage(unit: object, group: object, rng: random.Random) -> None:
    return None


@dataclass(frozen=True)
class Outcome:
    """How often a difference was found.

    Attributes:
        world: name of the model.
        points: the true difference, of 200.
        raters: in each campaign.
        campaigns: how many.
        significant: campaigns with p < 0.05.
        found: those whose 95 % interval leaves out zero as well: what a report calls different.
        share: significant / campaigns.
        ci95: 95 % interval of that share.
        half_width: mean half width of the interval of the difference, in points.
        covered: share of campaigns whose interval holds the true difference.
        alpha: mean Krippendorff's alpha; None with one rater.
    """

    world: str
    points: float
    raters: int
    campaigns: int
    significant: int
    found: int
    share: float
    ci95: tuple[float, float]
    half_width: float
    covered: float
    alpha: float | None


def simulate(world: str, points: float, raters: int, campaigns: int, seed: int, resamples: int = 2_000) -> Outcome:
    """Runs campaigns and counts.

    Args:
        world: a key of `WORLDS`.
        points: the true difference, of 200.
        raters: in each campaign.
        campaigns: how many.
        seed: of the first; each further one has the next seed.
        resamples: of the bootstrap and of the sign-flip test.
    """
    shift = shift_for(points, WORLDS[world])
    results: list[Comparison] = []
    alphas: list[float | None] = []
    for n in range(campaigns):
        export = campaign(WORLDS[world], shift, raters, seed + n)
        results += compare(study_of(export), np.random.default_rng([seed, n]), resamples)
        alphas.append(alpha_of(value_counts(ratings_of(export))))
    significant = sum(one.p < 0.05 for one in results)
    bounds = np.array([one.difference.ci95 for one in results])
    return Outcome(
        world=world,
        points=points,
        raters=raters,
        campaigns=campaigns,
        significant=significant,
        found=sum(one.found for one in results),
        share=significant / campaigns,
        ci95=wilson(significant, campaigns),
        half_width=float(np.mean(bounds[:, 1] - bounds[:, 0]) / 2),
        covered=float(np.mean((bounds[:, 0] <= points) & (points <= bounds[:, 1]))),
        alpha=float(np.mean([alpha for alpha in alphas if alpha is not None])) if raters > 1 else None,
    )


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--seed", type=int, default=20_000)
    args = parser.parse_args(arguments)
    seed = args.seed
    outcomes = []
    for world, points, raters, count in (
        ("raters agree", 20, 3, 100),
        ("raters agree", 0, 3, 500),
        ("raters agree", 20, 1, 100),
        ("raters agree little", 20, 3, 100),
        ("raters agree little", 0, 3, 500),
    ):
        outcomes.append(simulate(world, points, raters, count, seed))
        seed += count
        print(outcomes[-1])
    data = {
        "command": "python -m apps.raters.simulate",
        "date": datetime.now(timezone.utc).date().isoformat(),
        "seed": args.seed,
        "sentences": DOMAINS * SENTENCES,
        "worlds": {name: asdict(world) for name, world in WORLDS.items()},
        "outcomes": [asdict(outcome) for outcome in outcomes],
    }
    args.out.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
