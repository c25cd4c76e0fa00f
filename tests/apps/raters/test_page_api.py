"""A rater's addresses: votes, resuming, taking back, the end; and everything a browser can send that it should not."""

from __future__ import annotations

import json
import logging
from functools import partial

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from apps.raters import api
from apps.raters.limits import Limiter
from apps.raters.mounting import rater_routes
from apps.raters.reading import read_campaign
from apps.raters.room import PER_VISITOR, Room, RoomSettings
from tests.apps.raters import demo_files


@pytest.fixture
def room(tmp_path):
    demo_files.write(tmp_path / "demos", "cards", demo_files.cards(7))
    room = Room(RoomSettings(f"sqlite:///{tmp_path}/votes.db", campaigns=tmp_path / "demos"))
    path = demo_files.write(tmp_path, "deck", demo_files.texts(7, checks=0, repeats=0))
    room.office.create(read_campaign(path))
    yield room
    room.close()


@pytest.fixture
def client(room, monkeypatch):
    # Time stands still for whoever counts tries, so that a slow machine changes nothing.
    monkeypatch.setattr(api, "Limiter", partial(Limiter, clock=lambda: 0.0))
    with TestClient(Starlette(routes=rater_routes(room)), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def rater(room):
    (token,) = room.office.invite("deck")
    return {"Authorization": f"Bearer {token}"}


def _task(client, rater, **headers):
    return client.get("/raters-api/task", headers=rater | headers)


def _vote(client, rater, view, choice=None, client_key="client-key-1", **fields):
    choice = choice or [0] * view["sides"]
    body = {"key": view["key"], "choice": choice, "milliseconds": 1234, "client_key": client_key} | fields
    return client.post("/raters-api/vote", headers=rater, json=body)


def _finish(client, rater):
    view = _task(client, rater).json()
    while view["state"] == "task":
        choice = "A" if view["protocol"] == "pairwise" else None
        view = _vote(client, rater, view, choice, client_key=f"client-key-{view['done']}").json()
    return view


def test_a_whole_campaign(client, rater, room):
    view = _task(client, rater).json()
    assert (view["state"], view["done"], view["total"], view["last"], view["title"]) == (
        "task", 0, 7, None, "Chinese to Korean",
    )  # fmt: skip
    for done in range(7):
        answer = _vote(client, rater, view, client_key=f"client-key-{done}").json()
        assert answer["stored"] == {"key": view["key"], "done": done + 1, "total": 7}
        assert answer["last"] == view["key"]
        view = answer
    assert view["state"] == "done"
    assert "7" in view["html"]
    assert len(room.office.export("deck").records) == 7


def test_reloading_shows_the_same_task_and_a_new_visit_resumes(client, rater):
    first = _task(client, rater).json()
    assert _task(client, rater).json() == first
    second = _vote(client, rater, first).json()
    resumed = _task(client, rater).json()
    assert (resumed["key"], resumed["done"], resumed["last"]) == (second["key"], 1, first["key"])


def test_a_vote_sent_twice_counts_once(client, rater, room):
    view = _task(client, rater).json()
    first, second = _vote(client, rater, view), _vote(client, rater, view)
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert len(room.office.export("deck").records) == 1


def test_a_second_tab_is_shown_what_is_next(client, rater, room):
    view = _task(client, rater).json()
    following = _vote(client, rater, view).json()
    late = _vote(client, rater, view, [2, 2, 2], client_key="other-tab-1")
    assert late.status_code == 409
    assert late.json()["problem"] == "already"
    assert late.json()["key"] == following["key"]
    (record,) = room.office.export("deck").records
    assert record.choice == (0, 0, 0)


def test_taking_back_and_judging_again(client, rater, room):
    view = _task(client, rater).json()
    _vote(client, rater, view, [2, 1, 0])
    back = client.post("/raters-api/undo", headers=rater, json={"key": view["key"]}).json()
    assert (back["key"], back["done"], back["last"]) == (view["key"], 0, None)
    assert "A 2, B 1, C 0" in back["html"]
    _vote(client, rater, view, [1, 1, 1], client_key="client-key-2")
    assert [r.undone for r in room.office.export("deck").records] == [True, False]
    other = client.post("/raters-api/undo", headers=rater, json={"key": "00ff"})
    assert other.status_code == 422


def test_unknown_tokens_are_refused(client):
    body = {"key": "00", "choice": "A", "milliseconds": 1, "client_key": "client-key"}
    for header in ("", "Bearer", "Bearer ", "Basic abc", "Bearer nobody-knows-this-token", "Bearer " + "x" * 5000):
        for method, path in (("GET", "task"), ("POST", "vote"), ("POST", "undo"), ("POST", "reveal")):
            options = {"json": body} if method == "POST" else {}
            answer = client.request(method, f"/raters-api/{path}", headers={"Authorization": header}, **options)
            assert (answer.status_code, answer.json()["state"]) == (401, "refused"), (header[:20], path)


def test_a_withdrawn_link_stops_working_and_its_votes_stay(client, rater, room):
    view = _task(client, rater).json()
    _vote(client, rater, view)
    room.office.withdraw("deck", 1)
    assert _task(client, rater).json()["state"] == "refused"
    assert len(room.office.export("deck").records) == 1


def test_a_closed_campaign_says_so_and_opens_again(client, rater, room):
    view = _task(client, rater).json()
    room.office.close("deck")
    for answer in (
        _task(client, rater),
        _vote(client, rater, view),
        client.post("/raters-api/undo", headers=rater, json={"key": view["key"]}),
    ):
        assert (answer.status_code, answer.json()["state"]) == (403, "closed")
    room.office.reopen("deck")
    assert _task(client, rater).json()["key"] == view["key"]


def test_another_raters_task_cannot_be_judged(client, rater, room):
    (token,) = room.office.invite("deck")
    view = _task(client, {"Authorization": f"Bearer {token}"}).json()
    assert _vote(client, rater, view).status_code == 422
    assert room.office.export("deck").records == ()


BAD_FIELDS = (
    {"choice": "A"},
    {"choice": [0, 1]},
    {"choice": [0, 1, 3]},
    {"choice": [True, 1, 1]},
    {"choice": {"A": 1}},
    {"milliseconds": -1},
    {"milliseconds": 1.5},
    {"milliseconds": None},
    {"milliseconds": 10**12},
    {"client_key": "short"},
    {"client_key": "x" * 65},
    {"client_key": "null\x00in it"},
    {"client_key": None},
    {"key": None},
    {"key": "\x00"},
    {"key": ["00"]},
    {"key": "' OR 1=1 --"},
)
BAD_BODIES = (b"", b"[]", b"{", b"\xff", b"null", b"[" * 9000, b'{"key": "' + b"x" * 20_000 + b'"}')


def test_bad_votes_are_refused_and_change_nothing(client, rater, room):
    view = _task(client, rater).json()
    for fields in BAD_FIELDS:
        answer = _vote(client, rater, view, **fields)
        assert (answer.status_code, answer.json()["state"]) == (422, "bad"), fields
    assert room.office.export("deck").records == ()


def test_bodies_that_are_no_object_are_refused(client, rater):
    for body in BAD_BODIES:
        answer = client.post("/raters-api/vote", headers=rater, content=body)
        assert (answer.status_code, answer.json()["state"]) == (413 if len(body) > 10_000 else 400, "bad"), body[:20]


def test_pages_of_other_sites_get_nothing(client, rater):
    assert _task(client, rater, origin="https://evil.example").status_code == 403
    assert _task(client, rater, **{"sec-fetch-site": "cross-site"}).status_code == 403
    assert _task(client, rater, origin="http://testserver", **{"sec-fetch-site": "same-origin"}).status_code == 200


def test_a_flood_is_slowed_down_and_told_for_how_long(client, rater):
    answers = [_task(client, rater) for _ in range(43)]
    assert [answer.status_code for answer in answers] == [200] * 40 + [429] * 3
    assert (answers[-1].json()["state"], answers[-1].headers["retry-after"]) == ("later", "1")


def test_answers_are_kept_by_no_cache(client, rater):
    assert _task(client, rater).headers["cache-control"] == "no-store"
    assert client.get("/raters-api/offers").headers["cache-control"] == "no-store"


def test_anybody_may_join_a_demonstration_and_only_that(client):
    offers = client.get("/raters-api/offers").json()["html"]
    assert 'data-join="demo-cards"' in offers
    assert "deck" not in offers
    answer = client.post("/raters-api/join", json={"campaign": "demo-cards"}).json()
    rater = {"Authorization": f"Bearer {answer['token']}"}
    assert _task(client, rater).json()["total"] <= PER_VISITOR + 3
    assert client.post("/raters-api/join", json={"campaign": "deck"}).status_code == 403
    assert client.post("/raters-api/join", json={"campaign": ["demo-cards"]}).status_code == 403
    assert client.post("/raters-api/join", json={}).status_code == 403


def test_joining_is_counted(client):
    codes = [client.post("/raters-api/join", json={"campaign": "demo-cards"}).status_code for _ in range(9)]
    assert codes.count(200) == 6
    assert codes[-1] == 429


def test_names_are_told_at_the_end_of_a_demonstration_and_nowhere_else(client, rater, room):
    token = client.post("/raters-api/join", json={"campaign": "demo-cards"}).json()["token"]
    visitor = {"Authorization": f"Bearer {token}"}
    assert client.post("/raters-api/reveal", headers=visitor).status_code == 422
    done = _finish(client, visitor)
    assert "data-reveal" in done["html"]
    told = client.post("/raters-api/reveal", headers=visitor).json()
    assert demo_files.SYSTEMS[0] in told["html"]
    undo = client.post("/raters-api/undo", headers=visitor, json={"key": done["last"]})
    assert undo.status_code == 422
    assert "data-reveal" not in _finish(client, rater)["html"]
    assert client.post("/raters-api/reveal", headers=rater).status_code == 403


def test_our_own_failures_tell_and_log_nothing_of_the_vote(client, rater, room, monkeypatch, caplog):
    view = _task(client, rater).json()

    def fails(*args):
        raise RuntimeError(f"secret {args}")

    monkeypatch.setattr(room.store, "vote_and_next", fails)
    with caplog.at_level(logging.ERROR):
        answer = _vote(client, rater, view)
    assert (answer.status_code, answer.json()["state"]) == (500, "later")
    assert "secret" not in answer.text + caplog.text
    assert "RuntimeError at test_page_api.py" in caplog.text


def test_answers_come_in_the_visitors_language(client, rater):
    html = _task(client, rater, **{"accept-language": "ko-KR,ko;q=0.9"}).json()["html"]
    assert "각 번역은 얼마나 좋습니까?" in html


def test_html_in_outputs_and_ten_thousand_characters(client, room, tmp_path):
    lines = demo_files.texts(5, name="odd")
    lines[1]["outputs"][demo_files.SYSTEMS[0]] = "<script>alert(1)</script>" + "가" * 9_970
    room.office.create(read_campaign(demo_files.write(tmp_path, "odd", lines)))
    (token,) = room.office.invite("odd")
    rater = {"Authorization": f"Bearer {token}"}
    pages, view = [], _task(client, rater).json()
    while view["state"] == "task":
        pages.append(view["html"])
        view = _vote(client, rater, view, client_key=f"client-key-{view['done']}").json()
    together = "".join(pages)
    assert "<script" not in together
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" + "가" * 9_970 in together


def test_nothing_is_opened_before_the_first_request(tmp_path):
    database = tmp_path / "deep" / "votes.db"
    room = Room(RoomSettings(f"sqlite:///{database}", campaigns=tmp_path))
    client = TestClient(Starlette(routes=rater_routes(room)))
    assert not database.exists()
    offers = client.get("/raters-api/offers")
    assert database.exists()
    assert "nothing to join" in offers.json()["html"]
    room.close()


def test_a_database_that_cannot_be_opened_is_our_failure(tmp_path):
    room = Room(RoomSettings("mysql://secret@host/x", campaigns=tmp_path))
    client = TestClient(Starlette(routes=rater_routes(room)))
    answer = client.get("/raters-api/offers")
    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_demonstrations_are_stored_once(room, tmp_path):
    again = Room(RoomSettings(f"sqlite:///{tmp_path}/votes.db", campaigns=tmp_path / "demos"))
    assert again.demonstrations == room.demonstrations == {"demo-cards"}
    assert len(again.office.campaigns()) == 2
    again.close()


def test_a_view_is_plain_json(client, rater):
    view = json.loads(_task(client, rater).content)
    assert set(view) == {"state", "html", "key", "protocol", "sides", "done", "total", "title", "last"}
