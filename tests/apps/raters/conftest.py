"""Databases for the tests: SQLite in a file, and a private PostgreSQL server where its programs are installed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from apps.raters.store import Store, open_store
from tests.apps.raters.postgres import postgres, programs


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running server. Without its programs tests are skipped, on a CI machine (CI=true) they fail."""
    folder = programs()
    if folder is None:
        message = "No PostgreSQL found (initdb, pg_ctl); on Debian: apt-get install postgresql"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(message)
        pytest.skip(message)
    with postgres(folder) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/votes.db"
    server = request.getfixturevalue("postgres_server")
    with psycopg.connect(server) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return server


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store in an empty database, of either kind."""
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def open_here(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens stores in one SQLite file; all are closed in the end."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(open_store(f"sqlite:///{tmp_path}/votes.db"))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
