"""Words of the models ("navy-blue") and notes of the search in the visitor's language.

The guide's dictionary knows what sellers call things; its first word of each language names a token. Texts of the page
named `fashion_word_<token>` stand above it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from opencc import OpenCC

from apps.i18n import has_text, speak
from modeling.fashion_search import words_fashion_search as dictionary
from modeling.fashion_search.results_fashion_search import Note

_LANGUAGES = {"ko": "ko", "zh-CN": "zh", "zh-TW": "zh"}
_FIELDS = {"parent": "category", "garment": "category", "colours": "colour"}
_HAN = re.compile(r"[㐀-鿿]")


class Speech:
    """The texts of one locale, called like `speak(locale)`, and its words for tokens.

    Args:
        locale: of the visitor.
    """

    def __init__(self, locale: str):
        self.locale, self._text = locale, speak(locale)

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of that key, its placeholders filled."""
        return self._text(key, **values)

    def word(self, group: str, token: str) -> str:
        """What people call a token; the token itself, without its hyphens, where no word is known.

        Args:
            group: of attributes, field of a guide, or "garment".
            token: e.g. "polka_dot".
        """
        key = f"fashion_word_{token.replace('_', '-')}"
        if has_text(key):
            return self(key)
        return _word(_FIELDS.get(group, group), token, self.locale)

    def group(self, name: str) -> str:
        """What people call a group of attributes or a field of a guide."""
        key = f"fashion_group_{_PLURALS.get(name, name)}"
        return self(key) if has_text(key) else name

    def note(self, note: Note) -> str:
        """A note of the search as HTML; as it stands where there are no words for it."""
        key = f"fashion_note_{note.key}"
        if not has_text(key):
            return escape(note)
        return self(key, **{name: escape(value) for name, value in self._values(note).items()})

    def reason(self, note: Note) -> str:
        """A reason for an answer as HTML."""
        key = f"fashion_why_{note.key}"
        if not has_text(key):
            return escape(note)
        return self(key, **{name: escape(value) for name, value in self._values(note).items()})

    def _values(self, note: Note) -> Mapping[str, str]:
        """What is filled in, with tokens as words."""
        values = dict(note.values)
        group = values.get("group") or values.get("field") or "category"
        for name in ("wanted", "shown", "chosen"):
            if name in values:
                words = values[name].split(" or ")
                values[name] = " / ".join(self.word("category", word) for word in words)
        if note.key == "conflict":
            values["values"] = " / ".join(self.word(group, word) for word in values["values"].split(" and "))
        if note.key in ("same", "wanted"):
            values["value"] = " / ".join(self.word(group, word) for word in values["value"].split(" / "))
        for name in ("group", "field"):
            if name in values:
                values[name] = self.group(values[name]).lower()
        return values


_PLURALS = {"colours": "colour"}


@functools.cache
def _names() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Field -> token -> language -> words, from the guide's dictionary."""
    path = Path(dictionary.__file__).with_name(dictionary.FILE)
    return json.loads(path.read_text(encoding="utf-8"))["senses"]


@functools.cache
def _traditional() -> OpenCC:
    return OpenCC("s2twp")


@functools.lru_cache(maxsize=4096)
def _word(field: str, token: str, locale: str) -> str:
    # The hyphen of "t-shirt" and "v-neck" is a part of the word.
    plain = re.sub(r"(?<!^[a-z])[-_]", " ", token)
    language = _LANGUAGES.get(locale)
    senses = _names().get(field, {})
    entry = senses.get(token) or senses.get(token.replace("-", "_")) or {}
    found = entry.get(language, ()) if language else ()
    if not found:
        return plain
    word = re.sub(r"^[a-z](?=[㐀-鿿])", lambda letter: letter[0].upper(), found[0])
    return _traditional().convert(word) if locale == "zh-TW" and _HAN.search(word) else word
