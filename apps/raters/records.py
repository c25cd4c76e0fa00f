"""Votes as they leave the database, for exports and the mirror: nothing in them leads back to a person."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from apps.raters.assignment import Kind
from apps.raters.blind import Choice
from apps.raters.campaign import Settings


@dataclass(frozen=True)
class Record:
    """One vote.

    Attributes:
        campaign: its name.
        item: the item's id.
        domain: the item's domain.
        kind: "judge" counts; "repeat" was asked before, at place `repeats`; "check" had its side `damaged` damaged.
        sides: for each output, in the order shown, the systems ("name@revision") that gave it.
        choice: "A", "B", "tie", "both_bad", or a score for each side.
        rater: a pseudonym made from the hash of the rater's token.
        place: number of the judgement in the rater's list, from 0.
        milliseconds: how long the question was shown.
        app_version: of the program that took the vote.
        seed: of the campaign.
        date: day of the vote, UTC.
        repeats: place of the first asking.
        damaged: the damaged side.
        undone: whether the vote was taken back.
    """

    campaign: str
    item: str
    domain: str
    kind: Kind
    sides: tuple[tuple[str, ...], ...]
    choice: Choice
    rater: str
    place: int
    milliseconds: int
    app_version: str
    seed: int
    date: str
    repeats: int | None = None
    damaged: int | None = None
    undone: bool = False

    @property
    def counts(self) -> bool:
        """Whether the systems are judged by this vote."""
        return self.kind == "judge" and not self.undone

    def to_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class ExportedItem:
    """An item of an export.

    Attributes:
        id: its name.
        domain: its domain.
        groups: systems whose outputs look alike together.
    """

    id: str
    domain: str
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Export:
    """Everything figures are computed from.

    Attributes:
        settings: of the campaign.
        systems: "name@revision" of each.
        items: in the campaign's order.
        raters: pseudonyms of all raters, those without votes and those withdrawn included.
        records: every vote, those taken back included, by rater and place.
    """

    settings: Settings
    systems: tuple[str, ...]
    items: tuple[ExportedItem, ...]
    raters: tuple[str, ...]
    records: tuple[Record, ...]


def record_from_json(line: Mapping[str, Any]) -> Record:
    """The vote in one line of an export or of the mirror.

    Raises:
        ValueError: if fields are missing or unknown.
    """
    choice = line.get("choice")
    try:
        return Record(
            **{
                **line,
                "sides": tuple(tuple(side) for side in line["sides"]),
                "choice": tuple(choice) if isinstance(choice, list) else choice,
            }
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no vote: {error}") from None


def alias_of(token_hash: str) -> str:
    """The pseudonym of a rater: it neither is the stored hash nor leads to it."""
    return hashlib.sha256(f"alias/{token_hash}".encode()).hexdigest()[:16]
