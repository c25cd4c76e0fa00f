"""An administrator's addresses: nothing without a session, campaigns from files, links, progress, results, exports."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from functools import partial

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from apps.i18n import LOCALES, speak
from apps.raters import access
from apps.raters.agreement import Agreement
from apps.raters.export import from_jsonl, to_jsonl
from apps.raters.figures import figures_of
from apps.raters.limits import Limiter
from apps.raters.mounting import rater_routes
from apps.raters.reading import read_campaign
from apps.raters.results_markup import results
from apps.raters.room import Room, RoomSettings
from tests.apps.raters import demo_files
from tests.apps.raters.building import vote_all
from tests.apps.raters.hub import PASSWORD

ADDRESSES = [
    ("GET", ""),
    ("POST", ""),
    ("GET", "/deck"),
    ("POST", "/deck/invite"),
    ("POST", "/deck/withdraw"),
    ("POST", "/deck/open"),
    ("GET", "/deck/results"),
    ("GET", "/deck/export.jsonl"),
    ("GET", "/deck/export.csv"),
    ("GET", "/deck/report.zip"),
]


class SignedIn:
    """Stands for the session of a Space: whoever sends this header has signed in at the Hub."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        user = dict(scope.get("headers", ())).get(b"x-test-user", b"").decode()
        info = {"userinfo": {"preferred_username": user}, "expires_at": 4e9}
        await self.app({**scope, "session": {"oauth_info": info} if user else {}}, receive, send)


@pytest.fixture
def room(tmp_path):
    settings = RoomSettings(
        f"sqlite:///{tmp_path}/votes.db",
        password=PASSWORD,
        admins=frozenset({"kim"}),
        raters=frozenset({"lee"}),
        campaigns=tmp_path / "none",
    )
    room = Room(settings)
    room.office.create(read_campaign(demo_files.write(tmp_path, "deck", demo_files.texts(7))))
    yield room
    room.close()


