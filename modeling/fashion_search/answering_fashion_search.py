"""The answer to a search, with what remains to be said of it in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .finding_fashion_search import Clock, Found
from .results_fashion_search import Box, Look, Note, SearchResult

if TYPE_CHECKING:
    from .guide_fashion_search import Guide


def result(
    found: Found, notes: list[Note], clock: Clock, size: int, threshold: float = 0.0, **seen: Any
) -> SearchResult:
    """Puts an answer together.

    Args:
        found: what was found.
        notes: what was doubtful before.
        clock: of the search.
        size: number of items in the catalogue.
        threshold: from which score on a match is good.
        seen: fields of the result that say what was seen; the others are left empty.
    """
    blank = {"detections": (), "box": None, "garment": "", "guide": None, "attributes": ()}
    return SearchResult(
        **{**blank, **seen},
        hits=found.hits,
        ms=clock.done(),
        notes=(*notes, *found.notes, *_hit_notes(found, size, threshold)),
        threshold=threshold,
        candidates=found.candidates,
        skipped=found.skipped,
    )


def region_notes(look: Look, guide: Guide | None, box: Box | None) -> list[Note]:
    """What a visitor should know of the region that was described.

    Args:
        look: what was seen.
        guide: which garment was meant.
        box: where the visitor said it is; None if it was to be found.
    """
    if box is not None:
        return []
    if guide is not None and guide.category and not guide.garment_classes:
        sentence = "{wanted} cannot be found in a picture; the whole of it was searched with."
        return [Note("not_detectable", sentence, wanted=guide.category)]
    if guide is not None and guide.garment_classes:
        if guide.garment_classes & {one.label for one in look.detections}:
            return []
        sentence = "No {wanted} was found in the picture; the whole of it was searched with."
        return [Note("not_found", sentence, wanted=guide.category or " or ".join(sorted(guide.garment_classes)))]
    if not look.detections:
        return [Note("no_garment", "No garment was told apart in the picture; the whole of it was searched with.")]
    return []


def _hit_notes(found: Found, size: int, threshold: float) -> list[Note]:
    if not size:
        return [Note("empty", "The catalogue is empty: add pictures first.")]
    if not found.hits:
        return [] if found.notes else [Note("nothing_found", "Nothing was found.")]
    best = found.hits[0].score
    if best < threshold:
        sentence = "No good match: the best scores {score}, good ones {threshold} or more."
        return [Note("no_good_match", sentence, score=f"{best:.2f}", threshold=f"{threshold:.2f}")]
    return []


__all__ = ["region_notes", "result"]
