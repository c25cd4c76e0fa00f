"""kill -9 of a server in the middle of voting: what a browser was told is stored is there, and the rater goes on."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import socket
import threading
import time

import httpx
import uvicorn
from starlette.applications import Starlette

from apps.raters.mounting import rater_routes
from apps.raters.reading import read_campaign
from apps.raters.room import Room, RoomSettings
from tests.apps.raters import demo_files

KILLS = 8


def serve(settings: RoomSettings, port: int) -> None:
    """Serves the room until killed."""
    uvicorn.run(Starlette(routes=rater_routes(Room(settings))), port=port, log_level="critical")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _task(client: httpx.Client) -> dict:
    for _ in range(2400):
        try:
            return client.get("task").raise_for_status().json()
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the server did not come up")


def _vote_until_it_dies(client: httpx.Client, view: dict, told: dict[int, list[int]]) -> dict:
    """Votes; what was acknowledged goes into `told` by place. Returns the vote that got no answer."""
    while True:
        choice = [(view["done"] + side) % 3 for side in range(view["sides"])]
        vote = {"key": view["key"], "choice": choice, "milliseconds": 5, "client_key": f"client-{view['key']}"}
        try:
            reply = client.post("vote", json=vote)
        except httpx.TransportError:
            return vote
        if reply.status_code == 429:  # quicker than people may be
            time.sleep(0.2)
            continue
        view = reply.raise_for_status().json()
        told[view["stored"]["done"] - 1] = choice


def test_acknowledged_votes_outlive_the_server(tmp_path):
    settings = RoomSettings(f"sqlite:///{tmp_path}/votes.db", campaigns=tmp_path / "none")
    room = Room(settings)
    room.office.create(read_campaign(demo_files.write(tmp_path, "deck", demo_files.texts(997, repeats=0, checks=0))))
    (token,) = room.office.invite("deck")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.apps.raters.test_kill"])
    rng, told, unanswered = random.Random(8), {}, 0
    for _ in range(KILLS):
        port = _free_port()
        server = context.Process(target=serve, args=(settings, port))
        server.start()
        address, header = f"http://127.0.0.1:{port}/raters-api/", {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=address, headers=header, timeout=60) as client:
            view = _task(client)
            # Where one was: after every acknowledged vote, and after the one whose answer was lost, if it was stored.
            assert len(told) <= view["done"] <= len(told) + unanswered
            killer = threading.Timer(0.05 + rng.random() * 0.3, os.kill, (server.pid, signal.SIGKILL))
            killer.start()
            _vote_until_it_dies(client, view, told)
            unanswered += 1
        server.join(30)
        killer.join(30)
        assert server.exitcode == -signal.SIGKILL
    records = room.office.export("deck").records
    stored = {record.place: list(record.choice) for record in records}
    assert len(stored) == len(records)
    assert told
    assert {place: stored.get(place) for place in told} == told
    assert sorted(stored) == list(range(len(stored)))
    assert len(stored) - len(told) <= KILLS
    room.close()
