"""The translator's page: Chinese in, Korean out from up to three systems side by side, and how each came to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from apps.errors import guarded
from apps.i18n import Text, Translations, request_locale, speak
from apps.translation import markup as html
from apps.translation.api import wire_api
from apps.translation.code_panel import api_call, model_call
from apps.translation.engines import RULES, Engine, Published
from apps.translation.events import PREFIX, PRIVATE, SHORT
from apps.translation.examples import EXAMPLES, Example
from apps.translation.files_page import FileParts, lay_out_files, wire_files
from apps.translation.service import CHARACTERS, Answer, Outcome, TranslationService, checked

KEPT_SECONDS = 900


@dataclass(frozen=True)
class _Parts:
    """The components that events read and change."""

    source: gr.Textbox
    reference: gr.Textbox
    translate: gr.Button
    adopt: dict[str, gr.Button]
    examples: dict[Example, gr.Button]
    answer: gr.State
    columns: gr.HTML
    details: gr.HTML
    code: gr.Code

    @property
    def outputs(self) -> list[Any]:
        """What every answer fills, in the order of `_shown`."""
        return [self.answer, self.columns, self.details]


def build_page(page: gr.Blocks, models: Sequence[Published], words: Translations) -> None:
    """Adds the page's components and events to the Blocks around it.

    Args:
        page: the Blocks the page belongs to.
        models: published translators, the one whose answer counts first; translation by rules is added.
        words: where the page's texts are registered.
    """
    service = TranslationService(models)
    parts, files = _lay_out(words, service)
    _wire_page(page, parts, service)
    wire_files(files, service)
    wire_api(service)


def _lay_out(words: Translations, service: TranslationService) -> tuple[_Parts, FileParts]:
    answer = gr.State(None, time_to_live=KEPT_SECONDS)
    gr.HTML(words.html("translation_intro", _intro), apply_default_css=False, elem_classes="ph-intro")
    source = gr.Textbox(
        label=words.label("translation_source"),
        placeholder=words.label("translation_source_hint"),
        info=words.label("translation_source_keys"),
        lines=4,
        max_lines=14,
        elem_id="translation-source",
    )
    with gr.Row(elem_classes="ph-send"):
        gr.HTML(words.html("translation_count", _counter), apply_default_css=False)
        label = words.label("translation_translate")
        translate = gr.Button(label, variant="primary", size="lg", elem_id="translation-translate")
    examples = _example_buttons(words)
    columns = gr.HTML("", apply_default_css=False, elem_id="translation-columns")
    reference, adopt = _reference(words, service.engines)
    files = lay_out_files(words, service)
    details = gr.HTML("", apply_default_css=False, elem_id="translation-details")
    code = _code_panel(words, service)
    return _Parts(source, reference, translate, adopt, examples, answer, columns, details, code), files


def _intro(text: Text) -> str:
    return (
        f'<h1>{text("translation_name")}</h1><p class="ph-lead">{text("translation_summary")}</p>'
        f'<p class="ph-quiet">{text("translation_privacy")}</p>'
    )


def _counter(text: Text) -> str:
    return (
        f'<p class="ph-count" data-limit="{CHARACTERS}">{text("translation_count", limit=f"{CHARACTERS:,}")}'
        f'<span role="status"><span>{text("translation_count_over")}</span></span></p>'
    )


def _reference(words: Translations, engines: Sequence[Engine]) -> tuple[gr.Textbox, dict[str, gr.Button]]:
    with gr.Row(elem_classes="ph-desk"):
        with gr.Column(scale=6, min_width=280):
            reference = gr.Textbox(
                label=words.label("translation_reference"),
                placeholder=words.label("translation_reference_hint"),
                info=words.label("translation_reference_info"),
                lines=2,
                max_lines=14,
                elem_id="translation-reference",
            )
        if len(engines) < 2:
            return reference, {}
        with gr.Column(scale=4, min_width=280):
            note = words.html("translation_adopt", lambda text: f'<p class="ph-quiet">{text("translation_adopt")}</p>')
            gr.HTML(note, apply_default_css=False)
            with gr.Row(elem_classes="ph-chips"):
                buttons = {
                    engine.key: gr.Button(words.label(f"translation_{engine.key}"), size="sm", min_width=72)
                    for engine in engines
                }
    return reference, buttons


def _example_buttons(words: Translations) -> dict[Example, gr.Button]:
    heading = words.html(
        "translation_examples", lambda text: f'<h2 class="ph-small">{text("translation_examples")}</h2>'
    )
    gr.HTML(heading, apply_default_css=False)
    with gr.Row(elem_classes="ph-chips"):
        return {
            example: gr.Button(words.label(f"translation_example_{example.key}"), size="sm", min_width=72)
            for example in EXAMPLES
        }


def _code_panel(words: Translations, service: TranslationService) -> gr.Code:
    with gr.Accordion(words.label("card_ocr_code"), open=False, elem_id="translation-code"):
        options = {"language": "python", "interactive": False, "buttons": ["copy"]}
        label = words.label("card_ocr_code_python")
        code = gr.Code(api_call({}, service.engines[0].key), label=label, **options)
        for engine in service.engines:
            if engine.key != RULES:
                label = words.label(f"translation_code_{engine.key}")
                gr.Code(model_call(engine.model.name), label=label, **options)
    return code


def _shown(answer: Answer, reference: str, text: Text) -> tuple[Any, ...]:
    return answer, html.columns(answer, reference, text), html.details(answer, text)


def _failed(error: gr.Error) -> tuple[Any, ...]:
    # In the columns' place, not as a passing notice: the old answer must not stay beside a new text.
    return None, html.failure(error.title, error.message), ""


def _wire_page(page: gr.Blocks, parts: _Parts, service: TranslationService) -> None:
    def answers(source: str, reference: str, ask: Callable[[Engine], Outcome], text: Text) -> Iterator[tuple[Any, ...]]:
        """The page after every translator's answer, the quickest first."""

        def shown(answer: Answer) -> tuple[Any, ...]:
            return guarded(lambda: _shown(answer, reference, text), text, PREFIX)

        try:
            answer = service.awaited(guarded(lambda: checked(source, text), text, PREFIX))
            for engine in service.quickest_first:
                yield shown(answer)
                try:
                    answer = answer.having(guarded(lambda engine=engine: ask(engine), text, PREFIX))
                except gr.Error as error:
                    answer = answer.having(Outcome(engine.key, engine.model.name, "", problem=error.message))
            yield shown(answer)
        except gr.Error as error:
            yield _failed(error)

    # Not called translate: a private event's function takes its name from the public one.
    def show_typed(source: str, reference: str, before: Answer | None, request: gr.Request):
        text = speak(request_locale(request))
        reference = "" if before and before.stale(reference, source) else reference or ""
        for shown in answers(source, reference, lambda engine: service.outcome(engine, source, text), text):
            yield reference, *shown

    def show_example(example: Example, request: gr.Request):
        text = speak(request_locale(request))
        source, reference = example.source, example.reference
        for shown in answers(source, reference, lambda engine: service.example(engine, example, text), text):
            yield source, reference, *shown

    def open_page(request: gr.Request):
        code = api_call(request.headers, service.engines[0].key)
        for shown in show_example(EXAMPLES[0], request):
            yield code, *shown

    def score(answer: Answer | None, reference: str, request: gr.Request):
        # An answer that is still being made will be scored by whoever makes it.
        if answer is None or not answer.done:
            return gr.skip()
        return html.columns(answer, reference or "", speak(request_locale(request)))

    texts = [parts.source, parts.reference]
    options = {"show_progress": "hidden", **PRIVATE, **SHORT}
    given, filled = [*texts, parts.answer], [parts.reference, *parts.outputs]
    gr.on([parts.translate.click, parts.source.submit], show_typed, given, filled, **options)
    for example, button in parts.examples.items():
        button.click(_for_example(show_example, example), None, [*texts, *parts.outputs], **options)
    page.load(open_page, None, [parts.code, *texts, *parts.outputs], **options)
    count = "(text) => { window.planetCount(text); return []; }"
    parts.source.change(None, parts.source, None, js=count, **PRIVATE)
    options = {"show_progress": "hidden", **PRIVATE}
    state = [parts.answer, parts.reference]
    parts.reference.change(score, state, parts.columns, trigger_mode="always_last", **options)
    for system, button in parts.adopt.items():
        button.click(_adopting(system), state, parts.reference, **options)


def _for_example(show_example: Callable[..., Any], example: Example) -> Callable[..., Any]:
    def answer(request: gr.Request):
        yield from show_example(example, request)

    return answer


def _adopting(system: str) -> Callable[..., Any]:
    def adopt(answer: Answer | None, reference: str) -> str:
        """One translator's text as the reference, to see how near the others come to it."""
        translation = answer.translation(system) if answer else None
        return translation.text if translation else reference

    return adopt
