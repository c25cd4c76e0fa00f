"""The hub with the evaluation room in it, served in this process on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr

from apps.frame import frame
from apps.hub import launch
from apps.i18n import Translations
from apps.raters import admin_page, page
from apps.raters.mounting import rater_routes
from apps.raters.room import Room, RoomSettings

PASSWORD = "correct horse battery staple"


@contextmanager
def served_room(database: str, campaigns: Path, **settings: object) -> Iterator[tuple[str, Room]]:
    """The address of the hub, and the room behind it.

    Args:
        database: its URL.
        campaigns: folder of the demonstrations.
        settings: further fields of `RoomSettings`.
    """
    room = Room(RoomSettings(database, campaigns=campaigns, **{"password": PASSWORD, **settings}))
    words = Translations()
    with gr.Blocks(title="Planet Hub", analytics_enabled=False) as demo:
        frame("", [], words, lambda: None)
    for slug, built in (("raters", page.build_page), ("raters-admin", admin_page.build_page)):
        with demo.route(slug, slug):
            frame(slug, [], words, lambda built=built: built(demo, [], words))
    try:
        routes = {"routes": rater_routes(room)}
        yield launch(demo, words, prevent_thread_lock=True, quiet=True, inbrowser=False, app_kwargs=routes), room
    finally:
        demo.close(verbose=False)
        room.close()
