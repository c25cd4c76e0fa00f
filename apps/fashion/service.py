"""Searches with every way there is, for the page and for the API; knows nothing of components."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from apps.fashion.answers import CLASSIC, GUIDED, SIMILAR, UNGUIDED, Answer, Outcome, Pick, Query
from apps.fashion.checks import checked_filters, checked_guide
from apps.fashion.engines import DEEP, Engine, Published, engines
from apps.fashion.events import SHOWN
from apps.fashion.pictures import shrink, thumbnail
from apps.i18n import Text
from modeling.fashion_search.guide_fashion_search import Guide, GuideExtractor
from modeling.fashion_search.images_fashion import load_image
from modeling.fashion_search.results_fashion_search import Item, Note, SearchResult

GENDERS = ("men", "women", "unisex", "boys", "girls")

Step = tuple[str, Callable[[], Outcome]]
"""Which outcome comes next, and what finds it."""


@dataclass(frozen=True)
class Plan:
    """A search that is about to be made.

    Attributes:
        answer: without what is still to be found.
        steps: in their order, the quickest for the visitor's eye first.
    """

    answer: Answer
    steps: tuple[Step, ...]


class FashionService:
    """Searches the gallery with the published models.

    Args:
        models: any of detector, encoder and rival.
        gallery: the index folder, if not the usual one.
    """

    def __init__(self, models: Sequence[Published], gallery: Path | None = None) -> None:
        self.engines = engines(models, gallery)
        self._examples: dict[tuple[Any, ...], Answer] = {}

    @property
    def engine(self) -> Engine | None:
        """The one whose answer counts first; None where the published models make none."""
        return next(iter(self.engines), None)

    def engine_of(self, key: str) -> Engine | None:
        """The engine of that key, if there is one."""
        return next((engine for engine in self.engines if engine.key == key), None)

    @cached_property
    def extractor(self) -> GuideExtractor:
        """Takes guides out of text."""
        return GuideExtractor.load()

    def facets(self) -> Mapping[str, Any]:
        """What the gallery can be filtered by, see `FashionSearch.facets`; empty where there is none."""
        found = self.engine.within(lambda search: search.facets()) if self.engine else None
        return {**found, "gender": dict.fromkeys(GENDERS) | found["gender"]} if found else {}

    def filters(self, filters: object, text: Text) -> dict[str, Any]:
        """Checked filters.

        Raises:
            ValueError: in words for people.
        """
        facets = self.facets() if filters else {}
        return checked_filters(filters, {name: facets.get(name, ()) for name in ("category", "colour", "gender")}, text)

    def guide(self, words: object, text: Text) -> Guide | None:
        """What words mean; None for none.

        Raises:
            ValueError: in words for people.
        """
        words = checked_guide(words, text)
        return self.extractor.extract(words) if words else None

    # A photograph

    def plan(self, query: Query, before: Answer | None, text: Text) -> Plan:
        """How a question is answered; what is known from the answer before is not found again.

        Raises:
            ValueError: in words for people: the picture cannot be read, or words and filters do not fit.
        """
        self._ready(text)
        guide = self.guide(query.guide, text)
        query = replace(query, filters=self.filters(query.filters, text))
        rgb = load_image(query.photo)
        size = rgb.shape[1], rgb.shape[0]
        # A rival that stands alone is the answer, with and without a guide.
        kinds = [UNGUIDED, CLASSIC] if self.engine.key == DEEP else [CLASSIC]
        if self.engine.key == DEEP and (guide or query.pick):
            kinds = [GUIDED, *kinds]
        kinds = [kind for kind in kinds if kind != CLASSIC or self.engine_of(CLASSIC)]
        outcomes = tuple(self._awaited(kind) for kind in kinds)
        answer = Answer(query, shrink(rgb), size, outcomes, guide)
        known = before.outcome(UNGUIDED) if before else None
        if known and known.result and _same_but_guide(before.query, query):
            answer = answer.having(known)
        order = [kind for kind in (UNGUIDED, GUIDED, CLASSIC) if (awaited := answer.outcome(kind)) and awaited.pending]
        return Plan(answer, tuple((kind, self._asker(kind, query, guide, rgb)) for kind in order))

    def example(self, path: Path, guide: str, text: Text) -> Plan:
        """The same for an example, whose answer is kept for as long as models and gallery stay what they are."""
        key = self._example_key(path, guide)
        if key in self._examples:
            return Plan(self._examples[key], ())
        return self.plan(Query(str(path), guide), None, text)

    def keep_example(self, path: Path, answer: Answer) -> None:
        """Keeps the answer about an example, if all went well."""
        if answer.done and not any(outcome.problem for outcome in answer.outcomes):
            self._examples[self._example_key(path, answer.query.guide)] = answer

    def _example_key(self, path: Path, guide: str) -> tuple[Any, ...]:
        return path.name, guide, *(engine.revisions for engine in self.engines)

    def _asker(self, kind: str, query: Query, guide: Guide | None, rgb: np.ndarray) -> Callable[[], Outcome]:
        pick, notes = query.pick, ()
        if kind == UNGUIDED:
            guide = pick = None
        elif pick:
            guide, notes = _meant(guide, pick)

        def ask() -> Outcome:
            engine = self._engine_for(kind)
            found = engine.search(rgb, guide, pick.box if pick else None, query.filters, SHOWN)
            return self._filled(kind, engine, replace(found, notes=(*notes, *found.notes)))

        return ask

    # An item of a gallery

    def similar_plan(self, item_id: int, key: str, filters: object, text: Text) -> Plan:
        """How look-alikes of an item are found.

        Args:
            item_id: of the item.
            key: of the engine whose gallery it is in.
            filters: what is to be seen only.
            text: the visitor's language.

        Raises:
            ValueError: in words for people, if there is no such item or its picture is gone.
        """
        self._ready(text)
        filters = self.filters(filters, text)
        home = self.engine_of(key)
        item, picture = self.item(item_id, key, text)
        rgb = load_image(picture)
        kinds = [SIMILAR if engine is self.engine else CLASSIC for engine in self.engines]
        query = Query(str(picture), filters=filters)
        answer = Answer(query, shrink(rgb), (rgb.shape[1], rgb.shape[0]), tuple(map(self._awaited, kinds)), item=item)

        def asker(kind: str) -> Callable[[], Outcome]:
            engine = self._engine_for(kind)
            return lambda: self._filled(kind, engine, engine.similar(item, engine is home, picture, filters, SHOWN))

        return Plan(answer, tuple((kind, asker(kind)) for kind in kinds))

    def item(self, item_id: int, key: str, text: Text) -> tuple[Item, Path]:
        """An item of an engine's gallery and where its picture is.

        Raises:
            ValueError: in words for people, if there is no such item.
        """
        engine = self.engine_of(key)

        def get(search: Any) -> tuple[Item, Path] | None:
            items = search.catalogue.get([item_id])
            return (items[0], search.file_of(items[0])) if items else None

        found = engine.within(get) if engine else None
        if found is None:
            raise ValueError(text("fashion_error_item", item=repr(item_id)[:20]))
        return found

    def _ready(self, text: Text) -> None:
        if self.engine is None:
            raise ValueError(text("fashion_error_no_model"))

    def _engine_for(self, kind: str) -> Engine:
        return (self.engine_of(CLASSIC) if kind == CLASSIC else None) or self.engine

    def _awaited(self, kind: str) -> Outcome:
        engine = self._engine_for(kind)
        return Outcome(kind, engine.key, engine.name, engine.revision)

    def _filled(self, kind: str, engine: Engine, found: SearchResult) -> Outcome:
        """An outcome with the thumbnails of what was found."""

        def pictures(search: Any) -> dict[int, str]:
            return {hit.item.id: thumbnail(search.file_of(hit.item)) for hit in found.hits}

        shown = engine.within(pictures) if found.hits else {}
        return replace(self._awaited(kind), result=found, pictures=shown or {})


def run(plan: Plan, guard: Callable[[Callable[[], Outcome], Outcome], Outcome]) -> Iterator[Answer]:
    """The answer before the first step, and after every one.

    Args:
        plan: of the search.
        guard: does one step; given the awaited outcome, it makes a failure one with a problem.
    """
    answer = plan.answer
    yield answer
    for kind, ask in plan.steps:
        answer = answer.having(guard(ask, answer.outcome(kind)))
        yield answer


def _same_but_guide(one: Query, other: Query) -> bool:
    return (one.photo, dict(one.filters)) == (other.photo, dict(other.filters))


def _meant(guide: Guide | None, pick: Pick) -> tuple[Guide | None, tuple[Note, ...]]:
    """The guide together with the garment that was chosen, which counts where they contradict."""
    if not pick.label:
        return guide, ()
    if guide is None:
        return Guide(category=pick.label), ()
    if pick.label in guide.garment_classes:
        return guide, ()
    changed = replace(guide, category=pick.label)
    if guide.category is None:
        return changed, ()
    sentence = "The guide says {wanted}, you chose {chosen}; your choice counts."
    return changed, (Note("pick_counts", sentence, wanted=guide.category, chosen=pick.label),)
