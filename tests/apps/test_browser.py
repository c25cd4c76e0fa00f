"""The hub in a real browser: every route, wide and narrow, light and dark, found by role and label as people do."""

from __future__ import annotations

import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.apps.browsing import DESKTOP, PHONE, fits
from tests.apps.fake_reader import NUMBER, FakeReader, photo
from tests.apps.serving import served, shipped_or_fake


@pytest.fixture(scope="module")
def shipped():
    """The hub with the models of hub_cards."""
    models = shipped_or_fake()
    with served(models) as (url, _):
        routes = [
            "",
            "card-ocr",
            "translation",
            "phone",
            *(name for name, model in models.items() if (model.folder / "README.md").is_file()),
        ]
        yield url, routes


@pytest.fixture(scope="module")
def known():
    """A hub whose reader answers a number known in advance."""
    with served({"planet-card-ocr": FakeReader()}) as (url, _):
        yield url


@pytest.fixture
def card(tmp_path):
    path = tmp_path / "my card.png"
    Image.fromarray(photo(seed=11)).save(path)
    return path


def _answered(page: Page) -> None:
    expect(page.get_by_role("status", name="Result")).to_contain_text(re.compile("Accepted|Rejected"))
    expect(page.get_by_role("heading", name="How it was read")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_route(visit, shipped, size, scheme):
    url, routes = shipped
    for route in routes:
        with visit(url, route, viewport=size, color_scheme=scheme) as page:
            expect(page.get_by_role("heading", level=1).first).to_be_visible()
            expect(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Home")).to_be_visible()
            expect(page.get_by_role("main")).to_be_visible()
            if route == "card-ocr":
                _answered(page)
            if route == "phone":
                frame = page.frame_locator("#card-phone iframe")
                expect(frame.get_by_role("status", name="Result")).to_contain_text("Accepted")
                expect(frame.get_by_role("heading", level=1)).to_be_hidden()
            if route == "translation":
                expect(page.get_by_role("heading", name="Before translation")).to_be_visible()
            assert fits(page), f"{route!r} scrolls sideways"
            paper = {"light": "rgb(246, 244, 238)", "dark": "rgb(16, 24, 26)"}[scheme]
            expect(page.locator("body")).to_have_css("background-color", paper)


def test_home_leads_to_the_reader(visit, shipped):
    with visit(shipped[0], "") as page:
        page.get_by_role("link", name=re.compile("Open the demo.*Card reader$")).click()
        expect(page.get_by_role("heading", level=1, name="Card reader")).to_be_visible()
        _answered(page)


def test_the_opening_example_is_accepted_and_masked(visit, shipped):
    with visit(shipped[0], "card-ocr") as page:
        _answered(page)
        expect(page.get_by_role("status", name="Result")).to_contain_text(re.compile(r"•{4}\s*•{4}\s*•{4}\s*\d{4}"))
        expect(page.get_by_role("img", name="The photo with the found number outlined")).to_be_visible()
        expect(page.get_by_role("img", name="The number as one straight band").first).to_be_visible()


def test_every_example_is_answered(visit, shipped):
    with visit(shipped[0], "card-ocr") as page:
        _answered(page)
        for name in ("Embossed", "Not a card"):
            page.get_by_role("button", name=name).click()
            _answered(page)


def test_the_button_reads_the_picture_again(visit, known):
    with visit(known, "card-ocr") as page:
        _answered(page)
        expect(page.locator("[data-covered]")).to_have_count(0)
        page.get_by_role("button", name="Read the number").click()
        expect(page.locator("[data-covered]")).to_have_count(1)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_upload_mask_reveal_hide(visit, known, card, size):
    with visit(known, "card-ocr", viewport=size) as page:
        _answered(page)
        page.get_by_role("button", name="Remove Image").click()
        answers: list[str] = []
        page.on("response", lambda response: answers.append(response.url))
        page.locator("#card-ocr-photo input[type=file]").set_input_files(card)
        result = page.get_by_role("status", name="Result")
        expect(page.locator("[data-covered]")).to_have_count(1)
        expect(result).to_contain_text(re.compile(r"•{4}\s*•{4}\s*•{4}\s*7899"))
        assert NUMBER[:12] not in re.sub(r"\W", "", page.locator("body").inner_text())
        page.get_by_role("button", name="Show the number").click()
        expect(result).to_contain_text(re.compile(r"4000\s*0012\s*3456\s*7899"))
        assert fits(page)
        page.get_by_text("Probability of every digit class").click()
        expect(page.get_by_role("rowheader", name="16", exact=True)).to_be_visible()
        assert fits(page)
        page.get_by_role("button", name="Hide the number").click()
        expect(result).to_contain_text(re.compile(r"•{4}\s*•{4}\s*•{4}\s*7899"))
        assert answers


def test_a_text_file_is_refused_in_place_of_the_old_answer(visit, known, tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_text("not a picture")
    with visit(known, "card-ocr") as page:
        _answered(page)
        page.get_by_role("button", name="Remove Image").click()
        page.locator("#card-ocr-photo input[type=file]").set_input_files(path)
        expect(page.get_by_role("alert").filter(has_text="not a picture")).to_be_visible()
        expect(page.get_by_role("heading", name="How it was read")).to_have_count(0)
        expect(page.get_by_role("button", name="Show the number")).to_have_count(0)


def test_the_keyboard_reaches_everything(visit, known):
    with visit(known, "card-ocr") as page:
        _answered(page)
        wanted = ["Skip to content", "Home", "Card reader", "Read the number", "Show the number", "Flat print"]
        for _ in range(40):
            page.keyboard.press("Tab")
            focused = page.evaluate("document.activeElement.innerText || ''").strip()
            if wanted and focused == wanted[0]:
                wanted.pop(0)
            if focused == "Show the number":
                page.keyboard.press("Enter")
                expect(page.get_by_role("button", name="Hide the number")).to_be_focused()
        assert wanted == []
        expect(page.get_by_role("status", name="Result")).to_contain_text(re.compile(r"4000\s*0012\s*3456\s*7899"))


def test_the_skip_link_stays_on_its_page(visit, known):
    with visit(known, "card-ocr") as page:
        _answered(page)
        page.get_by_role("link", name="Skip to content").focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{known}card-ocr#content")
        page.keyboard.press("Tab")
        assert page.evaluate("document.getElementById('content').contains(document.activeElement)")


@pytest.mark.parametrize(
    ("locale", "heading", "button", "reason"),
    [
        ("ko-KR", "카드 판독기", "번호 읽기", "번호를 읽고 확인했습니다."),
        ("zh-CN", "卡号识别", "读取卡号", "卡号已读取并通过校验。"),
        ("zh-TW", "卡號辨識", "讀取卡號", "卡號已讀取並通過檢查。"),
    ],
)
def test_visitors_read_their_own_language(visit, known, locale, heading, button, reason):
    with visit(known, "card-ocr", locale=locale) as page:
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        expect(page.get_by_role("button", name=button)).to_be_visible()
        expect(page.locator("#card-ocr-verdict").get_by_role("status")).to_contain_text(reason)
