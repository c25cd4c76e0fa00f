"""The doors: how often one may knock, who is an administrator, and who only says so."""

from __future__ import annotations

from functools import partial

import pytest
from starlette.requests import Request

from apps.raters.access import COOKIE, SECONDS, Access, Locked, hub_user
from apps.raters.doorway import from_here
from apps.raters.limits import Limiter
from apps.raters.room import RoomSettings, settings_from

PASSWORD = "correct horse battery staple"


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _request(cookie: str = "", session: dict | None = None, **headers: str) -> Request:
    listed = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    listed.append((b"cookie", f"{COOKIE}={cookie}".encode()))
    return Request({"type": "http", "headers": listed, "session": session or {}})


def test_a_bucket_empties_and_fills():
    clock = Clock()
    limiter = Limiter(rate=0.5, burst=3, clock=clock)
    assert [limiter.wait("a") for _ in range(4)] == [0, 0, 0, 2.0]
    assert limiter.wait("b") == 0
    clock.now += 1
    assert limiter.wait("a") == pytest.approx(1.0)
    clock.now += 1
    assert limiter.wait("a") == 0
    clock.now += 1000
    assert [limiter.wait("a") for _ in range(4)] == [0, 0, 0, 2.0]


def test_the_longest_unseen_are_forgotten(monkeypatch):
    monkeypatch.setattr("apps.raters.limits._MOST_KNOWN", 5)
    limiter = Limiter(rate=0.001, burst=1, clock=Clock())
    for name in "abcde":
        assert limiter.wait(name) == 0
    assert limiter.wait("b") > 0
    assert limiter.wait("f") == 0
    assert limiter.wait("a") == 0, "forgotten, so it may try again"
    assert limiter.wait("b") > 0, "seen lately, so it is remembered"


def test_only_the_password_opens_and_only_its_cookie_stays():
    clock = Clock()
    access = Access(RoomSettings("", password=PASSWORD), clock)
    assert access.log_in(PASSWORD + " ", "here") is None
    assert access.log_in(None, "here") is None
    assert access.log_in("\ud800", "here") is None
    session = access.log_in(PASSWORD, "here")
    assert session
    assert access.is_admin(_request(session))
    assert not access.is_admin(_request(session[:-1]))
    assert not access.is_admin(_request())
    clock.now += SECONDS + 1
    assert not access.is_admin(_request(session))


def test_logging_out_ends_the_session_on_the_server():
    access = Access(RoomSettings("", password=PASSWORD))
    session = access.log_in(PASSWORD, "here")
    access.log_out(_request(session))
    assert not access.is_admin(_request(session))


@pytest.mark.parametrize("password", ["", "short", "elevenchars"])
def test_a_short_password_is_no_password(password):
    access = Access(RoomSettings("", password=password))
    assert not access.has_password
    assert access.log_in(password, "here") is None


def test_guessing_is_slowed_down_from_one_place_and_from_many(monkeypatch):
    monkeypatch.setattr("apps.raters.access.Limiter", partial(Limiter, clock=Clock()))
    access = Access(RoomSettings("", password=PASSWORD))
    for _ in range(5):
        assert access.log_in("guess", "one") is None
    with pytest.raises(Locked) as locked:
        access.log_in(PASSWORD, "one")
    assert 0 < locked.value.seconds <= 30
    assert access.log_in(PASSWORD, "two")
    for place in range(24):
        assert access.log_in("guess", f"place {place}") is None
    with pytest.raises(Locked):
        access.log_in(PASSWORD, "yet another place")


def test_hub_users_are_who_the_signed_session_says():
    info = {"userinfo": {"preferred_username": "kim"}, "expires_at": 2e9}
    access = Access(RoomSettings("", admins=frozenset({"kim"})))
    assert hub_user(_request(session={"oauth_info": info})) == "kim"
    assert access.is_admin(_request(session={"oauth_info": info}))
    assert not access.is_admin(_request(session={"oauth_info": info | {"expires_at": 1}}))
    assert not access.is_admin(_request(session={"oauth_info": info | {"userinfo": {"preferred_username": "lee"}}}))
    assert hub_user(_request()) is None


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"host": "hub", "origin": "https://hub"}, True),
        ({"host": "hub", "origin": "https://evil"}, False),
        ({"host": "hub", "origin": "null"}, False),
        ({"host": "hub", "sec_fetch_site": "same-origin"}, True),
        ({"host": "hub", "sec_fetch_site": "cross-site"}, False),
        ({"host": "hub", "sec_fetch_site": "same-site"}, False),
    ],
)
def test_pages_of_other_sites_are_sent_away(headers, allowed):
    assert from_here(_request(**headers)) is allowed


def test_settings_come_from_the_environment():
    settings = settings_from({"PLANET_HUB_RATINGS": "postgresql://a@b/c", "PLANET_HUB_ADMINS": " kim, lee,,"})
    assert settings.database == "postgresql://a@b/c"
    assert settings.admins == {"kim", "lee"}
    assert settings.raters == frozenset()
    assert settings_from({}).database.startswith("sqlite:///")
    assert settings_from({}).database.endswith("/runs/ratings.sqlite3")
