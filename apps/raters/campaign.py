"""A campaign: items, the systems' outputs for them, and how they are to be judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from apps.raters.content import TASKS, Content, Task, check_output, check_source

Protocol = Literal["score012", "pairwise"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)

MOST_SYSTEMS = 6
MOST_ITEMS = 10_000
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_SYSTEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}@[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TELLING = 4
"""A name or revision shorter than this occurs in any text by chance and is not searched for."""


@dataclass(frozen=True)
class Settings:
    """How a campaign is run. Most likely to change: `protocol`, `overlap`, `per_rater`.

    Attributes:
        name: what it is called in addresses and commands: lower-case letters, digits, "-" and "_".
        title: what raters see above their task. It must not tell which systems are judged.
        task: what is judged.
        protocol: "score012" scores every output 0, 1 or 2; "pairwise" asks which of two is better.
        seed: of every random choice.
        overlap: raters wanted for every item.
        per_rater: judgements a rater is given, repeats and checks not counted; all where it is None.
        repeats: share of a rater's judgements asked a second time.
        checks: share of a rater's judgements added with one output damaged.
        show_reference: whether raters see the reference.
    """

    name: str
    title: str
    task: Task
    protocol: Protocol = "score012"
    seed: int = 0
    overlap: int = 3
    per_rater: int | None = None
    repeats: float = 0.1
    checks: float = 0.05
    show_reference: bool = False

    def __post_init__(self) -> None:
        _check_text("name", self.name, 64)
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name is lower-case letters, digits, '-' and '_', got {self.name!r}")
        _check_text("title", self.title, 200)
        for field, allowed in (("task", TASKS), ("protocol", PROTOCOLS)):
            if getattr(self, field) not in allowed:
                raise ValueError(f"{field} is one of {', '.join(allowed)}, got {getattr(self, field)!r}")
        _check_whole("seed", self.seed, 0)
        _check_whole("overlap", self.overlap, 1)
        if self.per_rater is not None:
            _check_whole("per_rater", self.per_rater, 1)
        for field in ("repeats", "checks"):
            share = getattr(self, field)
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 0.5:
                raise ValueError(f"{field} is a share between 0 and 0.5, got {share!r}")
        if not isinstance(self.show_reference, bool):
            raise ValueError(f"show_reference is true or false, got {self.show_reference!r}")


@dataclass(frozen=True)
class Item:
    """One thing to judge.

    Attributes:
        id: its name in files and exports; raters never see it.
        domain: the row it counts for in the table of results.
        source: what the systems were given.
        outputs: what they made of it, in the order of the campaign's systems.
        reference: a person's answer, if there is one.
    """

    id: str
    domain: str
    source: Content
    outputs: tuple[Content, ...]
    reference: Content | None = None

    def __post_init__(self) -> None:
        _check_text("id", self.id, 200)
        _check_text("domain", self.domain, 100)


@dataclass(frozen=True)
class Campaign:
    """A whole campaign, checked.

    Attributes:
        settings: how it is run.
        systems: "name@revision" of each system judged, in the order of every item's outputs.
        items: in the order of the file.
        folder: where its pictures lie; None where they are all data URIs.
    """

    settings: Settings
    systems: tuple[str, ...]
    items: tuple[Item, ...]
    folder: Path | None = None

    def __post_init__(self) -> None:
        check_systems(self.systems, self.settings.protocol)
        if not 1 <= len(self.items) <= MOST_ITEMS:
            raise ValueError(f"a campaign has 1 to {MOST_ITEMS:,} items, got {len(self.items):,}")
        seen: set[str] = set()
        for item in self.items:
            if item.id in seen:
                raise ValueError(f"item {item.id!r} occurs twice")
            seen.add(item.id)
            check_item(item, self.settings, self.systems)
        check_blind("title", self.settings.title, self.systems)
        check_blind("name", self.settings.name, self.systems)

    @property
    def domains(self) -> tuple[str, ...]:
        """The items' domains in the order of their first item."""
        return tuple(dict.fromkeys(item.domain for item in self.items))


def check_systems(systems: tuple[str, ...], protocol: Protocol) -> None:
    """Raises ValueError unless the systems are distinct, well named, and as many as the protocol can judge."""
    fewest = 2 if protocol == "pairwise" else 1
    if not fewest <= len(systems) <= MOST_SYSTEMS:
        raise ValueError(f"{protocol} judges {fewest} to {MOST_SYSTEMS} systems, got {len(systems)}")
    for system in systems:
        if not isinstance(system, str) or not _SYSTEM.fullmatch(system):
            raise ValueError(f"a system is called name@revision, got {system!r}")
    if len(set(systems)) < len(systems):
        raise ValueError(f"systems occur twice: {', '.join(systems)}")


def check_item(item: Item, settings: Settings, systems: tuple[str, ...]) -> None:
    """Raises ValueError unless the item fits the task, has an output of every system, and gives none of them away."""
    if len(item.outputs) != len(systems):
        raise ValueError(f"item {item.id!r} has {len(item.outputs)} outputs for {len(systems)} systems")
    check_source(settings.task, item.source)
    for output in item.outputs:
        check_output(settings.task, output)
    check_blind("domain", item.domain, systems)


def check_blind(field: str, text: str, systems: tuple[str, ...]) -> None:
    """Raises ValueError if a text that raters see has a system's name or revision in it."""
    for system in systems:
        for part in tells(system):
            if part.casefold() in text.casefold():
                raise ValueError(f"{field} is seen by raters and must not name a system, got {text!r}")


def tells(system: str) -> tuple[str, ...]:
    """The pieces of "owner/name@revision" that would give a system away."""
    name, _, revision = system.rpartition("@")
    return tuple(part for part in dict.fromkeys((name, name.rpartition("/")[2], revision)) if len(part) >= _TELLING)


def _check_text(field: str, value: object, longest: int) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > longest or not value.isprintable():
        raise ValueError(f"{field} is a printable text of 1 to {longest} characters, got {str(value)[:60]!r}")


def _check_whole(field: str, value: object, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**31:
        raise ValueError(f"{field} is a whole number of at least {least}, got {value!r}")
