"""The fashion search served in this process, called the way programs call it: gradio_client, and MCP's schema."""

from __future__ import annotations

import logging

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.apps.fake_fashion import build_examples, build_gallery, fakes, page_served, scene
from tests.apps.pictures import unreadable

MODELS = fakes()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fashion")
    with page_served(MODELS, build_gallery(folder / "gallery"), build_examples(folder / "examples")) as url:
        yield url


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = scene(tmp_path_factory.mktemp("photo") / "street.png", ("dress", "blue"), ("bag", "red"), ("top", "green"))
    return handle_file(path)


def _search(client, photo, **options):
    return client.predict(image=photo, api_name="/search_fashion", **options)


def test_a_guide_decides_what_is_found(client, photo):
    for guide, title in (
        ("red bag", "women's red bag"),
        ("파란 원피스", "women's blue dress"),
        ("绿色上衣", "women's green top"),
    ):
        answer = _search(client, photo, guide=guide, k=3)
        assert answer["hits"][0]["title"] == title
        assert answer["good"] is True
        assert answer["size"] == [480, 360]
        assert len(answer["hits"]) <= 3
        assert {"detect", "encode", "index", "total"} <= answer["ms"].keys()
    assert answer["guide"]["category"] == "top"
    assert answer["category"]["path"] == ["product", "clothing", "top"]


def test_a_box_and_filters_decide_too(client, photo):
    box = [300, 100, 479, 300]
    answer = _search(client, photo, box=box, filters={"colour": ["black", "green"], "price_max": 30})
    assert answer["box"] == box
    assert answer["hits"][0]["title"] == "women's green top"
    assert {hit["colour"] for hit in answer["hits"]} == {"green"}


def test_the_rival_answers_by_the_same_contract(client, photo):
    ours, rival = (_search(client, photo, guide="bag", system=system) for system in ("deep", "classic"))
    assert ours.keys() == rival.keys()
    assert rival["models"][0]["name"] == "planet-fashion-classic"


def test_a_garment_is_described(client, photo):
    answer = client.predict(image=photo, guide="bag", api_name="/describe_garment")
    assert [one["label"] for one in answer["detections"]] == ["bag"]
    assert {"group": "category", "value": "handbag", "confidence": 0.8, "forced": True} in answer["attributes"]
    assert "hits" not in answer


def test_items_are_found_by_words(client):
    found = client.predict(words="red dress", k=2, api_name="/find_items")
    assert found["items"][0]["title"] == "women's red dress"
    assert len(found["items"]) == 2
    assert client.predict(words="", api_name="/find_items")["total"] == 13
    cheap = client.predict(words="dress", filters={"price_max": 16, "category": "dress"}, api_name="/find_items")
    assert [item["title"] for item in cheap["items"]] == ["women's red dress"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"guide": "r" * 10_000}, "10,000 characters"),
        ({"box": [481, 0, 500, 9]}, "480 × 360"),
        ({"box": "left"}, "four numbers"),
        ({"filters": {"category": "car"}}, "no category car; it has accessories, bag"),
        ({"filters": {"price_min": 9, "price_max": 5}}, "above the highest"),
        ({"k": 0}, "1 to 100"),
        ({"system": "magic"}, "there are: deep, classic"),
    ],
)
def test_bad_requests_are_refused_in_words(client, photo, options, message):
    with pytest.raises(AppError, match=message) as refused:
        _search(client, photo, **options)
    assert "Traceback" not in str(refused.value)


@pytest.mark.parametrize("name", ["notes.jpg", "empty.jpg", "huge.png", "cut.jpg"])
def test_bad_pictures_are_refused_in_words(client, tmp_path, name):
    with pytest.raises(AppError) as refused:
        _search(client, handle_file(unreadable(tmp_path)[name]))
    assert "on our side" not in str(refused.value)
    assert str(tmp_path) not in str(refused.value)


def test_no_picture_is_refused_in_the_callers_language(address):
    client = Client(address, verbose=False, headers={"Accept-Language": "ko-KR,ko;q=0.9"})
    with pytest.raises(AppError, match="먼저 사진을"):
        _search(client, None)


def test_our_own_failures_tell_and_log_nothing_of_the_input(client, photo, caplog):
    MODELS["planet-fashion-encoder"].fails = RuntimeError("secret")
    try:
        with caplog.at_level(logging.ERROR), pytest.raises(AppError, match="on our side") as failed:
            _search(client, photo, guide="red bag")
    finally:
        MODELS["planet-fashion-encoder"].fails = None
    assert "secret" not in str(failed.value) + caplog.text
    assert "red bag" not in caplog.text


def test_only_described_endpoints_are_public(client):
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    named = {name: [p["parameter_name"] for p in endpoint["parameters"]] for name, endpoint in endpoints.items()}
    assert named == {
        "/search_fashion": ["image", "guide", "box", "filters", "k", "system"],
        "/describe_garment": ["image", "guide", "box", "system"],
        "/find_items": ["words", "filters", "k"],
    }


def test_the_mcp_tools_explain_themselves(address):
    tools = {tool["name"]: tool for tool in httpx.get(f"{address}gradio_api/mcp/schema").json()}
    assert len(tools) == 3
    search = next(tool for name, tool in tools.items() if name.endswith("search_fashion"))
    assert "no good match" in search["description"]
    assert "Korean or Chinese" in search["inputSchema"]["properties"]["guide"]["description"]
