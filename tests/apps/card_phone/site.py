"""The built site on a server of this process that notes what it is asked, and pictures as the page takes them."""

from __future__ import annotations

import base64
import io
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from PIL import Image
from starlette.applications import Starlette

from apps.card_phone.routes import SLUG, phone_routes


class Visits(list):
    """(method, path, bytes of body) of every request."""

    def __call__(self, app: Any) -> Any:
        async def noted(scope: dict, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                length = int(dict(scope["headers"]).get(b"content-length", 0))
                self.append((scope["method"], scope["path"], length))
            await app(scope, receive, send)

        return noted


@contextmanager
def served(site: Path) -> Iterator[tuple[str, Visits]]:
    """The site's address, and the requests that reached it so far."""
    visits = Visits()
    config = uvicorn.Config(visits(Starlette(routes=phone_routes(site))), port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/{SLUG}/", visits
    finally:
        server.should_exit = True
        thread.join(10)


def png(picture: np.ndarray) -> bytes:
    """A picture (H x W x 3) as the bytes of a file that loses nothing."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", compress_level=1)
    return file.getvalue()


def in_base64(data: bytes) -> str:
    """Bytes as the text that reaches a script in the page."""
    return base64.b64encode(data).decode()


def on_ci() -> bool:
    """Whether a missing piece must fail instead of skip."""
    return os.environ.get("CI", "").lower() in ("1", "true")
