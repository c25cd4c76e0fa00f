"""Pieces of Korean text that remember which Chinese words they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .conjugating_planet_rbmt import with_particle

SPACE = "▁"


@dataclass(frozen=True)
class Piece:
    """A stretch of Korean without spaces.

    Attributes:
        text: never empty.
        sources: positions of the Chinese words it stands for.
        glued: whether no space stands before it.
    """

    text: str
    sources: tuple[int, ...] = ()
    glued: bool = False


@dataclass(frozen=True)
class Token:
    """A dictionary word of a clause, or a phrase that rules have already translated.

    Attributes:
        zh: the Chinese, of a phrase its last word.
        pos: part of speech, see `dictionary_planet_rbmt`.
        pieces: the Korean; of verbs and adjectives the dictionary form.
        sources: positions of its words.
        unknown: whether no dictionary entry was found.
    """

    zh: str
    pos: str
    pieces: tuple[Piece, ...] = ()
    sources: tuple[int, ...] = ()
    unknown: bool = False

    @property
    def korean(self) -> str:
        """The pieces as text."""
        return text_of(self.pieces)


def pieces_of(text: str, sources: Iterable[int] = ()) -> tuple[Piece, ...]:
    """One piece a word of `text`, all standing for the same Chinese words."""
    return tuple(Piece(word, tuple(sources)) for word in text.split())


def glue(pieces: Sequence[Piece], text: str, sources: Iterable[int] = ()) -> tuple[Piece, ...]:
    """The pieces with `text` written onto the last one."""
    return (*pieces, Piece(text, tuple(sources), True)) if pieces and text else tuple(pieces)


def mark(pieces: Sequence[Piece], particle: str, sources: Iterable[int] = ()) -> tuple[Piece, ...]:
    """The pieces followed by a particle; "은/는" takes the form that fits. A space in it starts a new word."""
    first, _, rest = particle.partition(" ")
    marked = glue(pieces, with_particle(text_of(pieces), first) if first else "", sources)
    return marked + pieces_of(rest, sources)


def text_of(pieces: Sequence[Piece]) -> str:
    """The Korean text of pieces."""
    return "".join(("" if piece.glued else " ") + piece.text for piece in pieces).strip()


def tokens_of(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """The pieces as target tokens, "▁" where a space stood before; nothing before the first."""
    return tuple((SPACE if place and not piece.glued else "") + piece.text for place, piece in enumerate(pieces))


def alignment_of(pieces: Sequence[Piece], words: int) -> tuple[tuple[float, ...], ...]:
    """T x S links of pieces to Chinese words; a row sums to 1, or to 0 where the piece stands for none."""
    rows = []
    for piece in pieces:
        weight = 1 / len(set(piece.sources)) if piece.sources else 0.0
        rows.append(tuple(weight if word in piece.sources else 0.0 for word in range(words)))
    return tuple(rows)


def attached(piece: Piece) -> Piece:
    """The piece without a space before it."""
    return replace(piece, glued=True)
