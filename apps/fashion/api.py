"""The search for programs: three public endpoints, which are tools of the MCP server as well."""

from __future__ import annotations

from typing import Any

import gradio as gr

from apps.errors import guarded
from apps.fashion.checks import checked_picture
from apps.fashion.engines import DEEP
from apps.fashion.events import HEAVY, PREFIX, UNTOUCHED
from apps.fashion.records import description_record, items_record, search_record
from apps.fashion.service import FashionService
from apps.i18n import request_locale, speak


def wire_api(service: FashionService) -> None:
    """Adds the endpoints; their components are seen by no one."""
    systems = [engine.key for engine in service.engines] or [DEEP]

    def search_fashion(
        image: dict[str, Any] | None, guide: str, box: Any, filters: Any, k: int, system: str, request: gr.Request
    ) -> dict[str, Any]:
        """Find the garment that is meant in a photograph, describe it, and find look-alikes in the gallery.

        The answer holds the garments found with their boxes, the region that was searched with, what the guide was
        understood as, the garment's attributes with confidences, its category as specific as it is sure, the
        look-alikes with score (0 to 1), reasons and price, "good" (false: no good match), notes on what was doubtful,
        and milliseconds of every stage.

        Args:
            image: photograph with one or more garments, at most 20 MB; longer sides than 2,560 pixels are shrunk first.
            guide: which garment is meant: words or a seller's title in English, Korean or Chinese, such as "red bag",
                at most 1,000 characters; empty for the garment that fills the picture most surely.
            box: where it is, [x0, y0, x1, y1] in pixels of the upright photograph; null or [] if it is to be found.
            filters: what answers must be, some of {"category": "dress", "colour": ["red"], "gender": "women",
                "price_min": 10, "price_max": 50}; null or {} for all.
            k: how many look-alikes are wanted, 1 to 100.
            system: "deep" (networks) or "classic" (their traditional rival).
        """
        text = speak(request_locale(request))
        return guarded(
            lambda: search_record(service, checked_picture(image, text), guide, box, filters, k, system, text),
            text,
            PREFIX,
        )

    def describe_garment(
        image: dict[str, Any] | None, guide: str, box: Any, system: str, request: gr.Request
    ) -> dict[str, Any]:
        """Describe the garment that is meant in a photograph: boxes, attributes with confidences, category.

        The category is hedged: "hedged" is as specific as it is sure, "leaf" is the likeliest.

        Args:
            image: photograph with one or more garments, at most 20 MB.
            guide: which garment is meant, in words, at most 1,000 characters; empty if it is to be found.
            box: where it is, [x0, y0, x1, y1] in pixels of the upright photograph; null or [] if it is to be found.
            system: "deep" (networks) or "classic" (their traditional rival).
        """
        text = speak(request_locale(request))

        def answer() -> dict[str, Any]:
            return description_record(service, checked_picture(image, text), guide, box, system, text)

        return guarded(answer, text, PREFIX)

    def find_items(words: str, filters: Any, k: int, request: gr.Request) -> dict[str, Any]:
        """Find items of the gallery by words of their attributes, keywords and titles, the nearest first.

        Args:
            words: such as "red dress", at most 1,000 characters; empty for all items in their order.
            filters: what items must be, as for search_fashion; null or {} for all.
            k: how many are wanted, 1 to 100.
        """
        text = speak(request_locale(request))
        return guarded(lambda: items_record(service, words, filters, k, text), text, PREFIX)

    hidden = {"visible": False}
    image = gr.Image(type="filepath", label="image", **hidden)
    guide, words = gr.Textbox("", label="guide", **hidden), gr.Textbox("", label="words", **hidden)
    box, filters = gr.JSON([], label="box", **hidden), gr.JSON({}, label="filters", **hidden)
    k = gr.Number(12, label="k", precision=0, **hidden)
    system = gr.Dropdown(systems, value=systems[0], label="system", **hidden)
    answer = gr.JSON(label="answer", **hidden)
    endpoints = {
        search_fashion: [image, guide, box, filters, k, system],
        describe_garment: [image, guide, box, system],
        find_items: [words, filters, k],
    }
    for endpoint, inputs in endpoints.items():
        name = endpoint.__name__
        gr.Button(name, **hidden).click(endpoint, inputs, answer, api_name=name, **HEAVY, **UNTOUCHED)
