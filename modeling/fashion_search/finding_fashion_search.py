"""Candidates for an answer: the nearest by look, and those that have the words asked for; then the best of them."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .narrowing_fashion_search import Filters, narrow
from .ranking_fashion_search import Target, rank
from .results_fashion_search import Hit, Note
from .store_fashion_search import Store
from .vectors_fashion_search import SHORTLIST, Mode

POSTED = {"category": "category", "gender": "gender", "colours": "colour", "pattern": "pattern"}
"""Field of a guide -> group of words that there are postings of."""


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        hits: the best first.
        notes: what was done differently than asked.
        candidates: how many items were compared.
        skipped: how many were not.
    """

    hits: tuple[Hit, ...]
    notes: list[Note]
    candidates: int
    skipped: int


class Clock:
    """Milliseconds by stage; a stage that runs twice is added up."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self._ms: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """Ends a stage that began where the last one ended."""
        now = time.perf_counter()
        self._ms[stage] = self._ms.get(stage, 0.0) + 1e3 * (now - self._last)
        self._last = now

    def add(self, stages: Mapping[str, float]) -> None:
        """Takes over the stages of a part that has a clock of its own, which ran since the last stage ended."""
        self._ms |= {name: ms for name, ms in stages.items() if name != "total"}
        self._last = time.perf_counter()

    def done(self) -> dict[str, float]:
        """All stages, and "total": everything since the clock was made."""
        return {**self._ms, "total": 1e3 * (time.perf_counter() - self._began)}


def by_look(
    store: Store,
    feature: np.ndarray,
    signature: np.ndarray,
    target: Target,
    filters: Filters,
    node: str,
    k: int,
    mode: Mode,
    clock: Clock,
    leave_out: frozenset[int] = frozenset(),
) -> Found:
    """The best look-alikes.

    Args:
        store: where to search.
        feature: D float32 of length 1.
        signature: W uint8.
        target: what else is known of the garment and wanted of the items.
        filters: what items must be.
        node: category that narrows the search, "" for none.
        k: how many.
        mode: see `VectorIndex.search`.
        clock: gets the stages "postings", "index" and "rank".
        leave_out: ids whose products are no answer.
    """
    allowed, notes = narrow(store.postings, store.config.tree, filters.ids(store.postings, store.config.tree), node)
    asked = _having_all(store, target, allowed)
    clock.lap("postings")
    # Some candidates fold into one answer or lose to words: more are asked for than are shown.
    wanted = max(SHORTLIST, 3 * k)
    ids, values = store.index.search(feature, signature, wanted, allowed, mode)
    scores = dict(zip(ids.tolist(), values.tolist(), strict=True))
    if asked is not None:
        # What the words ask for may look too unlike to be among the nearest of all.
        ids, values = store.index.search(feature, signature, wanted, asked, mode)
        scores |= dict(zip(ids.tolist(), values.tolist(), strict=True))
    if mode == "binary":
        scores = {one: math.cos(math.pi * (1 - share)) for one, share in scores.items()}
    clock.lap("index")
    hits = rank(list(scores), np.array(list(scores.values())), target, store.catalogue, store.config, k, leave_out)
    clock.lap("rank")
    return _found(store, hits, notes, allowed)


def by_words(store: Store, target: Target, filters: Filters, k: int, clock: Clock) -> Found:
    """The items that fit words best, where there is no picture.

    Args:
        store: where to search.
        target: what is wanted.
        filters: what items must be.
        k: how many.
        clock: gets the stages "postings", "words" and "rank".
    """
    allowed, notes = narrow(store.postings, store.config.tree, filters.ids(store.postings, store.config.tree), "")
    asked = _having_all(store, target, allowed)
    clock.lap("postings")
    words = " ".join([target.text, *(word for values in target.wanted.values() for word in values)])
    found = {item.id for item, _ in store.catalogue.find(words, max(SHORTLIST, 3 * k))}
    if allowed is not None:
        found &= set(allowed.tolist())
    if asked is not None:
        found |= set(asked[: max(SHORTLIST, 3 * k)].tolist())
    clock.lap("words")
    hits = rank(sorted(found), None, target, store.catalogue, store.config, k)
    clock.lap("rank")
    return _found(store, tuple(hit for hit in hits if hit.score > 0), notes, allowed)


def _having_all(store: Store, target: Target, allowed: np.ndarray | None) -> np.ndarray | None:
    """Ids of the allowed items that have all words asked for which there are postings.

    None if no such word is asked for, no item has all, or all have.
    """
    found = allowed
    for name, values in target.wanted.items():
        if name in POSTED:
            ids = store.postings.having_any(POSTED[name], values)
            found = ids if found is None else np.intersect1d(found, ids, assume_unique=True)
    everything = allowed is not None and found is not None and len(found) == len(allowed)
    return None if found is None or not len(found) or everything else found


def _found(store: Store, hits: tuple[Hit, ...], notes: list[Note], allowed: np.ndarray | None) -> Found:
    everything = len(store.postings.all)
    count = everything if allowed is None else len(allowed)
    return Found(hits, notes, count, max(everything - count, 0))


__all__ = ["Clock", "Found", "by_look", "by_words"]
