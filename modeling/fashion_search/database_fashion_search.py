"""A SQLite file that many threads read while one writes, and plain words where it is missing or damaged."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, event, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from .tables_fashion_search import Base, StateRow

CHECKED = 64_000_000
"""Files up to so many bytes are checked page by page when they are opened, about a tenth of a second at most."""

_WAIT = 30.0  # seconds that a writer waits for one in another process


class CatalogueDamaged(ValueError):
    """The catalogue's file is no SQLite database any more, or one with broken pages."""


class Database:
    """The catalogue's file.

    Args:
        path: the file.
        create: make it; otherwise it must be there.

    Raises:
        ValueError: if it is missing (or there already, with `create`).
        CatalogueDamaged: if it is damaged.
    """

    def __init__(self, path: Path, create: bool = False):
        if create == path.exists():
            state = "is there already" if create else "is missing"
            raise ValueError(f"The catalogue {path.name!r} of {path.parent.name!r} {state}")
        self.path = path
        self._writing = threading.Lock()
        self._engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": _WAIT})
        event.listen(self._engine, "connect", _prepare)
        try:
            with self._plainly():
                if create:
                    Base.metadata.create_all(self._engine)
                    with self._engine.begin() as connection:
                        first = {"id": 1, "name": uuid.uuid4().hex[:12], "generation": 0, "edition": 0}
                        connection.execute(StateRow.__table__.insert().values(first))
                elif path.stat().st_size <= CHECKED:
                    self._check()
            self.state()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the file, whatever is written meanwhile."""
        with self._plainly(), Session(self._engine) as session:
            yield session

    @contextmanager
    def writing(self, **counters: Any) -> Iterator[Session]:
        """A session whose changes are kept together when the block ends, or not at all.

        Args:
            counters: columns of the state that grow by one, e.g. `generation=True`.
        """
        with self._writing, self._plainly(), Session(self._engine) as session, session.begin():
            # Written before anything is read: so another process's writer is waited for here and not met later.
            session.execute(update(StateRow).values({name: getattr(StateRow, name) + 1 for name in counters}))
            yield session

    def state(self) -> StateRow:
        """The state of the whole."""
        with self.reading() as session:
            state = session.scalars(select(StateRow)).one_or_none()
        if state is None:
            raise CatalogueDamaged(_damage(self.path, "its state is missing"))
        return state

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()

    def _check(self) -> None:
        with self._engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if found != "ok":
            raise CatalogueDamaged(_damage(self.path, found))

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Says in plain words that the file is damaged, where SQLite does in its own."""
        try:
            yield
        except DatabaseError as error:
            # The damage has no class of its own in sqlite3: it is a DatabaseError that is none of its subclasses,
            # or a table that is not there.
            if type(error.orig) is sqlite3.DatabaseError or "no such table" in str(error.orig):
                raise CatalogueDamaged(_damage(self.path, str(error.orig))) from None
            raise


def _damage(path: Path, what: str) -> str:
    what = " ".join(what.split())
    return (
        f"The catalogue {path.name!r} of {path.parent.name!r} is damaged ({what}). Put a copy back in its place, or "
        f"move the folder away and make the index anew: python -m apps.fashion.index SOURCE --into {path.parent}"
    )


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    cursor = connection.cursor()
    # Readers do not wait for the writer, and a killed writer leaves only whole transactions behind.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


__all__ = ["CatalogueDamaged", "Database"]
