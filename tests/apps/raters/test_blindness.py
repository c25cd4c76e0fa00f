"""Nothing a rater receives before the end names a system: every answer of whole sessions, the page, its source, the
API's description, and whatever else the hub serves, are searched for names and revisions, also in disguise."""

from __future__ import annotations

import base64
import codecs
import json
import re
from urllib.parse import quote

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from apps.raters.campaign import tells
from apps.raters.mounting import rater_routes
from apps.raters.reading import read_campaign
from apps.raters.room import Room, RoomSettings
from tests.apps.raters import demo_files
from tests.apps.raters.hub import served_room

CAMPAIGNS = {"deck": demo_files.texts(7), "cards": demo_files.cards(7), "search": demo_files.searches(7)}


def disguises(secret: str) -> set[str]:
    """A text as it is, quoted, in hex, turned, and in base64 at each of its three offsets."""
    raw = secret.encode()
    found = {secret, quote(secret, safe=""), raw.hex(), secret[::-1], codecs.encode(secret, "rot13")}
    for offset, seam in enumerate((0, 2, 3)):
        # Without the characters at the seams, which hold bits of the neighbours.
        encoded = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        found.add(encoded[seam : len(encoded) - bool((offset + len(raw)) % 3)])
    return {text.lower() for text in found if len(text) >= 7}


FORBIDDEN = {disguise for secret in demo_files.SECRETS for disguise in disguises(secret)}


def named(text: str) -> set[str]:
    """What of the systems' names is in a text."""
    lowered = text.lower()
    return {disguise for disguise in FORBIDDEN if disguise in lowered}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("blind")
    for name, lines in CAMPAIGNS.items():
        demo_files.write(folder / "demos", name, lines)
    with served_room(f"sqlite:///{folder}/votes.db", folder / "demos") as (url, room):
        for name in CAMPAIGNS:
            room.office.create(read_campaign(folder / "demos" / f"{name}.jsonl"))
        yield url, room


class Listener:
    """A client that keeps everything it is sent, headers included."""

    def __init__(self, url: str, token: str) -> None:
        self.heard: list[str] = []
        self._client = httpx.Client(
            base_url=f"{url}raters-api/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=120,
            event_hooks={"response": [self._hear]},
        )

    def _hear(self, response: httpx.Response) -> None:
        response.read()
        self.heard += [response.text, str(response.headers.multi_items()), str(response.url)]

    def __call__(self, method: str, path: str, **options: object) -> dict:
        return self._client.request(method, path, **options).json()

    def close(self) -> None:
        self._client.close()


def _session(url: str, token: str) -> list[str]:
    """A whole session with everything that can go wrong in it, up to the last vote."""
    ask = Listener(url, token)
    view = ask("GET", "task")
    while view["state"] == "task":
        choice = "A" if view["protocol"] == "pairwise" else [1] * view["sides"]
        vote = {"key": view["key"], "choice": choice, "milliseconds": 9, "client_key": f"client-{view['key']}"}
        ask("POST", "vote", json=vote | {"choice": "neither"})
        ask("POST", "reveal")
        following = ask("POST", "vote", json=vote)
        if view["done"] % 3 == 0:
            ask("POST", "undo", json={"key": view["key"]})
            ask("POST", "vote", json=vote | {"client_key": f"again-{view['key']}"})
            ask("POST", "vote", json=vote | {"client_key": f"late-{view['key']}"})
        view = following
    ask("GET", "offers")
    ask("GET", "admin/campaigns")
    ask("GET", f"admin/campaigns/{view.get('campaign', 'deck')}/export.jsonl")
    ask.close()
    return ask.heard


def test_the_search_finds_names_in_disguise():
    for secret in demo_files.SECRETS:
        encoded = (base64.b64encode(b"x" * n + secret.encode() + b"yy").decode() for n in range(3))
        for hidden in (secret.upper(), secret.encode().hex(), *encoded):
            assert named(f"...{hidden}..."), (secret, hidden)
    assert named("any other text, 4f1e") == set()


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_no_answer_of_a_whole_session_names_a_system(hub, name):
    url, room = hub
    (token,) = room.office.invite(name)
    heard = _session(url, token)
    assert len(heard) > 60
    assert named("\n".join(heard)) == set()
    assert "item-" not in "".join(heard), "the items' own names are not for raters"
    shown = [text for text in heard if '"state":"task"' in text]
    assert shown
    pseudonyms = {record.rater for record in room.office.export(name).records}
    assert not any(pseudonym in text for pseudonym in pseudonyms for text in heard)


@pytest.mark.parametrize("name", ["cards", "search"])
def test_pictures_of_all_systems_come_alike(hub, name):
    url, room = hub
    (token,) = room.office.invite(name)
    ask = Listener(url, token)
    view = ask("GET", "task")
    uris = re.findall(r'src="([^"]+)"', view["html"])
    assert uris
    for uri in uris:
        head, _, body = uri.partition(",")
        assert head == "data:image/jpeg;base64"
        # JFIF and nothing before the tables: no EXIF, no comment, no name.
        assert not re.search(rb"Exif|\xff\xfe|http", base64.b64decode(body)[:200])
    ask.close()


def test_all_outputs_of_a_task_come_in_one_answer(hub):
    url, room = hub
    (token,) = room.office.invite("deck")
    ask = Listener(url, token)
    view = ask("GET", "task")
    assert view["html"].count("data-side=") == view["sides"] == 3
    assert len(ask.heard) == 3, "one answer, so that no time between outputs tells which was made how"
    ask.close()


def test_neither_pages_nor_descriptions_of_the_hub_name_a_system_or_a_campaign(hub):
    url, room = hub
    assert room.demonstrations
    paths = ["", "raters", "raters-admin", "config", "theme.css", "robots.txt", "manifest.json", "openapi.json", "docs"]
    paths += [
        f"gradio_api/{name}" for name in ("info", "info/", "openapi.json", "mcp/schema", "app_id", "startup-events")
    ]
    paths += ["raters-api", "raters-api/", "raters-api/admin", "raters-api/openapi.json", "raters-api/offers"]
    for path in paths:
        answer = httpx.get(f"{url}{path}", timeout=120)
        assert named(answer.text + str(answer.headers)) == set(), path
        if path != "raters-api/offers":
            assert "Chinese to Korean" not in answer.text, path


def test_no_address_of_a_rater_is_a_tool_for_programs(hub):
    url, _ = hub
    assert "raters" not in httpx.get(f"{url}gradio_api/info", timeout=120).text
    assert httpx.get(f"{url}gradio_api/mcp/schema", timeout=120).json() == []


def test_the_shipped_demonstrations_are_blind(tmp_path):
    room = Room(RoomSettings(f"sqlite:///{tmp_path}/votes.db"))
    systems = {one.name: one.systems for one in room.office.campaigns()}
    assert set(systems) == room.demonstrations
    with TestClient(Starlette(routes=rater_routes(room))) as client:
        for name, judged in systems.items():
            token = client.post("/raters-api/join", json={"campaign": name}).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            heard = [client.get("/raters-api/offers").text, client.get("/raters-api/task").text]
            while (view := json.loads(heard[-1]))["state"] == "task":
                choice = "tie" if view["protocol"] == "pairwise" else [2] * view["sides"]
                vote = {"key": view["key"], "choice": choice, "milliseconds": 9, "client_key": f"client-{view['key']}"}
                heard.append(client.post("/raters-api/vote", json=vote).text)
            assert view["state"] == "done"
            told = "\n".join(heard).lower()
            assert not any(part.lower() in told for system in judged for part in tells(system))
            assert ".jpg" not in told
    room.close()
