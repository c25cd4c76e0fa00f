"""Adds raters to a campaign: what each will be asked is decided and stored here, once."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Sequence
from functools import partial

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from apps.raters.assignment import Group, Planned, Unit, plan, units_of
from apps.raters.campaign import Item, Settings
from apps.raters.content import Content
from apps.raters.degrade import degrade
from apps.raters.ledger import items_of, settings_of
from apps.raters.store import hash_token
from apps.raters.tables import AssignmentRow, CampaignRow, ItemRow, RaterRow, VoteRow


def add_raters(session: Session, campaign: CampaignRow, tokens: tuple[str, ...]) -> None:
    """Adds a rater for each token, with the list of what each will be asked. The campaign's row must be locked."""
    settings, items = settings_of(campaign), items_of(session, campaign)
    units = units_of([item.outputs for item in items], settings.protocol)
    query = select(ItemRow.id).where(ItemRow.campaign_id == campaign.id).order_by(ItemRow.position)
    item_ids = session.scalars(query).all()
    given, turns = counted(session, campaign), counted(session, campaign, withdrawn=True)
    first = len(raters_of(session, campaign))
    for number, token in enumerate(tokens, first):
        rows = plan(units, given, turns, number, settings, partial(_damage, settings, items))
        rater = RaterRow(
            campaign_id=campaign.id,
            number=number + 1,
            token_hash=hash_token(token),
            withdrawn=False,
            revealed=False,
        )
        session.add(rater)
        session.flush()
        session.execute(
            insert(AssignmentRow), [_assigned(rater, place, row, item_ids) for place, row in enumerate(rows)]
        )
        own = Counter(row.unit.key for row in rows if row.kind == "judge")
        given, turns = given + own, turns + own


def _damage(
    settings: Settings, items: tuple[Item, ...], unit: Unit, group: Group, rng: random.Random
) -> Content | None:  # fmt: skip
    return degrade(settings.task, items, unit.item, group[0], rng)


def _assigned(rater: RaterRow, place: int, row: Planned, item_ids: Sequence[int]) -> dict[str, object]:
    return {
        "rater_id": rater.id,
        "place": place,
        "key": secrets.token_hex(16),
        "kind": row.kind,
        "item_id": item_ids[row.unit.item],
        "unit": row.unit.key,
        "sides": [list(side) for side in row.sides],
        "repeats": row.repeats,
        "damaged": row.damaged,
        "damage": row.damage.to_json() if row.damage else None,
    }


def counted(
    session: Session, campaign: CampaignRow, voted: bool = False, withdrawn: bool = False
) -> Counter[str]:  # fmt: skip
    """How many raters were given each question, or have judged it.

    Args:
        voted: count those who have judged it, whether their link was withdrawn or not.
        withdrawn: count those whose link was withdrawn as well; else only what they have judged.
    """
    standing = VoteRow.undone_at.is_(None)
    query = (
        select(AssignmentRow.unit, func.count())
        .join(RaterRow, RaterRow.id == AssignmentRow.rater_id)
        .outerjoin(VoteRow, (VoteRow.assignment_id == AssignmentRow.id) & standing)
        .where(RaterRow.campaign_id == campaign.id, AssignmentRow.kind == "judge")
        .group_by(AssignmentRow.unit)
    )
    if voted:
        query = query.where(VoteRow.id.is_not(None))
    elif not withdrawn:
        query = query.where(VoteRow.id.is_not(None) | RaterRow.withdrawn.is_(False))
    return Counter(dict(session.execute(query).all()))


def raters_of(session: Session, campaign: CampaignRow) -> list[RaterRow]:
    """Every rater of a campaign, in the order they were invited."""
    query = select(RaterRow).where(RaterRow.campaign_id == campaign.id).order_by(RaterRow.number)
    return list(session.scalars(query))
