"""Did a rater notice what was damaged?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.raters.records import Record

MOST_FAILED = 1 / 3
"""A rater who fails a larger share of their checks is flagged."""


@dataclass(frozen=True)
class Attention:
    """The checks of one rater.

    Attributes:
        rater: the pseudonym.
        checks: damaged outputs judged.
        failed: those not noticed.
    """

    rater: str
    checks: int
    failed: int

    @property
    def flagged(self) -> bool:
        """Whether the rater's votes deserve a doubt. They still count; a person decides."""
        return self.failed > MOST_FAILED * self.checks


def noticed(record: Record) -> bool:
    """Whether the damaged output of a check was given the lowest mark: 0, or not preferred and not called as good.

    Raises:
        ValueError: if the vote is of no check.
    """
    if record.kind != "check" or record.damaged is None:
        raise ValueError(f"only a check has something to notice, got a vote of kind {record.kind!r}")
    if isinstance(record.choice, str):
        return record.choice in ("both_bad", "BA"[record.damaged])
    return record.choice[record.damaged] == 0


def attention(raters: Sequence[str], records: Sequence[Record]) -> tuple[Attention, ...]:
    """The checks of every rater, in the order given."""
    verdicts: dict[str, list[bool]] = {rater: [] for rater in raters}
    for record in records:
        if record.kind == "check" and not record.undone:
            verdicts[record.rater].append(noticed(record))
    return tuple(Attention(rater, len(found), found.count(False)) for rater, found in verdicts.items())
