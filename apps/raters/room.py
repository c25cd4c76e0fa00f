"""The room as the hub opens it: which database, who may administrate, which demonstrations anybody may join.

Everything is opened at the first request, not when the hub starts.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from apps.raters.mirror import HubMirror
from apps.raters.office import CampaignInfo, Office
from apps.raters.reading import read_campaign
from apps.raters.store import Store, open_store

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "runs"
CAMPAIGNS = Path(__file__).parent / "campaigns"
DATABASE, DATASET = "PLANET_HUB_RATINGS", "PLANET_HUB_RATINGS_DATASET"
PASSWORD, ADMINS, RATERS = "PLANET_HUB_ADMIN_PASSWORD", "PLANET_HUB_ADMINS", "PLANET_HUB_RATERS"
PER_VISITOR = 10
"""Judgements a visitor of a demonstration is asked for, the repeat and the check not counted."""

FEWEST_CHARACTERS = 12
"""Of a password; a shorter one is no lock."""


def database_url(environment: Mapping[str, str] = os.environ) -> str:
    """Where votes are kept: what `PLANET_HUB_RATINGS` says, else `runs/ratings.sqlite3` of the project."""
    return environment.get(DATABASE) or f"sqlite:///{DATA / 'ratings.sqlite3'}"


@dataclass(frozen=True)
class RoomSettings:
    """How the room is run. Most likely to change: `database`, `password`.

    Attributes:
        database: "sqlite:///FILE" or "postgresql://USER@HOST/NAME".
        dataset: "owner/name" of a Hub dataset that gets a copy of every vote; none where it is empty.
        password: the administrator's; nobody can log in with one where it is shorter than twelve characters.
        admins: Hub users who are administrators once they have signed in, on a Space.
        raters: Hub users who may join every open campaign once they have signed in, on a Space.
        campaigns: folder of the campaigns that anybody may join.
    """

    database: str
    dataset: str = ""
    password: str = ""
    admins: frozenset[str] = frozenset()
    raters: frozenset[str] = frozenset()
    campaigns: Path = CAMPAIGNS


def settings_from(environment: Mapping[str, str] = os.environ) -> RoomSettings:
    """The settings in environment variables; lists are separated by commas."""
    return RoomSettings(
        database=database_url(environment),
        dataset=environment.get(DATASET, ""),
        password=environment.get(PASSWORD, ""),
        admins=_names(environment.get(ADMINS, "")),
        raters=_names(environment.get(RATERS, "")),
    )


class Room:
    """The store, the office, and who may join what.

    Args:
        settings: from `settings_from`.
    """

    def __init__(self, settings: RoomSettings) -> None:
        self.settings = settings
        self._guard = threading.Lock()
        self._opened: tuple[Store, Office, frozenset[str]] | None = None
        # SQLite lets its waiting writers sleep and wake by chance; in a queue of our own the first comes first.
        self._turn = threading.Lock() if settings.database.startswith("sqlite") else None

    @property
    def store(self) -> Store:
        """What raters vote in."""
        return self._open()[0]

    @property
    def office(self) -> Office:
        """What administrators use."""
        return self._open()[1]

    @property
    def demonstrations(self) -> frozenset[str]:
        """Names of the campaigns that anybody may join, and whose systems a rater learns at the end."""
        return self._open()[2]

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """The store, for a transaction that writes."""
        store = self.store
        with self._turn or nullcontext():
            yield store

    def offers(self, user: str | None) -> tuple[CampaignInfo, ...]:
        """The campaigns that somebody may join without an invitation, by name.

        Args:
            user: their name at the Hub, if they have signed in.
        """
        trusted = user is not None and user in self.settings.raters
        found = (one for one in self.office.campaigns() if one.open and (trusted or one.name in self.demonstrations))
        return tuple(sorted(found, key=lambda one: one.name))

    def join(self, name: str, user: str | None) -> str:
        """A token for a campaign that may be joined; who has signed in gets the same one each time.

        Raises:
            ValueError: if it may not be.
        """
        if name not in {one.name for one in self.offers(user)}:
            raise ValueError(f"the campaign {name[:64]!r} cannot be joined without an invitation")
        with self.writing():
            return self.office.enrol(name, user) if user else self.office.invite(name)[0]

    def close(self) -> None:
        """Closes the database, if it was opened."""
        with self._guard:
            if self._opened:
                self._opened[0].close()
                self._opened = None

    def _open(self) -> tuple[Store, Office, frozenset[str]]:
        with self._guard:
            if self._opened is None:
                dataset = self.settings.dataset
                store = open_store(
                    self.settings.database, HubMirror(dataset, DATA / "ratings_mirror") if dataset else None
                )
                office = Office(store)
                self._opened = store, office, frozenset(add_demonstrations(office, self.settings.campaigns))
            return self._opened


def add_demonstrations(office: Office, folder: Path) -> list[str]:
    """Stores the folder's campaigns that are not stored yet, as short ones under names of their own.

    Returns:
        The names of all of them.
    """
    names = []
    known = {one.name for one in office.campaigns()}
    for path in sorted(folder.glob("*.jsonl")):
        names.append(f"demo-{path.stem}".replace("_", "-"))
        if names[-1] in known:
            continue
        campaign = read_campaign(path, name=names[-1], per_rater=PER_VISITOR)
        try:
            office.create(campaign)
        except ValueError:
            # Another process may have been quicker.
            if names[-1] not in {one.name for one in office.campaigns()}:
                raise
    return names


def _names(listed: str) -> frozenset[str]:
    return frozenset(filter(None, map(str.strip, listed.split(","))))
