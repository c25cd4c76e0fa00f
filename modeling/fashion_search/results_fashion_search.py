"""What a search by picture answers: garments found, attributes, look-alikes, the reasons, and what was doubtful.

Boxes are (x0, y0, x1, y1) in pixels of the upright picture that was searched with, x1 and y1 exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .guide_fashion_search import Guide

Box = tuple[float, float, float, float]


class Note(str):
    """A sentence in plain English that knows its key and its values, so that a page can say it in other languages.

    Attributes:
        key: which sentence it is, e.g. "nothing_left".
        values: what was filled in.
    """

    key: str
    values: Mapping[str, str]

    def __new__(cls, key: str, sentence: str, **values: object) -> Note:
        """Fills `values` into the braces of `sentence`."""
        texts = {name: str(value) for name, value in values.items()}
        note = super().__new__(cls, sentence.format(**texts))
        note.key, note.values = key, MappingProxyType(texts)
        return note

    def __reduce__(self) -> tuple[Any, ...]:
        # The sentence is already filled in: its own braces are doubled so that they survive a second filling.
        return _note, (self.key, str(self), dict(self.values))


def _note(key: str, sentence: str, values: dict[str, str]) -> Note:
    return Note(key, sentence.replace("{", "{{").replace("}", "}}"), **values)


@dataclass(frozen=True)
class Detection:
    """A garment found in the picture.

    Attributes:
        label: one of the 13 garment classes.
        score: the detector's confidence, 0 to 1.
        box: where it is.
    """

    label: str
    score: float
    box: Box


@dataclass(frozen=True)
class Attribute:
    """One word about the garment.

    Attributes:
        group: "parent", "category", "gender", "colour", "pattern", "usage" or "season".
        value: the word, lowercase with hyphens.
        confidence: 0 to 1; 1 where it was forced.
        forced: whether the guide or the seller said so, rather than the picture.
    """

    group: str
    value: str
    confidence: float = 1.0
    forced: bool = False


@dataclass(frozen=True)
class Category:
    """A place in the category tree, as specific as it is sure.

    Attributes:
        leaf: the most probable leaf.
        confidence: its probability.
        hedged: the most informative node that is sure enough; an ancestor of a leaf, or a leaf.
        hedged_confidence: the probability of that node.
        path: the nodes from the root to `hedged`.
    """

    leaf: str
    confidence: float
    hedged: str
    hedged_confidence: float
    path: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """What a pair of eyes sees in a picture (see `Eyes`).

    Attributes:
        detections: garments found, the best first; with a guide only those that it may mean.
        box: the region that the rest describes; the whole picture where no garment was told apart.
        garment: its garment class, "" if not known.
        attributes: words about it, in the order of the sequence.
        category: its place in the category tree.
        feature: [D] float32, of length 1.
        signature: [D/8 or other] uint8, the packed bits that Hamming distances are taken of.
        histogram: [B] float32, of length 1 (see `colour_histogram`).
        ms: milliseconds by stage.
    """

    detections: tuple[Detection, ...]
    box: Box
    garment: str
    attributes: tuple[Attribute, ...]
    category: Category
    feature: np.ndarray = field(repr=False)
    signature: np.ndarray = field(repr=False)
    histogram: np.ndarray = field(repr=False)
    ms: Mapping[str, float] = field(default_factory=dict)

    def attribute(self, group: str) -> str:
        """The word of one group, "" if there is none."""
        return next((one.value for one in self.attributes if one.group == group), "")


@dataclass(frozen=True)
class Item:
    """One row of the catalogue, without its vectors.

    Attributes:
        id: never used twice in one catalogue.
        uri: what the source called the picture; unique in the catalogue.
        file: the picture, relative to the index folder or absolute; see `FashionSearch.file_of`.
        title: the seller's words.
        price: None if not known.
        category: leaf of the category tree, or the node that the seller named.
        hedged: the most specific node that the encoder was sure of.
        garment: garment class, "" if not known.
        gender: "men", "women", "unisex", "boys", "girls" or "".
        colour: "" if not known.
        attributes: all words, machine-made or the seller's (`forced`).
        keywords: words that people put on the item; the machine never touches them.
        guide: what was extracted from the title, by field; empty fields left out.
        box: the region that was encoded.
        duplicate_of: id of the item that this one shows again, None for the first of its kind.
        stated: what the seller said by "category", "gender", "colour" and "words"; empty ones left out.
        extra: other columns of the source, as they were.
    """

    id: int
    uri: str
    file: str = ""
    title: str = ""
    price: float | None = None
    category: str = ""
    hedged: str = ""
    garment: str = ""
    gender: str = ""
    colour: str = ""
    attributes: tuple[Attribute, ...] = ()
    keywords: tuple[str, ...] = ()
    guide: Mapping[str, Any] = field(default_factory=dict)
    box: Box | None = None
    duplicate_of: int | None = None
    stated: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)

    def attribute(self, group: str) -> str:
        """The word of one group, "" if there is none."""
        return next((one.value for one in self.attributes if one.group == group), "")


@dataclass(frozen=True)
class Hit:
    """One answer.

    Attributes:
        item: what was found.
        score: 0 to 1, for people: look, colours and wanted words together.
        distance: 1 - cosine of the features, 0 for the same look; NaN where only words were searched.
        why: short reasons, the weightiest first.
        duplicates: ids of other items that show the same product and were folded into this hit.
    """

    item: Item
    score: float
    distance: float
    why: tuple[Note, ...]
    duplicates: tuple[int, ...] = ()


@dataclass(frozen=True)
class SearchResult:
    """Everything a page shows about a search.

    Attributes:
        detections: garments found in the picture, the best first.
        box: the region searched with; None where no picture was given.
        garment: its garment class, "" if not known.
        guide: what the guide was understood as; None if there was none.
        attributes: words about the region.
        hits: the best first.
        ms: milliseconds by stage, e.g. "detect", "encode", "postings", "index", "rank"; "total" is all of it.
        notes: what was doubtful or done differently, in plain words; empty if all went as asked.
        category: where in the tree the region belongs; None where no picture was given.
        threshold: scores from here on are good matches.
        candidates: how many items were compared.
        skipped: how many items the postings and filters spared the index.
    """

    detections: tuple[Detection, ...]
    box: Box | None
    garment: str
    guide: Guide | None
    attributes: tuple[Attribute, ...]
    hits: tuple[Hit, ...]
    ms: Mapping[str, float]
    notes: tuple[Note, ...] = ()
    category: Category | None = None
    threshold: float = 0.0
    candidates: int = 0
    skipped: int = 0

    @property
    def good(self) -> bool:
        """Whether the best hit is a good match; where not, `notes` says so."""
        return bool(self.hits) and self.hits[0].score >= self.threshold


@dataclass(frozen=True)
class NewItem:
    """A picture to put into the catalogue, with what its seller says of it.

    Attributes:
        uri: what the source calls the picture; an item whose uri is in the catalogue already is skipped.
        file: path of the picture.
        title: the seller's words; the guide is extracted from them.
        words: more words for the guide that are no part of the title, e.g. the name of the folder.
        price: None if not known.
        category, gender, colour: what the seller states; stands above what the picture shows.
        keywords: words of people.
        extra: other columns, kept as they are.
        row: line of the source, for messages; 0 if there is none.
        problem: why the source could not give this item; it is then only reported.
    """

    uri: str
    file: str
    title: str = ""
    words: str = ""
    price: float | None = None
    category: str = ""
    gender: str = ""
    colour: str = ""
    keywords: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    row: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Failure:
    """An item that was not added, and why.

    Attributes:
        uri: what the source calls it.
        row: its line in the source, 0 if there is none.
        reason: in plain words.
    """

    uri: str
    row: int
    reason: str


@dataclass(frozen=True)
class BuildReport:
    """What came of adding items.

    Attributes:
        added: ids of the new items.
        skipped: how many were in the catalogue already.
        duplicates: how many of the new items show a product again.
        failures: every item that was not added.
        seconds: wall-clock time.
    """

    added: tuple[int, ...]
    skipped: int
    duplicates: int
    failures: tuple[Failure, ...]
    seconds: float
