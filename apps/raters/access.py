"""Who is asking: an administrator by password or by their name at the Hub, or a visitor signed in at the Hub."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from apps.raters.limits import Limiter
from apps.raters.room import FEWEST_CHARACTERS, RoomSettings

COOKIE = "planet_hub_admin"
SECONDS = 8 * 3600
_MOST_SESSIONS = 100


class Locked(ValueError):
    """Too many tries; `seconds` until the next."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many tries; the next in {seconds:.0f} s")
        self.seconds = seconds


class Access:
    """The administrators' door. Sessions live in this process, by the hash of a random cookie.

    Args:
        settings: password and names.
        clock: seconds since 1970.
    """

    def __init__(self, settings: RoomSettings, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._clock = clock
        self._guard = threading.Lock()
        self._sessions: dict[str, float] = {}
        self._each, self._all = Limiter(1 / 30, 5), Limiter(1 / 3, 30)

    @property
    def has_password(self) -> bool:
        """Whether anybody can log in with one."""
        return len(self._settings.password) >= FEWEST_CHARACTERS

    def log_in(self, password: object, address: str) -> str | None:
        """A new session for the right password; None for a wrong one.

        Args:
            password: what was typed.
            address: where from, for counting tries in memory only.

        Raises:
            Locked: after too many tries, from there or from everywhere.
        """
        seconds = self._each.wait(address) or self._all.wait("")
        if seconds:
            raise Locked(seconds)
        given = hashlib.sha256(str(password).encode("utf-8", "surrogatepass")).digest()
        wanted = hashlib.sha256(self._settings.password.encode("utf-8", "surrogateescape")).digest()
        if not hmac.compare_digest(given, wanted) or not self.has_password:
            return None
        session = secrets.token_urlsafe(32)
        with self._guard:
            now = self._clock()
            self._sessions = {key: end for key, end in self._sessions.items() if end > now}
            while len(self._sessions) >= _MOST_SESSIONS:
                self._sessions.pop(min(self._sessions, key=self._sessions.__getitem__))
            self._sessions[_digest(session)] = now + SECONDS
        return session

    def log_out(self, request: Request) -> None:
        """Ends the request's session."""
        with self._guard:
            self._sessions.pop(_digest(request.cookies.get(COOKIE, "")), None)

    def is_admin(self, request: Request) -> bool:
        """Whether an administrator asks."""
        with self._guard:
            end = self._sessions.get(_digest(request.cookies.get(COOKIE, "")), 0.0)
        user = hub_user(request, self._clock())
        return end > self._clock() or (user is not None and user in self._settings.admins)


def hub_user(request: Request, now: float | None = None) -> str | None:
    """The name at the Hub of a visitor who has signed in there, on a Space; None for everybody else."""
    info = request.scope.get("session", {}).get("oauth_info", {})
    if info.get("expires_at", 0) <= (time.time() if now is None else now):
        return None
    return info.get("userinfo", {}).get("preferred_username") or None


def give_cookie(response: Response, session: str, request: Request) -> None:
    """Hands the session to the browser; no script can read it, and no other site's page sends it."""
    response.set_cookie(
        COOKIE, session, max_age=SECONDS, httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )


def _digest(session: str) -> str:
    return hashlib.sha256(session.encode("utf-8", "surrogateescape")).hexdigest()
