"""kill -9 in the middle of voting: every vote that was acknowledged is there, once, and the rater goes on from it.

Killing a process shows that nothing is held back in its memory; it does not cut the power, which is what
`PRAGMA synchronous = FULL` is for.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from apps.raters.office import Office
from apps.raters.store import open_store
from apps.raters.tables import AssignmentRow, VoteRow
from tests.apps.raters.building import first_choice, translation_campaign

KILLS = 50


def vote_on(url: str, token: str, path: str) -> None:
    """Votes until killed, adding the key of each vote to a file once the store has answered."""
    store = open_store(url)
    acknowledged = os.open(path, os.O_WRONLY | os.O_APPEND)
    while (task := store.next_task(token)) is not None:
        store.vote(token, task.key, first_choice(task), 1, f"client-{task.key}")
        os.write(acknowledged, f"{task.key}\n".encode())


def keys_in(path) -> list[str]:
    return path.read_text().split("\n")[:-1]


def test_no_acknowledged_vote_is_lost_or_doubled(tmp_path):
    url = f"sqlite:///{tmp_path}/votes.db"
    store = open_store(url)
    Office(store).create(translation_campaign(items=1_009, repeats=0.0, checks=0.0))
    (token,) = Office(store).invite("birds")
    path = tmp_path / "acknowledged"
    path.touch()
    # A forked child has everything imported, so that it is killed while it votes and not while it starts.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.apps.raters.test_crash"])
    rng = random.Random(50)
    for kills in range(1, KILLS + 1):
        before = len(keys_in(path))
        child = context.Process(target=vote_on, args=(url, token, str(path)))
        child.start()
        _wait(lambda before=before: len(keys_in(path)) > before, child)
        time.sleep(rng.random() * 0.06)
        os.kill(child.pid, signal.SIGKILL)
        child.join(30)
        assert child.exitcode == -signal.SIGKILL
        # Of each kill, at most the vote under way was stored without an answer.
        assert 0 <= store.standing(token).done - len(keys_in(path)) <= kills
    _check(store, token, keys_in(path))
    store.close()


def _wait(condition, child) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert child.is_alive(), "the voter ended by itself"
        assert time.monotonic() < deadline, "no vote within a minute"
        time.sleep(0.002)


def _check(store, token, acknowledged) -> None:
    with Session(store.engine) as session:
        rows = session.execute(
            select(AssignmentRow.key, AssignmentRow.place).join(VoteRow).order_by(AssignmentRow.place)
        ).all()
    voted = [key for key, _ in rows]
    assert len(voted) == len(set(voted))
    assert set(acknowledged) <= set(voted)
    assert [place for _, place in rows] == list(range(len(rows)))
    assert store.next_task(token).done == len(rows)
