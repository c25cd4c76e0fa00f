"""The hub: a home page, one page per published system, one page per model card, and how it all is served."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from apps import home
from apps.card_ocr import page as card_ocr
from apps.card_phone import page as card_phone
from apps.card_phone.prepare import MODEL as PHONE_MODEL
from apps.card_phone.prepare import site_of
from apps.card_phone.routes import phone_routes
from apps.fashion import page as fashion
from apps.fashion.engines import GALLERY_VARIABLE
from apps.frame import frame, model_card
from apps.hub_models import VARIABLE, from_hub, organisation
from apps.i18n import Translations
from apps.models import HUB_CARDS, Model, published
from apps.raters import admin_page as raters_admin
from apps.raters import page as raters
from apps.raters.mounting import rater_routes
from apps.results import read_results
from apps.theme import HEAD, theme
from apps.translation import page as translation

MAX_UPLOAD = "20mb"
MAX_WAITING = 64
SESSIONS_KEPT = 500
# Seconds: uploads are looked at every ten minutes and deleted once half an hour old.
DELETE_CACHE = (600, 1800)
FAVICON = Path(__file__).parent / "favicon.svg"


@dataclass(frozen=True)
class System:
    """A system of the hub.

    Attributes:
        slug: its page's address.
        key: prefix of its texts.
        models: its models' names, the one whose answer counts first; none where it needs none.
        build: adds its page to the Blocks, given the models that are published.
        linked: whether header and home page lead there.
    """

    slug: str
    key: str
    models: tuple[str, ...]
    build: Callable[[gr.Blocks, Sequence[Model], Translations], None]
    linked: bool = True


SYSTEMS = (
    System("card-ocr", "card_ocr", ("planet-card-ocr", "planet-card-ocr-classic"), card_ocr.build_page),
    System("phone", "card_phone", (PHONE_MODEL,), card_phone.build_page),
    System("translation", "translation", ("planet-nmt-zh-ko", "planet-smt-zh-ko"), translation.build_page),
    System(
        "fashion",
        "fashion",
        ("planet-fashion-encoder", "planet-fashion-detector", "planet-fashion-classic"),
        fashion.build_page,
    ),
    System("raters", "raters", (), raters.build_page),
    System("raters-admin", "raters_admin", (), raters_admin.build_page, linked=False),
)


def build_hub(models: Mapping[str, Model]) -> tuple[gr.Blocks, Translations]:
    """All pages for the models at hand; a system whose models are not published has none.

    Args:
        models: published models by name.

    Returns:
        The Blocks to launch and the translations to launch it with.
    """
    words = Translations()
    present = [(system, [models[name] for name in system.models if name in models]) for system in SYSTEMS]
    present = [(system, found) for system, found in present if found or not system.models]
    links = [(system.slug, f"{system.key}_name") for system, _ in present if system.linked]
    cards = [model for _, found in present for model in found if (model.folder / "README.md").is_file()]
    systems = [_system_card(system, found) for system, found in present if system.linked]
    with gr.Blocks(title="Planet Hub", analytics_enabled=False, delete_cache=DELETE_CACHE) as demo:

        def home_body() -> None:
            value = words.html("home", lambda text: home.render(systems, text))
            gr.HTML(value, apply_default_css=False, elem_classes="ph-home")

        frame("", links, words, home_body)
    for system, found in present:
        with demo.route(system.slug, system.slug):
            frame(system.slug, links, words, lambda system=system, found=found: system.build(demo, found, words))
    for model in cards:
        with demo.route(model.name, model.name, show_in_navbar=False):
            frame(model.name, links, words, lambda model=model: model_card(model.folder))
    return demo, words


def _system_card(system: System, found: Sequence[Model]) -> home.SystemCard:
    measured = [model.folder / "results.json" for model in found]
    return home.SystemCard(
        slug=system.slug,
        key=system.key,
        models=tuple(model.name for model in found if (model.folder / "README.md").is_file()),
        results=tuple(read_results(path) for path in measured if path.is_file()),
    )


def launch(demo: gr.Blocks, words: Translations, phone: Model | None = None, **options: Any) -> str:
    """Serves the hub.

    Args:
        demo: from `build_hub`.
        words: from `build_hub`.
        phone: the model of the card reader in the browser, if it is not the one of this repository.
        options: passed on to `Blocks.launch`; `app_kwargs` replaces the raters' and that reader's addresses too.

    Returns:
        The address it is served at.
    """
    demo.queue(max_size=MAX_WAITING, default_concurrency_limit=4)
    site = site_of(phone.folder) if phone else site_of()
    options.setdefault("app_kwargs", {"routes": [*rater_routes(), *(phone_routes(site) if site else [])]})
    _, url, _ = demo.launch(
        theme=theme(),
        head=HEAD,
        i18n=words.gradio(),
        favicon_path=FAVICON,
        max_file_size=MAX_UPLOAD,
        state_session_capacity=SESSIONS_KEPT,
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        mcp_server=True,
        share=False,
        footer_links=["api", "settings"],
        **options,
    )
    return url


def has_screen() -> bool:
    """Whether a browser opened here would be seen by someone."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves the hub until it is interrupted.

    Args:
        arguments: the command line's, if not given.
    """
    parser = argparse.ArgumentParser(prog="app.py", description="Planet Hub: small models, measured in the open.")
    parser.add_argument("--host", help="address to listen on; 0.0.0.0 lets other machines in (default: this machine)")
    parser.add_argument("--port", type=int, help="port to listen on (default: the first free one from 7860)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.add_argument("--models", type=Path, default=HUB_CARDS, help="folder of published models")
    parser.add_argument(
        "--models-from",
        metavar="ORG",
        type=organisation,
        default=os.environ.get(VARIABLE) or None,
        help=f"load them from this organisation of the Hub, at the pinned revisions (default: {VARIABLE} if it is set)",
    )
    parser.add_argument("--gallery", type=Path, help="fashion index to search in (default: the one that is shipped)")
    options = parser.parse_args(arguments)
    if options.gallery:
        os.environ[GALLERY_VARIABLE] = str(options.gallery)
    models = published(options.models)
    if options.models_from:
        models = from_hub(options.models_from, models)
    demo, words = build_hub(models)
    launch(
        demo,
        words,
        models.get(PHONE_MODEL),
        server_name=options.host,
        server_port=options.port,
        inbrowser=has_screen() and not options.no_browser,
    )
