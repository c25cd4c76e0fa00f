"""The guide's dictionary: what sellers call things in Korean, Chinese and English, and the tree of categories.

`words_fashion_search.json` holds

- "tree": category -> the node above it, "" for the root;
- "trained": the nodes that the published encoder was trained with;
- "senses": field -> token -> language -> words that mean it. A word may mean several things at once: 니트 is the
  material knit and, where no other garment follows, a sweater;
- "roles": words that mean nothing by themselves but tell how to read the others, by role and language.
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FILE = "words_fashion_search.json"
FIELDS = ("category", "gender", "colour", "pattern", "material", "neckline", "sleeve")
LANGUAGES = ("en", "ko", "zh")
ROLES = (
    "noise",  # marketing, sizes, fits, seasons: known, and of no meaning to a guide
    "other",  # goods that are not worn: "shoe rack", 手机壳
    "wearer",  # a wearer that is no person: "dog sweater"
    "mention_before",  # what follows goes with the article and is not sold: "with", 配
    "mention_after",  # what stands before it goes with the article: 코디용
    "mention_verbs",  # stems that do the same after a particle: 치마에 어울리는
    "negation_before",
    "negation_after",
)
GARMENT_CLASSES = (
    "footwear", "top", "bag", "outer", "pants", "eyewear", "dress", "belt", "skirt", "legwear", "headwear", "scarf",
    "tie",
)  # fmt: skip
"""The detector's classes; each is a node of the tree."""

_DROPPED = re.compile(r"[\s\-‐-―]+")


def fold(text: str) -> str:
    """`text` in lower case and compatibility form, without apostrophes and the dots of initials; other lengths."""
    text = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"(?<![a-z])([a-z])\.(?![0-9])", r"\1", re.sub(r"['’‘`´]", "", text))


def squeeze(word: str) -> str:
    """How a word is looked up: folded, without spaces and hyphens, so that "T-shirt" and "t shirt" are one word."""
    return _DROPPED.sub("", fold(word))


def plural(word: str) -> str:
    """The regular English plural of a word."""
    if re.search(r"(s|x|z|ch|sh)$", word):
        return word + "es"
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + "s"


@dataclass(frozen=True)
class Entry:
    """One word of the dictionary.

    Attributes:
        senses: field -> token, all of them at once.
        roles: out of `ROLES`.
    """

    senses: Mapping[str, str] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()


class Words:
    """The dictionary, looked up by squeezed words.

    Args:
        content: as in the file.

    Attributes:
        entries: squeezed word -> entry.
        longest: characters of the longest of them.
        tree: category -> the node above it.
        trained: the nodes that the published encoder knows.

    Raises:
        ValueError: if a field, role or language is unknown, a word has two tokens in one field, or a category hangs
            from nothing.
    """

    def __init__(self, content: Mapping[str, Mapping]):
        self.tree: dict[str, str] = dict(content["tree"])
        self.trained = frozenset(content["trained"])
        loose = {node for node, parent in self.tree.items() if parent and parent not in self.tree}
        loose |= (set(content["senses"].get("category", {})) | self.trained) - set(self.tree)
        if loose:
            raise ValueError(f"Not in the tree of categories: {', '.join(sorted(loose))}")
        senses: dict[str, dict[str, str]] = {}
        for name, token, word in _listed(content["senses"]):
            known = senses.setdefault(squeeze(word), {}).setdefault(name, token)
            if known != token:
                raise ValueError(f"{word!r} means two things as {name}: {known} and {token}")
        roles: dict[str, set[str]] = {}
        for role, languages in content["roles"].items():
            _check("role", role, ROLES)
            for word in (word for words in languages.values() for word in words):
                roles.setdefault(squeeze(word), set()).add(role)
        for key in [key for key, found in senses.items() if "category" in found and key.isascii()]:
            senses.setdefault(plural(key), senses[key])
        for key in [key for key, found in roles.items() if "other" in found and key.isascii()]:
            roles.setdefault(plural(key), roles[key])
        self.entries = {
            key: Entry(senses.get(key, {}), frozenset(roles.get(key, ())))
            for key in senses.keys() | roles.keys()
            if key
        }
        self.longest = max(map(len, self.entries), default=0)

    def path(self, category: str) -> tuple[str, ...]:
        """`category` and the nodes above it, the root last.

        Raises:
            ValueError: if it is not in the tree.
        """
        _check("category", category, self.tree)
        path = [category]
        while self.tree[path[-1]]:
            path.append(self.tree[path[-1]])
        return tuple(path)

    def nearest(self, category: str, known: Collection[str] | None = None) -> str:
        """The most specific of `known` that is `category` or above it, "" if there is none.

        Args:
            category: a node of this dictionary's tree.
            known: nodes of another tree; None for those of the published encoder.

        Raises:
            ValueError: if `category` is not in the tree.
        """
        known = self.trained if known is None else known
        return next((node for node in self.path(category) if node in known), "")

    def garment_classes(self, category: str) -> frozenset[str]:
        """The detector's classes that `category` is, lies under or has under it; none where it knows no such thing.

        Raises:
            ValueError: if it is not in the tree.
        """
        own = self.nearest(category, GARMENT_CLASSES)
        below = {name for name in GARMENT_CLASSES if category in self.path(name)}
        # Footwear is a class and has shoes under it; accessories are none and have several.
        return frozenset({own} if own else below)


def _check(what: str, value: str, allowed: Collection[str]) -> None:
    if value not in allowed:
        raise ValueError(f"Unknown {what} {value!r}; known are {', '.join(allowed)}")


def _listed(senses: Mapping[str, Mapping[str, Mapping[str, list[str]]]]) -> Iterator[tuple[str, str, str]]:
    """(field, token, word) of every listed word."""
    for name, tokens in senses.items():
        _check("field", name, FIELDS)
        for token, languages in tokens.items():
            for language, words in languages.items():
                _check("language", language, LANGUAGES)
                yield from ((name, token, word) for word in words)


@functools.lru_cache(maxsize=1)
def load_words() -> Words:
    """The dictionary beside this module, read once."""
    return Words(json.loads((Path(__file__).parent / FILE).read_text("utf-8")))
