"""Noun phrases: what stands before the noun stays there, but a counted noun comes before its number."""

from __future__ import annotations

from collections.abc import Sequence

from .pieces_planet_rbmt import Piece, Token, attached, glue, mark, pieces_of, text_of

NOMINAL = "nreqmyl"
AND = {
    "和": "과/와",
    "与": "과/와",
    "及": "및",
    "以及": "및",
    "或": "또는",
    "或者": "또는",
    "跟": "과/와",
    "同": "과/와",
}


def fold_nouns(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with every noun phrase as one token of part of speech n, or t where it is a time."""
    folded, at = [], 0
    while at < len(tokens):
        if tokens[at].pos in NOMINAL or (tokens[at].pos == "t" and _zh(tokens, at + 1) == "的"):
            phrase, at = noun_phrase(tokens, at)
            folded.append(phrase)
        else:
            folded.append(tokens[at])
            at += 1
    return folded


def noun_phrase(tokens: Sequence[Token], at: int) -> tuple[Token, int]:
    """The noun phrase that starts at `at`, and where it ends."""
    start, pieces, number = at, (), ()
    while at < len(tokens):
        token = tokens[at]
        if token.pos == "q":
            amount, at, counts = _amount(tokens, at)
            if counts and at < len(tokens) and tokens[at].pos in "nre":
                number = amount
            else:
                pieces += amount
            continue
        if token.pos == "m" and at > start and tokens[at - 1].pos == "e":
            at += 1  # 这个人: Korean needs no counter after a determiner
        elif token.pos in NOMINAL or (token.pos == "t" and _zh(tokens, at + 1) == "的"):
            pieces += token.pieces
            at += 1
        elif token.zh in ("的", "之") and _nominal(tokens, at + 1):
            pieces, number = mark(pieces + number, "의", token.sources), ()
            at += 1
        elif token.zh == "们" and at > start:
            pieces = glue(pieces, "들", token.sources)
            at += 1
        elif (token.zh in AND or token.zh == "、") and at > start and _nominal(tokens, at + 1):
            pieces, number = _joined(pieces + number, token), ()
            at += 1
        else:
            break
    sources = tuple(source for token in tokens[start:at] for source in token.sources)
    # 2024年5月: nothing but numbers and units is a time if one of the units is
    units = {token.zh for token in tokens[start:at] if token.pos == "y"}
    only = all(token.pos in "qyt" for token in tokens[start:at])
    pos = "t" if only and units & {"年", "月", "日", "号", "点", "时", "世纪", "季度", "年代"} else "n"
    return Token(tokens[at - 1].zh, pos, pieces + number, sources), at


def _amount(tokens: Sequence[Token], at: int) -> tuple[tuple[Piece, ...], int, bool]:
    """A number with its unit or counter; whether it counts what follows."""
    pieces = tokens[at].pieces
    at += 1
    counts = False
    while at < len(tokens) and tokens[at].pos in "qmy":
        token = tokens[at]
        counts = token.pos == "m"
        native = text_of(pieces) in ("한", "두", "세", "네", "열", "몇")
        added = (
            token.pieces if token.pos == "q" or (counts and native) else (attached(token.pieces[0]), *token.pieces[1:])
        )
        pieces += added
        at += 1
    return pieces, at, counts


def _joined(pieces: tuple[Piece, ...], token: Token) -> tuple[Piece, ...]:
    word = AND.get(token.zh, ",")
    if word == ",":
        return glue(pieces, ",", token.sources)
    return mark(pieces, word, token.sources) if "/" in word else pieces + pieces_of(word, token.sources)


def _nominal(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].pos in NOMINAL


def _zh(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].zh if at < len(tokens) else ""
