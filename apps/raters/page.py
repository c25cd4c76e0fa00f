"""The rater's page: a shell in the hub's frame, filled by `page.js` from the addresses of `api.py`.

No task is part of the page: whoever reads its source finds no output, let alone a system's name.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape

import gradio as gr

from apps.i18n import Text, Translations

_SAID = ("lost", "stored", "keys_on", "keys_off")
"""Sentences the page says by itself, without the server."""


def build_page(page: gr.Blocks, models: Sequence[object], words: Translations) -> None:
    """Adds the page's shell to the Blocks around it.

    Args:
        page: the Blocks the page belongs to.
        models: none; every page of the hub is built alike.
        words: where the page's texts are registered.
    """
    gr.HTML(words.html("raters_intro", _intro), apply_default_css=False, elem_classes="ph-intro")
    if on_space():
        gr.LoginButton(words.label("raters_sign_in"), size="sm")
    gr.HTML(words.html("raters_desk", _desk), apply_default_css=False, elem_id="raters")
    page.load(None, None, None, js="() => { window.planetRaters(); return []; }", api_visibility="private")


def on_space() -> bool:
    """Whether visitors can sign in with their account at the Hub."""
    return bool(os.environ.get("SPACE_ID") and os.environ.get("OAUTH_CLIENT_ID"))


def _intro(text: Text) -> str:
    return (
        f'<h1>{text("raters_name")}</h1><p class="ph-lead">{text("raters_summary")}</p>'
        f'<p class="ph-quiet">{text("raters_privacy")}</p>'
    )


def _desk(text: Text) -> str:
    said = "".join(f' data-{name.replace("_", "-")}="{escape(text(f"raters_said_{name}"))}"' for name in _SAID)
    return (
        f'<h2 class="ph-title" data-title hidden></h2><div class="ph-note" role="alert" data-note></div>'
        f'<p class="ph-sr" role="status" data-status></p><div class="ph-desk-body" data-desk{said}>'
        f'<p class="ph-quiet">{text("raters_opening")}</p></div>'
        f'<p class="ph-quiet"><button type="button" class="ph-copy" data-keys aria-pressed="true">'
        f"{text('raters_said_keys_on')}</button></p>"
    )
