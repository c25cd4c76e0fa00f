"""Reads rows of the database back as what they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from apps.raters.blind import Choice
from apps.raters.campaign import Item, Settings
from apps.raters.content import Content, content_from_json
from apps.raters.records import Record, alias_of
from apps.raters.tables import AssignmentRow, CampaignRow, ItemRow, OutputRow, PictureRow, RaterRow, VoteRow


def settings_of(row: CampaignRow) -> Settings:
    """The settings of a stored campaign."""
    return Settings(**row.settings)


def items_of(session: Session, campaign: CampaignRow) -> tuple[Item, ...]:
    """Every item of a campaign, in order; pictures are digests."""
    wanted = ItemRow.campaign_id == campaign.id
    rows = session.scalars(select(ItemRow).where(wanted).order_by(ItemRow.position)).all()
    outputs: dict[int, list[Content]] = {row.id: [] for row in rows}
    query = select(OutputRow).join(ItemRow, ItemRow.id == OutputRow.item_id).where(wanted).order_by(OutputRow.position)
    for output in session.scalars(query):
        outputs[output.item_id].append(content_from_json(output.content))
    return tuple(
        Item(row.name, row.domain, content_from_json(row.source), tuple(outputs[row.id]), optional(row.reference))
        for row in rows
    )


def outputs_of(session: Session, item_id: int) -> list[Content]:
    """The systems' outputs for one item, in the order of the systems."""
    query = select(OutputRow.content).where(OutputRow.item_id == item_id).order_by(OutputRow.position)
    return [content_from_json(content) for content in session.scalars(query)]


def pictures_of(session: Session, contents: Iterable[Content]) -> dict[str, bytes]:
    """The JPEGs that contents refer to, by digest."""
    digests = {digest for content in contents for digest in content.pictures}
    if not digests:
        return {}
    query = select(PictureRow).where(PictureRow.digest.in_(sorted(digests)))
    return {row.digest: row.jpeg for row in session.scalars(query)}


def records_of(session: Session, campaign: CampaignRow, rater: RaterRow | None = None) -> tuple[Record, ...]:
    """Every vote of a campaign, or of one rater in it, by rater, place and time."""
    query = (
        select(VoteRow, AssignmentRow, ItemRow, RaterRow)
        .join(AssignmentRow, AssignmentRow.id == VoteRow.assignment_id)
        .join(ItemRow, ItemRow.id == AssignmentRow.item_id)
        .join(RaterRow, RaterRow.id == AssignmentRow.rater_id)
        .where(RaterRow.campaign_id == campaign.id)
        .order_by(RaterRow.number, AssignmentRow.place, VoteRow.id)
    )
    if rater is not None:
        query = query.where(RaterRow.id == rater.id)
    return tuple(record_of(campaign, *row) for row in session.execute(query))


def record_of(
    campaign: CampaignRow, vote: VoteRow, assignment: AssignmentRow, item: ItemRow, rater: RaterRow
) -> Record:
    """One vote as it leaves the database."""
    return Record(
        campaign=campaign.name,
        item=item.name,
        domain=item.domain,
        kind=assignment.kind,
        sides=tuple(tuple(campaign.systems[system] for system in side) for side in assignment.sides),
        choice=choice_of(vote.choice),
        rater=alias_of(rater.token_hash),
        place=assignment.place,
        milliseconds=vote.milliseconds,
        app_version=vote.app_version,
        seed=campaign.settings["seed"],
        date=datetime.fromtimestamp(vote.voted_at / 1000, timezone.utc).date().isoformat(),
        repeats=assignment.repeats,
        damaged=assignment.damaged,
        undone=vote.undone_at is not None,
    )


def choice_of(value: str | Sequence[int]) -> Choice:
    """A stored choice."""
    return value if isinstance(value, str) else tuple(value)


def optional(value: dict[str, Any] | None) -> Content | None:
    """A stored content that may be missing."""
    return None if value is None else content_from_json(value)
