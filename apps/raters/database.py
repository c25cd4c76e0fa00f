"""Opens the database votes live in: SQLite in a file, or PostgreSQL; migrates it to this program's tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 15_000
"""How long SQLite waits for another writer before it gives up."""

_MIGRATION_LOCK = 0x52415445
_POOLS: dict[str, dict[str, Any]] = {
    # A SQLite writer keeps the others waiting anyway; readers are short.
    "sqlite": {"pool_size": 8, "max_overflow": 24, "pool_timeout": 30},
    # PostgreSQL allows 100 connections unless told otherwise: three such processes stay below.
    "postgresql": {"pool_size": 8, "max_overflow": 16, "pool_timeout": 30, "pool_pre_ping": True},
}


def open_engine(url: str) -> Engine:
    """An engine on a database whose tables are up to date.

    Write transactions begin on `writing(engine)`.

    Args:
        url: "sqlite:///relative.db", "sqlite:////absolute.db" or "postgresql://user@host/name".

    Raises:
        ValueError: if it is another database, or SQLite in memory, where votes would not survive.
    """
    address = _checked(url)
    kind = address.get_backend_name()
    if kind == "sqlite":
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, **_POOLS[kind])
    if kind == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    migrate(engine)
    return engine


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that write: on SQLite they take the write lock at once.

    A transaction that reads first and asks for the lock later can be refused it ("database is locked") however long it
    would wait.
    """
    return engine.execution_options(writes=True)


def migrate(engine: Engine, revision: str = "head") -> None:
    """Brings the tables to a version of `migrations/versions`; several processes may try at once."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with writing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _checked(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        # Not shown: it may hold a password.
        raise ValueError("a database is sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    kind = address.get_backend_name()
    if kind not in _POOLS:
        raise ValueError(f"votes are stored in sqlite or postgresql, got {kind!r}")
    if kind == "sqlite":
        if not address.database or address.database == ":memory:" or address.database.startswith("file:"):
            raise ValueError("SQLite needs a file (sqlite:///votes.db): votes in memory would not survive")
        return address
    return address.set(drivername="postgresql+psycopg")


def _prepare_sqlite(connection: Any, record: object) -> None:
    # The driver begins no transactions of its own; `_begin_sqlite` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # A vote is acknowledged only when it is on the disk, not merely handed to the operating system.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
