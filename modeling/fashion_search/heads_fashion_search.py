"""Which garment a title sells: the head of its noun phrases.

The last noun of a compound decides: a shirt dress is a dress, 니트 가디건 a cardigan, 衬衫裙 a dress. Sellers also
repeat themselves (카디건 ... 아우터), and name what cannot be meant together (jacket ... shoes).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .cutting_fashion_search import Piece
from .words_fashion_search import Words

NOT_WORN = ""
"""Category of goods that are no fashion."""

_WORN_ABOVE = frozenset(("top", "outer"))
_CLOTHES = frozenset(("top", "outer", "pants", "dress", "skirt", "innerwear", "sleepwear"))
_TRIMMINGS = frozenset(("tie", "scarf", "belt"))
_SAME = (_WORN_ABOVE, frozenset(("bag", "wallet")), frozenset(("pants", "legwear")))
_COMPOUNDS: dict[str, frozenset[str]] = {
    "dress": _CLOTHES | _TRIMMINGS,
    "skirt": frozenset(("outer", "pants", "top")) | _TRIMMINGS,
    "outer": frozenset(("top", "dress", "tracksuit")) | _TRIMMINGS,
    "top": frozenset(("outer", "innerwear", "tracksuit")) | _TRIMMINGS,
    "pants": frozenset(("outer", "legwear", "innerwear", "tracksuit", "belt")),
    "innerwear": frozenset(("top", "pants")),
    "swimwear": _CLOTHES,
    "sleepwear": _CLOTHES,
    "legwear": frozenset(("pants",)),
    "footwear": frozenset(("legwear",)),
    "belt": frozenset(("outer", "pants", "dress")),
    "tie": frozenset(("outer", "top")),
    "watch": frozenset(("jewellery", "belt")),
    "jewellery": frozenset(("watch", "tie")),
    "cufflinks": frozenset(("top", "tie")),
    "wallet": frozenset(("bag",)),
    "headwear": frozenset(("watch",)),
}
"""Family of the last noun -> families of the nouns that may make a compound with it, besides its own. Bags take any."""

_SPLITTING = ("colour", "gender")
_UMBRELLAS = frozenset(("clothing", "accessories"))
_MANNERS = frozenset(("款", "风", "式", "风格", "스타일", "style"))
_VAGUE = frozenset(("裙", "裙子", "长裙", "短裙", "衫", "打底", "内搭", "슬링백"))
"""Words used for several kinds of garments."""


@dataclass(frozen=True)
class Heads:
    """What a title sells.

    Attributes:
        category: None where it does not say, or says several things that exclude each other.
        conflict: the categories that do; empty if none do.
    """

    category: str | None = None
    conflict: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Noun:
    """A garment in a title; `weak` if it may as well describe the one that follows or stand for a kind."""

    category: str
    place: int
    weak: bool


def find_heads(pieces: Sequence[Piece], ignored: Collection[int], words: Words) -> Heads:
    """The category of a cut title.

    Args:
        pieces: of the title.
        ignored: places of those that do not count.
        words: the dictionary.
    """
    chains = _chains(pieces, ignored, words)
    heads = [_head(chain, words) for chain in chains]
    worn = [head for head in heads if head.category != NOT_WORN]
    # A rack for shoes is no shoe, whatever follows; a laptop before a backpack only says what goes into it.
    if not worn or (heads[0].category == NOT_WORN and len(chains[0]) > 1):
        return Heads()
    strong = [head for head in worn if not head.weak] or worn
    kept: list[str] = []
    for category in dict.fromkeys(head.category for head in strong):
        above = next((i for i, other in enumerate(kept) if other in words.path(category)), None)
        if above is not None:
            kept[above] = category
        elif not any(_compatible(other, category, words) for other in kept):
            kept.append(category)
    specific = [category for category in kept if category not in _UMBRELLAS] or kept[:1]
    if len(specific) > 1:
        return Heads(None, tuple(specific))
    return Heads(_more_specific(specific[0], worn, words))


def family(category: str, words: Words) -> str:
    """The kind of a category: the second node of its path that tells kinds of garments apart."""
    path = words.path(category)
    return path[-3] if len(path) > 2 and path[-2] != "footwear" else path[max(len(path) - 2, 0)]


def _more_specific(category: str, heads: Sequence[_Noun], words: Words) -> str:
    """A weak head that is below the strong one says more: 아우터 ... 니트 stays, 상의 ... 니트 is a sweater."""
    return next((head.category for head in heads if category in words.path(head.category)[1:]), category)


def _compatible(one: str, other: str, words: Words) -> bool:
    """Whether sellers call one article both; the first stated stands."""
    kinds = {family(one, words), family(other, words)}
    if len(kinds) == 1 or any(kinds <= same for same in _SAME):
        return True
    # A dress and then a belt is a dress that comes with one; a watch, one with a strap.
    return family(one, words) in _CLOTHES | {"watch"} and family(other, words) in _TRIMMINGS


def _chains(pieces: Sequence[Piece], ignored: Collection[int], words: Words) -> list[list[_Noun]]:
    """The nouns of a title in compounds, in order."""
    chains: list[list[_Noun]] = []
    for place in range(len(pieces)):
        if place in ignored:
            continue
        noun = _noun(pieces, place)
        if noun is None:
            continue
        if chains and _continues(chains[-1][-1], noun, pieces, words):
            chains[-1].append(noun)
        else:
            chains.append([noun])
    return chains


def _noun(pieces: Sequence[Piece], place: int) -> _Noun | None:
    piece = pieces[place]
    if piece.plays("other"):
        return _Noun(NOT_WORN, place, False)
    category = piece.sense("category")
    if not category or _is_manner(pieces, place) or _is_count(pieces, place):
        return None
    before = pieces[max(place - 2, 0) : place]
    if any(piece.plays("wearer") for piece in before) and not any(piece.sense("pattern") for piece in before):
        return _Noun(NOT_WORN, place, False)
    generic = category in _UMBRELLAS or piece.text in _VAGUE
    return _Noun(category, place, generic or bool(piece.sense("material") and _describes(piece)))


def _is_manner(pieces: Sequence[Piece], place: int) -> bool:
    """Whether a garment only names a manner: 浴袍款, 로브 스타일, shirt style."""
    return place + 1 < len(pieces) and pieces[place + 1].text in _MANNERS


def _is_count(pieces: Sequence[Piece], place: int) -> bool:
    """Whether 包 counts packets: 3包."""
    before = pieces[place - 1] if place else None
    return (
        pieces[place].text == "包"
        and before is not None
        and before.end == pieces[place].start
        and before.text.isdigit()
    )


def _describes(piece: Piece) -> bool:
    """Whether a word for a garment is first of all a word for its material: 니트, 针织衫, fleece."""
    return piece.sense("category") in ("sweater", "jacket", "jeans") and len(piece.text) <= 4


def _continues(last: _Noun, noun: _Noun, pieces: Sequence[Piece], words: Words) -> bool:
    """Whether a noun belongs to the compound that ends with `last`."""
    between = pieces[last.place + 1 : noun.place]
    if any(piece.kind not in ("word", "quiet") or any(map(piece.sense, _SPLITTING)) for piece in between):
        return False
    if noun.category == NOT_WORN:
        return len(between) < 2
    if last.category == NOT_WORN:
        return False
    kinds = family(last.category, words), family(noun.category, words)
    if kinds[0] == kinds[1]:
        return not between
    plausible = kinds[1] == "bag" or kinds[0] in _COMPOUNDS.get(kinds[1], ()) or last.weak
    # Over a distance only what is worn above describes the next: 셔츠 롱 원피스.
    return plausible and (not between or kinds[0] in _WORN_ABOVE or last.weak)


def _head(chain: Sequence[_Noun], words: Words) -> _Noun:
    """The last noun, unless it only repeats an earlier one in general terms: 가디건 아우터."""
    head = chain[-1]
    for noun in chain[-2::-1]:
        if NOT_WORN not in (head.category, noun.category) and head.category in words.path(noun.category)[1:]:
            head = noun
    return head
