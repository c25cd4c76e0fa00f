"""Stores a campaign: its pictures as raters get them, its items and the systems' outputs."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import asdict, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from apps.raters.campaign import Campaign, Item
from apps.raters.content import Content
from apps.raters.pictures import encode_picture, load_picture
from apps.raters.tables import CampaignRow, ItemRow, OutputRow, PictureRow


def prepare(campaign: Campaign) -> tuple[Campaign, dict[str, bytes]]:
    """The campaign with every picture replaced by the digest of its JPEG, and the JPEGs by digest.

    Raises:
        ValueError: with the item, if a picture cannot be read.
    """
    jpegs: dict[str, bytes] = {}
    items = tuple(_with_pictures(item, campaign, jpegs) for item in campaign.items)
    return replace(campaign, items=items, folder=None), jpegs


def add_campaign(session: Session, campaign: Campaign, jpegs: dict[str, bytes]) -> None:
    """Adds a prepared campaign; votes are taken at once."""
    row = CampaignRow(
        name=campaign.settings.name,
        settings=asdict(campaign.settings),
        systems=list(campaign.systems),
        identity_key=secrets.token_hex(32),
        created_at=time.time_ns() // 1_000_000,
        is_open=True,
    )
    session.add(row)
    session.flush()
    known = set(session.scalars(select(PictureRow.digest).where(PictureRow.digest.in_(sorted(jpegs)))))
    session.add_all(PictureRow(digest=key, jpeg=jpeg) for key, jpeg in jpegs.items() if key not in known)
    for position, item in enumerate(campaign.items):
        _add_item(session, row, position, item)


def _with_pictures(item: Item, campaign: Campaign, jpegs: dict[str, bytes]) -> Item:
    """The item with every picture replaced by the digest of its JPEG, which is added to `jpegs`."""

    def stored(content: Content) -> Content:
        digests = []
        for entry in content.pictures:
            try:
                jpeg = encode_picture(load_picture(entry, campaign.folder))
            except ValueError as error:
                raise ValueError(f"item {item.id!r}: {error}") from None
            digests.append(hashlib.sha256(jpeg).hexdigest())
            jpegs[digests[-1]] = jpeg
        return replace(content, pictures=tuple(digests))

    reference = stored(item.reference) if item.reference else None
    return replace(item, source=stored(item.source), reference=reference, outputs=tuple(map(stored, item.outputs)))


def _add_item(session: Session, campaign: CampaignRow, position: int, item: Item) -> None:
    row = ItemRow(
        campaign_id=campaign.id,
        position=position,
        name=item.id,
        domain=item.domain,
        source=item.source.to_json(),
        reference=item.reference.to_json() if item.reference else None,
    )
    session.add(row)
    session.flush()
    for place, (system, output) in enumerate(zip(campaign.systems, item.outputs, strict=True)):
        session.add(OutputRow(item_id=row.id, position=place, system=system, content=output.to_json()))
