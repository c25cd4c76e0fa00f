"""The administrator's page: a shell in the hub's frame, filled by `admin.js` from the addresses of `admin_api.py`.

Nothing of a campaign is part of the page; what is shown was asked for by a session that had logged in.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import gradio as gr

from apps.i18n import Text, Translations
from apps.raters.page import on_space


def build_page(page: gr.Blocks, models: Sequence[object], words: Translations) -> None:
    """Adds the page's shell to the Blocks around it.

    Args:
        page: the Blocks the page belongs to.
        models: none; every page of the hub is built alike.
        words: where the page's texts are registered.
    """
    heading = words.html("raters_admin_intro", lambda text: f"<h1>{text('raters_admin_name')}</h1>")
    gr.HTML(heading, apply_default_css=False, elem_classes="ph-intro")
    if on_space():
        gr.LoginButton(words.label("raters_sign_in"), size="sm")
    gr.HTML(words.html("raters_admin_panel", _panel), apply_default_css=False, elem_id="raters-admin")
    page.load(None, None, None, js="() => { window.planetRatersAdmin(); return []; }", api_visibility="private")


def _panel(text: Text) -> str:
    return (
        f'<div class="ph-note" role="alert" data-note></div><p class="ph-sr" role="status" data-status></p>'
        f'<div data-panel data-lost="{escape(text("raters_admin_lost"))}" '
        f'data-busy="{escape(text("raters_admin_busy"))}">'
        f'<p class="ph-quiet">{text("raters_opening")}</p></div>'
    )
