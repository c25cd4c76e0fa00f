"""What every address of the room has in common: who may call it, how much it reads, and failures in words."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.i18n import Text, negotiate, speak

LONGEST_BODY = 10_000
"""Bytes of a rater's request; a vote has some three hundred."""

_PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_LOG = logging.getLogger(__name__)

Handler = Callable[[Request, Text], Awaitable[Response]]


class Problem(Exception):
    """What keeps a request from being answered, in the visitor's words.

    Args:
        status: of HTTP.
        state: what the page is to do: "refused", "closed", "later", "bad".
        message: for people.
        seconds: until the same request may be tried again.
    """

    def __init__(self, status: int, state: str, message: str, seconds: float = 0.0) -> None:
        super().__init__(message)
        self.status, self.state, self.message, self.seconds = status, state, message, seconds


def reply(content: Mapping[str, Any], status: int = 200, seconds: float = 0.0) -> JSONResponse:
    """An answer that nobody keeps."""
    wait = {"Retry-After": str(math.ceil(seconds))} if seconds else {}
    return JSONResponse(content, status, headers=_PRIVATE | wait)


def notice(message: str, role: str = "alert") -> str:
    """A message in the page's place."""
    return f'<section class="ph-verdict ph-rejected" role="{role}"><p class="ph-reason">{escape(message)}</p></section>'


def door(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint from a handler: strangers' pages are sent away, and failures become messages for people."""

    async def endpoint(request: Request) -> Response:
        text = speak(negotiate(request.headers.get("accept-language")))
        try:
            if not from_here(request):
                raise Problem(403, "bad", text("raters_error_origin"))
            return await handler(request, text)
        except Problem as problem:
            content = {"state": problem.state, "message": problem.message, "html": notice(problem.message)}
            return reply(content, problem.status, problem.seconds)
        except Exception as error:
            frame = error.__traceback__
            while frame is not None and frame.tb_next is not None:
                frame = frame.tb_next
            where = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
            # Not the message: it may hold what was sent.
            _LOG.error("failed: %s at %s", type(error).__name__, where)
            message = text("raters_error_unexpected")
            return reply({"state": "later", "message": message, "html": notice(message)}, 500)

    return endpoint


def from_here(request: Request) -> bool:
    """Whether the hub's own page asks, or a program, but not a page of another site in a visitor's browser.

    Gradio lets every site read its answers and sends cookies along; here are an administrator's.
    """
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def read_json(request: Request, text: Text) -> dict[str, Any]:
    """The object a request carries.

    Raises:
        Problem: if it is none, or too long.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise Problem(413, "bad", text("raters_error_request"))
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Problem(400, "bad", text("raters_error_request"))
    return value


def address_of(request: Request) -> str:
    """Where a request comes from; used for counting in memory and kept nowhere."""
    return request.client.host if request.client else ""
