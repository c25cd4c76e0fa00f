"""Answers for programs: plain values, the models' own words, sentences in English."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from apps.fashion.checks import checked_box, checked_count, checked_guide
from apps.fashion.engines import Engine
from apps.fashion.service import FashionService
from apps.i18n import Text
from modeling.fashion_search.guide_fashion_search import Guide
from modeling.fashion_search.guiding_fashion_search import guide_notes, guide_record
from modeling.fashion_search.images_fashion import load_image
from modeling.fashion_search.narrowing_fashion_search import as_filters
from modeling.fashion_search.results_fashion_search import Hit, Item, Note, SearchResult


def search_record(
    service: FashionService, path: str, guide: object, box: object, filters: object, k: object, system: str, text: Text
) -> dict[str, Any]:
    """What the API answers about a search.

    Raises:
        ValueError: in words for people.
    """
    engine = _engine(service, system, text)
    count = checked_count(k, text)
    meant = service.guide(guide, text)
    kept = service.filters(filters, text)
    rgb = load_image(path)
    size = rgb.shape[1], rgb.shape[0]
    found = engine.search(rgb, meant, checked_box(box, size, text), kept, count)
    return {
        **_seen(found, size, meant),
        "hits": [_hit(hit) for hit in found.hits],
        "good": found.good,
        "threshold": found.threshold,
        "compared": found.candidates,
        **_signed(found.notes, found.ms, engine),
    }


def description_record(service: FashionService, path: str, guide: object, box: object, system: str, text: Text):
    """What the API answers about a garment, without a search.

    Raises:
        ValueError: in words for people.
    """
    engine = _engine(service, system, text)
    meant = service.guide(guide, text)
    rgb = load_image(path)
    size = rgb.shape[1], rgb.shape[0]
    found = engine.look(rgb, meant, checked_box(box, size, text))
    return {**_seen(found, size, meant), **_signed(tuple(guide_notes(meant)), found.ms, engine)}


def items_record(service: FashionService, words: object, filters: object, k: object, text: Text) -> dict[str, Any]:
    """What the API answers about items of the gallery.

    Raises:
        ValueError: in words for people.
    """
    engine = _engine(service, "", text)
    wanted, count, kept = checked_guide(words, text), checked_count(k, text), service.filters(filters, text)

    def find(search: Any) -> dict[str, Any]:
        if not kept:
            page = search.catalogue.page(0, count, wanted)
            return {"items": [item_record(item) for item in page.items], "total": page.total}
        passed = set(as_filters(kept).ids(search.store.postings, search.config.tree).tolist())
        listed = (
            (item for item, _ in search.catalogue.find(wanted, len(search) or 1))
            if wanted
            else search.catalogue.items()
        )
        items = [item for item in listed if item.id in passed]
        return {"items": [item_record(item) for item in items[:count]], "total": len(items)}

    return engine.within(find) or {"items": [], "total": 0}


def item_record(item: Item) -> dict[str, Any]:
    """An item of the gallery as plain values."""
    return {
        "id": item.id,
        "uri": item.uri,
        "title": item.title,
        "price": item.price,
        "category": item.category,
        "garment": item.garment,
        "gender": item.gender,
        "colour": item.colour,
        "attributes": {one.group: one.value for one in item.attributes},
        "keywords": list(item.keywords),
        "duplicate_of": item.duplicate_of,
    }


def _engine(service: FashionService, system: str, text: Text) -> Engine:
    if service.engine is None:
        raise ValueError(text("fashion_error_no_model"))
    engine = service.engine_of(system) if system else service.engine
    if engine is None:
        known = ", ".join(engine.key for engine in service.engines)
        raise ValueError(text("fashion_error_system", system=repr(system)[:40], known=known))
    return engine


def _seen(found: SearchResult, size: tuple[int, int], guide: Guide | None) -> dict[str, Any]:
    category = found.category
    return {
        "size": list(size),
        "detections": [{"label": one.label, "score": one.score, "box": list(one.box)} for one in found.detections],
        "box": list(found.box) if found.box else None,
        "garment": found.garment,
        "guide": guide_record(guide),
        "attributes": [
            {"group": one.group, "value": one.value, "confidence": round(one.confidence, 4), "forced": one.forced}
            for one in found.attributes
        ],
        "category": category
        and {
            "leaf": category.leaf,
            "confidence": round(category.confidence, 4),
            "hedged": category.hedged,
            "hedged_confidence": round(category.hedged_confidence, 4),
            "path": list(category.path),
        },
    }


def _signed(notes: tuple[Note, ...], ms: Mapping[str, float], engine: Engine) -> dict[str, Any]:
    return {
        "notes": [str(note) for note in notes],
        "ms": {name: round(value, 2) for name, value in ms.items()},
        "system": engine.key,
        "models": [{"name": model.name, "revision": model.revision} for model in engine.models],
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        **item_record(hit.item),
        "score": hit.score,
        "distance": None if math.isnan(hit.distance) else round(hit.distance, 4),
        "why": [str(note) for note in hit.why],
        "duplicates": list(hit.duplicates),
    }
