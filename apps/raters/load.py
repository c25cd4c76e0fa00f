"""Many raters voting at once through the served hub: is a vote lost or doubled, and how long does each take?

    python -m apps.raters.load --raters 20 --items 100
    python -m apps.raters.load --database postgresql://USER@HOST/NAME
    python -m apps.raters.load --url http://HOST:PORT/     (a hub that runs; its password in PLANET_HUB_ADMIN_PASSWORD)

Everything goes through the network as people do it: an administrator logs in, makes a campaign and invites; raters vote
as soon as the page would let them, and then, in a second campaign, without any pause, which shows where the limit is;
the export is compared vote by vote with what was acknowledged. Every tenth vote is sent a second time, as after an
answer lost on the way. The figures are written into `load.json`, one entry a database and pause.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx

from apps.raters.export import from_jsonl
from apps.raters.records import alias_of
from apps.raters.room import DATABASE, PASSWORD, ROOT
from apps.raters.store import hash_token

COMMAND = "python -m apps.raters.load --raters 20 --items 100"
RESULTS = Path(__file__).parent / "load.json"
PAUSE = 0.3
"""Seconds after a task is shown in which the page takes no vote: nobody can have read anything."""

SENT_TWICE = 10
_TRIES = 12
_LINK = re.compile(r"\./raters\?rater=([\w-]+)")
_SYSTEMS = ("load-one@000000000001", "load-two@000000000002")


@dataclass(frozen=True)
class Load:
    """What was measured. Times are milliseconds from a vote's request to the whole answer, with the next task in it.

    Attributes:
        database: "sqlite" or "postgresql".
        pause: seconds each rater waits before a vote.
        raters: voting at once.
        items: in the campaign; each rater judges all, some again, and some damaged.
        votes: acknowledged.
        lost: acknowledged, and not in the export, or another choice is.
        doubled: in the export more than once, or without having been acknowledged.
        p50: median time.
        p95: time that 95 % of the votes stay below.
        longest: longest time.
        seconds: from the first vote to the last.
        again: requests sent again, after a lost connection or "too many requests".
        load_average: of the machine before, one minute; what else ran.
        cores: of the machine.
        date: day, UTC.
    """

    database: str
    pause: float
    raters: int
    items: int
    votes: int
    lost: int
    doubled: int
    p50: float
    p95: float
    longest: float
    seconds: float
    again: int
    load_average: float
    cores: int
    date: str


Votes = dict[tuple[str, int], Any]


async def measure(url: str, password: str, raters: int, items: int, database: str, pause: float = PAUSE) -> Load:
    """Runs everything against a hub.

    Args:
        url: its address, ending in "/".
        password: its administrator's.
        raters: to vote at once.
        items: of the campaign.
        database: what the hub keeps votes in, for the record.
        pause: seconds a rater waits before a vote.
    """
    before = os.getloadavg()[0]
    name = f"load-{secrets.token_hex(4)}"
    async with httpx.AsyncClient(base_url=f"{url}raters-api/", timeout=120) as admin:
        tokens = await _prepare(admin, password, name, raters, items)
        times: list[float] = []
        again: list[int] = []
        start = time.perf_counter()
        told = await asyncio.gather(*(_rater(url, token, times, again, pause) for token in tokens))
        seconds = time.perf_counter() - start
        exported = await admin.get(f"admin/campaigns/{name}/export.jsonl")
        await admin.post(f"admin/campaigns/{name}/open", data={"open": "no"})
    acknowledged: Votes = {vote: choice for votes in told for vote, choice in votes.items()}
    stored = [record for record in from_jsonl(exported.raise_for_status().text).records if not record.undone]
    counts = Counter((record.rater, record.place) for record in stored)
    choices = {(record.rater, record.place): list(record.choice) for record in stored}
    times.sort()
    return Load(
        database=database,
        pause=pause,
        raters=raters,
        items=items,
        votes=len(acknowledged),
        lost=sum(choices.get(vote) != choice for vote, choice in acknowledged.items()),
        doubled=sum(count - 1 for count in counts.values()) + len(choices.keys() - acknowledged.keys()),
        p50=round(1000 * times[len(times) // 2], 1),
        p95=round(1000 * times[int(0.95 * len(times))], 1),
        longest=round(1000 * times[-1], 1),
        seconds=round(seconds, 1),
        again=len(again),
        load_average=round(before, 1),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        date=datetime.now(timezone.utc).date().isoformat(),
    )


async def _prepare(admin: httpx.AsyncClient, password: str, name: str, raters: int, items: int) -> list[str]:
    """A campaign with that many raters; their tokens."""
    (await admin.post("admin/login", data={"password": password})).raise_for_status()
    head = {"name": name, "title": "Load", "task": "translation", "systems": _SYSTEMS}
    lines = [head, *(_item(number) for number in range(items))]
    file = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    (await admin.post("admin/campaigns", files={"file": ("load.jsonl", file)})).raise_for_status()
    invited = await admin.post(f"admin/campaigns/{name}/invite", data={"count": str(raters)})
    return _LINK.findall(invited.raise_for_status().json()["html"])


def _item(number: int) -> dict[str, Any]:
    words = zip(_SYSTEMS, "가나", strict=True)
    outputs = {system: f"{word}{number} 한{number} 두{number} 세{number} 번{number}" for system, word in words}
    return {"id": str(number), "domain": f"d{number % 5}", "source": f"第{number}句。", "outputs": outputs}


async def _rater(url: str, token: str, times: list[float], again: list[int], pause: float) -> Votes:
    """Votes until all is judged; what was acknowledged, by pseudonym and place."""
    told: Votes = {}
    alias = alias_of(hash_token(token))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"{url}raters-api/", timeout=120, headers=headers) as client:
        view = (await client.get("task")).raise_for_status().json()
        while view["state"] == "task":
            await asyncio.sleep(pause)
            number = view["done"]
            choice = [(number + side) % 3 for side in range(view["sides"])]
            vote = {"key": view["key"], "choice": choice, "milliseconds": 1000, "client_key": secrets.token_hex(12)}
            view = await _send(client, vote, times, again)
            told[alias, view["stored"]["done"] - 1] = choice
            if number % SENT_TWICE == 0:
                view = await _send(client, vote, times, again)
    return told


async def _send(
    client: httpx.AsyncClient, vote: dict[str, Any], times: list[float], again: list[int]
) -> dict[str, Any]:
    """Sends a vote until there is an answer, as the page does: under the same key, and the time runs on."""
    start = time.perf_counter()
    for pause in range(_TRIES):
        try:
            answer = await client.post("vote", json=vote)
        except httpx.TransportError:
            # A kept connection can be closed by the server just as it is used again.
            again.append(1)
            await asyncio.sleep(pause / 10)
            continue
        if answer.status_code != 429:
            times.append(time.perf_counter() - start)
            return answer.raise_for_status().json()
        again.append(1)
        await asyncio.sleep(float(answer.headers["Retry-After"]))
    raise RuntimeError(f"no answer to a vote in {_TRIES} tries")


@contextmanager
def hub(database: str, password: str) -> Iterator[str]:
    """A hub of its own, without models, while the block runs; its address.

    Raises:
        RuntimeError: if it does not come up in two minutes.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    environment = {**os.environ, DATABASE: database, PASSWORD: password, "HF_HUB_OFFLINE": "1"}
    with tempfile.TemporaryDirectory() as empty:
        command = [sys.executable, "app.py", "--no-browser", "--port", str(port), "--models", empty]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            _await(url, process)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        try:
            if httpx.get(f"{url}raters-api/offers", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.5)
        if process.poll() is not None:
            break
    raise RuntimeError(f"the hub at {url} does not answer (exit status {process.poll()})")


def write(load: Load, path: Path = RESULTS) -> None:
    """Puts the figures into the file, in place of earlier ones about the same database and pause."""
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"command": COMMAND}
    found[load.database if load.pause else f"{load.database} without a pause"] = asdict(load)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raters", type=int, default=20)
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--pause", type=float, help=f"seconds before a vote (default: {PAUSE}, and then none)")
    parser.add_argument("--url", help="of a hub that runs; else one is started")
    parser.add_argument("--database", help="of the hub that is started (default: a new SQLite file)")
    parser.add_argument("--no-write", action="store_true", help="leave load.json as it is")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        database = args.database or f"sqlite:///{folder}/load.sqlite3"
        kind = database.partition(":")[0].partition("+")[0]
        password = os.environ.get(PASSWORD, "") if args.url else secrets.token_urlsafe(18)
        with nullcontext(args.url) if args.url else hub(database, password) as url:
            for pause in (PAUSE, 0.0) if args.pause is None else (args.pause,):
                load = asyncio.run(measure(url, password, args.raters, args.items, kind, pause))
                print(json.dumps(asdict(load), indent=1), flush=True)
                if not args.no_write:
                    write(load)


if __name__ == "__main__":
    main()
