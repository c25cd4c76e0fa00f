"""A copy of every vote in a dataset repository on the Hub, where one is configured.

Built at the first vote, because the client creates the repository when the scheduler is made, and in a thread, so that
no rater waits for the Hub. Votes are appended to a file of this process alone and sent every few minutes; a vote taken
back is a second line with `undone` true. The database stays the truth.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from huggingface_hub import CommitScheduler

MINUTES = 5.0
_LOG = logging.getLogger(__name__)


class Mirror(Protocol):
    """Where copies of votes go."""

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one vote, or one that was taken back."""

    def close(self) -> None:
        """Send what is held."""


class HubMirror:
    """Appends votes as JSONL to a dataset repository through `huggingface_hub.CommitScheduler`.

    Args:
        repo_id: "owner/name" of the dataset; created where it is missing.
        folder: where the file of this process is kept until, and after, it is sent.
        private: whether a repository created here is private; the votes name systems while a campaign still runs.
        minutes: between two commits.
        token: of the Hub; the one the client finds where it is None.
    """

    def __init__(
        self, repo_id: str, folder: Path, private: bool = True, minutes: float = MINUTES, token: str | None = None
    ) -> None:
        if repo_id.count("/") != 1 or not all(repo_id.split("/")):
            raise ValueError(f"a dataset is called owner/name, got {repo_id!r}")
        self.repo_id = repo_id
        self.path = Path(folder) / f"votes-{uuid.uuid4().hex}.jsonl"
        self._private, self._minutes, self._token = private, minutes, token
        self._guard = threading.Lock()
        self._starting: threading.Thread | None = None
        self._tried = float("-inf")
        self._scheduler: CommitScheduler | None = None

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one vote to the file; it is sent with the next commit. Never waits for the Hub.

        Raises:
            OSError: if the file cannot be written.
        """
        line = json.dumps(record, ensure_ascii=False) + "\n"
        with self._guard, self._scheduler.lock if self._scheduler else nullcontext():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(line)
            if self._scheduler is None and time.monotonic() - self._tried > 60 * self._minutes:
                self._tried = time.monotonic()
                self._starting = threading.Thread(target=self._start, daemon=True)
                self._starting.start()

    def close(self) -> None:
        """Send what is held and stop; without a vote nothing was ever started."""
        if self._starting is not None:
            self._starting.join()
        if self._scheduler is not None:
            self._scheduler.trigger().result()
            self._scheduler.stop()
            self._scheduler = None

    def _start(self) -> None:
        # Imported here: without a configured dataset no client is needed.
        from httpx2 import HTTPError
        from huggingface_hub import CommitScheduler

        try:
            scheduler = CommitScheduler(
                repo_id=self.repo_id,
                repo_type="dataset",
                folder_path=self.path.parent,
                path_in_repo="votes",
                every=self._minutes,
                private=self._private,
                token=self._token,
                allow_patterns=self.path.name,
            )
        except (HTTPError, OSError, ValueError):
            _LOG.exception("votes cannot be mirrored to %s for now; they are kept in %s", self.repo_id, self.path.name)
            return
        with self._guard:
            self._scheduler = scheduler
