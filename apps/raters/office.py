"""What an administrator may do: start campaigns, invite raters, watch progress, take the votes out.

Nothing here asks who is calling: the page in front of it has a login of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from apps.raters.assignment import Group, groups_of, units_of
from apps.raters.campaign import Campaign, Protocol
from apps.raters.content import Task
from apps.raters.database import writing
from apps.raters.inviting import add_raters, raters_of
from apps.raters.ledger import items_of, records_of, settings_of
from apps.raters.progress import Progress, progress_of
from apps.raters.records import Export, ExportedItem, alias_of
from apps.raters.store import Store, hash_token
from apps.raters.storing import add_campaign, prepare
from apps.raters.tables import CampaignRow, ItemRow, RaterRow, VoteRow

MOST_RATERS = 1_000


@dataclass(frozen=True)
class CampaignInfo:
    """A campaign in a list.

    Attributes:
        name: its name.
        title: what raters see above their task.
        task: what is judged.
        protocol: how.
        systems: "name@revision" of each.
        items: how many.
        raters: invited, those withdrawn included.
        votes: standing votes of every kind.
        open: whether votes are taken.
    """

    name: str
    title: str
    task: Task
    protocol: Protocol
    systems: tuple[str, ...]
    items: int
    raters: int
    votes: int
    open: bool


class Office:
    """The administrator's side of a store. Every method is one transaction.

    Args:
        store: the store raters vote in.
    """

    def __init__(self, store: Store) -> None:
        self._engine = store.engine
        self._writing = writing(store.engine)

    def create(self, campaign: Campaign) -> None:
        """Stores a campaign with its pictures; votes are taken at once.

        Raises:
            ValueError: if there is one of that name, a picture cannot be read, or there is nothing to judge.
        """
        if not units_of([item.outputs for item in campaign.items], campaign.settings.protocol):
            raise ValueError("all systems agree on every item, so there is nothing to compare")
        prepared, jpegs = prepare(campaign)
        with Session(self._writing) as session, session.begin():
            if session.scalars(select(CampaignRow).where(CampaignRow.name == campaign.settings.name)).first():
                raise ValueError(f"there is a campaign called {campaign.settings.name!r}")
            add_campaign(session, prepared, jpegs)

    def campaigns(self) -> tuple[CampaignInfo, ...]:
        """Every campaign, the newest first."""
        with Session(self._engine) as session:
            rows = session.scalars(select(CampaignRow).order_by(CampaignRow.created_at.desc(), CampaignRow.id.desc()))
            return tuple(_info(session, row) for row in rows)

    def invite(self, name: str, count: int = 1) -> tuple[str, ...]:
        """Invites raters and fixes what each will be asked.

        Returns:
            A token for each, to be put into a link. They cannot be shown again: only their hashes are kept.

        Raises:
            ValueError: if there is no such campaign, or the count is not 1 to 1,000.
        """
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_RATERS:
            raise ValueError(f"1 to {MOST_RATERS:,} raters can be invited at once, got {count!r}")
        tokens = tuple(secrets.token_urlsafe(24) for _ in range(count))
        with Session(self._writing) as session, session.begin():
            add_raters(session, _find(session, name, lock=True), tokens)
        return tokens

    def enrol(self, name: str, identity: str) -> str:
        """The token of a person who proved who they are elsewhere, as by a login at the Hub: always the same one.

        The identity is not stored. It is hashed with the campaign's own key, so that two campaigns cannot be compared.

        Raises:
            ValueError: if there is no such campaign, or no identity.
        """
        if not isinstance(identity, str) or not identity:
            raise ValueError("an identity is a text that is not empty")
        with Session(self._writing) as session, session.begin():
            campaign = _find(session, name, lock=True)
            digest = hmac.digest(bytes.fromhex(campaign.identity_key), identity.encode(), hashlib.sha256)
            token = base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
            if not session.scalars(select(RaterRow).where(RaterRow.token_hash == hash_token(token))).first():
                add_raters(session, campaign, (token,))
        return token

    def withdraw(self, name: str, number: int) -> None:
        """Makes a rater's link invalid. Their votes stay; what they did not judge falls to raters invited later.

        Raises:
            ValueError: if there is no such campaign or rater.
        """
        with Session(self._writing) as session, session.begin():
            campaign = _find(session, name)
            query = select(RaterRow).where(RaterRow.campaign_id == campaign.id, RaterRow.number == number)
            rater = session.scalars(query).one_or_none()
            if rater is None:
                raise ValueError(f"the campaign {name!r} has no rater {number!r}")
            rater.withdrawn = True

    def close(self, name: str) -> None:
        """Takes no more votes. Raises ValueError if there is no such campaign."""
        self._set_open(name, False)

    def reopen(self, name: str) -> None:
        """Takes votes again. Raises ValueError if there is no such campaign."""
        self._set_open(name, True)

    def progress(self, name: str) -> Progress:
        """How far the campaign and each of its raters are.

        Raises:
            ValueError: if there is no such campaign.
        """
        with Session(self._engine) as session:
            return progress_of(session, _find(session, name))

    def export(self, name: str) -> Export:
        """Everything the figures are computed from: no texts, no pictures, no tokens.

        Raises:
            ValueError: if there is no such campaign.
        """
        with Session(self._engine) as session:
            campaign = _find(session, name)
            items = tuple(
                ExportedItem(item.id, item.domain, _named(groups_of(item.outputs), campaign.systems))
                for item in items_of(session, campaign)
            )
            raters = tuple(alias_of(rater.token_hash) for rater in raters_of(session, campaign))
            records = records_of(session, campaign)
            return Export(settings_of(campaign), tuple(campaign.systems), items, raters, records)

    def _set_open(self, name: str, value: bool) -> None:
        with Session(self._writing) as session, session.begin():
            _find(session, name).is_open = value


def _find(session: Session, name: str, lock: bool = False) -> CampaignRow:
    query = select(CampaignRow).where(CampaignRow.name == name)
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        known = ", ".join(session.scalars(select(CampaignRow.name).order_by(CampaignRow.name))) or "none yet"
        raise ValueError(f"there is no campaign {name!r}; there are: {known}")
    return found


def _info(session: Session, row: CampaignRow) -> CampaignInfo:
    settings = settings_of(row)
    items = select(func.count()).where(ItemRow.campaign_id == row.id)
    raters = select(func.count()).where(RaterRow.campaign_id == row.id)
    votes = (
        select(func.count())
        .select_from(VoteRow)
        .join(RaterRow, RaterRow.id == VoteRow.rater_id)
        .where(RaterRow.campaign_id == row.id, VoteRow.undone_at.is_(None))
    )
    counts = [session.scalar(query) or 0 for query in (items, raters, votes)]
    return CampaignInfo(
        row.name, settings.title, settings.task, settings.protocol, tuple(row.systems), *counts, row.is_open
    )


def _named(groups: tuple[Group, ...], systems: list[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(systems[position] for position in group) for group in groups)
