"""The whole search on catalogue photos it has never seen: detector, encoder, guide, postings and ranking together.

Every item is searched for among all others, its near duplicates left out. The encoder alone is judged on whole pictures
by measure_retrieval.py; here the region is what the detector or the rival made of it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from modeling.fashion_search import FashionSearch, NewItem
from modeling.fashion_search.eyes_fashion_search import Eyes
from training.fashion.bootstrap import accuracy
from training.fashion.measure_retrieval import duplicates, types, types_and_colours
from training.fashion.sets import Item

DEPTHS = (1, 5, 10)
WAYS: dict[str, dict[str, Any]] = {
    "guided": {"guided": True, "postings": "guide"},
    "guided_without_postings": {"guided": True, "postings": "off"},
    "unguided": {"guided": False, "postings": "off"},
    "unguided_binary": {"guided": False, "postings": "off", "mode": "binary"},
    "unguided_postings": {"guided": False, "postings": "automatic"},
}
"""How the index is asked: whether the category is told, and which words narrow the candidates."""


def measure(
    eyes: Eyes, items: Sequence[Item], queries: int, ways: Sequence[str] = tuple(WAYS), **options: Any
) -> dict[str, Any]:
    """Hit rates of every way to ask, by type and by type and colour, and milliseconds by stage.

    A hit at k: one of the first k answers has the query's type (and colour). Queries without a label are left out.

    Args:
        eyes: what looks at pictures.
        items: catalogue photos that were not trained on; the first `queries` of them are searched for.
        queries: how many.
        ways: some of `WAYS`.
        options: of the index, see `FashionSearch.create`.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        FashionSearch.create(Path(folder) / "index", eyes, **options) as search,
    ):
        report = search.add([NewItem(uri=str(place), file=str(item.path)) for place, item in enumerate(items)])
        place = {item.id: int(item.uri) for item in search.catalogue.items()}
        asked = list(items[:queries])
        same = duplicates(asked, items)
        labels = {"type": types(items), "type_colour": types_and_colours(items)}
        results: dict[str, Any] = {"items": len(place), "failed": len(report.failures), "queries": len(asked)}
        for name in ways:
            found, ms = [], []
            for query, item in enumerate(asked):
                started = time.perf_counter()
                hits = _ask(search, item, WAYS[name])
                ms.append(1e3 * (time.perf_counter() - started))
                found.append([place[hit] for hit in hits if not same[query, place[hit]]])
            results[name] = {key: _hits(found, values) for key, values in labels.items()} | {
                "ms": {"p50": float(np.median(ms)), "p95": float(np.quantile(ms, 0.95))}
            }
    return results


def _ask(search: FashionSearch, item: Item, way: Mapping[str, Any]) -> list[int]:
    """Ids of the answers, those folded into another one right after it."""
    guide = {"category": item.category} if way["guided"] and item.category else None
    # The query and its near duplicates are indexed too, and are left out afterwards.
    result = search.search(
        item.path, guide=guide, k=DEPTHS[-1] + 20, mode=way.get("mode", "two-stage"), postings=way["postings"]
    )
    return [id_ for hit in result.hits for id_ in (hit.item.id, *hit.duplicates)]


def _hits(found: Sequence[Sequence[int]], labels: Sequence[str]) -> dict[str, Any]:
    asked = [query for query in range(len(found)) if labels[query]]
    right = {f"hit@{k}": np.array([any(labels[p] == labels[q] for p in found[q][:k]) for q in asked]) for k in DEPTHS}
    return {name: accuracy(values) for name, values in right.items()}
