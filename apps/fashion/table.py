"""The catalogue as HTML: a row per item with picture, title, guide, attributes, duplicates and keywords; and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TextIO

from apps.fashion.markup import FIELDS, share
from apps.fashion.wording import Speech
from modeling.fashion_search.results_fashion_search import Item

MOST_TWINS = 12
KEYWORDS_LENGTH = 300

CSV_COLUMNS = (
    "uri",
    "title",
    "price",
    "category",
    "gender",
    "colour",
    "keywords",
    "id",
    "attributes",
    "guide",
    "duplicate_of",
)


def rows(
    items: Sequence[Item],
    pictures: Mapping[int, str],
    twins: Mapping[int, Sequence[int]],
    editable: bool,
    speech: Speech,
) -> str:
    """A page of the catalogue.

    Args:
        items: to show.
        pictures: thumbnails by item id, as data URIs.
        twins: ids of the items that show the same product, by item id.
        editable: whether the visitor may change keywords.
        speech: the visitor's language.
    """
    head = "".join(
        f'<th scope="col">{speech(f"fashion_column_{name}")}</th>'
        for name in ("picture", "title", "guide", "attributes", "twins", "keywords")
    )
    body = "".join(_row(item, pictures.get(item.id, ""), twins.get(item.id, ()), editable, speech) for item in items)
    return (
        f'<div class="ph-catalogue" role="region" tabindex="0" aria-label="{speech("fashion_tab_catalogue")}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def nothing(text: str) -> str:
    """What stands in the table's place; `text` is HTML."""
    return f'<div class="ph-verdict ph-empty"><p>{text}</p></div>'


def _row(item: Item, picture: str, twins: Sequence[int], editable: bool, speech: Speech) -> str:
    title = escape(item.title or item.uri)
    image = f'<img src="{picture}" alt="{title}">' if picture else f"<small>{speech('fashion_gone')}</small>"
    price = f'<span class="ph-price">{item.price:,.2f}</span>' if item.price is not None else ""
    cells = {
        "picture": image,
        "title": f"<b>{title}</b><small>#{item.id} · {escape(item.uri)}</small>{price}",
        "guide": _guide(item, speech),
        "attributes": _attributes(item, speech),
        "twins": ", ".join(f"#{one}" for one in twins[:MOST_TWINS]) or "–",
        "keywords": _keywords(item, title, editable, speech),
    }
    return "<tr>" + "".join(
        f'<td class="ph-cell-{name}" data-label="{speech(f"fashion_column_{name}")}">{cell}</td>'
        for name, cell in cells.items()
    ) + "</tr>"  # fmt: skip


def _guide(item: Item, speech: Speech) -> str:
    words = [
        escape(speech.word(name, token))
        for name in FIELDS
        for token in ([item.guide[name]] if isinstance(item.guide.get(name), str) else item.guide.get(name, ()))
    ]
    unknown = "".join(f'<li class="ph-unknown-word">{escape(word)}</li>' for word in item.guide.get("unknown", ())[:6])
    chips = "".join(f"<li>{word}</li>" for word in words) + unknown
    return f'<ul class="ph-guide">{chips}</ul>' if chips else "–"


def _attributes(item: Item, speech: Speech) -> str:
    words = "".join(
        f'<li title="{escape(speech.group(one.group))}">{escape(speech.word(one.group, one.value))}'
        f"<small>{speech('fashion_given') if one.forced else share(one.confidence)}</small></li>"
        for one in item.attributes
    )
    return f'<ul class="ph-guide">{words}</ul>' if words else "–"


def _keywords(item: Item, title: str, editable: bool, speech: Speech) -> str:
    words = escape(", ".join(item.keywords))
    if not editable:
        return words or "–"
    label = f"{speech('fashion_column_keywords')}: {title}"
    return (
        f'<span class="ph-edit"><input type="text" value="{words}" maxlength="{KEYWORDS_LENGTH}" '
        f'data-keywords="{item.id}" aria-label="{label}"><button type="button" data-save="{item.id}" '
        f'aria-label="{speech("fashion_save")}: {title}">{speech("fashion_save")}</button></span>'
    )


def write_csv(file: TextIO, items: Iterable[Item]) -> None:
    """Writes items so that `python -m apps.fashion.index` can read them again, and spreadsheets run nothing."""
    table = csv.writer(file, lineterminator="\n")
    table.writerow(CSV_COLUMNS)
    for item in items:
        attributes = " ".join(f"{one.group}={one.value}" for one in item.attributes)
        guide = " ".join(f"{name}={_joined(value)}" for name, value in item.guide.items() if name in FIELDS)
        price = "" if item.price is None else f"{item.price:g}"
        words = (item.uri, item.title, price, item.category, item.gender, item.colour, "; ".join(item.keywords))
        row = (*words, str(item.id), attributes, guide, str(item.duplicate_of or ""))
        table.writerow([_harmless(cell) for cell in row])


def _joined(value: object) -> str:
    return value if isinstance(value, str) else "+".join(map(str, value))


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
