"""Pictures into the catalogue: each is looked at with the guide of its title, and kept chunk by chunk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .catalogue_fashion_search import Catalogue, Vectors
from .eyes_fashion_search import Eyes
from .guiding_fashion_search import Extractor, as_guide, guide_category, guide_record
from .histogram_fashion_search import alike
from .results_fashion_search import Attribute, BuildReport, Failure, Item, NewItem
from .store_fashion_search import Store
from .vectors_fashion_search import hamming

if TYPE_CHECKING:
    from .guide_fashion_search import Guide

CHUNK = 32
"""Items kept in one transaction: so many are lost at most if the process is killed."""

_NEIGHBOURS = 8  # items with the nearest signatures that a new one is compared with for duplicates

Progress = Callable[[int, int], None]
"""Told after every picture how many of how many are done."""


def build(
    store: Store, eyes: Eyes, extractor: Extractor, items: Sequence[NewItem], progress: Progress | None = None
) -> BuildReport:
    """Adds pictures to an index; what cannot be added is reported, and the rest goes on.

    Args:
        store: the index.
        eyes: what looks at the pictures; of the index's own revision.
        extractor: takes guides out of titles.
        items: the pictures. Those whose uri is in the catalogue are skipped, so that a build can be run again.
        progress: told how far it is.
    """
    began = time.perf_counter()
    added: list[int] = []
    failures: list[Failure] = []
    skipped = duplicates = 0
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        known = store.catalogue.known([one.uri for one in chunk])
        ready: list[tuple[Item, Vectors]] = []
        for place, new in enumerate(chunk, start=start + 1):
            if new.uri in known:
                skipped += 1
            else:
                try:
                    ready.append(_seen(store, eyes, extractor, new))
                    known.add(new.uri)
                except ValueError as error:
                    failures.append(Failure(new.uri, new.row, str(error)))
            if progress:
                progress(place, len(items))
        if ready:
            ready, same_as = _duplicates_found(store, ready)
            kept = store.add(ready, same_as)
            added += [item.id for item in kept]
            duplicates += sum(item.duplicate_of is not None for item in kept)
    return BuildReport(tuple(added), skipped, duplicates, tuple(failures), time.perf_counter() - began)


def again(catalogue: Catalogue, store: Store) -> Iterator[NewItem]:
    """The items of a catalogue as they were handed in, keywords of people included, to be looked at with other eyes.

    Args:
        catalogue: the old one.
        store: of the old catalogue; says where the pictures are.
    """
    for item in catalogue.items():
        stated = item.stated
        yield NewItem(
            uri=item.uri,
            file=str(store.file_of(item)),
            title=item.title,
            words=stated.get("words", ""),
            price=item.price,
            category=stated.get("category", ""),
            gender=stated.get("gender", ""),
            colour=stated.get("colour", ""),
            keywords=item.keywords,
            extra=item.extra,
        )


def stated_words(new: NewItem, extractor: Extractor, tree: Mapping[str, str]) -> dict[str, str]:
    """What a seller states in so many fields, in the words of the search: "T-Shirts" is "t-shirt".

    Args:
        new: the item.
        extractor: knows other names of the words.
        tree: node -> parent of the category tree; a category that it does not know at all is left out.

    Returns:
        Any of "category", "gender" and "colour".
    """
    found = {}
    if new.category:
        node = new.category if new.category in tree else guide_category(_understood(new.category, extractor), tree)
        found["category"] = node
    if new.gender:
        found["gender"] = getattr(_understood(new.gender, extractor), "gender", None) or new.gender
    if new.colour:
        found["colour"] = next(iter(getattr(_understood(new.colour, extractor), "colours", ())), new.colour)
    return {group: word for group, word in found.items() if word}


def _understood(word: str, extractor: Extractor) -> Guide | None:
    return as_guide(word.replace("-", " "), extractor)


def _guide(new: NewItem, stated: Mapping[str, str], extractor: Extractor) -> Guide | None:
    """What a seller says of an item: the guide of its words, and above it what is stated."""
    guide = as_guide(f"{new.title} {new.words}".strip(), extractor)
    if not stated:
        return guide
    fields = {name: value for name, value in stated.items() if name != "colour"}
    if "colour" in stated:
        fields["colours"] = (stated["colour"],)
    return replace(extractor.extract("") if guide is None else guide, **fields)


def _seen(store: Store, eyes: Eyes, extractor: Extractor, new: NewItem) -> tuple[Item, Vectors]:
    """An item with its vectors.

    Raises:
        ValueError: in plain words, if the source had a problem with it or its picture cannot be read.
    """
    if new.problem:
        raise ValueError(new.problem)
    tree = store.config.tree
    stated = stated_words(new, extractor, tree)
    guide = _guide(new, stated, extractor)
    look = eyes.look(new.file, guide)
    seen = [one for one in look.attributes if one.group not in stated]
    attributes = tuple(seen + [Attribute(group, value, 1.0, True) for group, value in stated.items()])
    category = stated.get("category") or look.attribute("category") or look.category.leaf
    said = {"category": new.category, "gender": new.gender, "colour": new.colour, "words": new.words}
    item = Item(
        id=0,
        uri=new.uri,
        file=store.kept_path(new.file),
        title=new.title,
        price=new.price,
        category=category if not tree or category in tree else look.category.leaf,
        hedged=look.category.hedged,
        garment=look.garment,
        gender=_word(attributes, "gender"),
        colour=_word(attributes, "colour"),
        attributes=attributes,
        keywords=tuple(new.keywords),
        guide=guide_record(guide),
        box=look.box,
        stated={name: value for name, value in said.items() if value},
        extra=dict(new.extra),
    )
    return item, Vectors(look.feature, look.signature, look.histogram)


def _word(attributes: Iterable[Attribute], group: str) -> str:
    return next((one.value for one in attributes if one.group == group), "")


def _duplicates_found(
    store: Store, ready: Sequence[tuple[Item, Vectors]]
) -> tuple[list[tuple[Item, Vectors]], dict[int, int]]:
    """Marks items that show a product of the catalogue again, and finds those that show one of each other again."""
    marked, same_as = [], {}
    for place, (item, vectors) in enumerate(ready):
        first = _first_in_catalogue(store, vectors)
        if first is None:
            firsts = (other for other in range(place) if other not in same_as)
            earlier = [other for other in firsts if marked[other][0].duplicate_of is None]
            twin = _first_twin(store, vectors, [ready[other][1] for other in earlier])
            if twin is not None:
                same_as[place] = earlier[twin]
        marked.append((replace(item, duplicate_of=first), vectors))
    return marked, same_as


def _first_in_catalogue(store: Store, vectors: Vectors) -> int | None:
    """The first item of the same product, if there is one."""
    ids, shares = store.index.search(None, vectors.signature, _NEIGHBOURS, mode="binary")
    bits = np.rint((1 - shares) * store.config.bits)
    near = [int(one) for one, apart in zip(ids, bits, strict=True) if apart <= store.config.duplicate_bits]
    histograms = store.catalogue.histograms(near)
    for item in store.catalogue.get(near):  # the nearest first
        if alike(vectors.histogram, histograms[item.id][None])[0] >= store.config.duplicate_colour:
            return item.duplicate_of or item.id
    return None


def _first_twin(store: Store, vectors: Vectors, others: Sequence[Vectors]) -> int | None:
    """The place of the first of `others` that shows the same product."""
    if not others:
        return None
    near = hamming(vectors.signature, np.stack([one.signature for one in others])) <= store.config.duplicate_bits
    colours = alike(vectors.histogram, np.stack([one.histogram for one in others]))
    found = np.flatnonzero(near & (colours >= store.config.duplicate_colour))
    return int(found[0]) if len(found) else None


__all__ = ["CHUNK", "Progress", "again", "build"]
