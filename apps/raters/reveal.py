"""What one rater said of each system: told when all is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from apps.raters.records import Record


@dataclass(frozen=True)
class Revealed:
    """A system by name, and the rater's own judgement of it.

    Attributes:
        system: "name@revision".
        judged: outputs of it the rater judged.
        mean: mean score, 0 to 2; None where outputs were compared instead.
        wins: outputs judged better than another system's: by choice, or by a higher score.
        ties: outputs judged no better and no worse.
        losses: outputs judged worse.
    """

    system: str
    judged: int
    mean: float | None
    wins: int
    ties: int
    losses: int


def reveal(systems: Sequence[str], records: Sequence[Record]) -> tuple[Revealed, ...]:
    """One entry for each system, from the votes of one rater that count."""
    scores: dict[str, list[int]] = {system: [] for system in systems}
    outcomes: Counter[tuple[str, int]] = Counter()
    judged: Counter[str] = Counter()
    for record in records:
        if not record.counts:
            continue
        judged.update(system for side in record.sides for system in side)
        if not isinstance(record.choice, str):
            for side, score in zip(record.sides, record.choice, strict=True):
                for system in side:
                    scores[system].append(score)
        for winner, loser, outcome in duels(record):
            outcomes[winner, outcome] += 1
            outcomes[loser, -outcome] += 1
    return tuple(
        Revealed(
            system,
            judged[system],
            sum(scores[system]) / len(scores[system]) if scores[system] else None,
            outcomes[system, 1],
            outcomes[system, 0],
            outcomes[system, -1],
        )
        for system in systems
    )


def duels(record: Record) -> list[tuple[str, str, int]]:
    """Every two systems of one judgement, each two once: (a, b, outcome), 1 where a is better, 0 where neither is,
    -1 where b is. Systems behind one output are equal."""
    if isinstance(record.choice, str):
        marks: tuple[int, ...] = {"A": (1, 0), "B": (0, 1)}.get(record.choice, (0, 0))
    else:
        marks = record.choice
    marked = [(system, mark) for side, mark in zip(record.sides, marks, strict=True) for system in side]
    return [
        (a, b, (mark_a > mark_b) - (mark_a < mark_b))
        for i, (a, mark_a) in enumerate(marked)
        for b, mark_b in marked[i + 1 :]
    ]
