"""What a title only mentions: garments that the article goes with, and what it has not.

"Sweater that goes with jeans", 치마에 어울리는 가디건, 配裙子穿的开衫: none of them sells the second garment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .cutting_fashion_search import Piece
from .words_fashion_search import Words

_JOINING = frozenset(("와", "과", "랑", "이랑", "하고", "에", "에도", "에나", "에는"))
"""Korean particles that tie a noun to a verb of matching: 치마에 어울리는, 치마와 입기 좋은."""

_COORDINATING = frozenset(("和", "与", "或", "及", "、", "and", "or", "&"))
_REACH = 4
"""Pieces within which the verb of matching follows its particle."""


def mentioned(pieces: Sequence[Piece], words: Words) -> frozenset[int]:
    """Places of the pieces whose senses say nothing about the article sold."""
    stems = tuple(word for word, entry in words.entries.items() if "mention_verbs" in entry.roles)
    found: set[int] = set()
    for place, piece in enumerate(pieces):
        if piece.plays("mention_before") and not piece.sense("category"):
            found.update(_after(pieces, place))
        elif piece.sense("category") and _is_matched(pieces, place, stems):
            found.update(_phrase_before(pieces, place))
        if piece.plays("negation_before") and place + 1 < len(pieces):
            found.update(_negated(pieces, place + 1))
        elif piece.plays("negation_after") and place:
            found.update(_negated(pieces, place - 1))
    return frozenset(found)


def _negated(pieces: Sequence[Piece], place: int) -> Iterator[int]:
    # The article itself is not denied: "no. 7 shirt" sells a shirt.
    if not pieces[place].sense("category") and not pieces[place].sense("gender"):
        yield place


def _after(pieces: Sequence[Piece], marker: int) -> list[int]:
    """The garments that a marker introduces, and what is said of them.

    An English preposition holds to the end of its clause. A Chinese verb holds for one garment and those joined to it
    by 和 or 、; what follows, after 穿的 or without, is the article. A marker before a person ("for women") holds for
    nothing.
    """
    chinese = not pieces[marker].text.isascii()
    places, last = [], None
    for place in range(marker + 1, len(pieces)):
        piece = pieces[place]
        if piece.kind == "separator" and piece.text not in _COORDINATING:
            break
        if piece.sense("gender") and last is None and not piece.sense("category"):
            break
        if chinese and last is not None and piece.sense("category") and pieces[place - 1].text not in _COORDINATING:
            break
        if piece.sense("category"):
            last = place
        places.append(place)
    return [] if last is None else [place for place in places if place <= last and not pieces[place].sense("gender")]


def _is_matched(pieces: Sequence[Piece], place: int, stems: tuple[str, ...]) -> bool:
    """Whether a Korean garment is what the article goes with: 치마에 어울리는, 원피스 위에, 구두용."""
    if place + 1 == len(pieces) or pieces[place].text.isascii():
        return False
    following = pieces[place + 1]
    touching = following.start == pieces[place].end
    if following.plays("mention_after") or (touching and following.text == "용"):
        return True
    if not (touching and following.kind == "particle" and following.text in _JOINING):
        return False
    for piece in pieces[place + 2 : place + 2 + _REACH]:
        if piece.kind == "separator" or piece.sense("category"):
            return False
        if piece.plays("mention_after") or (piece.form or piece.text).startswith(stems):
            return True
    return False


def _phrase_before(pieces: Sequence[Piece], place: int) -> Iterator[int]:
    """A garment and what is said of it right before: 검은 치마에 어울리는."""
    yield place
    while place and pieces[place - 1].kind == "word" and pieces[place - 1].entry.senses:
        place -= 1
        if pieces[place].sense("category") or pieces[place].sense("gender"):
            return
        yield place
