"""The tables of the catalogue: what is known of every item, its vectors, and the state of the whole."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """Registry of the catalogue's tables."""


class ItemRow(Base):
    """One item; see `Item` for what the columns mean."""

    __tablename__ = "item"
    # Ids of deleted items are never given out again: whoever still holds one must not find another item under it.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    uri: Mapped[str] = mapped_column(unique=True)
    file: Mapped[str]
    title: Mapped[str]
    price: Mapped[float | None] = mapped_column(index=True)
    category: Mapped[str] = mapped_column(index=True)
    hedged: Mapped[str]
    garment: Mapped[str]
    gender: Mapped[str]
    colour: Mapped[str]
    attributes: Mapped[list[Any]] = mapped_column(JSON)
    keywords: Mapped[list[str]] = mapped_column(JSON)
    guide: Mapped[dict[str, Any]] = mapped_column(JSON)
    box: Mapped[list[float] | None] = mapped_column(JSON)
    duplicate_of: Mapped[int | None] = mapped_column(index=True)
    stated: Mapped[dict[str, str]] = mapped_column(JSON)
    extra: Mapped[dict[str, str]] = mapped_column(JSON)
    revision: Mapped[str]
    vectors: Mapped[VectorRow] = relationship(back_populates="item", cascade="all, delete-orphan", lazy="raise")


class VectorRow(Base):
    """An item's vectors, apart from the rest so that lists of items do not read them.

    `feature` is float16, `signature` uint8 and `histogram` float16, as they lie in memory (little-endian).
    """

    __tablename__ = "vectors"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    feature: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    histogram: Mapped[bytes] = mapped_column(LargeBinary)
    item: Mapped[ItemRow] = relationship(back_populates="vectors", lazy="raise")


class StateRow(Base):
    """What is true of the whole catalogue: one row.

    Attributes:
        id: 1.
        name: twelve hex digits drawn when the catalogue was made; tells it from others.
        generation: grows with every change of the set of items.
        edition: grows with every change of their words.
    """

    __tablename__ = "state"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    generation: Mapped[int]
    edition: Mapped[int]
