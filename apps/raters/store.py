"""What a rater may do: see the next task, vote, take the last vote back, and, at the end, learn who was who.

A rater's list was fixed when they were invited and is worked through in order, so the number of standing votes is the
place of the next task: coming back after a break, or after a crash, needs nothing else.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from apps.raters.blind import BlindTask, Choice, Receipt, Standing, check_choice, shown, sides_of
from apps.raters.campaign import Settings
from apps.raters.database import open_engine, writing
from apps.raters.ledger import choice_of, optional, outputs_of, pictures_of, record_of, records_of, settings_of
from apps.raters.mirror import Mirror
from apps.raters.records import Record
from apps.raters.reveal import Revealed, reveal
from apps.raters.tables import AssignmentRow, CampaignRow, ItemRow, RaterRow, VoteRow
from apps.raters.version import app_version

LONGEST_MS = 7 * 24 * 3600 * 1000
_CLIENT_KEY = range(8, 65)
_LOG = logging.getLogger(__name__)


class Refused(ValueError):
    """The rater's token is unknown or was withdrawn, or the campaign takes no votes."""


class AlreadyVoted(ValueError):
    """The task was judged before, or is not the rater's next one."""


def open_store(url: str, mirror: Mirror | None = None) -> Store:
    """The store of a database, its tables brought up to date.

    Args:
        url: "sqlite:///votes.db" or "postgresql://user@host/name".
        mirror: where a copy of every vote goes.

    Raises:
        ValueError: if it is another database.
    """
    return Store(open_engine(url), mirror)


@dataclass(frozen=True)
class _Who:
    """A rater in an open session: rows, settings, and how far they are."""

    rater: RaterRow
    campaign: CampaignRow
    settings: Settings
    done: int
    total: int


