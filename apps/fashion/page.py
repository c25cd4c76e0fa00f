"""The page of guided fashion search: which garment is meant decides what is seen in it and what is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from apps.errors import guarded
from apps.fashion import markup as html
from apps.fashion.answers import Answer, Outcome, Pick, Query
from apps.fashion.api import wire_api
from apps.fashion.catalogue_page import lay_out_catalogue, wire_catalogue
from apps.fashion.checks import FILTERS, checked_guide, checked_picture
from apps.fashion.code_panel import api_call
from apps.fashion.columns import columns
from apps.fashion.desk import Desk, example_guide, intro, lay_out_desk
from apps.fashion.engines import Published
from apps.fashion.events import HEAVY, PREFIX, PRIVATE, UNTOUCHED
from apps.fashion.service import FashionService, Plan, run
from apps.fashion.wording import Speech
from apps.i18n import Translations, request_locale

EXAMPLES = Path(__file__).parent / "examples"
ROOT = "product"
"""Of the category tree: everything, which needs no filter."""

WHOLE = "whole"
"""Value of the choice that means no garment but the whole photograph."""


def build_page(
    page: gr.Blocks,
    models: Sequence[Published],
    words: Translations,
    gallery: Path | None = None,
    examples: Path = EXAMPLES,
) -> None:
    """Adds the page's components and events to the Blocks around it.

    Args:
        page: the Blocks the page belongs to.
        models: any of detector, encoder and traditional rival.
        words: where the page's texts are registered.
        gallery: the index folder; the environment's or the shipped one if None.
        examples: folder of example photographs, see `lay_out_desk`; the first is answered when the page opens.
    """
    # Served from where they lie: copies in the upload cache would be deleted with the visitors' pictures.
    gr.set_static_paths([examples])
    service = FashionService(models, gallery)
    gr.HTML(words.html("fashion_intro", intro), apply_default_css=False, elem_classes="ph-intro")
    with gr.Tabs():
        with gr.Tab(words.label("fashion_tab_search"), id="search"):
            desk = lay_out_desk(words, service.engines, sorted(examples.glob("*.jpg")))
        with gr.Tab(words.label("fashion_tab_catalogue"), id="catalogue") as tab:
            catalogue = lay_out_catalogue(words)
    _wire_search(desk, service)
    _wire_opening(page, desk, service)
    wire_catalogue(tab, catalogue, service)
    wire_api(service)


def _speech(request: gr.Request) -> Speech:
    return Speech(request_locale(request))


def shown(answer: Answer, good_only: bool, speech: Speech) -> tuple[Any, ...]:
    """What an answer fills the components with, in the order of `Desk.outputs`."""
    choices = [(label, str(place)) for place, label in enumerate(html.garment_labels(answer, speech))]
    chosen = WHOLE if answer.chosen is None else str(answer.chosen)
    choices = [*choices, (speech("fashion_whole"), WHOLE)] if choices else []
    radio = gr.Radio(choices, value=chosen, visible=bool(choices), label=speech("fashion_garments"))
    parts = html.understood(answer, speech), html.described(answer, speech), columns(answer, good_only, speech)
    return answer, html.seen(answer, speech), radio, *parts


def failed(error: gr.Error) -> tuple[Any, ...]:
    """The same where there is no answer: the old one must not stay beside a new photograph."""
    return None, html.failure(error.title, error.message), gr.Radio(visible=False), "", "", ""


def stepping(
    make_plan: Callable[[], Plan], good_only: bool, speech: Speech, keep: Callable[[Answer], None] | None = None
) -> Iterator[tuple[Any, ...]]:
    """The page after every step of a search; what cannot be found becomes a sentence in its column.

    Args:
        make_plan: of the search; its ValueErrors are for people.
        good_only: whether weak matches are left out.
        speech: the visitor's language.
        keep: told the last answer.
    """

    def guard(ask: Callable[[], Outcome], awaited: Outcome) -> Outcome:
        try:
            return guarded(ask, speech, PREFIX)
        except gr.Error as error:
            return replace(awaited, problem=error.message)

    try:
        for answer in run(guarded(make_plan, speech, PREFIX), guard):
            yield guarded(lambda answer=answer: shown(answer, good_only, speech), speech, PREFIX)
            if answer.done and keep:
                keep(answer)
    except gr.Error as error:
        yield failed(error)


@dataclass(frozen=True)
class _Given:
    """What every search takes besides what it is about."""

    filters: dict[str, Any]
    good_only: bool
    before: Answer | None

    @classmethod
    def of(cls, values: Sequence[Any]) -> _Given:
        """From the values of `Filtering.inputs`, the wish for good matches and the last answer, in this order."""
        *filters, good_only, before = values
        return cls(dict(zip(FILTERS, filters, strict=True)), bool(good_only), before)


def _wire_search(desk: Desk, service: FashionService) -> None:
    # The request comes first: Gradio gives it by place, and the rest of the places is open.
    def show(request: gr.Request, upload: Any, guide: str, *rest: Any):
        given, speech = _Given.of(rest), _speech(request)

        def plan() -> Plan:
            query = Query(checked_picture(upload, speech), checked_guide(guide, speech), given.filters)
            # A choice in the photograph holds as long as nothing else is said about it.
            before = given.before
            if before and (before.query.photo, before.query.guide) == (query.photo, query.guide):
                query = replace(query, pick=before.query.pick)
            return service.plan(query, before, speech)

        yield from stepping(plan, given.good_only, speech)

    def choose(request: gr.Request, place: str, *rest: Any):
        given, speech = _Given.of(rest), _speech(request)

        def plan() -> Plan:
            chosen = picked(given.before, place, speech)
            return service.plan(replace(given.before.query, pick=chosen, filters=given.filters), given.before, speech)

        yield from stepping(plan, given.good_only, speech)

    def choose_in_photo(request: gr.Request, event: gr.EventData, *rest: Any):
        yield from choose(request, event.pick, *rest)

    # Photograph and guide are set by an event of their own, once: while the answer's steps follow, they are the
    # visitor's to change. A step that skips a photograph would leave the browser without its path.
    def take(request: gr.Request, event: gr.EventData):
        speech = _speech(request)

        def taken() -> tuple[Image.Image, tuple[int, str]]:
            item = int(event.item), str(event.engine)
            with Image.open(service.item(*item, speech)[1]) as opened:
                return opened.convert("RGB"), item

        photo, item = guarded(taken, speech, PREFIX)
        return photo, "", item

    def use(request: gr.Request, item: tuple[int, str], *rest: Any):
        given, speech = _Given.of(rest), _speech(request)
        yield from stepping(lambda: service.similar_plan(*item, given.filters, speech), given.good_only, speech)

    def reshow(request: gr.Request, good_only: bool, answer: Answer | None):
        return columns(answer, bool(good_only), _speech(request)) if answer else gr.skip()

    options = {"show_progress": "hidden", **PRIVATE, **HEAVY, **UNTOUCHED}
    state = [*desk.filtering.inputs, desk.filtering.good_only, desk.answer]
    triggers = [desk.search.click, desk.guide.submit, desk.photo.upload]
    gr.on(triggers, show, [desk.photo, desk.guide, *state], desk.outputs, **options)
    desk.garments.input(choose, [desk.garments, *state], desk.outputs, trigger_mode="always_last", **options)
    desk.seen.select(choose_in_photo, state, desk.outputs, **options)
    taking = desk.found.select(take, None, [desk.photo, desk.guide, desk.item], **options)
    taking.success(use, [desk.item, *state], desk.outputs, **options)
    options = {"show_progress": "hidden", **PRIVATE, **UNTOUCHED}
    desk.filtering.good_only.input(reshow, [desk.filtering.good_only, desk.answer], desk.found, **options)


def picked(before: Answer | None, place: object, speech: Speech) -> Pick:
    """What was chosen in the photograph of an answer.

    Raises:
        ValueError: in words for people, if the answer is kept no more, or has no such garment.
    """
    if before is None or before.item is not None:
        raise ValueError(speech("fashion_error_expired"))
    if place == WHOLE:
        return Pick("", (0.0, 0.0, float(before.size[0]), float(before.size[1])))
    number = int(place) if str(place).isdecimal() else -1
    if not 0 <= number < len(before.garments):
        raise ValueError(speech("fashion_error_expired"))
    one = before.garments[number]
    return Pick(one.label, one.box)


def _wire_opening(page: gr.Blocks, desk: Desk, service: FashionService) -> None:
    def lay(sample: Path, request: gr.Request) -> tuple[str, str]:
        return str(sample), example_guide(sample, _speech(request))

    def show_example(sample: Path, request: gr.Request):
        speech = _speech(request)
        guide = example_guide(sample, speech)
        keep = partial(service.keep_example, sample)
        yield from stepping(lambda: service.example(sample, guide, speech), False, speech, keep)

    def open_page(request: gr.Request) -> list[Any]:
        sample = next(iter(desk.examples), None)
        laid = lay(sample, request) if sample else (None, "")
        return [api_call(request.headers), *filter_choices(service, _speech(request)), *laid]

    laid, options = [desk.photo, desk.guide], {"show_progress": "hidden", **PRIVATE, **HEAVY}
    for sample, button in desk.examples.items():
        pressed = button.click(_bound(lay, sample), None, laid, **options)
        pressed.then(_bound(show_example, sample, steps=True), None, desk.outputs, **options)
    if desk.code is not None:
        opened = page.load(open_page, None, [desk.code, *desk.filtering.choices, *laid], **options)
        if desk.examples:
            sample = next(iter(desk.examples))
            opened.then(_bound(show_example, sample, steps=True), None, desk.outputs, **options)


def filter_choices(service: FashionService, speech: Speech) -> list[gr.Dropdown]:
    """The gallery's categories, colours and genders in the visitor's words; empty lists where it cannot be opened."""
    try:
        facets: Mapping[str, Any] = guarded(service.facets, speech, PREFIX)
    except gr.Error:
        facets = {}
    category, colour, gender = (_choices(group, facets, speech) for group in ("category", "colour", "gender"))
    any_one = (speech("fashion_any"), "")
    return [gr.Dropdown([any_one, *category], value=""), gr.Dropdown(colour), gr.Dropdown([any_one, *gender], value="")]


def _choices(group: str, facets: Mapping[str, Any], speech: Speech) -> list[tuple[str, str]]:
    """The words of a group that the gallery has, the most frequent first, with their numbers of items."""
    counts = {token: count for token, count in facets.get(group, {}).items() if count and token != ROOT}
    return [(f"{speech.word(group, token)} ({count:,})", token) for token, count in counts.items()]


def _bound(work: Callable[..., Any], sample: Path, steps: bool = False) -> Callable[..., Any]:
    """What is done with an example: Gradio looks at a function's own signature, and whether it is a generator."""

    def once(request: gr.Request):
        return work(sample, request)

    def stepwise(request: gr.Request):
        yield from work(sample, request)

    return stepwise if steps else once
