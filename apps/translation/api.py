"""The translator for programs: two public endpoints, which are tools of the MCP server as well."""

from __future__ import annotations

from typing import Any

import gradio as gr

from apps.errors import guarded
from apps.i18n import request_locale, speak
from apps.translation.events import LONG, PREFIX, SHORT, UNTOUCHED
from apps.translation.files_page import translate_upload
from apps.translation.service import TranslationService


def wire_api(service: TranslationService) -> None:
    """Adds the endpoints; their components are seen by no one."""
    systems = [engine.key for engine in service.engines]

    def translate(text: str, system: str, n_best: int, request: gr.Request) -> dict[str, Any]:
        """Translate Chinese text (Simplified or Traditional) into Korean.

        The answer holds the Korean text, the translator's score and time in milliseconds, its tokens, everything that
        was copied instead of translated (numbers, Latin words, addresses, names, unknown words) with where it came
        from, every step of the pre-processing, the next best translations, and a warning where the text is not
        Chinese or cannot be trusted for another reason.

        Args:
            text: Chinese text of one or many sentences, at most 10,000 characters (statistical: 1,000).
            system: name of the translator to use: "neural", "statistical" or "rules".
            n_best: how many translations are wanted, 1 to 10; those after the first are "alternatives".
        """
        words = speak(request_locale(request))
        return guarded(lambda: service.record(text, system, n_best, words), words, PREFIX)

    def translate_file(
        file: dict[str, Any] | None,
        system: str,
        request: gr.Request,
        progress=gr.Progress(),  # noqa: B008
    ) -> str:
        """Translate a file of Chinese lines into a file of Korean lines, in the same order; empty lines stay empty.

        In a .tsv file the first column is translated, and the translation is added as the last column.

        Args:
            file: UTF-8 text, .txt or .tsv, at most 5 MB, 2,000 lines and 200,000 characters.
            system: name of the translator to use: "neural", "statistical" (10,000 characters) or "rules".
        """
        words = speak(request_locale(request))
        path = ""
        for done, count, written in translate_upload(file, system, service, words, result.GRADIO_CACHE):
            progress((done, count))
            path = written or path
        return path

    text = gr.Textbox(label="text", visible=False)
    system = gr.Dropdown(systems, value=systems[0], label="system", visible=False)
    n_best = gr.Number(1, label="n_best", precision=0, visible=False)
    trigger = gr.Button("translate", visible=False)
    answer = gr.JSON(label="translation", visible=False)
    trigger.click(translate, [text, system, n_best], answer, api_name="translate", **SHORT, **UNTOUCHED)
    upload = gr.File(label="file", visible=False)
    trigger = gr.Button("translate_file", visible=False)
    result = gr.File(label="translated file", visible=False)
    trigger.click(translate_file, [upload, system], result, api_name="translate_file", **LONG, **UNTOUCHED)
