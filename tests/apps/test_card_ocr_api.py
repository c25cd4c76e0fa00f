"""The hub served in this process, called the way programs call it: gradio_client, plain HTTP and MCP's schema."""

from __future__ import annotations

import json
import logging

import httpx
import pytest
from gradio.route_utils import delete_files_created_by_app
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.apps.fake_reader import NUMBER, FakeReader
from tests.apps.pictures import odd_but_readable, unreadable
from tests.apps.serving import served

READER = FakeReader()


@pytest.fixture(scope="module")
def hub():
    with served({READER.name: READER}) as served_hub:
        yield served_hub


@pytest.fixture(scope="module")
def address(hub):
    return hub[0]


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    return odd_but_readable(folder) | unreadable(folder)


@pytest.fixture(autouse=True)
def _healthy():
    READER.fails = None
    yield
    READER.fails = None


def _read(client, path, **options):
    return client.predict(image=handle_file(path), api_name="/read_card", **options)


def test_the_number_is_masked_unless_asked_for(client, files):
    reading = _read(client, files["deep.png"])
    assert reading["decision"] == "accepted"
    assert reading["masked"] == "•••• •••• •••• 7899"
    assert reading["number"] is None
    assert NUMBER[:12] not in json.dumps(reading)
    assert all("value" not in digit for digit in reading["digits"])
    assert len(reading["digits"]) == 16


def test_the_number_comes_when_asked_for(client, files):
    reading = _read(client, files["deep.png"], reveal=True)
    assert reading["number"] == NUMBER
    assert "".join(digit["value"] for digit in reading["digits"]) == NUMBER


def test_only_true_reveals(client, files):
    assert _read(client, files["deep.png"], reveal="false")["number"] is None


def test_an_answer_names_its_model_and_times(client, files):
    reading = _read(client, files["deep.png"])
    assert reading["model"] == {"name": READER.name, "revision": READER.revision}
    assert [stage["name"] for stage in reading["stages"]] == ["locate", "rectify", "recognise", "decide"]


@pytest.mark.parametrize("name", ["frames.gif", "cmyk.jpg", "deep.png", "turned.jpg", "clear.png"])
def test_odd_pictures_are_read(client, files, name):
    assert _read(client, files[name])["decision"] == "accepted"


@pytest.mark.parametrize(
    ("name", "message"),
    [("notes.jpg", "not a picture"), ("empty.jpg", "0 bytes"), ("huge.png", "pixels"), ("cut.jpg", "damaged")],
)
def test_bad_files_are_refused_in_words(client, files, name, message):
    with pytest.raises(AppError, match=message) as refused:
        _read(client, files[name])
    assert "Traceback" not in str(refused.value)
    assert "/" not in str(refused.value).replace(" / ", "")


def test_no_picture_is_refused_in_words(client):
    with pytest.raises(AppError, match="Choose a picture"):
        client.predict(image=None, api_name="/read_card")


def test_an_unknown_reader_is_refused_in_words(client, files):
    with pytest.raises(AppError, match="No reader 'other'"):
        _read(client, files["deep.png"], reader="other")


def test_too_large_an_upload_is_refused(address):
    response = httpx.post(f"{address}gradio_api/upload", files={"files": ("big.jpg", b"0" * 21_500_000)})
    assert response.status_code == 413


def test_files_of_the_server_cannot_be_read(client):
    upload = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(AppError) as refused:
        client.predict(image=upload, api_name="/read_card")
    assert "root" not in str(refused.value)


def test_our_own_failures_tell_and_log_nothing_of_the_input(client, files, caplog):
    READER.fails = RuntimeError(f"secret {NUMBER}")
    with caplog.at_level(logging.ERROR), pytest.raises(AppError, match="on our side") as failed:
        _read(client, files["deep.png"])
    assert NUMBER not in str(failed.value)
    assert "RuntimeError at fake_reader.py" in caplog.text
    assert NUMBER not in caplog.text


def test_messages_follow_accept_language(address, files):
    client = Client(address, verbose=False, headers={"Accept-Language": "ko-KR,ko;q=0.9"})
    assert _read(client, files["deep.png"])["message"] == "번호를 읽고 확인했습니다."


def test_only_described_endpoints_are_public(client):
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert list(endpoints) == ["/read_card"]
    assert [parameter["parameter_name"] for parameter in endpoints["/read_card"]["parameters"]] == [
        "image",
        "reveal",
        "reader",
    ]


def test_the_mcp_tool_explains_itself(address):
    (tool,) = httpx.get(f"{address}gradio_api/mcp/schema").json()
    assert tool["name"].endswith("read_card")
    assert "card number" in tool["description"]
    assert set(tool["inputSchema"]["properties"]) == {"image", "reveal", "reader"}
    assert "last four" in tool["inputSchema"]["properties"]["reveal"]["description"]


def test_pages_carry_no_digit_of_a_number_before_anyone_asks(address):
    for route in ("", "card-ocr"):
        page = httpx.get(f"{address}{route}").text
        assert NUMBER[:8] not in page
        assert "google" not in page.split("<body")[1]


def test_example_pictures_outlive_the_deletion_of_uploads(hub):
    address, demo = hub
    config = httpx.get(f"{address}config").json()
    icons = [c["props"]["icon"]["url"] for c in config["components"] if (c["props"].get("icon") or {}).get("url")]
    assert len(icons) >= 4
    delete_files_created_by_app(demo, age=None)
    assert [httpx.get(icon).status_code for icon in icons] == [200] * len(icons)


def test_history_and_monitoring_are_off(address):
    assert httpx.get(f"{address}config").json()["run_history"] is False
    assert httpx.get(f"{address}gradio_api/monitoring").status_code in (401, 403, 404)
