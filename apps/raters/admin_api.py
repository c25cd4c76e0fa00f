"""The addresses of an administrator, below `raters-api/admin`: campaigns, invitations, progress, results, exports.

Every one but the login asks for a session first. Answers hold HTML for the page, or a file.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from apps.i18n import Text
from apps.raters import admin_markup as markup
from apps.raters.access import COOKIE, Access, Locked, give_cookie
from apps.raters.doorway import Handler, Problem, address_of, door, reply
from apps.raters.export import to_csv, to_jsonl
from apps.raters.office import Office
from apps.raters.reading import read_campaign
from apps.raters.results_markup import results
from apps.raters.room import Room

LONGEST_UPLOAD = 64_000_000
_LONGEST_FORM = 20_000
_SETTINGS = ("name", "title", "task", "protocol")
_NUMBERS = ("overlap", "per_rater", "seed")


class AdminDesk:
    """Answers administrators.

    Args:
        room: where campaigns are kept.
        access: who is one.
    """

    def __init__(self, room: Room, access: Access) -> None:
        self._room, self._access = room, access

    def routes(self) -> list[BaseRoute]:
        """What is mounted at `raters-api/admin`."""
        one = "/campaigns/{name}"
        inside = [
            ("GET", "/campaigns", self.overview),
            ("POST", "/campaigns", self.create),
            ("GET", one, self.campaign),
            ("POST", f"{one}/invite", self.invite),
            ("POST", f"{one}/withdraw", self.withdraw),
            ("POST", f"{one}/open", self.open),
            ("GET", f"{one}/results", self.results),
            ("GET", f"{one}/export.jsonl", self.export_jsonl),
            ("GET", f"{one}/export.csv", self.export_csv),
            ("GET", f"{one}/report.zip", self.report),
            ("POST", "/logout", self.log_out),
        ]
        routes: list[BaseRoute] = [Route("/login", door(self.log_in), methods=["POST"])]
        return routes + [Route(path, door(self._inside(handler)), methods=[method]) for method, path, handler in inside]

    def _inside(self, handler: Handler) -> Handler:
        async def checked(request: Request, text: Text) -> Response:
            if not self._access.is_admin(request):
                # The page asks for this to find out, so it is an answer and no error.
                status = 200 if request.method == "GET" and request.url.path.endswith("/admin/campaigns") else 401
                return reply(self._login(text), status)
            return await handler(request, text)

        return checked

    def _login(self, text: Text, message: str = "") -> dict[str, Any]:
        return {"state": "login", "html": markup.login(self._access.has_password, text), "message": message}

    async def log_in(self, request: Request, text: Text) -> Response:
        """Opens a session for the right "password"."""
        form = await _form(request, text, _LONGEST_FORM)
        try:
            session = self._access.log_in(form.get("password", ""), address_of(request))
        except Locked as locked:
            message = text("raters_error_often", seconds=int(locked.seconds) + 1)
            raise Problem(429, "bad", message, locked.seconds) from None
        if session is None:
            return reply(self._login(text, text("raters_admin_wrong")), 401)
        response = await self.overview(request, text)
        give_cookie(response, session, request)
        return response

    async def log_out(self, request: Request, text: Text) -> Response:
        """Ends the session."""
        self._access.log_out(request)
        response = reply(self._login(text))
        response.delete_cookie(COOKIE)
        return response

    async def overview(self, request: Request, text: Text) -> Response:
        """All campaigns, and a form for a new one."""
        found = await self._work(lambda office: office.campaigns(), text)
        return reply({"state": "panel", "html": markup.overview(found, self._room.demonstrations, text)})

    async def create(self, request: Request, text: Text) -> Response:
        """Stores the campaign in the uploaded "file"; the other fields replace what it says."""
        form = await _form(request, text, LONGEST_UPLOAD)
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise Problem(422, "bad", text("raters_admin_no_file"))
        content, suffix = await file.read(), Path(file.filename).suffix.lower()
        await self._work(lambda office: _create(office, content, suffix, _settings(form)), text)
        return await self.overview(request, text)

    async def campaign(self, request: Request, text: Text) -> Response:
        """A campaign and its raters."""
        return await self._campaign(request, text)

    async def invite(self, request: Request, text: Text) -> Response:
        """Invites "count" raters; their links are shown this once."""
        count = _whole((await _form(request, text, _LONGEST_FORM)).get("count"), text)
        tokens = await self._work(lambda office: office.invite(_name(request), count), text, writes=True)
        return await self._campaign(request, text, tokens)

    async def withdraw(self, request: Request, text: Text) -> Response:
        """Makes the link of "rater" invalid."""
        number = _whole((await _form(request, text, _LONGEST_FORM)).get("rater"), text)
        await self._work(lambda office: office.withdraw(_name(request), number), text, writes=True)
        return await self._campaign(request, text)

    async def open(self, request: Request, text: Text) -> Response:
        """Closes the campaign, or opens it again where "open" is "yes"."""
        wanted = (await _form(request, text, _LONGEST_FORM)).get("open") == "yes"
        name = _name(request)
        await self._work(lambda office: office.reopen(name) if wanted else office.close(name), text, writes=True)
        return await self._campaign(request, text)

    async def results(self, request: Request, text: Text) -> Response:
        """Every figure of the votes so far."""
        from apps.raters.figures import figures_of

        export = await self._work(lambda office: office.export(_name(request)), text)
        return reply({"state": "results", "html": await run_in_threadpool(lambda: results(figures_of(export), text))})

    async def export_jsonl(self, request: Request, text: Text) -> Response:
        """The votes; every figure can be computed from them."""
        export = await self._work(lambda office: office.export(_name(request)), text)
        return _file(to_jsonl(export).encode(), f"{_name(request)}.jsonl", "application/jsonl")

    async def export_csv(self, request: Request, text: Text) -> Response:
        """The votes for a spreadsheet."""
        export = await self._work(lambda office: office.export(_name(request)), text)
        # With a byte order mark, without which spreadsheets take UTF-8 for something else.
        return _file(to_csv(export).encode("utf-8-sig"), f"{_name(request)}.csv", "text/csv")

    async def report(self, request: Request, text: Text) -> Response:
        """The report as Markdown, PDF, JSON and pictures, with the votes it was made from."""
        name = _name(request)
        content = await self._work(lambda office: _report(office, name), text)
        return _file(content, f"{name}-report.zip", "application/zip")

    async def _campaign(self, request: Request, text: Text, tokens: tuple[str, ...] = ()) -> Response:
        name = _name(request)

        def look(office: Office) -> Any:
            return next((one for one in office.campaigns() if one.name == name), None), office.progress(name)

        info, progress = await self._work(look, text)
        return reply({"state": "panel", "html": markup.campaign(info, progress, tokens, text)})

    def _work(self, work: Callable[[Office], Any], text: Text, writes: bool = False) -> Awaitable[Any]:
        """Runs `work` in a thread; what the core refuses is told in its own words."""

        def run() -> Any:
            try:
                if not writes:
                    return work(self._room.office)
                with self._room.writing():
                    return work(self._room.office)
            except ValueError as error:
                raise Problem(422, "bad", text("raters_error_input", detail=error)) from None

        return run_in_threadpool(run)


def _name(request: Request) -> str:
    return str(request.path_params["name"])


async def _form(request: Request, text: Text, most: int) -> FormData:
    """The fields sent, once their size is known to be bearable."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > most:
        raise Problem(413, "bad", text("raters_admin_large", size=most // 1_000_000 or 1))
    return await request.form(max_files=1, max_fields=20)


def _whole(value: object, text: Text) -> int:
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 9:
        raise Problem(422, "bad", text("raters_admin_number", value=str(value)[:40]))
    return int(value)


def _settings(form: FormData) -> dict[str, Any]:
    """The fields that were filled in."""
    given: dict[str, Any] = {name: form[name] for name in _SETTINGS if form.get(name)}
    for name in _NUMBERS:
        value = str(form.get(name, ""))
        if value:
            if not value.isascii() or not value.isdigit():
                raise ValueError(f"{name} is a whole number, got {value[:40]!r}")
            given[name] = int(value)
    return given | ({"show_reference": True} if form.get("show_reference") else {})


def _create(office: Office, content: bytes, suffix: str, settings: dict[str, Any]) -> None:
    """Stores an uploaded campaign; the file is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        path = Path(folder) / f"campaign{suffix if suffix in ('.jsonl', '.csv') else '.txt'}"
        path.write_bytes(content)
        office.create(read_campaign(path, **settings))


def _report(office: Office, name: str) -> bytes:
    from apps.raters.report import write_report

    export = office.export(name)
    packed = io.BytesIO()
    with (
        tempfile.TemporaryDirectory(prefix="report-") as folder,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        write_report(export, Path(folder))
        for path in sorted(Path(folder).iterdir()):
            out.write(path, path.name)
        out.writestr("votes.jsonl", to_jsonl(export))
        out.writestr("votes.csv", to_csv(export))
    return packed.getvalue()


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)