@pytest.fixture
def client(room, monkeypatch):
    monkeypatch.setattr(access, "Limiter", partial(Limiter, clock=lambda: 0.0))
    app = Starlette(routes=rater_routes(room), middleware=[Middleware(SignedIn)])
    with TestClient(app, base_url="https://hub", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def admin(client):
    answer = client.post("/raters-api/admin/login", data={"password": PASSWORD})
    assert answer.json()["state"] == "panel"
    return client


def _campaigns(path=""):
    return f"/raters-api/admin/campaigns{path}"


def _upload(admin, lines, name="new.jsonl", **fields):
    content = lines if isinstance(lines, bytes) else "\n".join(json.dumps(line) for line in lines).encode()
    return admin.post(_campaigns(), files={"file": (name, content)}, data=fields)


@pytest.mark.parametrize("cookie", ["", "made-up"])
def test_nothing_is_told_without_a_session(client, cookie):
    client.cookies.set(access.COOKIE, cookie)
    for method, path in ADDRESSES:
        answer = client.request(method, _campaigns(path))
        assert answer.json()["state"] == "login"
        assert answer.status_code == (200 if (method, path) == ("GET", "") else 401)
        assert not any(secret in answer.text for secret in (*demo_files.SECRETS, "deck"))


def test_every_address_but_the_login_is_in_the_list_above(room):
    (mount,) = rater_routes(room)
    (inner,) = (route for route in mount.routes if route.path == "/admin")
    known = {(method, f"/campaigns{path}".replace("deck", "{name}")) for method, path in ADDRESSES}
    found = {(method, route.path) for route in inner.routes for method in route.methods - {"HEAD"}}
    assert found == known | {("POST", "/login"), ("POST", "/logout")}


def test_the_cookie_is_out_of_reach(client):
    answer = client.post("/raters-api/admin/login", data={"password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "secure"))
    assert client.get(_campaigns(), headers={"origin": "https://evil"}).status_code == 403
    assert client.get(_campaigns(), headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_a_wrong_password_is_told_and_guessing_is_stopped(client):
    answers = [client.post("/raters-api/admin/login", data={"password": f"guess {n}"}) for n in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert "not the password" in answers[0].json()["message"]
    assert "set-cookie" not in answers[0].headers
    assert client.post("/raters-api/admin/login", data={"password": PASSWORD}).status_code == 429


def test_without_a_password_the_page_says_how_to_set_one(tmp_path):
    room = Room(RoomSettings(f"sqlite:///{tmp_path}/votes.db"))
    client = TestClient(Starlette(routes=rater_routes(room)))
    assert "PLANET_HUB_ADMIN_PASSWORD" in client.get(_campaigns()).json()["html"]
    assert client.post("/raters-api/admin/login", data={"password": ""}).status_code == 401


def test_logging_out(admin):
    admin.post("/raters-api/admin/logout")
    assert admin.get(_campaigns()).json()["state"] == "login"


def test_hub_users_by_name(client):
    assert client.get(_campaigns(), headers={"x-test-user": "kim"}).json()["state"] == "panel"
    assert client.get(_campaigns(), headers={"x-test-user": "lee"}).json()["state"] == "login"


def test_a_trusted_hub_user_joins_any_open_campaign_and_is_always_the_same_rater(client, room):
    def join(user):
        return client.post("/raters-api/join", json={"campaign": "deck"}, headers={"x-test-user": user})

    assert 'data-join="deck"' in client.get("/raters-api/offers", headers={"x-test-user": "lee"}).json()["html"]
    assert join("lee").json()["token"] == join("lee").json()["token"]
    assert join("park").status_code == 403
    assert len(room.office.progress("deck").raters) == 1
    room.office.close("deck")
    assert join("lee").status_code == 403


def test_a_campaign_from_a_file_with_fields_filled_in(admin, room):
    answer = _upload(admin, demo_files.texts(5), name="any.jsonl", protocol="pairwise", overlap="5", title="My title")
    assert answer.status_code == 422
    assert "there is a campaign called 'deck'" in answer.json()["message"]
    answer = _upload(admin, demo_files.texts(5), title="My title", name="any.jsonl")
    assert answer.status_code == 422
    answer = admin.post(
        _campaigns(),
        files={"file": ("any.jsonl", "\n".join(map(json.dumps, demo_files.texts(5))).encode())},
        data={"name": "mine", "title": "My title", "overlap": "5", "per_rater": "", "show_reference": "yes"},
    )
    assert "My title" in answer.json()["html"]
    assert room.office.progress("mine").overlap == 5
    assert room.office.export("mine").settings.show_reference is True


def test_a_campaign_from_a_table(admin, room):
    table = io.StringIO()
    csv.writer(table).writerows([["id", "domain", "source", *demo_files.SYSTEMS[:2]], ["1", "d", "源", "가", "나"]])
    files = {"file": ("t.csv", table.getvalue().encode())}
    assert "lack" in admin.post(_campaigns(), files=files).json()["message"]
    data = {"name": "table", "title": "T", "task": "translation", "protocol": "pairwise"}
    assert admin.post(_campaigns(), files=files, data=data).status_code == 200
    assert room.office.campaigns()[0].protocol == "pairwise"


BROKEN = (
    (b"", "a.jsonl", "line 1"),
    (b"\xff\xfe", "a.jsonl", "not UTF-8"),
    (b"{}", "a.txt", "a .jsonl or a .csv"),
    (b'{"name": "x", "title": "T", "task": "translation", "systems": ["a@1", "b@2"]}\n{', "a.jsonl", "line 2"),
)


def test_bad_files_are_refused_with_the_line(admin):
    for content, name, message in BROKEN:
        answer = _upload(admin, content, name)
        assert answer.status_code == 422
        assert message in answer.json()["message"]


def test_pictures_of_the_server_cannot_be_read(admin):
    lines = demo_files.cards(1, name="steal")
    lines[1]["source"] = {"pictures": ["../../../../etc/passwd"]}
    message = _upload(admin, lines).json()["message"]
    assert "pictures lie beside" in message


def test_an_upload_without_a_file_or_of_unknown_length(admin):
    assert admin.post(_campaigns(), files={"other": ("a", b"a")}).status_code == 422
    assert admin.post(_campaigns(), content=iter([b"x"] * 3)).status_code == 413
    assert admin.post(_campaigns(), content=b"", headers={"content-length": "99000000"}).status_code == 413


def test_links_are_shown_once_and_work(admin):
    html = admin.post(_campaigns("/deck/invite"), data={"count": "3"}).json()["html"]
    tokens = re.findall(r'data-link="\./raters\?rater=([\w-]+)"', html)
    assert len(set(tokens)) == 3
    assert tokens[0] not in admin.get(_campaigns("/deck")).text
    for token in tokens:
        view = admin.get("/raters-api/task", headers={"Authorization": f"Bearer {token}"}).json()
        assert view["state"] == "task"
    for count in ("0", "1001", "-1", "x", "", "9" * 30):
        assert admin.post(_campaigns("/deck/invite"), data={"count": count}).status_code == 422


def test_withdrawing_closing_and_opening(admin, room):
    room.office.invite("deck", 2)
    assert "withdrawn" in admin.post(_campaigns("/deck/withdraw"), data={"rater": "2"}).json()["html"]
    assert [rater.withdrawn for rater in room.office.progress("deck").raters] == [False, True]
    admin.post(_campaigns("/deck/open"), data={"open": "no"})
    assert not room.office.campaigns()[0].open
    admin.post(_campaigns("/deck/open"), data={"open": "yes"})
    assert room.office.campaigns()[0].open


def test_an_unknown_campaign_is_said_to_be_unknown(admin):
    for path in ("/nope", "/nope/results", "/nope/export.csv", "/nope/report.zip", "/%2e%2e%2fetc"):
        answer = admin.get(_campaigns(path))
        assert answer.status_code in (404, 422)
        assert "filename" not in answer.headers.get("content-disposition", "")


def test_progress_and_results_and_every_export(admin, room):
    tokens = room.office.invite("deck", 3)
    assert "No item is judged" in admin.get(_campaigns("/deck/results")).json()["html"]
    for token in tokens[:2]:
        vote_all(room.store, token)
    page = admin.get(_campaigns("/deck")).json()["html"]
    total = room.office.progress("deck").raters[0].total
    assert f"{total} / {total}" in page
    assert f"0 / {total}" in page
    found = admin.get(_campaigns("/deck/results")).json()["html"]
    assert found.count("<img") == 2
    assert all(system in found for system in demo_files.SYSTEMS)
    lines = admin.get(_campaigns("/deck/export.jsonl"))
    assert lines.headers["content-disposition"] == 'attachment; filename="deck.jsonl"'
    assert from_jsonl(lines.text) == room.office.export("deck")
    table = admin.get(_campaigns("/deck/export.csv")).content
    assert table.startswith(b"\xef\xbb\xbfcampaign,")
    assert len(table.splitlines()) == 1 + 2 * total
    packed = zipfile.ZipFile(io.BytesIO(admin.get(_campaigns("/deck/report.zip")).content))
    assert {"report.md", "report.json", "report.pdf", "votes.jsonl", "votes.csv"} <= set(packed.namelist())
    assert packed.read("votes.jsonl").decode() == to_jsonl(room.office.export("deck"))


def test_results_have_words_in_every_language(room):
    for token in room.office.invite("deck", 2):
        vote_all(room.store, token)
    figures = figures_of(room.office.export("deck"), resamples=50)
    low = Agreement(0.1, (0.0, 0.3), 7, 0.1, (0.0, 0.2), 1)
    figures = replace(figures, agreement=low, without_flagged=figures.comparisons)
    for text in map(speak, LOCALES):
        page = results(figures, text)
        assert text("raters_results_low") in page
        assert page.count("<table") == 6
