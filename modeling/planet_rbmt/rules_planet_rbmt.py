"""A sentence: its clauses between punctuation, brackets and quotations inside them, marks the Korean way."""

from __future__ import annotations

from collections.abc import Sequence

from .clauses_planet_rbmt import ends_in_quoting, translate_clause
from .dictionary_planet_rbmt import CLOSING, OPENING, PUNCTUATION
from .pieces_planet_rbmt import Piece, Token, attached

BREAKS = set(PUNCTUATION) - {"、"}


def translate_tokens(tokens: Sequence[Token]) -> tuple[Piece, ...]:
    """The Korean of a sentence's tokens: every clause before a comma is joined to the next."""
    clauses = _clauses(_fold_brackets(list(tokens)))
    question = any(mark is not None and mark.zh in "?？" for _, mark in clauses)
    pieces: tuple[Piece, ...] = ()
    for place, (clause, mark) in enumerate(clauses):
        joined = mark is not None and mark.zh in "，," and any(part for part, _ in clauses[place + 1 :])
        asks = question and not joined
        pieces += translate_clause(clause, "and" if joined else "final", asks)
        if mark is not None:
            sign = PUNCTUATION[mark.zh]
            pieces += (Piece(sign.strip(), mark.sources, bool(pieces) and not sign.startswith(" ")),)
    return pieces


def _clauses(tokens: list[Token]) -> list[tuple[list[Token], Token | None]]:
    """The stretches between punctuation with the mark that ends each; 表示，… is one with what it quotes."""
    clauses: list[tuple[list[Token], Token | None]] = []
    current: list[Token] = []
    for token in tokens:
        if token.pos != "o" or token.zh not in BREAKS:
            current.append(token)
        elif not (token.zh in "，,：:" and ends_in_quoting(current)):
            clauses.append((current, token))
            current = []
    return [*clauses, (current, None)] if current else clauses


def _fold_brackets(tokens: list[Token]) -> list[Token]:
    """What stands in brackets or quotation marks as one noun, translated by itself; a lone mark is left out."""
    folded: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = next((i for i in range(at + 1, len(tokens)) if tokens[i].zh in CLOSING), None)
        if token.zh in OPENING and end is not None:
            folded.append(_bracketed(tokens[at : end + 1], bool(folded)))
            at = end + 1
            continue
        if token.zh not in OPENING and token.zh not in CLOSING:
            folded.append(token)
        at += 1
    return folded


def _bracketed(tokens: list[Token], follows: bool) -> Token:
    inner = [token for token in tokens[1:-1] if token.zh not in OPENING and token.zh not in CLOSING]
    inside = translate_tokens(inner)
    opening = Piece(OPENING[tokens[0].zh], tokens[0].sources, follows and OPENING[tokens[0].zh] == "(")
    closing = Piece(CLOSING[tokens[-1].zh], tokens[-1].sources, True)
    first = (attached(inside[0]), *inside[1:]) if inside else ()
    sources = tuple(source for token in tokens for source in token.sources)
    return Token("括号", "n", (opening, *first, closing), sources)