class Store:
    """Votes in a database. Every method is one transaction and may be called from any thread.

    Args:
        engine: from `open_engine`.
        mirror: where a copy of every vote goes, after it is stored.
    """

    def __init__(self, engine: Engine, mirror: Mirror | None = None) -> None:
        self.engine = engine
        self._writing = writing(engine)
        self._mirror = mirror

    def standing(self, token: str) -> Standing:
        """Where a rater stands.

        Raises:
            Refused: if the token is unknown or withdrawn.
        """
        with Session(self.engine) as session:
            who = self._who(session, token)
            last = self._at(session, who, who.done - 1) if who.done and not who.rater.revealed else None
            return Standing(
                campaign=who.campaign.name,
                title=who.settings.title,
                task=who.settings.task,
                protocol=who.settings.protocol,
                rater=who.rater.number,
                done=who.done,
                total=who.total,
                last=last.key if last else None,
                open=who.campaign.is_open,
            )

    def next_task(self, token: str) -> BlindTask | None:
        """The rater's next task, the same however often it is asked for; None when all are done.

        Raises:
            Refused: if the token is unknown or withdrawn, or the campaign is closed.
        """
        with Session(self.engine) as session:
            return self._next(session, self._open(session, token))

    def vote(
        self, token: str, key: str, choice: str | Sequence[int], milliseconds: int, client_key: str
    ) -> Receipt:  # fmt: skip
        """Stores a vote; when this returns, the vote is on the disk. Sent twice it counts once.

        Args:
            token: the rater's.
            key: of the task, which must be the rater's next one.
            choice: "A", "B", "tie" or "both_bad"; or a score 0, 1 or 2 for each output in the order shown.
            milliseconds: how long the task was shown.
            client_key: 8 to 64 characters, made afresh each time a task is shown.

        Raises:
            Refused: if the token is unknown or withdrawn, or the campaign is closed.
            AlreadyVoted: if the task is not the rater's next one.
            ValueError: if the choice, the time or the key is not as it should be, or the task is not the rater's.
        """
        return self.vote_and_next(token, key, choice, milliseconds, client_key)[0]

    def vote_and_next(
        self, token: str, key: str, choice: str | Sequence[int], milliseconds: int, client_key: str
    ) -> tuple[Receipt, BlindTask | None]:
        """`vote` and `next_task` in one transaction: half the work of both."""
        _check_client_key(client_key)
        if isinstance(milliseconds, bool) or not isinstance(milliseconds, int) or not 0 <= milliseconds <= LONGEST_MS:
            raise ValueError(f"milliseconds is a whole number from 0 to {LONGEST_MS:,}, got {milliseconds!r}")
        with Session(self._writing) as session, session.begin():
            who = self._open(session, token, lock=True)
            assignment = self._assignment(session, who, key)
            wanted = check_choice(choice, who.settings.protocol, len(assignment.sides))
            if self._repeated(session, who, assignment, client_key, wanted):
                return Receipt(key, who.done, who.total), self._next(session, who)
            if assignment.place != who.done:
                raise AlreadyVoted(f"task {key!r} is not the next one of this rater")
            vote = VoteRow(
                assignment_id=assignment.id,
                rater_id=who.rater.id,
                client_key=client_key,
                choice=wanted,
                milliseconds=milliseconds,
                app_version=app_version(),
                voted_at=_now(),
                undone_at=None,
            )
            session.add(vote)
            record = record_of(who.campaign, vote, assignment, session.get_one(ItemRow, assignment.item_id), who.rater)
            who = replace(who, done=who.done + 1)
            following = self._next(session, who)
        self._copy(record)
        return Receipt(key, who.done, who.total), following

    def undo(self, token: str, key: str) -> BlindTask:
        """Takes the rater's last vote back and returns its task; the vote is kept, marked. Sent twice it counts once.

        Args:
            token: the rater's.
            key: of the task judged last, `Standing.last`.

        Raises:
            Refused: if the token is unknown or withdrawn, or the campaign is closed.
            ValueError: if it is not the last vote, or the systems' names were shown.
        """
        record = None
        with Session(self._writing) as session, session.begin():
            who = self._open(session, token, lock=True)
            assignment = self._assignment(session, who, key)
            if who.rater.revealed:
                raise ValueError("the systems' names were shown, so votes are final")
            if assignment.place == who.done - 1:
                standing = VoteRow.undone_at.is_(None)
                vote = session.scalars(select(VoteRow).where(VoteRow.assignment_id == assignment.id, standing)).one()
                vote.undone_at = _now()
                session.flush()
                item = session.get_one(ItemRow, assignment.item_id)
                record = record_of(who.campaign, vote, assignment, item, who.rater)
                who = replace(who, done=who.done - 1)
            elif assignment.place != who.done:
                raise ValueError(f"task {key!r} is not the one this rater judged last")
            task = self._task(session, who, assignment)
        if record:
            self._copy(record)
        return task

    def reveal(self, token: str) -> tuple[Revealed, ...]:
        """What the rater said of each system, by name. Afterwards their votes are final.

        Names are told only here, when all is judged: known earlier they would colour later votes and every repeat.

        Raises:
            Refused: if the token is unknown or withdrawn.
            ValueError: while there are tasks left.
        """
        with Session(self._writing) as session, session.begin():
            who = self._who(session, token, lock=True)
            if who.done < who.total:
                raise ValueError(f"{who.total - who.done} of {who.total} tasks are left; names are told at the end")
            who.rater.revealed = True
            return reveal(who.campaign.systems, records_of(session, who.campaign, who.rater))

    def close(self) -> None:
        """Ends all connections; the mirror sends what it holds."""
        if self._mirror is not None:
            self._mirror.close()
        self.engine.dispose()

    def _who(self, session: Session, token: str, lock: bool = False) -> _Who:
        query = (
            select(RaterRow, CampaignRow)
            .join(CampaignRow, CampaignRow.id == RaterRow.campaign_id)
            .where(RaterRow.token_hash == hash_token(token))
        )
        # One rater's actions wait for each other; SQLite has one writer anyway and ignores this.
        found = session.execute(query.with_for_update(of=RaterRow) if lock else query).one_or_none()
        if found is None or found[0].withdrawn:
            raise Refused("this link is not valid, or no longer")
        rater, campaign = found
        # Counted once the lock is there: before, another vote of theirs may be under way.
        done = select(func.count()).where(VoteRow.rater_id == rater.id, VoteRow.undone_at.is_(None))
        total = select(func.count()).where(AssignmentRow.rater_id == rater.id)
        counts = session.execute(select(done.scalar_subquery(), total.scalar_subquery())).one()
        return _Who(rater, campaign, settings_of(campaign), *counts)

    def _open(self, session: Session, token: str, lock: bool = False) -> _Who:
        who = self._who(session, token, lock)
        if not who.campaign.is_open:
            raise Refused(f"the campaign {who.campaign.name!r} takes no more votes")
        return who

    def _next(self, session: Session, who: _Who) -> BlindTask | None:
        return None if who.done == who.total else self._task(session, who, self._at(session, who, who.done))

    def _at(self, session: Session, who: _Who, place: int) -> AssignmentRow:
        query = select(AssignmentRow).where(AssignmentRow.rater_id == who.rater.id, AssignmentRow.place == place)
        return session.scalars(query).one()

    def _assignment(self, session: Session, who: _Who, key: str) -> AssignmentRow:
        query = select(AssignmentRow).where(AssignmentRow.rater_id == who.rater.id, AssignmentRow.key == str(key))
        found = session.scalars(query).one_or_none()
        if found is None:
            raise ValueError(f"this rater has no task {str(key)[:40]!r}")
        return found

    def _repeated(
        self, session: Session, who: _Who, assignment: AssignmentRow, client_key: str, choice: Choice
    ) -> bool:  # fmt: skip
        """Whether the same vote came before, as after an answer lost on the way."""
        query = select(VoteRow).where(VoteRow.rater_id == who.rater.id, VoteRow.client_key == client_key)
        former = session.scalars(query).one_or_none()
        if former is None:
            return False
        if former.assignment_id != assignment.id or choice_of(former.choice) != choice:
            raise AlreadyVoted(f"client key {client_key!r} was used for another vote")
        return True

    def _task(self, session: Session, who: _Who, assignment: AssignmentRow) -> BlindTask:
        item = session.get_one(ItemRow, assignment.item_id)
        outputs = outputs_of(session, item.id)
        contents = [outputs[side[0]] for side in assignment.sides]
        damage = optional(assignment.damage)
        if assignment.damaged is not None and damage is not None:
            contents[assignment.damaged] = damage
        source = optional(item.source)
        reference = optional(item.reference) if who.settings.show_reference else None
        pictures = pictures_of(session, [content for content in (*contents, source, reference) if content])
        former = session.scalars(
            select(VoteRow.choice).where(VoteRow.assignment_id == assignment.id).order_by(VoteRow.id.desc()).limit(1)
        ).one_or_none()
        return BlindTask(
            key=assignment.key,
            task=who.settings.task,
            protocol=who.settings.protocol,
            domain=item.domain,
            source=shown(source, pictures),
            reference=shown(reference, pictures) if reference else None,
            sides=sides_of(contents, pictures),
            done=who.done,
            total=who.total,
            former=None if former is None else choice_of(former),
        )

    def _copy(self, record: Record) -> None:
        if self._mirror is None:
            return
        try:
            self._mirror.append(record.to_json())
        except OSError:
            # The vote is stored; the copy can be made again from an export.
            _LOG.exception("a vote could not be written to the mirror")


def hash_token(token: object) -> str:
    """What is stored of a token. Tokens are 192 random bits, so a plain hash cannot be turned back.

    Raises:
        Refused: if it is no text.
    """
    if not isinstance(token, str) or not token:
        raise Refused("this link is not valid, or no longer")
    return hashlib.sha256(token.encode()).hexdigest()


def _check_client_key(client_key: object) -> None:
    if not isinstance(client_key, str) or len(client_key) not in _CLIENT_KEY or not client_key.isprintable():
        raise ValueError(f"a client key is a text of 8 to 64 characters, got {str(client_key)[:70]!r}")


def _now() -> int:
    return time.time_ns() // 1_000_000
