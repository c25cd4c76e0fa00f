"""How the statistical translator built its sentence: the rules it used, from the whole down to the words.

A derivation is a nested tuple (rule, (start, end), children); a rule reads "X → 把 X1 X2 | X1 을 X2", Chinese before
the bar, Korean behind it, and glue reads "S → S X".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from apps.i18n import Text
from modeling.planet_rbmt.translation_zh_ko import Translation

MOST_PIECES = 120
_HOLE = re.compile(r"X[12]")


@dataclass(frozen=True)
class Rule:
    """A node of the tree.

    Attributes:
        source: symbols of the Chinese side; X1 and X2 are holes that the children fill, in this order.
        target: symbols of the Korean side.
        span: the source words it covers, first and one past the last.
        children: what fills the holes.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    span: tuple[int, int]
    children: tuple[Rule, ...]


def derivation(translation: Translation, text: Text) -> str:
    """All sentences of a translation as trees; empty where a translator has none."""
    if not translation.derivation:
        return ""
    rules = [rule for tree in translation.derivation for rule in pieces(tree)]
    drawn = "".join(_piece(rule, text) for rule in rules[:MOST_PIECES])
    left = len(rules) - MOST_PIECES
    rest = f'<p class="ph-quiet">{text("translation_more", count=left)}</p>' if left > 0 else ""
    return f'<ol class="ph-tree">{drawn}</ol>{rest}'


def pieces(tree: tuple[Any, ...]) -> Iterator[Rule]:
    """The pieces that glue only sets one behind the other, in order."""
    waiting = [tree]
    while waiting:
        label, span, children = waiting.pop()
        if label == "pieces" or label.startswith("S →"):
            waiting += reversed(children)
        else:
            yield parsed((label, span, children))


def parsed(tree: tuple[Any, ...]) -> Rule:
    """One node from its tuple. How long the Chinese side is follows from the spans: its words may be bars too."""
    label, (start, end), children = tree
    symbols = label.removeprefix("X → ").split(" ")
    covered = sum(child[1][1] - child[1][0] for child in children)
    length = end - start - covered + len(children)
    inner = tuple(parsed(child) for child in children)
    return Rule(tuple(symbols[:length]), tuple(symbols[length + 1 :]), (start, end), inner)


def _piece(rule: Rule, text: Text) -> str:
    return f"<li>{_node(rule, text)}</li>"


def _node(rule: Rule, text: Text) -> str:
    line = (
        f'<span class="ph-rule"><span lang="zh">{_side(rule.source)}</span>'
        f'<span aria-hidden="true"> → </span><span class="ph-sr">{text("translation_becomes")}</span>'
        f'<span lang="ko">{_side(rule.target)}</span></span>'
    )
    if not rule.children:
        return line
    inner = "".join(
        f'<li><span class="ph-hole">X{order}</span>{_node(child, text)}</li>'
        for order, child in enumerate(rule.children, start=1)
    )
    return f"<details open><summary>{line}</summary><ul>{inner}</ul></details>"


def _side(symbols: tuple[str, ...]) -> str:
    if not any(symbols):
        return '<span class="ph-token ph-none">∅</span>'
    return "".join(
        f'<span class="ph-hole">{symbol}</span>'
        if _HOLE.fullmatch(symbol)
        else f'<span class="ph-token">{escape(symbol.replace("▁", " ").strip() or "␣")}</span>'
        for symbol in symbols
    )
