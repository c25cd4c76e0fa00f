"""What a rater may see. Everything that leaves the server before a campaign is finished for a rater is built here.

Nothing in it names a system or differs by system but the output itself: tasks have random names, outputs are "A", "B",
..., pictures are re-encoded alike and travel inside the payload.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from apps.raters.campaign import Protocol
from apps.raters.content import Content, Corners, Task
from apps.raters.pictures import data_uri

LETTERS = "ABCDEF"
CHOICES = ("A", "B", "tie", "both_bad")
"""What can be said of two outputs."""

SCORES = (0, 1, 2)
"""0: cannot be understood; 1: understandable; 2: excellent."""

Choice = str | tuple[int, ...]
"""One of `CHOICES`, or a score for every output in the order shown."""


@dataclass(frozen=True)
class Shown:
    """A content as a rater gets it.

    Attributes:
        text: as it is.
        pictures: JPEG data URIs.
        boxes: corners of each digit read, as (x, y) fractions of the source picture.
        reason: why a card reader accepted ("ok") or rejected; a key, to be put into words.
    """

    text: str = ""
    pictures: tuple[str, ...] = ()
    boxes: tuple[Corners, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Side:
    """One output to judge.

    Attributes:
        letter: "A", "B", ... in the order shown.
        output: what a system, or several that agree, made of the source.
    """

    letter: str
    output: Shown


@dataclass(frozen=True)
class BlindTask:
    """One judgement to make.

    Attributes:
        key: the task's opaque name.
        task: what is judged.
        protocol: how.
        domain: of the item.
        source: what the systems were given.
        reference: a person's answer, where the campaign shows it.
        sides: the distinct outputs, one to six.
        done: judgements this rater has made.
        total: judgements this rater is asked for.
        former: what was said before the vote was undone.
    """

    key: str
    task: Task
    protocol: Protocol
    domain: str
    source: Shown
    reference: Shown | None
    sides: tuple[Side, ...]
    done: int
    total: int
    former: Choice | None = None

    def to_json(self) -> dict[str, Any]:
        """The whole payload, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Standing:
    """Where a rater stands.

    Attributes:
        campaign: its name.
        title: what the campaign is called.
        task: what is judged.
        protocol: how.
        rater: the rater's number, from 1.
        done: judgements made.
        total: judgements asked for.
        last: the task judged last, which is the one that can be undone; None where nothing can be.
        open: whether votes are taken.
    """

    campaign: str
    title: str
    task: Task
    protocol: Protocol
    rater: int
    done: int
    total: int
    last: str | None
    open: bool

    @property
    def finished(self) -> bool:
        """Whether every judgement was made."""
        return self.done == self.total


@dataclass(frozen=True)
class Receipt:
    """What a rater gets for a vote, once it is safely stored.

    Attributes:
        key: the task voted on.
        done: judgements made.
        total: judgements asked for.
    """

    key: str
    done: int
    total: int


def shown(content: Content, pictures: Mapping[str, bytes]) -> Shown:
    """A stored content as a rater may see it.

    Args:
        content: its pictures are digests.
        pictures: JPEG by digest.
    """
    uris = tuple(data_uri(pictures[digest]) for digest in content.pictures)
    return Shown(content.text, uris, content.boxes, content.reason)


def sides_of(outputs: Sequence[Content], pictures: Mapping[str, bytes]) -> tuple[Side, ...]:
    """The outputs in the order shown, with nothing but a letter each."""
    return tuple(Side(LETTERS[place], shown(output, pictures)) for place, output in enumerate(outputs))


def check_choice(choice: object, protocol: Protocol, sides: int) -> Choice:
    """The choice as it is stored.

    Args:
        choice: one of `CHOICES`, or a sequence of scores.
        protocol: of the campaign.
        sides: outputs shown.

    Raises:
        ValueError: if the protocol does not allow it.
    """
    if protocol == "pairwise":
        if choice not in CHOICES:
            raise ValueError(f"a choice is one of {', '.join(CHOICES)}, got {choice!r}")
        return str(choice)
    if not isinstance(choice, list | tuple) or len(choice) != sides:
        raise ValueError(f"{sides} scores are wanted, one an output, got {choice!r}")
    if any(isinstance(score, bool) or score not in SCORES or not isinstance(score, int) for score in choice):
        raise ValueError(f"a score is 0, 1 or 2, got {choice!r}")
    return tuple(choice)
