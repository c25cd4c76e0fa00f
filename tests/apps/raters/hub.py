"""The hub with the evaluation room in it, served in this process on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps.hub import build_hub, launch
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
    demo, words = build_hub({})
    try:
        routes = {"routes": rater_routes(room)}
        yield launch(demo, words, prevent_thread_lock=True, quiet=True, inbrowser=False, app_kwargs=routes), room
    finally:
        demo.close(verbose=False)
        room.close()
