"""The address of the card reader in the browser, ready to be mounted in the app that serves the hub."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

SLUG = "card-phone"

_KINDS = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".packed": "application/octet-stream",
    ".webmanifest": "application/manifest+json",
}
"""Systems differ in what they call these, and browsers run scripts under this name only."""

_HEADERS = {
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _Site(StaticFiles):
    """A built site; every answer says what it is, and is asked for again when the site changes."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        kind = _KINDS.get(Path(path).suffix)
        if kind and response.status_code == 200:
            response.headers["Content-Type"] = kind
        return response


def phone_routes(site: Path) -> list[BaseRoute]:
    """What `launch(app_kwargs={"routes": ...})` takes beside other routes.

    Args:
        site: the folder `build_site` made.
    """
    return [Route(f"/{SLUG}", _enter), Mount(f"/{SLUG}", _Site(directory=site, html=True))]


async def _enter(_: Request) -> Response:
    # Relative, so that it also holds behind a proxy that shows the hub under another path.
    return RedirectResponse(f"{SLUG}/")
