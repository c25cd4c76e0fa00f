"""Run by alembic: brings the tables of the connection it is handed to the version asked for."""

from __future__ import annotations

from alembic import context

from apps.raters.tables import Base


def migrate() -> None:
    """Migrate inside the caller's transaction, which is committed by the caller or not at all."""
    context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


migrate()
