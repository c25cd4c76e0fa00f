"""Reading a filled chart: the k best derivations, their text, features, word alignment and tree.

Huang and Chiang (2005), algorithm 3. T target words, S source words.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .chart_planet_smt import Edge, Item


@dataclass(frozen=True)
class Derivation:
    """One way to derive a whole item: an edge, and one derivation of each of its children."""

    score: float
    edge: Edge
    span: tuple[int, int]
    children: tuple[Derivation, ...] = field(repr=False)


class KBest:
    """The best derivations of items, found as they are asked for and remembered."""

    def __init__(self) -> None:
        self._found: dict[int, list[Derivation]] = {}
        self._waiting: dict[int, list[tuple]] = {}
        self._seen: dict[int, set] = {}

    def of(self, item: Item) -> Iterator[Derivation]:
        """Derivations of an item, best first."""
        rank = 0
        while (derivation := self._ranked(item, rank)) is not None:
            yield derivation
            rank += 1

    def _ranked(self, item: Item, rank: int) -> Derivation | None:
        key = id(item)
        if key not in self._found:
            self._found[key], self._seen[key] = [], set()
            self._waiting[key] = []
            for index, edge in enumerate(item.edges):
                self._push(item, index, (0,) * len(edge.children))
        found, waiting = self._found[key], self._waiting[key]
        while len(found) <= rank and waiting:
            minus, index, ranks = heapq.heappop(waiting)
            edge = item.edges[index]
            children = tuple(self._ranked(child, r) for child, r in zip(edge.children, ranks, strict=True))
            found.append(Derivation(-minus, edge, item.span, children))
            for place in range(len(ranks)):
                self._push(item, index, (*ranks[:place], ranks[place] + 1, *ranks[place + 1 :]))
        return found[rank] if rank < len(found) else None

    def _push(self, item: Item, index: int, ranks: tuple[int, ...]) -> None:
        """Queues an edge with given child ranks; its score moves with its children's, as they share their state."""
        key, edge = id(item), item.edges[index]
        if (index, ranks) in self._seen[key]:
            return
        self._seen[key].add((index, ranks))
        score = edge.score
        for child, rank in zip(edge.children, ranks, strict=True):
            if rank:
                other = self._ranked(child, rank)
                if other is None:
                    return
                score += other.score - child.score
        heapq.heappush(self._waiting[key], (-score, index, ranks))


def source_positions(derivation: Derivation) -> list[int | None]:
    """For each symbol of the rule's source side its position in the sentence; None for a hole."""
    positions: list[int | None] = []
    place, holes = derivation.span[0], dict(child.span for child in derivation.children)
    while place < derivation.span[1]:
        positions.append(None if place in holes else place)
        place = holes.get(place, place + 1)
    return positions


def read_out(derivation: Derivation) -> tuple[list[int], list[tuple[int, ...]]]:
    """Target word ids (T) and, for each, the source positions it is aligned to."""
    words: list[int] = []
    links: list[tuple[int, ...]] = []
    rule = derivation.edge.rule
    positions = source_positions(derivation) if rule.kind in ("rule", "unknown") else []
    for symbol, mask in zip(rule.symbols, rule.links, strict=True):
        if symbol < 0:
            inner_words, inner_links = read_out(derivation.children[-1 - symbol])
            words += inner_words
            links += inner_links
        elif rule.kind != "end":
            words.append(symbol)
            linked = (place for bit, place in enumerate(positions) if mask >> bit & 1)
            links.append(tuple(place for place in linked if place is not None))
    return words, links


def walk(derivation: Derivation) -> Iterator[Derivation]:
    """A derivation and all those inside it."""
    yield derivation
    for child in derivation.children:
        yield from walk(child)


def as_tree(derivation: Derivation, source: Sequence[str], target: Sequence[str]) -> tuple:
    """Nested tuples (rule, span, children), for reading: ("X → 把 X1 X2 | X1 을 X2", (0, 4), (...))."""
    rule = derivation.edge.rule
    inner = [child for child in derivation.children if child.edge.rule.kind != "start"]
    children = tuple(as_tree(child, source, target) for child in inner)
    if rule.kind == "end":
        return children[0]
    if rule.kind == "glue":
        return "S → S X" if len(children) == 2 else "S → X", derivation.span, children
    holes = iter(range(1, 3))
    left = [f"X{next(holes)}" if place is None else source[place] for place in source_positions(derivation)]
    right = [f"X{-symbol}" if symbol < 0 else target[symbol] for symbol in rule.symbols]
    return f"X → {' '.join(left)} | {' '.join(right)}", derivation.span, children


__all__ = ["Derivation", "KBest", "as_tree", "read_out", "walk"]
