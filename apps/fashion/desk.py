"""The components of the search: a photograph, words and filters in; garments, attributes and look-alikes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from apps.fashion import markup as html
from apps.fashion.code_panel import MODEL_CALLS, SEARCH_CALL, api_call
from apps.fashion.engines import Engine
from apps.fashion.events import GUIDE_CHARACTERS
from apps.i18n import Text, Translations, has_text

KEPT_SECONDS = 900

_ON_BOX = """element.addEventListener("click", (event) => {
  const box = event.target.closest("[data-pick]");
  if (box) trigger("select", { pick: box.dataset.pick });
});"""

_ON_CARD = """element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-item]");
  if (!button) return;
  trigger("select", { item: Number(button.dataset.item), engine: button.dataset.engine });
  document.getElementById("fashion-photo")?.scrollIntoView({ block: "start" });
});"""


@dataclass(frozen=True)
class Filtering:
    """The components that say what is to be seen only."""

    category: gr.Dropdown
    colour: gr.Dropdown
    gender: gr.Dropdown
    price_min: gr.Number
    price_max: gr.Number
    good_only: gr.Checkbox

    @property
    def inputs(self) -> list[Any]:
        """What a search takes, in the order of `checks.FILTERS`."""
        return [self.category, self.colour, self.gender, self.price_min, self.price_max]

    @property
    def choices(self) -> list[Any]:
        """What is filled with the gallery's words when the page opens."""
        return [self.category, self.colour, self.gender]


@dataclass(frozen=True)
class Desk:
    """The components that events read and change."""

    photo: gr.Image
    guide: gr.Textbox
    filtering: Filtering
    search: gr.Button
    examples: dict[Path, gr.Button]
    answer: gr.State
    item: gr.State
    seen: gr.HTML
    garments: gr.Radio
    understood: gr.HTML
    described: gr.HTML
    found: gr.HTML
    code: gr.Code | None

    @property
    def outputs(self) -> list[Any]:
        """What every answer fills."""
        return [self.answer, self.seen, self.garments, self.understood, self.described, self.found]


def lay_out_desk(words: Translations, engines: Sequence[Engine], samples: Sequence[Path]) -> Desk:
    """Adds the components.

    Args:
        words: where the page's texts are registered.
        engines: the ways to search; whose calls are shown as code.
        samples: example photographs, `<order>_<key>.jpg`, labelled with the text `fashion_example_<key>`.
    """
    answer, item = gr.State(None, time_to_live=KEPT_SECONDS), gr.State(None, time_to_live=KEPT_SECONDS)
    with gr.Row(elem_classes="ph-desk"):
        with gr.Column(scale=4, min_width=280):
            photo = _photo(words)
            guide = gr.Textbox(
                label=words.label("fashion_guide"),
                placeholder=words.label("fashion_guide_hint"),
                info=words.label("fashion_guide_info"),
                max_length=GUIDE_CHARACTERS,
                elem_id="fashion-guide",
            )
            search = gr.Button(words.label("fashion_search"), variant="primary", size="lg", elem_id="fashion-search")
            filtering = _filters(words)
            examples = _examples(samples, words)
        with gr.Column(scale=6, min_width=280):
            waiting = words.html("fashion_waiting", html.waiting)
            seen = gr.HTML(waiting, apply_default_css=False, js_on_load=_ON_BOX, elem_id="fashion-seen")
            label = words.label("fashion_garments")
            garments = gr.Radio([], label=label, visible=False, elem_id="fashion-garments")
            understood = gr.HTML("", apply_default_css=False, elem_id="fashion-understood")
    described = gr.HTML("", apply_default_css=False, elem_id="fashion-described")
    found = gr.HTML("", apply_default_css=False, js_on_load=_ON_CARD, elem_id="fashion-found")
    code = _code_panel(words, engines)
    return Desk(
        photo, guide, filtering, search, examples, answer, item, seen, garments, understood, described, found, code
    )


def intro(text: Text) -> str:
    """What the page is."""
    return (
        f'<h1>{text("fashion_name")}</h1><p class="ph-lead">{text("fashion_summary")}</p>'
        f'<p class="ph-quiet">{text("fashion_privacy")}</p>'
    )


def _photo(words: Translations) -> gr.Image:
    camera = gr.WebcamOptions(mirror=False, constraints={"video": {"facingMode": {"ideal": "environment"}}})
    return gr.Image(
        label=words.label("fashion_photo"),
        placeholder=words.label("fashion_photo_hint"),
        sources=["upload", "webcam", "clipboard"],
        type="filepath",
        format="jpeg",
        height=240,
        webcam_options=camera,
        buttons=[],
        elem_id="fashion-photo",
    )


def _filters(words: Translations) -> Filtering:
    with gr.Accordion(words.label("fashion_filters"), open=False, elem_id="fashion-filters"):
        category = gr.Dropdown([], label=words.label("fashion_group_category"))
        colour = gr.Dropdown([], multiselect=True, label=words.label("fashion_group_colour"))
        gender = gr.Dropdown([], label=words.label("fashion_group_gender"))
        with gr.Row():
            price_min = gr.Number(None, label=words.label("fashion_price_min"), minimum=0, min_width=90)
            price_max = gr.Number(None, label=words.label("fashion_price_max"), minimum=0, min_width=90)
        good_only = gr.Checkbox(False, label=words.label("fashion_good_only"))
    return Filtering(category, colour, gender, price_min, price_max, good_only)


def _examples(samples: Sequence[Path], words: Translations) -> dict[Path, gr.Button]:
    if not samples:
        return {}
    heading = words.html("fashion_examples", lambda text: f'<h2 class="ph-small">{text("fashion_examples")}</h2>')
    gr.HTML(heading, apply_default_css=False)
    with gr.Row(elem_classes=["ph-examples", "ph-looks"]):
        return {
            path: gr.Button(
                words.label(example_key(path)), icon=str(path), size="sm", min_width=80, elem_classes="ph-example"
            )
            for path in samples
        }


def example_key(sample: Path) -> str:
    """The text that labels an example."""
    return f"fashion_example_{sample.stem.partition('_')[2]}"


def example_guide(sample: Path, text: Text) -> str:
    """The guide that goes with an example: the text named like its label with `_guide` behind it, "" for none."""
    key = f"{example_key(sample)}_guide"
    return text(key) if has_text(key) else ""


def _code_panel(words: Translations, engines: Sequence[Engine]) -> gr.Code | None:
    if not engines:
        return None
    options = {"language": "python", "interactive": False, "buttons": ["copy"]}
    with gr.Accordion(words.label("card_ocr_code"), open=False, elem_id="fashion-code"):
        code = gr.Code(api_call({}), label=words.label("card_ocr_code_python"), **options)
        for engine in engines:
            label = words.label(f"fashion_code_{engine.key}")
            gr.Code(MODEL_CALLS[engine.key], label=label, **options)
        gr.Code(
            SEARCH_CALL, label=words.label("fashion_code_own"), language="shell", interactive=False, buttons=["copy"]
        )
    return code
