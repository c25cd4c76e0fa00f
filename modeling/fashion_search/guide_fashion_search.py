"""The guide: which garment a seller's title or a user's words mean, and what they say of it.

Korean, Chinese and English, also mixed: morphemes for Korean, the longest words of a dictionary for all, the head noun
for the category. What is not in the dictionary is reported, never guessed; what contradicts itself is reported too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .cutting_fashion_search import Piece, cut, normalise
from .heads_fashion_search import family, find_heads
from .mentions_fashion_search import mentioned
from .words_fashion_search import Words, load_words

_UNDECIDED_PATTERNS = ("print", "textured", "washed", "solid")
"""Patterns that a closer word makes precise: a floral print is floral."""

_WITH_SLEEVES = frozenset(
    ("top", "outer", "dress", "innerwear", "swimwear", "sleepwear", "clothing", "tracksuit", "kurta-set", "saree")
)
_SEX = {"women": "female", "girls": "female", "men": "male", "boys": "male"}


@dataclass(frozen=True)
class Guide:
    """What a text says of the article it means. What it does not say is None or empty.

    Attributes:
        category: a node of the category tree, e.g. "cardigan", or "outer" where the text is no more precise.
        gender: "men", "women", "unisex", "boys" or "girls".
        colours: in the order of the text.
        pattern: e.g. "check".
        material: in the order of the text.
        neckline: e.g. "v-neck".
        sleeve: "sleeveless", "short", "half", "three-quarter" or "long".
        unknown: words that are not in the dictionary, brands among them, in the order of the text.
        conflicts: (field, the values that exclude each other); that field is None then.
    """

    category: str | None = None
    gender: str | None = None
    colours: tuple[str, ...] = ()
    pattern: str | None = None
    material: tuple[str, ...] = ()
    neckline: str | None = None
    sleeve: str | None = None
    unknown: tuple[str, ...] = ()
    conflicts: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def garment_classes(self) -> frozenset[str]:
        """The detector's classes that the article may be; none if it has no such class or no category."""
        words = load_words()
        return words.garment_classes(self.category) if self.category in words.tree else frozenset()

    @property
    def tokens(self) -> dict[str, str]:
        """What the encoder may be forced to: attribute group -> word.

        The category is the nearest one that the published encoder knows; use `tokens_for` for another encoder. A colour
        is given only if there is just one.
        """
        return self.tokens_for(load_words().trained)

    def tokens_for(self, categories: Collection[str]) -> dict[str, str]:
        """`tokens` for an encoder that knows these categories."""
        words = load_words()
        category = words.nearest(self.category, categories) if self.category in words.tree else self.category
        given = {
            "category": category,
            "gender": self.gender,
            "colour": self.colours[0] if len(self.colours) == 1 else None,
            "pattern": self.pattern and self.pattern.replace("_", "-"),
        }
        return {group: value for group, value in given.items() if value}


class GuideExtractor:
    """Takes guides out of texts. It holds no state; threads may share one.

    Args:
        words: the dictionary.
    """

    def __init__(self, words: Words):
        self.words = words

    @classmethod
    def load(cls) -> GuideExtractor:
        """The extractor with the dictionary beside this module."""
        return cls(load_words())

    def extract(self, text: str) -> Guide:
        """What a text says of the article it means.

        Args:
            text: a title, a query, or words such as "Women, cardigan, knit, round-neck"; any length and content.

        Raises:
            ImportError: if it is Korean and kiwipiepy is not installed.
        """
        pieces = cut(normalise(text), self.words)
        ignored = mentioned(pieces, self.words)
        heads = find_heads(pieces, ignored, self.words)
        said = {
            field: tuple(
                dict.fromkeys(p.sense(field) for i, p in enumerate(pieces) if p.sense(field) and i not in ignored)
            )
            for field in ("gender", "colour", "pattern", "material", "neckline", "sleeve")
        }
        conflicts = [("category", heads.conflict)] if heads.conflict else []
        gender = _gender(said["gender"])
        if said["gender"] and gender is None:
            conflicts.append(("gender", said["gender"]))
        kind = family(heads.category, self.words) if heads.category else "clothing"
        sleeves = said["sleeve"] if kind in _WITH_SLEEVES else ()
        if len(sleeves) > 1:
            conflicts.append(("sleeve", sleeves))
        neckline = next(iter(said["neckline"]), None) if kind in _WITH_SLEEVES else None
        hooded = heads.category == "sweatshirt" and neckline == "hooded"
        return Guide(
            category="hoodie" if hooded else heads.category,
            gender=gender,
            colours=said["colour"],
            pattern=_pattern(said["pattern"]),
            material=said["material"],
            neckline=neckline,
            sleeve=sleeves[0] if len(sleeves) == 1 else None,
            unknown=_unknown(pieces),
            conflicts=tuple(conflicts),
        )


def _gender(said: Sequence[str]) -> str | None:
    """The first stated; none where both sexes are, unless the text says that anyone may wear it."""
    if "unisex" in said:
        return "unisex"
    return said[0] if len({_SEX[one] for one in said}) == 1 else None


def _pattern(said: Sequence[str]) -> str | None:
    """The first that is precise, else the first."""
    return next((one for one in said if one not in _UNDECIDED_PATTERNS), said[0] if said else None)


def _unknown(pieces: Sequence[Piece]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(piece.text for piece in pieces if piece.kind == "unknown"))
