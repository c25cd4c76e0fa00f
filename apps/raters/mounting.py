"""The room's addresses, ready to be mounted in the app that serves the hub."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount

from apps.raters.access import Access
from apps.raters.admin_api import AdminDesk
from apps.raters.api import RaterDesk
from apps.raters.room import Room, settings_from


def rater_routes(room: Room | None = None) -> list[BaseRoute]:
    """What `launch(app_kwargs={"routes": ...})` takes; nothing is opened before the first request.

    Args:
        room: where votes are kept; as the environment says if not given.
    """
    room = room or Room(settings_from())
    admin = AdminDesk(room, Access(room.settings)).routes()
    return [Mount("/raters-api", routes=[Mount("/admin", routes=admin), *RaterDesk(room).routes()])]
