"""The part of the translator's page that takes a file of lines and gives one back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from apps.errors import guarded
from apps.i18n import Text, Translations, request_locale, speak
from apps.translation.events import LONG, PREFIX, PRIVATE, UNTOUCHED
from apps.translation.file import KINDS, MOST_LINES, read_lines, result_name, translated
from apps.translation.service import TranslationService


@dataclass(frozen=True)
class FileParts:
    """The components that events read and change."""

    upload: gr.File
    system: gr.Radio
    start: gr.Button
    stop: gr.Button
    state: gr.HTML
    result: gr.File


def lay_out_files(words: Translations, service: TranslationService) -> FileParts:
    """Adds the components."""
    with gr.Accordion(words.label("translation_file"), open=False, elem_id="translation-file"):
        gr.HTML(words.html("translation_file_note", _note), apply_default_css=False)
        with gr.Row(elem_classes="ph-desk"):
            with gr.Column(scale=5, min_width=280):
                upload = gr.File(label=words.label("translation_file_in"), file_types=list(KINDS), height=150)
                choices = [(words.label(f"translation_{engine.key}"), engine.key) for engine in service.engines]
                label = words.label("translation_file_system")
                system = gr.Radio(choices, value=choices[0][1], label=label)
                with gr.Row():
                    start = gr.Button(words.label("translation_file_start"), variant="primary")
                    stop = gr.Button(words.label("translation_file_stop"), variant="stop", min_width=90)
            with gr.Column(scale=5, min_width=280):
                state = gr.HTML(words.html("translation_file_idle", _idle), apply_default_css=False)
                result = gr.File(label=words.label("translation_file_out"), interactive=False, height=110)
    return FileParts(upload, system, start, stop, state, result)


def _note(text: Text) -> str:
    return f'<p class="ph-quiet">{text("translation_file_text", lines=f"{MOST_LINES:,}")}</p>'


def _idle(text: Text) -> str:
    return f'<div class="ph-verdict ph-empty"><p>{text("translation_file_idle")}</p></div>'


def _progress(done: int, count: int, text: Text) -> str:
    line = text("translation_file_done" if done == count else "translation_file_doing", done=done, count=count)
    return (
        f'<div class="ph-verdict" role="status"><p>{line}</p>'
        f'<span class="ph-bar" role="progressbar" aria-valuenow="{done}" aria-valuemin="0" aria-valuemax="{count}" '
        f'aria-label="{line}"><i style="width:{100 * done / count:.1f}%"></i></span></div>'
    )


def _failure(error: gr.Error) -> str:
    return (
        f'<section class="ph-verdict ph-rejected" role="alert"><p class="ph-badge"><span aria-hidden="true">!</span> '
        f'{escape(error.title)}</p><p class="ph-reason">{escape(error.message)}</p></section>'
    )


def translate_upload(upload: dict[str, Any] | None, system: str, service: TranslationService, text: Text, folder: str):
    """Translates an uploaded file: yields (lines done, lines in all, None), and last the path of the result.

    Args:
        upload: what Gradio knows of the uploaded file.
        system: of the translator.
        service: that has it.
        text: the visitor's language.
        folder: Gradio's own, from which files are deleted as they age.

    Raises:
        gr.Error: in words for people.
    """

    def lines_of():
        if not upload or not upload.get("path"):
            raise ValueError(text("translation_file_error_none"))
        return read_lines(Path(upload["path"]), name, engine, text)

    name = str((upload or {}).get("orig_name") or Path((upload or {}).get("path") or "").name)
    engine = guarded(lambda: service.engine(system, text), text, PREFIX)
    lines = guarded(lines_of, text, PREFIX)
    batches, found = translated(lines, engine), []
    while (batch := guarded(lambda: next(batches, None), text, PREFIX)) is not None:
        found = batch
        yield len(found), len(lines.texts), None
    path = Path(folder) / uuid.uuid4().hex / result_name(name)
    path.parent.mkdir(parents=True)
    path.write_text(lines.written(found), encoding="utf-8", newline="")
    yield len(found), len(lines.texts), str(path)


def wire_files(parts: FileParts, service: TranslationService) -> None:
    """Adds the events."""

    def run(upload: dict[str, Any] | None, system: str, request: gr.Request, progress=gr.Progress()):  # noqa: B008
        text = speak(request_locale(request))
        try:
            for done, count, path in translate_upload(upload, system, service, text, parts.result.GRADIO_CACHE):
                progress((done, count), unit=text("translation_file_unit"))
                yield _progress(done, count, text), path
        except gr.Error as error:
            yield _failure(error), None

    def stopped(request: gr.Request) -> str:
        return _idle(speak(request_locale(request)))

    outputs = [parts.state, parts.result]
    job = parts.start.click(
        run, [parts.upload, parts.system], outputs, show_progress_on=parts.result, **PRIVATE, **LONG, **UNTOUCHED
    )
    parts.stop.click(stopped, None, parts.state, cancels=[job], show_progress="hidden", queue=False, **PRIVATE)
