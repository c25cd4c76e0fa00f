"""How far a campaign is: what is judged often enough, who is through, and who was not attentive."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from apps.raters.assignment import units_of
from apps.raters.checks import attention
from apps.raters.inviting import counted, raters_of
from apps.raters.ledger import items_of, records_of, settings_of
from apps.raters.records import alias_of
from apps.raters.tables import AssignmentRow, CampaignRow


@dataclass(frozen=True)
class RaterProgress:
    """How far one rater is.

    Attributes:
        number: the rater's, from 1.
        alias: the pseudonym in exports.
        done: judgements made.
        total: judgements asked for.
        checks: damaged outputs judged.
        failed: those not noticed.
        flagged: whether too many were not.
        withdrawn: whether the link was withdrawn.
    """

    number: int
    alias: str
    done: int
    total: int
    checks: int
    failed: int
    flagged: bool
    withdrawn: bool


@dataclass(frozen=True)
class Progress:
    """How far a campaign is.

    Attributes:
        overlap: raters wanted for every question.
        units: questions.
        covered: questions judged by at least `overlap` raters.
        planned: questions that will be, once every rater is through.
        raters: in the order they were invited.
    """

    overlap: int
    units: int
    covered: int
    planned: int
    raters: tuple[RaterProgress, ...]


def progress_of(session: Session, campaign: CampaignRow) -> Progress:
    """How far the campaign and each of its raters are."""
    settings = settings_of(campaign)
    units = units_of([item.outputs for item in items_of(session, campaign)], settings.protocol)
    judged, planned = counted(session, campaign, voted=True), counted(session, campaign)
    raters, records = raters_of(session, campaign), records_of(session, campaign)
    done = Counter(record.rater for record in records if not record.undone)
    query = select(AssignmentRow.rater_id, func.count()).group_by(AssignmentRow.rater_id)
    totals = dict(session.execute(query).all())
    checked = attention([alias_of(rater.token_hash) for rater in raters], records)
    return Progress(
        overlap=settings.overlap,
        units=len(units),
        covered=sum(judged[unit.key] >= settings.overlap for unit in units),
        planned=sum(planned[unit.key] >= settings.overlap for unit in units),
        raters=tuple(
            RaterProgress(
                number=rater.number,
                alias=seen.rater,
                done=done[seen.rater],
                total=totals.get(rater.id, 0),
                checks=seen.checks,
                failed=seen.failed,
                flagged=seen.flagged,
                withdrawn=rater.withdrawn,
            )
            for rater, seen in zip(raters, checked, strict=True)
        ),
    )
