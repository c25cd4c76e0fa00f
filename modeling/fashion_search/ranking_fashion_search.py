"""From candidates to answers: scores for people, reasons, and one answer for each product.

The score of an item is (1 - w) * likeness + w * agreement, where likeness is the mean of the cosine of the features and
the alikeness of the colours, weighted, and agreement the mean over everything the words ask for. Without words w is 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .catalogue_fashion_search import Catalogue
from .config_fashion_search import IndexConfig
from .guiding_fashion_search import SELLERS, Wanted, fulfilled
from .histogram_fashion_search import alike
from .reasons_fashion_search import reasons
from .results_fashion_search import Attribute, Hit, Item


@dataclass(frozen=True)
class Target:
    """What is looked for.

    Attributes:
        histogram: colours of the region; None where no picture was given.
        garment: its garment class.
        attributes: words about it.
        wanted: what the guide and the text ask of an item.
        text: words whose tf-idf cosine counts beside `wanted`; "" if there are none.
        weight: share of the words in the score.
        other_colour: whether the text asks for another colour than the picture's, so that its colours do not count.
    """

    histogram: np.ndarray | None = None
    garment: str = ""
    attributes: tuple[Attribute, ...] = ()
    wanted: Wanted = field(default_factory=dict)
    text: str = ""
    weight: float = 0.0
    other_colour: bool = False


def rank(
    ids: Sequence[int],
    cosines: np.ndarray | None,
    target: Target,
    catalogue: Catalogue,
    config: IndexConfig,
    k: int,
    leave_out: frozenset[int] = frozenset(),
) -> tuple[Hit, ...]:
    """The best of some candidates.

    Args:
        ids: the candidates.
        cosines: of their features and the picture's; None where no picture was given, and only words count.
        target: what is looked for.
        catalogue: where they are.
        config: weights of the score.
        k: how many answers at most.
        leave_out: ids whose products are no answer, e.g. the item that was asked with.

    Returns:
        Hits, the best first; of items that show one product only the best, with the ids of the others.
    """
    ids = [int(one) for one in ids]
    cosine_of = {} if cosines is None else dict(zip(ids, map(float, cosines), strict=True))
    colour_of = _colours(ids, target, catalogue)
    scored = _by_words if target.wanted or target.text else _by_likeness
    best: dict[int, _Scored] = {}
    for one in scored(ids, cosine_of, colour_of, target, catalogue, config, k):
        first = one.item.duplicate_of or one.item.id
        if first not in best and not {first, one.item.id} & leave_out:
            best[first] = one
        if len(best) == k:
            break
    families = catalogue.families(list(best))
    return tuple(
        Hit(
            item=one.item,
            score=round(min(max(one.score, 0.0), 1.0), 4),
            distance=max(1 - cosine_of[one.item.id], 0.0) if cosine_of else math.nan,
            why=reasons(one.item, target, one.agreed, cosine_of.get(one.item.id), colour_of.get(one.item.id)),
            duplicates=tuple(other for other in families[first] if other != one.item.id),
        )
        for first, one in best.items()
    )


@dataclass(frozen=True)
class _Scored:
    item: Item
    score: float
    agreed: Mapping[str, float]


def _by_likeness(
    ids: Sequence[int],
    cosine_of: Mapping[int, float],
    colour_of: Mapping[int, float],
    target: Target,
    catalogue: Catalogue,
    config: IndexConfig,
    k: int,
) -> Iterator[_Scored]:
    """Candidates by likeness alone, the best first; items are read as they are needed."""
    like = {one: likeness(cosine_of[one], colour_of.get(one), config.colour_weight) for one in ids}
    order = sorted(ids, key=lambda one: (-like[one], one))
    for start in range(0, len(order), 2 * k):
        for item in catalogue.get(order[start : start + 2 * k]):
            yield _Scored(item, like[item.id], {})


def _by_words(
    ids: Sequence[int],
    cosine_of: Mapping[int, float],
    colour_of: Mapping[int, float],
    target: Target,
    catalogue: Catalogue,
    config: IndexConfig,
    k: int,
) -> list[_Scored]:
    """Candidates by likeness, where there is any, and by what they have of the wanted words, the best first."""
    items = catalogue.get(ids)
    texts = catalogue.cosines(target.text, [item.id for item in items]) if target.text else [0.0] * len(items)
    wanted = {
        name: values
        for name, values in target.wanted.items()
        if name not in SELLERS or any(fulfilled(item, name, values, config.tree) for item in items)
    }
    asked = len(wanted) + bool(target.text)
    scored = []
    for item, text in zip(items, texts, strict=True):
        agreed = {name: fulfilled(item, name, values, config.tree) for name, values in wanted.items()}
        if text > 0:
            agreed["text"] = float(text)
        score = agreement = sum(agreed.values()) / max(asked, 1)
        if cosine_of:
            like = likeness(cosine_of[item.id], colour_of.get(item.id), config.colour_weight)
            weight = target.weight if asked else 0.0
            score = (1 - weight) * like + weight * agreement
        scored.append(_Scored(item, score, agreed))
    return sorted(scored, key=lambda one: (-one.score, one.item.id))


def likeness(cosine: float, colour: float | None, colour_weight: float) -> float:
    """How alike two pictures are, 0 to 1; without a colour the cosine alone."""
    look = min(max(cosine, 0.0), 1.0)
    return look if colour is None else (1 - colour_weight) * look + colour_weight * colour


def _colours(ids: Sequence[int], target: Target, catalogue: Catalogue) -> dict[int, float]:
    """How alike the colours of each item are to those of the picture; empty where they do not count."""
    if target.histogram is None or target.other_colour:
        return {}
    found = catalogue.histograms(ids)
    if not found:
        return {}
    return dict(zip(found, map(float, alike(target.histogram, np.stack(list(found.values())))), strict=True))


__all__ = ["Target", "likeness", "rank"]
