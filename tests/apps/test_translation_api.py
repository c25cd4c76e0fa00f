"""The translator served in this process, called the way programs call it: gradio_client, and MCP's schema."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.apps.fake_translator import FakeTranslator
from tests.apps.serving import served

NEURAL = FakeTranslator()


@pytest.fixture(scope="module")
def address():
    with served({NEURAL.name: NEURAL}) as (url, _):
        yield url


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


@pytest.fixture(autouse=True)
def _healthy():
    yield
    NEURAL.fails = NEURAL.gate = None


def _translate(client, text, **options):
    return client.predict(text=text, api_name="/translate", **options)


def _file(client, tmp_path, content, name="lines.txt", **options):
    path = tmp_path / name
    path.write_bytes(content)
    return client.predict(file=handle_file(path), api_name="/translate_file", **options)


def test_a_text_is_translated(client):
    answer = _translate(client, "我有3本书")
    assert "3" in answer["text"]
    assert answer["system"] == "neural"
    assert answer["copied"][0]["source"] == "3"
    assert answer["alternatives"] == []


def test_rules_and_alternatives_are_there_for_the_asking(client):
    assert _translate(client, "我爱你", system="rules")["text"] == "저는 당신을 사랑합니다"
    assert len(_translate(client, "我爱你", n_best=4)["alternatives"]) == 3


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "Type a Chinese text"),
        ("我" * 10_001, {}, "10,001"),
        ("我", {"system": "statistical"}, "neural, rules"),
        ("我", {"n_best": 99}, "1 to 10"),
        (["我"], {}, "list"),
    ],
)
def test_bad_requests_are_refused_in_words(client, text, options, message):
    with pytest.raises(AppError, match=message) as refused:
        _translate(client, text, **options)
    assert "Traceback" not in str(refused.value)


@pytest.mark.parametrize("text", ["안녕", "hello", "🙂👨‍👩‍👧", "\x07\x1b[31m我\u202e"])
def test_odd_texts_are_answered(client, text):
    assert _translate(client, text, system="rules")["text"]
    assert _translate(client, text)["text"]


def test_the_longest_text_is_answered(client):
    assert _translate(client, "我爱你。" * 2500, system="rules")["text"].count("사랑") == 2500


def test_messages_follow_accept_language(address):
    client = Client(address, verbose=False, headers={"Accept-Language": "ko-KR,ko;q=0.9"})
    with pytest.raises(AppError, match="먼저 중국어 텍스트를"):
        _translate(client, " ")


def test_our_own_failures_tell_and_log_nothing_of_the_input(client, caplog):
    NEURAL.fails = ValueError("secret 我")
    with caplog.at_level(logging.ERROR), pytest.raises(AppError, match="on our side") as failed:
        _translate(client, "我")
    assert "secret" not in str(failed.value) + caplog.text
    assert "RuntimeError at engines.py" in caplog.text


def test_a_file_comes_back_line_by_line(client, tmp_path):
    path = Path(_file(client, tmp_path, "我\n\n你们\n".encode() * 50, system="neural"))
    assert path.name == "lines.ko.txt"
    assert path.read_text(encoding="utf-8") == "말1\n\n말2 말1\n" * 50


def test_a_table_keeps_its_columns(client, tmp_path):
    path = _file(client, tmp_path, "我爱你\tA-1\n".encode(), name="rows.tsv", system="rules")
    assert Path(path).read_text(encoding="utf-8") == "我爱你\tA-1\t저는 당신을 사랑합니다\n"


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("我".encode(), "lines.pdf", "wrong type"),
        ("我".encode("gb18030"), "lines.txt", "not UTF-8"),
        (b"0" * 5_100_000, "lines.txt", "5.1 MB"),
        (b"", "lines.txt", "nothing to translate"),
    ],
)
def test_bad_files_are_refused_in_words(client, tmp_path, content, name, message):
    with pytest.raises(AppError, match=message) as refused:
        _file(client, tmp_path, content, name)
    assert str(tmp_path) not in str(refused.value)


def test_no_file_is_refused_in_words(client):
    with pytest.raises(AppError, match="Choose a file"):
        client.predict(file=None, api_name="/translate_file")


def test_files_of_the_server_cannot_be_read(client):
    upload = {"path": "/etc/passwd", "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(AppError) as refused:
        client.predict(file=upload, api_name="/translate_file")
    assert "root" not in str(refused.value)


def test_a_sentence_does_not_wait_for_a_whole_file(client, tmp_path):
    NEURAL.gate = threading.Event()
    path = tmp_path / "long.txt"
    path.write_text("我\n" * 64, encoding="utf-8")
    job = client.submit(file=handle_file(path), system="neural", api_name="/translate_file")
    assert _translate(client, "我爱你", system="rules")["text"]
    assert not job.done()
    NEURAL.gate.set()
    assert Path(job.result(timeout=60)).read_text(encoding="utf-8") == "말1\n" * 64


def test_only_described_endpoints_are_public(client):
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    named = {name: [p["parameter_name"] for p in endpoint["parameters"]] for name, endpoint in endpoints.items()}
    assert named == {"/translate": ["text", "system", "n_best"], "/translate_file": ["file", "system"]}


def test_the_mcp_tools_explain_themselves(address):
    tools = {tool["name"]: tool for tool in httpx.get(f"{address}gradio_api/mcp/schema").json()}
    assert len(tools) == 2
    one, many = (next(tool for name, tool in tools.items() if name.endswith(end)) for end in ("translate", "file"))
    assert "into Korean" in one["description"]
    assert set(one["inputSchema"]["properties"]) == {"text", "system", "n_best"}
    assert "10,000" in one["inputSchema"]["properties"]["text"]["description"]
    assert "2,000 lines" in many["inputSchema"]["properties"]["file"]["description"]
