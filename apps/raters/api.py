"""The addresses of a rater, below `raters-api/`: what to join, the next task, a vote, taking it back, the end.

They are plain routes beside Gradio's: a vote through the queue of events took ten times as long. A rater's token comes
in the Authorization header. `state` in an answer says what `html` shows: "offers", "task", "done", "revealed"; or, with
a `message`, what went wrong: "refused", "closed", "already", "later", "bad".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from apps.i18n import Text
from apps.raters import markup
from apps.raters.access import hub_user
from apps.raters.blind import BlindTask, Receipt, Standing
from apps.raters.doorway import Problem, address_of, door, read_json, reply
from apps.raters.limits import Limiter
from apps.raters.reveal import Revealed
from apps.raters.room import PER_VISITOR, Room
from apps.raters.store import AlreadyVoted, Refused

T = TypeVar("T")
THREADS = 4
"""That answer raters; with twenty, twenty raters at once had the slowest answers take three times as long."""

_KEY = re.compile(r"[0-9a-f]{1,64}")


class RaterDesk:
    """Answers raters.

    Args:
        room: where votes are kept.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        # More would only take the interpreter from each other, and every vote would be slower.
        self._threads = CapacityLimiter(THREADS)
        # Nobody judges twenty things a second; who joins is seldom the same person again.
        self._votes, self._joins, self._all_joins = Limiter(20, 40), Limiter(1 / 20, 6), Limiter(1, 60)

    def routes(self) -> list[BaseRoute]:
        """What is mounted at `raters-api`."""
        gets = (("offers", self.offers), ("task", self.task))
        posts = (("join", self.join), ("vote", self.vote), ("undo", self.undo), ("reveal", self.reveal))
        return [
            Route(f"/{name}", door(handler), methods=[method])
            for method, handlers in (("GET", gets), ("POST", posts))
            for name, handler in handlers
        ]

    async def _thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await to_thread.run_sync(work, *arguments, limiter=self._threads)

    async def offers(self, request: Request, text: Text) -> Response:
        """What can be joined without an invitation."""
        found = await self._thread(self._room.offers, hub_user(request))
        return reply({"state": "offers", "html": markup.offers(found, PER_VISITOR, text)})

    async def join(self, request: Request, text: Text) -> Response:
        """A token for {"campaign": name}."""
        body = await read_json(request, text)
        seconds = self._joins.wait(address_of(request)) or self._all_joins.wait("")
        if seconds:
            raise Problem(429, "later", text("raters_error_often", seconds=_whole(seconds)), seconds)
        user, name = hub_user(request), str(body.get("campaign", ""))
        try:
            token = await self._thread(self._room.join, name, user)
        except ValueError:
            raise Problem(403, "bad", text("raters_error_join")) from None
        return reply({"state": "joined", "token": token})

    async def task(self, request: Request, text: Text) -> Response:
        """The rater's next task; the same until it is judged."""
        token = self._token(request, text)
        return reply(await self._thread(self._current, token, text))

    async def vote(self, request: Request, text: Text) -> Response:
        """Stores {"key", "choice", "milliseconds", "client_key"}; once on the disk, answers with what is next."""
        token, body = self._token(request, text), await read_json(request, text)
        return reply(*await self._thread(self._vote, token, body, text))

    async def undo(self, request: Request, text: Text) -> Response:
        """Takes the vote on {"key"} back, if it was the last."""
        token, body = self._token(request, text), await read_json(request, text)
        return reply(await self._thread(self._undo, token, body, text))

    async def reveal(self, request: Request, text: Text) -> Response:
        """At the end of a demonstration: which system was which."""
        token = self._token(request, text)
        return reply(await self._thread(self._reveal, token, text))

    def _token(self, request: Request, text: Text) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem(401, "refused", text("raters_error_token"))
        seconds = self._votes.wait(token[:64])
        if seconds:
            raise Problem(429, "later", text("raters_error_often", seconds=_whole(seconds)), seconds)
        return token

    def _current(self, token: str, text: Text) -> dict[str, Any]:
        standing = self._standing(token, text)
        if standing.finished:
            reveals = standing.campaign in self._room.demonstrations
            view = {"state": "done", "html": markup.finished(standing, reveals, text), "key": None}
        else:
            found = self._trying(token, lambda: self._room.store.next_task(token), text)
            # Another tab may have judged the last one in between.
            view = _shown(found, text) if found else self._current(token, text)
        return view | {"title": standing.title, "last": standing.last}

    def _standing(self, token: str, text: Text) -> Standing:
        standing = self._trying(token, lambda: self._room.store.standing(token), text)
        if not standing.open:
            raise Problem(403, "closed", text("raters_error_closed"))
        return standing

    def _vote(self, token: str, body: dict[str, Any], text: Text) -> tuple[dict[str, Any], int]:
        key, choice = _key(body, text), body.get("choice")

        def vote() -> tuple[Receipt, BlindTask | None]:
            with self._room.writing() as store:
                return store.vote_and_next(token, key, choice, body.get("milliseconds"), body.get("client_key"))

        try:
            receipt, found = self._trying(token, vote, text)
        except AlreadyVoted:
            return self._current(token, text) | {"problem": "already", "message": text("raters_error_already")}, 409
        view = _shown(found, text) | {"last": key} if found else self._current(token, text)
        return view | {"stored": asdict(receipt)}, 200

    def _undo(self, token: str, body: dict[str, Any], text: Text) -> dict[str, Any]:
        key = _key(body, text)

        def undo() -> BlindTask:
            with self._room.writing() as store:
                return store.undo(token, key)

        found = self._trying(token, undo, text)
        return _shown(found, text) | {"last": self._standing(token, text).last}

    def _reveal(self, token: str, text: Text) -> dict[str, Any]:
        if self._standing(token, text).campaign not in self._room.demonstrations:
            raise Problem(403, "bad", text("raters_error_reveal"))

        def reveal() -> tuple[Revealed, ...]:
            with self._room.writing() as store:
                return store.reveal(token)

        found = self._trying(token, reveal, text)
        return {"state": "revealed", "html": markup.revealed(found, text), "key": None, "last": None}

    def _trying(self, token: str, work: Callable[[], T], text: Text) -> T:
        """Runs `work`; what the browser sent wrong becomes a `Problem`, all but AlreadyVoted."""
        try:
            return work()
        except AlreadyVoted:
            raise
        except Refused:
            raise self._refusal(token, text) from None
        except ValueError as error:
            raise Problem(422, "bad", text("raters_error_input", detail=error)) from None

    def _refusal(self, token: str, text: Text) -> Problem:
        """Why a token is refused: its campaign is closed, or it is not valid."""
        try:
            closed = not self._room.store.standing(token).open
        except Refused:
            closed = False
        if closed:
            return Problem(403, "closed", text("raters_error_closed"))
        return Problem(401, "refused", text("raters_error_token"))


def _key(body: dict[str, Any], text: Text) -> str:
    key = body.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Problem(422, "bad", text("raters_error_request"))
    return key


def _shown(found: BlindTask, text: Text) -> dict[str, Any]:
    return {
        "state": "task",
        "html": markup.task(found, text),
        "key": found.key,
        "protocol": found.protocol,
        "sides": len(found.sides),
        "done": found.done,
        "total": found.total,
    }


def _whole(seconds: float) -> int:
    return int(seconds) + 1
