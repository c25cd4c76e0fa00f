"""The tables: what the migrations make is what the program expects, and opening twice at once does no harm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from apps.raters.database import migrate, open_engine
from apps.raters.office import Office
from apps.raters.store import Store
from apps.raters.tables import Base
from tests.apps.raters.building import translation_campaign, vote_all


def test_migrations_make_the_tables_of_the_program(url):
    engine = open_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(url):
    engine = open_engine(url)
    migrate(engine)
    assert set(Base.metadata.tables) <= set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0001"
    engine.dispose()


def test_several_open_an_empty_database_at_once(url):
    with ThreadPoolExecutor(5) as pool:
        engines = list(pool.map(lambda _: open_engine(url), range(5)))
    for engine in engines:
        assert "vote" in inspect(engine).get_table_names()
        engine.dispose()


def test_votes_survive_being_opened_again(url):
    store = Store(open_engine(url))
    Office(store).create(translation_campaign(items=5))
    (token,) = Office(store).invite("birds")
    vote_all(store, token)
    before = Office(store).export("birds")
    store.close()
    again = Store(open_engine(url))
    assert Office(again).export("birds") == before
    assert again.standing(token).finished
    again.close()


def test_sqlite_is_set_up_to_lose_nothing(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path}/deep/in/votes.db")
    with engine.connect() as connection:
        pragma = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
                  for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")}  # fmt: skip
    # 2 is FULL: the write-ahead log reaches the disk before a vote is acknowledged.
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15_000}
    engine.dispose()
