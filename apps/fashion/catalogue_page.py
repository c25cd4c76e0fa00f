"""The catalogue's part of the page: every item of the gallery, found by words, with keywords people may change."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from apps.errors import guarded
from apps.fashion import table
from apps.fashion.checks import checked_guide
from apps.fashion.editing import may_edit
from apps.fashion.engines import Engine
from apps.fashion.events import HEAVY, PREFIX, PRIVATE, UNTOUCHED
from apps.fashion.markup import failure
from apps.fashion.pictures import thumbnail
from apps.fashion.service import FashionService
from apps.fashion.wording import Speech
from apps.i18n import Text, Translations, request_locale
from modeling.fashion_search.results_fashion_search import Item
from modeling.fashion_search.searching_fashion_search import FashionSearch

PAGE = 20
MOST_KEYWORDS = 20

_ON_SAVE = """const save = (input) => trigger("submit", { item: Number(input.dataset.keywords), words: input.value });
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-save]");
  if (button) save(element.querySelector(`[data-keywords="${button.dataset.save}"]`));
});
element.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-keywords]")) save(event.target);
});"""


@dataclass(frozen=True)
class CatalogueParts:
    """The components that events read and change."""

    words: gr.Textbox
    search: gr.Button
    offset: gr.State
    status: gr.HTML
    rows: gr.HTML
    before: gr.Button
    after: gr.Button
    make_csv: gr.Button
    csv: gr.File

    @property
    def outputs(self) -> list[Any]:
        """What a page of the catalogue fills."""
        return [self.offset, self.status, self.rows, self.before, self.after]


def lay_out_catalogue(words: Translations) -> CatalogueParts:
    """Adds the components."""
    gr.HTML(words.html("fashion_catalogue", _intro), apply_default_css=False)
    with gr.Row(elem_classes="ph-send"):
        asked = gr.Textbox(
            label=words.label("fashion_catalogue_words"),
            placeholder=words.label("fashion_catalogue_hint"),
            scale=6,
            min_width=220,
            elem_id="fashion-catalogue-words",
        )
        search = gr.Button(words.label("fashion_catalogue_search"), variant="primary", scale=2, min_width=120)
    status = gr.HTML("", apply_default_css=False, elem_id="fashion-catalogue-status")
    rows = gr.HTML("", apply_default_css=False, js_on_load=_ON_SAVE, elem_id="fashion-catalogue")
    with gr.Row(elem_classes="ph-chips"):
        before = gr.Button(words.label("fashion_page_before"), size="sm", interactive=False)
        after = gr.Button(words.label("fashion_page_after"), size="sm", interactive=False)
        make_csv = gr.Button(words.label("fashion_csv"), size="sm")
    csv = gr.File(label=words.label("fashion_csv_file"), visible=False, interactive=False, elem_id="fashion-csv")
    return CatalogueParts(asked, search, gr.State(0), status, rows, before, after, make_csv, csv)


def _intro(text: Text) -> str:
    return f'<p class="ph-quiet">{text("fashion_catalogue_text")}</p>'


def wire_catalogue(tab: gr.Tab, parts: CatalogueParts, service: FashionService) -> None:
    """Adds the events; the first page is read when the tab is opened."""

    def show(words: str, offset: int, request: gr.Request) -> tuple[Any, ...]:
        speech = Speech(request_locale(request))
        try:
            return guarded(lambda: page_of(service.engine, words, offset, may_edit(request), speech), speech, PREFIX)
        except gr.Error as error:
            return 0, failure(error.title, error.message), "", *_turning(0, 0)

    def first(words: str, request: gr.Request) -> tuple[Any, ...]:
        return show(words, 0, request)

    def turn(step: int) -> Callable[..., tuple[Any, ...]]:
        def turned(words: str, offset: int, request: gr.Request) -> tuple[Any, ...]:
            return show(words, max(offset + step, 0), request)

        return turned

    def save(event: gr.EventData, request: gr.Request) -> str:
        speech = Speech(request_locale(request))
        try:
            item = guarded(
                lambda: _saved(service.engine, event.item, event.words, may_edit(request), speech), speech, PREFIX
            )
        except gr.Error as error:
            return failure(error.title, error.message)
        return _state(speech("fashion_saved", item=item.id, count=len(item.keywords)))

    def download(words: str, request: gr.Request):
        speech = Speech(request_locale(request))
        folder = Path(parts.csv.GRADIO_CACHE) / uuid.uuid4().hex
        path = guarded(lambda: _csv(service.engine, words, folder, speech), speech, PREFIX)
        return gr.File(str(path), visible=True)

    options = {"show_progress": "hidden", **PRIVATE, **HEAVY, **UNTOUCHED}
    gr.on([tab.select, parts.search.click, parts.words.submit], first, parts.words, parts.outputs, **options)
    for button, step in ((parts.before, -PAGE), (parts.after, PAGE)):
        button.click(turn(step), [parts.words, parts.offset], parts.outputs, **options)
    parts.rows.submit(save, None, parts.status, **options)
    parts.make_csv.click(download, parts.words, parts.csv, **options)


def page_of(engine: Engine | None, words: object, offset: int, editable: bool, speech: Speech) -> tuple[Any, ...]:
    """A page of the catalogue, in the order of `CatalogueParts.outputs`.

    Args:
        engine: whose gallery it is.
        words: only items with one of them, the nearest first; blank for all.
        offset: how many items come before.
        editable: whether keywords may be changed.
        speech: the visitor's language.

    Raises:
        ValueError: in words for people.
    """
    asked = checked_guide(words, speech)

    def read(search: FashionSearch) -> tuple[Any, ...]:
        page = search.catalogue.page(offset, PAGE, asked)
        pictures = {item.id: thumbnail(search.file_of(item)) for item in page.items}
        firsts = {item.id: item.duplicate_of or item.id for item in page.items}
        families = search.catalogue.families(list(dict.fromkeys(firsts.values())))
        twins = {one: [other for other in families[first] if other != one] for one, first in firsts.items()}
        return page, pictures, twins

    found = engine.within(read) if engine else None
    if found is None:
        return 0, "", table.nothing(speech("fashion_catalogue_none")), *_turning(0, 0)
    page, pictures, twins = found
    if not page.items:
        lead = speech("fashion_catalogue_empty" if not asked else "fashion_catalogue_nothing")
        return 0, "", table.nothing(lead), *_turning(0, 0)
    values = {"first": f"{offset + 1:,}", "last": f"{offset + len(page.items):,}", "total": f"{page.total:,}"}
    note = "" if editable else f" {speech('fashion_catalogue_locked')}"
    state = _state(speech("fashion_catalogue_shown", **values) + note)
    return offset, state, table.rows(page.items, pictures, twins, editable, speech), *_turning(offset, page.total)


def _turning(offset: int, total: int) -> tuple[gr.Button, gr.Button]:
    return gr.Button(interactive=offset > 0), gr.Button(interactive=offset + PAGE < total)


def _state(line: str) -> str:
    return f'<p class="ph-quiet" role="status">{line}</p>'


def keywords_of(words: object, text: Text) -> list[str]:
    """Keywords as they were typed, between commas.

    Raises:
        ValueError: in words for people, if they are too many or too long.
    """
    given = str(words or "")
    found = [word.strip() for word in given.replace("，", ",").replace("、", ",").split(",") if word.strip()]
    if len(given) > table.KEYWORDS_LENGTH or len(found) > MOST_KEYWORDS:
        raise ValueError(text("fashion_error_keywords", most=MOST_KEYWORDS, limit=table.KEYWORDS_LENGTH))
    return found


def _saved(engine: Engine | None, item_id: object, words: object, editable: bool, speech: Speech) -> Item:
    if not editable or engine is None:
        raise ValueError(speech("fashion_catalogue_locked"))
    if isinstance(item_id, bool) or not isinstance(item_id, int):
        raise ValueError(speech("fashion_error_item", item=repr(item_id)[:20]))
    kept = keywords_of(words, speech)
    found = engine.within(
        lambda search: search.catalogue.get([item_id]) and search.catalogue.set_keywords(item_id, kept)
    )
    if not found:
        raise ValueError(speech("fashion_error_item", item=item_id))
    return found


def _csv(engine: Engine | None, words: object, folder: Path, speech: Speech) -> Path:
    asked = checked_guide(words, speech)
    path = folder / "catalogue.csv"

    def write(search: FashionSearch) -> Path:
        folder.mkdir(parents=True)
        items = (
            (item for item, _ in search.catalogue.find(asked, len(search) or 1)) if asked else search.catalogue.items()
        )
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            table.write_csv(file, items)
        return path

    written = engine.within(write) if engine else None
    if written is None:
        raise ValueError(speech("fashion_catalogue_none"))
    return written
