"""What the page shows about a search: the question, the garments to choose from, and what every way to search found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps.fashion.pictures import overlap
from modeling.fashion_search.guide_fashion_search import Guide
from modeling.fashion_search.results_fashion_search import Box, Detection, Item, SearchResult

GUIDED, UNGUIDED, CLASSIC, SIMILAR = "guided", "unguided", "classic", "similar"

_SAME_PLACE = 0.85
"""Boxes that overlap so far are one garment."""


@dataclass(frozen=True)
class Pick:
    """What the visitor chose in the photograph: a garment, or all of it.

    Attributes:
        label: garment class, "" for the whole photograph.
        box: in pixels of the photograph.
    """

    label: str
    box: Box


@dataclass(frozen=True)
class Query:
    """What was asked.

    Attributes:
        photo: path of the photograph.
        guide: the visitor's words.
        filters: what is to be seen only.
        pick: what was chosen in the photograph.
    """

    photo: str
    guide: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    pick: Pick | None = None


@dataclass(frozen=True)
class Outcome:
    """What one way to search found, or a sentence why it did not; neither while it is awaited.

    Attributes:
        kind: "guided", "unguided", "classic" or "similar".
        engine: key of the engine that was asked.
        name: its model's name.
        revision: its model's revision.
        result: of the search.
        problem: in the visitor's language.
        pictures: thumbnails by item id, as data URIs.
    """

    kind: str
    engine: str
    name: str
    revision: str
    result: SearchResult | None = None
    problem: str = ""
    pictures: Mapping[int, str] = field(default_factory=dict, repr=False)

    @property
    def pending(self) -> bool:
        """Whether the answer is still awaited."""
        return self.result is None and not self.problem


@dataclass(frozen=True)
class Answer:
    """Everything the page shows; it stays on the server, without the photograph in full.

    Attributes:
        query: what was asked.
        photo: a small JPEG of the photograph.
        size: its width and height when it was searched with, in pixels.
        outcomes: in the order of the columns.
        guide: what the visitor's words mean; None without any.
        item: whose look-alikes were asked for, where no photograph was given.
    """

    query: Query
    photo: bytes = field(repr=False)
    size: tuple[int, int]
    outcomes: tuple[Outcome, ...]
    guide: Guide | None = None
    item: Item | None = None

    def having(self, outcome: Outcome) -> Answer:
        """The same with one outcome filled in."""
        return replace(self, outcomes=tuple(outcome if o.kind == outcome.kind else o for o in self.outcomes))

    def outcome(self, kind: str) -> Outcome | None:
        """That outcome, if it is one of this answer."""
        return next((outcome for outcome in self.outcomes if outcome.kind == kind), None)

    def result(self, kind: str) -> SearchResult | None:
        """What that way to search found, if it has."""
        outcome = self.outcome(kind)
        return outcome.result if outcome else None

    @property
    def done(self) -> bool:
        """Whether nothing is awaited any more."""
        return not any(outcome.pending for outcome in self.outcomes)

    @property
    def main(self) -> Outcome | None:
        """The outcome that counts: that of the guide, where there is one."""
        return next((outcome for outcome in self.outcomes if outcome.result), None)

    @property
    def garments(self) -> tuple[Detection, ...]:
        """All that can be chosen, in a fixed order: found without a guide, then only with one, then chosen before."""
        found: list[Detection] = []
        if self.item is not None:
            return ()  # of an item's picture, the region is known
        for kind in (UNGUIDED, GUIDED) if self.result(UNGUIDED) else (CLASSIC,):
            result = self.result(kind)
            for one in result.detections if result else ():
                if not _among(one.label, one.box, found):
                    found.append(one)
        pick = self.query.pick
        if pick and pick.label and not _among(pick.label, pick.box, found):
            found.append(Detection(pick.label, 0.0, pick.box))
        return tuple(found)

    @property
    def chosen(self) -> int | None:
        """Place in `garments` of the one that was searched with; None for the whole photograph or a region besides."""
        main = self.main
        box = main.result.box if main and main.result else None
        if box is None:
            return None
        label = self.query.pick.label if self.query.pick else main.result.garment
        near = [(one.label == label, overlap(one.box, box), -place) for place, one in enumerate(self.garments)]
        near = [one for one in near if one[1] >= _SAME_PLACE]
        return -max(near)[2] if near else None


def _among(label: str, box: Box, found: Sequence[Detection]) -> bool:
    return any(other.label == label and overlap(other.box, box) >= _SAME_PLACE for other in found)
