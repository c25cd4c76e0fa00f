"""The card reader's page: a picture in, the number out, every stage in between shown.

The number leaves the server only when someone asks for it: until then page and API carry its last four digits, and the
pictures have the rest painted over. The answers wait in the session's server-side state, for `KEPT_SECONDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr

from apps.card_ocr import markup as html
from apps.card_ocr.code_panel import API_CALL, MODEL_CALL, api_call
from apps.card_ocr.service import CardReaderService, Reader
from apps.errors import guarded
from apps.i18n import Text, Translations, request_locale, speak

KEPT_SECONDS = 900
T = TypeVar("T")

EXAMPLES = Path(__file__).parent / "examples"

_HEAVY = {"concurrency_id": "card_ocr", "concurrency_limit": 1}
# Gradio would decode the upload itself, and fail on it in its own way: our loader takes the untouched file instead.
# That the file was uploaded here is still checked.
_UNTOUCHED = {"preprocess": False}


@dataclass(frozen=True)
class _Parts:
    """The components that events read and change."""

    photo: gr.Image
    read: gr.Button
    examples: dict[Path, gr.Button]
    answer: gr.State
    revealed: gr.State
    verdict: gr.HTML
    stages: gr.HTML
    reveal: gr.Button
    code: gr.Code

    @property
    def outputs(self) -> list[Any]:
        """What every answer fills, in the order of `_shown`."""
        return [self.answer, self.revealed, self.verdict, self.stages, self.reveal]


def build_page(page: gr.Blocks, readers: Sequence[Reader], words: Translations, examples: Path = EXAMPLES) -> None:
    """Adds the page's components and events to the Blocks around it.

    Args:
        page: the Blocks the page belongs to.
        readers: the models, the one whose answer counts first; a second one is shown beside it.
        words: where the page's texts are registered.
        examples: folder of example pictures, `<order>_<text key>.jpg`; the first is answered when the page opens.
    """
    # Served from where they lie: copies in the upload cache would be deleted with the visitors' pictures.
    gr.set_static_paths([examples])
    service = CardReaderService(readers)
    parts = _lay_out(words, sorted(examples.glob("*.jpg")))
    _wire_page(page, parts, service)
    _wire_api(service)


def _lay_out(words: Translations, samples: Sequence[Path]) -> _Parts:
    answer, revealed = gr.State(None, time_to_live=KEPT_SECONDS), gr.State(False, time_to_live=KEPT_SECONDS)
    gr.HTML(words.html("card_ocr_intro", _intro), apply_default_css=False, elem_classes="ph-intro")
    with gr.Row(elem_classes="ph-desk"):
        with gr.Column(scale=5, min_width=280):
            photo = _photo_input(words)
            read = gr.Button(words.label("card_ocr_read"), variant="primary", size="lg", elem_id="card-ocr-read")
        with gr.Column(scale=6, min_width=280):
            waiting = words.html("card_ocr_waiting", html.waiting)
            verdict = gr.HTML(waiting, apply_default_css=False, elem_id="card-ocr-verdict")
            reveal = gr.Button(words.label("card_ocr_reveal"), visible=False, elem_id="card-ocr-reveal")
    examples = _example_buttons(samples, words)
    stages = gr.HTML("", apply_default_css=False, elem_id="card-ocr-stages")
    code = _code_panel(words)
    return _Parts(photo, read, examples, answer, revealed, verdict, stages, reveal, code)


def _intro(text: Text) -> str:
    return (
        f'<h1>{text("card_ocr_name")}</h1><p class="ph-lead">{text("card_ocr_summary")}</p>'
        f'<p class="ph-quiet">{text("card_ocr_privacy")}</p>'
    )


def _photo_input(words: Translations) -> gr.Image:
    # A mirrored preview would turn the digits round, and the rear camera is the one that sees the card.
    camera = gr.WebcamOptions(mirror=False, constraints={"video": {"facingMode": {"ideal": "environment"}}})
    return gr.Image(
        label=words.label("card_ocr_image"),
        placeholder=words.label("card_ocr_placeholder"),
        sources=["upload", "webcam", "clipboard"],
        type="filepath",
        format="jpeg",
        height=300,
        webcam_options=camera,
        buttons=[],
        elem_id="card-ocr-photo",
    )


def _example_buttons(samples: Sequence[Path], words: Translations) -> dict[Path, gr.Button]:
    if not samples:
        return {}
    heading = words.html("card_ocr_examples", lambda text: f'<h2 class="ph-small">{text("card_ocr_examples")}</h2>')
    gr.HTML(heading, apply_default_css=False)
    with gr.Row(elem_classes="ph-examples"):
        return {
            path: gr.Button(
                words.label(f"example_{path.stem.partition('_')[2]}"),
                icon=str(path),
                size="sm",
                min_width=96,
                elem_classes="ph-example",
            )
            for path in samples
        }


def _code_panel(words: Translations) -> gr.Code:
    with gr.Accordion(words.label("card_ocr_code"), open=False, elem_id="card-ocr-code"):
        label = words.label("card_ocr_code_python")
        api_code = gr.Code(API_CALL, language="python", label=label, interactive=False, buttons=["copy"])
        label = words.label("card_ocr_code_model")
        gr.Code(MODEL_CALL, language="python", label=label, interactive=False, buttons=["copy"])
    return api_code


def _shown(answer: html.Answer, revealed: bool, text: Text) -> tuple[Any, ...]:
    has_digits = any(reader.reading.digits for reader in answer.readers)
    label = text("card_ocr_hide" if revealed else "card_ocr_reveal")
    return (
        answer,
        revealed,
        html.verdict(answer, revealed, text),
        html.stages(answer, revealed, text),
        gr.Button(label, visible=has_digits),
    )


def _failed(error: gr.Error) -> tuple[Any, ...]:
    # In the verdict's place, not as a passing notice: the old answer must not stay beside a new picture.
    return None, False, html.failure(error.title, error.message), "", gr.Button(visible=False)


def _given(value: T | None, text: Text) -> T:
    if value is None:
        raise ValueError(text("error_no_picture"))
    return value


def _path(upload: dict[str, Any] | None, text: Text) -> str:
    return _given(upload and upload["path"], text)


def _wire_page(page: gr.Blocks, parts: _Parts, service: CardReaderService) -> None:
    def read_upload(upload: dict[str, Any] | None, request: gr.Request):
        text = speak(request_locale(request))
        try:
            return _shown(guarded(lambda: service.answer(_path(upload, text)), text), False, text)
        except gr.Error as error:
            return _failed(error)

    def toggle(answer: html.Answer | None, revealed: bool, request: gr.Request):
        text = speak(request_locale(request))
        try:
            return _shown(guarded(lambda: _given(answer, text), text), not revealed, text)
        except gr.Error as error:
            return _failed(error)

    def read_example(sample: Path, request: gr.Request):
        text = speak(request_locale(request))
        try:
            return str(sample), *_shown(guarded(lambda: service.example(sample), text), False, text)
        except gr.Error as error:
            return str(sample), *_failed(error)

    def open_page(request: gr.Request):
        code = api_call(request.headers)
        sample = next(iter(parts.examples), None)
        filled = read_example(sample, request) if sample else [gr.skip()] * (1 + len(parts.outputs))
        return code, *filled

    private = {"api_visibility": "private"}
    triggers = [parts.read.click, parts.photo.upload]
    gr.on(triggers, read_upload, parts.photo, parts.outputs, **private, **_HEAVY, **_UNTOUCHED)
    parts.reveal.click(toggle, [parts.answer, parts.revealed], parts.outputs, show_progress="hidden", **private)
    for sample, button in parts.examples.items():
        button.click(_for_sample(read_example, sample), None, [parts.photo, *parts.outputs], **private, **_HEAVY)
    page.load(open_page, None, [parts.code, parts.photo, *parts.outputs], **private, **_HEAVY)


def _for_sample(read_example: Callable[..., Any], sample: Path) -> Callable[..., Any]:
    def answer(request: gr.Request):
        return read_example(sample, request)

    return answer


def _wire_api(service: CardReaderService) -> None:
    names = [reader.name for reader in service.readers]

    def read_card(image: dict[str, Any] | None, reveal: bool, reader: str, request: gr.Request) -> dict[str, Any]:
        """Read the card number on a photograph and say how sure the reader is.

        The answer holds the decision ("accepted" or "rejected"), a reason code with a sentence a person can act on, the
        masked number, the confidence of every digit and its corners in the picture, and the time of every stage.

        Args:
            image: photograph of a payment card, at most 20 MB; JPEG or PNG work best.
            reveal: give the number and its digits in full; otherwise only the last four digits are shown.
            reader: name of the reader to use.
        """
        text = speak(request_locale(request))
        return guarded(lambda: service.record(_path(image, text), reveal is True, reader, text), text)

    inputs = [
        gr.Image(type="filepath", label="image", visible=False),
        gr.Checkbox(False, label="reveal", visible=False),
        gr.Dropdown(names, value=names[0], label="reader", visible=False),
    ]
    trigger = gr.Button("read_card", visible=False)
    reading = gr.JSON(label="reading", visible=False)
    trigger.click(read_card, inputs, reading, api_name="read_card", **_HEAVY, **_UNTOUCHED)
