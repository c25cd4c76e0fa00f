"""The tables votes live in, the same for SQLite and PostgreSQL. Times are milliseconds since 1970, UTC.

A rater is a number and the SHA-256 of a random token: no name, no address, nothing that leads back to a person.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, MetaData, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table shares: names of constraints that a later migration can refer to."""

    metadata = MetaData(naming_convention=_NAMES)


class CampaignRow(Base):
    """A campaign: its settings, its systems in the order of every item's outputs, and the key identities are hashed
    with."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    systems: Mapped[list[str]] = mapped_column(JSON)
    identity_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[int] = mapped_column(BigInteger)
    is_open: Mapped[bool]


class ItemRow(Base):
    """One thing to judge; its pictures are digests."""

    __tablename__ = "item"
    __table_args__ = (UniqueConstraint("campaign_id", "position"), UniqueConstraint("campaign_id", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    domain: Mapped[str] = mapped_column(String(100))
    source: Mapped[dict[str, Any]] = mapped_column(JSON)
    reference: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class OutputRow(Base):
    """What one system made of an item."""

    __tablename__ = "output"
    __table_args__ = (UniqueConstraint("item_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    position: Mapped[int]
    system: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class PictureRow(Base):
    """A picture as raters get it, by the SHA-256 of its bytes."""

    __tablename__ = "picture"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    jpeg: Mapped[bytes] = mapped_column(LargeBinary)


class RaterRow(Base):
    """A rater. `revealed` once the systems' names were shown, after which nothing can be undone."""

    __tablename__ = "rater"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    withdrawn: Mapped[bool]
    revealed: Mapped[bool]


class AssignmentRow(Base):
    """One judgement asked of one rater. `sides` holds, in the order shown, the positions of the systems behind each
    output; `damaged` is the side whose output `damage` replaces; `repeats` is the place of the first asking."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("rater_id", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rater_id: Mapped[int] = mapped_column(ForeignKey("rater.id"))
    place: Mapped[int]
    key: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    unit: Mapped[str] = mapped_column(Text, index=True)
    sides: Mapped[list[list[int]]] = mapped_column(JSON)
    repeats: Mapped[int | None]
    damaged: Mapped[int | None]
    damage: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class VoteRow(Base):
    """A vote; one that was taken back stays, with the time it was."""

    __tablename__ = "vote"
    __table_args__ = (
        UniqueConstraint("rater_id", "client_key"),
        # The database itself refuses a second standing vote, whatever the program does.
        Index(
            "uq_vote_standing",
            "assignment_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    rater_id: Mapped[int] = mapped_column(ForeignKey("rater.id"))
    client_key: Mapped[str] = mapped_column(String(64))
    choice: Mapped[Any] = mapped_column(JSON)
    milliseconds: Mapped[int] = mapped_column(BigInteger)
    app_version: Mapped[str] = mapped_column(String(40))
    voted_at: Mapped[int] = mapped_column(BigInteger)
    undone_at: Mapped[int | None] = mapped_column(BigInteger)
