"""What every page has around it: the header with its links, the footer, and a model card as a page."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import gradio as gr

from apps.i18n import Text, Translations

_LOGO = (
    '<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">'
    '<circle cx="16" cy="16" r="8.5" fill="currentColor"/>'
    '<path d="M3.6 21.8c-1.5-2.6 3-7.9 10-12S27.4 4.7 28.9 7.300" fill="none" stroke="var(--ph-copper)" '
    'stroke-width="2.2" stroke-linecap="round"/>'
    '<path d="M28.9 7.300c1.300 2.500-3.100 7.900-10.100 12S5.100 24.4 3.600 21.800" fill="none" '
    'stroke="var(--ph-copper)" stroke-width="2.2" stroke-linecap="round" stroke-dasharray="9 12 30"/></svg>'
)


def frame(slug: str, links: Sequence[tuple[str, str]], words: Translations, body: Callable[[], None]) -> None:
    """A page: header, body, footer.

    Args:
        slug: the page's own address, marked in the header.
        links: (address, text key) of the pages in the header, after the home page.
        words: where texts are registered.
        body: adds the page's own components.
    """
    gr.Navbar(visible=False)
    gr.HTML(
        words.html(f"header_{slug or 'home'}", lambda text: _header(slug, links, text)),
        apply_default_css=False,
        elem_classes="ph-header",
    )
    with gr.Column(elem_id="content", elem_classes="ph-content"):
        body()
    gr.HTML(
        words.html(f"footer_{slug or 'home'}", lambda text: f"<p>{text('footer_privacy')}</p>"),
        apply_default_css=False,
        elem_classes="ph-footer",
    )


def _header(slug: str, links: Sequence[tuple[str, str]], text: Text) -> str:
    items = "".join(
        f'<a href="./{address}"{" aria-current=page" if address == slug else ""}>{text(key)}</a>'
        for address, key in [("", "nav_home"), *links]
    )
    return (
        # The page has a base address, against which "#content" alone would lead to the home page.
        f'<a class="ph-skip" href="./{slug}#content">{text("skip_to_content")}</a>'
        f'<a class="ph-brand" href="./">{_LOGO}<span>{text("hub_name")}</span></a>'
        f'<nav aria-label="{text("nav_label")}">{items}</nav>'
    )


def model_card(folder: Path) -> None:
    """A published model's card, without the front matter that is meant for the Hub."""
    gr.Markdown(card_text(folder), elem_classes="ph-card-text")


def card_text(folder: Path) -> str:
    """The card's text after its front matter, with the pictures beside it put in.

    Raises:
        ValueError: if the front matter is opened and never closed.
    """
    text = (folder / "README.md").read_text(encoding="utf-8")
    if text.startswith("---\n"):
        end = text.find("\n---\n", 3)
        if end < 0:
            raise ValueError(f"The front matter of {folder.name}/README.md is never closed by a line of three dashes.")
        text = text[end + 5 :].lstrip()
    return re.sub(r"(!\[[^\]]*\])\(([\w.-]+\.png)\)", lambda found: f"{found[1]}({_data_uri(folder / found[2])})", text)


def _data_uri(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
