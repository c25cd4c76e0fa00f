"""The words people read, in four locales, whoever translates them: the browser (static text) or the server (answers).

Gradio translates static text in the browser from the tables in `locales/`. Text that depends on an answer is made on
the server, where the request's Accept-Language header says which table to use.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import gradio as gr
from gradio.i18n import I18nData

LOCALES = ("en", "ko", "zh-CN", "zh-TW")
FALLBACK = "en"

_ALIASES = {"zh": "zh-CN", "zh-Hant": "zh-TW", "zh-HK": "zh-TW", "zh-MO": "zh-TW"}
# The browser's message format gives braces and apostrophes a meaning; as entities they are only characters.
_ENTITIES = str.maketrans({"{": "&#123;", "}": "&#125;", "'": "&#39;"})

Text = Callable[..., str]
"""`text(key, **values)`: the sentence of that key in one locale, its placeholders filled."""


def _read(locale: str) -> dict[str, str]:
    """One file per page; their keys are disjoint."""
    table: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / "locales" / locale).glob("*.json")):
        table |= json.loads(path.read_text(encoding="utf-8"))
    return table


TABLES: dict[str, dict[str, str]] = {locale: _read(locale) for locale in LOCALES}


def speak(locale: str) -> Text:
    """The `Text` function of one locale.

    Raises:
        ValueError: if there is no table for `locale`.
    """
    if locale not in TABLES:
        raise ValueError(f"No texts for locale {locale!r}; there are {', '.join(LOCALES)}.")

    def text(key: str, **values: object) -> str:
        return TABLES[locale][key].format(**values)

    return text


def has_text(key: str) -> bool:
    """Whether there is a text of this key."""
    return key in TABLES[FALLBACK]


def negotiate(accept_language: str | None) -> str:
    """The locale that suits an Accept-Language header best (RFC 9110, 12.5.4), `FALLBACK` if none does."""
    wanted: list[tuple[float, int, str]] = []
    for position, item in enumerate((accept_language or "").split(",")):
        tag, _, weight = item.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), position, tag.strip()))
        except ValueError:
            continue
    for _, _, tag in sorted(wanted):
        if locale := _match(tag):
            return locale
    return FALLBACK


def _match(tag: str) -> str | None:
    """`zh-Hant-HK` is tried as itself, then as `zh-Hant`, then as `zh`."""
    known = {name.lower(): name for name in LOCALES} | {alias.lower(): name for alias, name in _ALIASES.items()}
    parts = tag.lower().split("-")
    for length in range(len(parts), 0, -1):
        if (name := "-".join(parts[:length])) in known:
            return known[name]
    return None


def request_locale(request: gr.Request | None) -> str:
    """The locale of the visitor behind a request."""
    return negotiate(request.headers.get("accept-language") if request else None)


class Translations:
    """Collects what the browser translates: every table, and whole HTML fragments rendered once per locale."""

    def __init__(self) -> None:
        self._tables = {locale: dict(table) for locale, table in TABLES.items()}

    def label(self, key: str) -> I18nData:
        """A label the browser translates.

        Raises:
            ValueError: if a locale has no such key.
        """
        for locale, table in self._tables.items():
            if key not in table:
                raise ValueError(f"Locale {locale} has no text {key!r}.")
        return I18nData(key)

    def html(self, name: str, render: Callable[[Text], str]) -> I18nData:
        """An HTML fragment the browser picks by locale; `render` is called once for each.

        Args:
            name: unique among all fragments of the hub.
            render: makes the fragment with the texts of one locale.

        Raises:
            ValueError: if `name` is taken.
        """
        key = f"html_{name}"
        if key in self._tables[FALLBACK]:
            raise ValueError(f"There already is an HTML fragment called {name!r}.")
        for locale, table in self._tables.items():
            fragment = render(speak(locale)).translate(_ENTITIES)
            table[key] = f'<div lang="{locale}">{fragment}</div>'
        return I18nData(key)

    def gradio(self) -> gr.I18n:
        """What `launch(i18n=...)` takes."""
        return gr.I18n(**self._tables, **{alias: self._tables[locale] for alias, locale in _ALIASES.items()})
