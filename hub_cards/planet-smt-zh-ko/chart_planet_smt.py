"""Parsing with translation: a chart over source spans, each cell filled by cube pruning.

Chiang (2007), sections 5.2 and 5.3; Huang and Chiang (2007). Cell [i, j] holds `Item`s: all partial translations of
source words i..j-1 that the language model cannot tell apart, with every way (`Edge`) they were made.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import count
from operator import attrgetter

from .configuration_planet_smt import FEATURES, PlanetSmtConfig
from .grammar_planet_smt import HOLE, Grammar
from .scoring_planet_smt import BEGIN_STATE, NULL_STATE, Left, Scorer

Span = tuple[int, int]
_score = attrgetter("score")


class Rule:
    """A rule that may be used in this sentence.

    Attributes:
        number: in the grammar; None for glue, pass-through and both ends of the sentence.
        symbols: target side: word ids, or -1 and -2 for the first and second child.
        static: weighted score without the language model.
        estimate: `static` plus the language model's score of the words between the holes, for ordering.
        links: for each target symbol a bit mask of the source symbols it is aligned to.
        kind: "rule", "glue", "unknown", "start" or "end".
    """

    __slots__ = ("estimate", "kind", "links", "number", "static", "symbols")

    def __init__(self, number, symbols, static, estimate, links, kind) -> None:
        self.number, self.symbols, self.static = number, symbols, static
        self.estimate, self.links, self.kind = estimate, links, kind


class Edge:
    """One way to make an item: a rule, the items in its holes in source order, and the score of the whole."""

    __slots__ = ("children", "rule", "score")

    def __init__(self, score: float, rule: Rule, children: tuple[Item, ...]) -> None:
        self.score, self.rule, self.children = score, rule, children


class Item:
    """Partial translations of a span with one left edge and one right state; `score` is that of the best edge."""

    __slots__ = ("edges", "left", "score", "span", "state")

    def __init__(self, score: float, left: Left, state: int, span: Span, edges: list[Edge]) -> None:
        self.score, self.left, self.state, self.span, self.edges = score, left, state, span, edges


class Chart:
    """Fills the cells of one sentence; `goal` is then the whole translation.

    Args:
        grammar: the rules.
        config: weights and limits.
        scorer: the language model, over `words`.
        static: what each rule adds to the score, from `Grammar.static_scores`.
        source: word id of each source word, 0 where the grammar does not know it.
        passed: for each source word the target word ids it may be passed through as; empty where it need not be.
    """

    def __init__(
        self,
        grammar: Grammar,
        config: PlanetSmtConfig,
        scorer: Scorer,
        static: Sequence[float],
        source: Sequence[int],
        passed: Sequence[Sequence[int]],
    ) -> None:
        self.grammar, self.config, self.scorer, self.static = grammar, config, scorer, static
        self.source = source
        self.weights = dict(zip(FEATURES, config.vector, strict=True))
        self._usable: dict[int, list[Rule]] = {}
        self.cells: dict[Span, list[Item]] = {}
        start = Edge(0.0, Rule(None, (), 0.0, 0.0, (), "start"), ())
        self.prefixes: list[list[Item]] = [[Item(0.0, scorer.beginning, BEGIN_STATE, (0, 0), [start])]]
        self._fill_cells(passed)
        self._fill_prefixes()
        self.goal = self._finish()

    def _fill_cells(self, passed: Sequence[Sequence[int]]) -> None:
        """The cells of the non-terminal X, shorter spans first."""
        size = len(self.source)
        matches = find_matches(self.grammar, self.source, self.config.span_limit)
        for width in range(1, min(size, self.config.span_limit) + 1):
            for start in range(size - width + 1):
                span = (start, start + width)
                cubes = []
                for node, holes in matches.get(span, ()):
                    axes = [self.cells.get(hole) for hole in holes]
                    if all(axes):
                        cubes.append((self.usable(node), *axes))
                if width == 1 and passed[start]:
                    cubes.append((self._pass_through(passed[start]),))
                if cubes:
                    self.cells[span] = self.fill(cubes, span)

    def _fill_prefixes(self) -> None:
        """The cells of the start symbol S: S -> S X from left to right (Chiang's glue grammar)."""
        weight = self.weights["glue"]
        glue = [Rule(None, (-1, -2), weight, weight, (0, 0), "glue")]
        for end in range(1, len(self.source) + 1):
            cubes = []
            for start in range(max(0, end - self.config.span_limit), end):
                if (start, end) in self.cells and self.prefixes[start]:
                    cubes.append((glue, self.prefixes[start], self.cells[start, end]))
            self.prefixes.append(self.fill(cubes, (0, end)) if cubes else [])

    def _finish(self) -> Item:
        """All whole translations in one item, with the probability of the sentence's end."""
        end, span = Rule(None, (-1, 0), 0.0, 0.0, (0, 0), "end"), (0, len(self.source))
        last = self.prefixes[-1]
        edges = [Edge(item.score + self.scorer.advance(item.state, 0)[1], end, (item,)) for item in last]
        edges.sort(key=_score, reverse=True)
        return Item(edges[0].score, self.scorer.beginning, NULL_STATE, span, edges)

    def usable(self, node: int) -> list[Rule]:
        """The rules of a trie node that enter the search, most promising first."""
        rules = self._usable.get(node)
        if rules is None:
            numbers = self.grammar.rules_at(node)
            if limit := self.config.targets_per_source:
                numbers = heapq.nlargest(limit, numbers, key=self.static.__getitem__)
            rules = []
            for number in numbers:
                symbols, links = self.grammar.target(number)
                static = float(self.static[number])
                rules.append(Rule(number, symbols, static, static + self._between_holes(symbols), links, "rule"))
            rules.sort(key=attrgetter("estimate"), reverse=True)
            self._usable[node] = rules
        return rules

    def _between_holes(self, symbols: tuple[int, ...]) -> float:
        total, state, advance = 0.0, NULL_STATE, self.scorer.advance
        for symbol in symbols:
            if symbol < 0:
                state = NULL_STATE
            else:
                state, added = advance(state, symbol)
                total += added
        return total

    def _pass_through(self, words: Sequence[int]) -> list[Rule]:
        static = self.weights["unknown"] + self.weights["words"]
        rules = [Rule(None, (word,), static, static + self._between_holes((word,)), (1,), "unknown") for word in words]
        return sorted(rules, key=attrgetter("estimate"), reverse=True)

    def fill(self, cubes: list[tuple], span: Span) -> list[Item]:
        """The best items of a cell, best first.

        Args:
            cubes: each a list of rules with the same holes and, for every hole, the items that may fill it; all of
                them best first. Only the `pop_limit` cubes with the best corner by estimate are opened.
            span: of the cell.
        """
        limit, serial, seen = self.config.pop_limit, count(), set()
        if limit and len(cubes) > limit:
            cubes = heapq.nlargest(limit, cubes, key=_corner)
        heap = [(*self._candidate(cube, (0,) * len(cube), serial), cube, (0,) * len(cube)) for cube in cubes]
        heapq.heapify(heap)
        found: dict[tuple[Left, int], Item] = {}
        popped = 0
        while heap and (not limit or popped < limit):
            minus, _, left, state, edge, cube, at = heapq.heappop(heap)
            popped += 1
            item = found.get((left, state))
            if item is None:
                found[left, state] = Item(-minus, left, state, span, [edge])
            else:
                item.edges.append(edge)
                item.score = max(item.score, -minus)
            for axis, place in enumerate(at):
                if place + 1 < len(cube[axis]):
                    beside = (*at[:axis], place + 1, *at[axis + 1 :])
                    if (id(cube), beside) not in seen:
                        seen.add((id(cube), beside))
                        heapq.heappush(heap, (*self._candidate(cube, beside, serial), cube, beside))
        return sorted(found.values(), key=_score, reverse=True)

    def _candidate(self, cube: tuple, at: tuple[int, ...], serial: count) -> tuple[float, int, Left, int, Edge]:
        """One place of a cube with its language model score: minus score, tie break, left edge, state, edge."""
        rule = cube[0][at[0]]
        children = tuple(axis[place] for axis, place in zip(cube[1:], at[1:], strict=True))
        added, left, state = self.combine(rule.symbols, children)
        score = rule.static + added
        for child in children:
            score += child.score
        return -score, next(serial), left, state, Edge(score, rule, children)

    def combine(self, symbols: tuple[int, ...], children: tuple[Item, ...]) -> tuple[float, Left, int]:
        """Joins a target side and its children: what the language model adds, the new left edge and right state."""
        advance = self.scorer.advance
        added, state, head, reaching = 0.0, NULL_STATE, [], True
        for place, symbol in enumerate(symbols):
            if symbol >= 0:
                state, score = advance(state, symbol)
                added += score
                if reaching:
                    head.append(symbol)
                continue
            child = children[-1 - symbol]
            left = child.left
            if reaching:
                head.extend(left.words)
            if place == 0:
                state = child.state
            else:
                for word in left.words:
                    state, score = advance(state, word)
                    added += score
                added -= left.score
                if left.closed:
                    state = child.state
            reaching = reaching and not left.closed
        return added, self.scorer.left(tuple(head), not reaching), state


def _corner(cube: tuple) -> float:
    return cube[0][0].estimate + sum(axis[0].score for axis in cube[1:])


def find_matches(grammar: Grammar, source: Sequence[int], span_limit: int) -> dict[Span, list[tuple[int, tuple]]]:
    """Every way a source side of the grammar matches part of the sentence.

    Returns:
        For each span [i, j] the trie nodes that end there, each with the spans of its holes from left to right.
    """
    matches: dict[Span, list[tuple[int, tuple]]] = {}
    step = grammar.step
    for start in range(len(source)):
        farthest = min(len(source), start + span_limit)
        open_ends: list[tuple[int, int, tuple]] = [(0, start, ())]
        while open_ends:
            node, place, holes = open_ends.pop()
            if holes != ((start, place),) and place > start and grammar.rules_at(node):
                matches.setdefault((start, place), []).append((node, holes))
            if place == farthest:
                continue
            if source[place] and (after := step(node, source[place])) > 0:
                open_ends.append((after, place + 1, holes))
            if (after := step(node, HOLE)) > 0:
                open_ends += [(after, end, (*holes, (place, end))) for end in range(place + 1, farthest + 1)]
    return matches


__all__ = ["Chart", "Edge", "Item", "Rule", "find_matches"]
