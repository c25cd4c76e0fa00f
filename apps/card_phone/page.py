"""The hub's page around the card reader that runs in the visitor's own browser: the site in a frame, and its sizes.

The site is a page of its own (`site/`), which also works alone and without network; nothing a visitor shows it reaches
this server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import gradio as gr

from apps.card_phone.prepare import site_of
from apps.card_phone.routes import SLUG
from apps.i18n import Text, Translations
from apps.models import Model
from apps.results import quantity

DECK = (("deck_before", 2.7, 7.44), ("deck_after", 0.7, 2.76))
"""The original system's network and the whole with its runtime, in MB, before and after compression."""

_RELATIVES = (
    ("card.io", 0.17, None),
    ("Bouncer CardScan", 0.91, None),
    ("PayCards", 2.51, None),
    ("BlinkCard", None, 7.2),
)
"""Other readers' number path and whole, in MB, from their packages."""


def build_page(page: gr.Blocks, models: Sequence[Model], words: Translations) -> None:
    """Adds the page's components to the Blocks around it.

    Args:
        page: the Blocks the page belongs to.
        models: the compact model.
        words: where the page's texts are registered.
    """
    gr.HTML(words.html("card_phone_intro", _intro), apply_default_css=False, elem_classes="ph-intro")
    built = site_of(models[0].folder) is not None
    gr.HTML(
        words.html("card_phone_site", lambda text: _site(text, built)), apply_default_css=False, elem_id="card-phone"
    )
    page.load(None, None, None, js="() => { window.planetPhone(); return []; }", api_visibility="private")
    sizes = measured_sizes(models[0].folder)
    if sizes:
        table = words.html("card_phone_sizes", lambda text: size_table(sizes, text))
        gr.HTML(table, apply_default_css=False, elem_id="card-phone-sizes")


def measured_sizes(folder: Path) -> dict[str, float]:
    """MB as sent of the site's "page", "weights" and "runtime", and of the packed weights as "codebooks".

    Empty where the site was not measured.
    """
    path = folder / "results.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    browser = results.get("figures", {}).get("browser")
    if not browser:
        return {}
    sent = {part: size["gzip"] / 1e6 for part, size in browser["sizes"].items()}
    return sent | {"codebooks": results["weights_bytes"] / 1e6}


def size_table(sizes: Mapping[str, float], text: Text) -> str:
    """The deck's table of sizes with ours and others' beside it."""
    ours = sizes["page"] + sizes["weights"] + sizes["runtime"]
    rows = [(text(f"card_phone_{key}"), path, whole) for key, path, whole in DECK]
    rows += [(escape(name), path, whole) for name, path, whole in _RELATIVES]
    rows += [
        (text("card_phone_ours_codebooks"), sizes["codebooks"], None),
        (text("card_phone_ours_browser"), sizes["weights"], ours),
    ]
    body = "".join(
        f'<tr><th scope="row">{name}</th><td>{_mb(path)}</td><td>{_mb(whole)}</td></tr>' for name, path, whole in rows
    )
    parts = text("card_phone_parts", page=_mb(sizes["page"]), runtime=_mb(sizes["runtime"]))
    return (
        f'<h2 class="ph-title">{text("card_phone_sizes_title")}</h2><div class="ph-scroll" tabindex="0"><table>'
        f'<thead><tr><td></td><th scope="col">{text("card_phone_path")}</th>'
        f'<th scope="col">{text("card_phone_whole")}</th></tr></thead><tbody>{body}</tbody></table></div>'
        f'<p class="ph-quiet">{parts}</p>'
    )


def _mb(size: float | None) -> str:
    return "–" if size is None else quantity(round(size, 2), "MB")


def _intro(text: Text) -> str:
    return f'<h1>{text("card_phone_name")}</h1><p class="ph-lead">{text("card_phone_summary")}</p>'


def _site(text: Text, built: bool) -> str:
    if not built:
        return f'<p class="ph-note" role="alert">{text("card_phone_missing")}</p>'
    return (
        f'<iframe src="./{SLUG}/" title="{text("card_phone_name")}" allow="camera; fullscreen" loading="lazy"></iframe>'
        f'<p><a href="./{SLUG}/" target="_blank">{text("card_phone_alone")}</a></p>'
    )
