"""The translator in a real browser: typed text, copies, heat map by keyboard, references, files, languages."""

from __future__ import annotations

import re
import threading

import pytest
from playwright.sync_api import Page, expect

from tests.apps.browsing import DESKTOP, PHONE, fits
from tests.apps.fake_translator import FakeTranslator
from tests.apps.serving import served

NEURAL = FakeTranslator(unknown="徒")


@pytest.fixture(scope="module")
def hub():
    """A hub whose translators answer by formula, and one that translates by rules for real."""
    models = NEURAL, FakeTranslator("planet-smt-zh-ko")
    with served({model.name: model for model in models}) as (url, _):
        yield url


@pytest.fixture(autouse=True)
def _open():
    yield
    NEURAL.gate = None


def _answered(page: Page, text: str | re.Pattern[str]) -> None:
    outputs = page.get_by_role("region", name="Translations")
    expect(outputs).to_contain_text(text)
    expect(outputs).not_to_have_attribute("aria-busy", "true")
    expect(page.get_by_role("heading", name="Before translation")).to_be_visible()


def _translate(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Chinese text").fill(text)
    page.get_by_role("button", name="Translate", exact=True).click()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_the_opening_example_to_ones_own_text(visit, hub, size):
    with visit(hub, "translation", viewport=size) as page:
        _answered(page, "NY-7404B")
        expect(page.locator(".ph-count")).to_contain_text(re.compile(r"^\s*5\d of 10,000"))
        expect(page.get_by_text("chrF2|")).to_be_visible()
        _translate(page, "我爱你，徒弟。<b>3</b>")
        _answered(page, "저는 당신을 사랑")
        expect(page.locator(".ph-count")).to_contain_text("15 of 10,000")
        expect(page.get_by_role("textbox", name="Reference translation")).to_have_value("")
        expect(page.get_by_text("chrF2|")).to_have_count(0)
        assert page.locator("#translation-columns article").count() == 3
        page.get_by_text("Other translations: 4").first.click()
        page.get_by_text("Statistical", exact=True).last.click()
        assert fits(page)


def test_every_domain_has_an_example(visit, hub):
    with visit(hub, "translation") as page:
        _answered(page, "NY-7404B")
        shown = {page.get_by_role("textbox", name="Chinese text").input_value()}
        for name in ("Politics", "Economy", "Society", "Culture", "Traditional script"):
            page.get_by_role("button", name=name).click()
            expect(page.get_by_role("textbox", name="Chinese text")).not_to_have_value(re.compile("|".join(shown)))
            shown.add(page.get_by_role("textbox", name="Chinese text").input_value())
        _answered(page, "7404")


def test_quick_translators_do_not_wait_for_slow_ones(visit, hub):
    with visit(hub, "translation") as page:
        _answered(page, "NY-7404B")
        NEURAL.gate = threading.Event()
        _translate(page, "我们走吧")
        expect(page.get_by_text("Translating …")).to_have_count(3)
        NEURAL.gate.set()
        _answered(page, "말1")
        expect(page.get_by_text("Translating …")).to_have_count(0)


def test_an_output_is_copied(visit, hub):
    with visit(hub, "translation") as page:
        _answered(page, "NY-7404B")
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        _translate(page, "我爱你")
        _answered(page, "저는 당신을 사랑합니다")
        page.get_by_role("button", name="Copy: Rules").click()
        expect(page.get_by_text("Copied", exact=True)).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == "저는 당신을 사랑합니다"


def test_an_output_becomes_the_reference(visit, hub):
    with visit(hub, "translation") as page:
        _answered(page, "NY-7404B")
        _translate(page, "我爱你")
        _answered(page, "저는 당신을 사랑합니다")
        page.get_by_role("button", name="Rules", exact=True).click()
        expect(page.get_by_role("textbox", name="Reference translation")).to_have_value("저는 당신을 사랑합니다")
        expect(page.locator("[data-system=rules]")).to_contain_text("100.0")
        page.get_by_role("textbox", name="Reference translation").fill("말3 말2 말1")
        expect(page.locator("[data-system=neural]")).to_contain_text("100.0")


def test_the_keyboard_walks_through_the_heat_map(visit, hub):
    with visit(hub, "translation") as page:
        _answered(page, "NY-7404B")
        page.get_by_role("textbox", name="Chinese text").fill("我爱你")
        page.keyboard.press("Shift+Enter")
        _answered(page, "저는 당신을 사랑합니다")
        expect(page.locator(".ph-map").first.locator("tbody td")).to_have_count(9)
        page.locator("td[tabindex='0']").first.focus()
        readout = page.locator(".ph-readout").first
        expect(readout).to_have_text("我 → ␣말3: 0.17")
        page.keyboard.press("ArrowRight")
        expect(readout).to_have_text("爱 → ␣말3: 0.00, not linked")
        page.keyboard.press("ArrowDown")
        expect(readout).to_have_text("爱 → ␣말2: 0.83")
        page.keyboard.press("End")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(readout).to_have_text("你 → ␣말3: 0.83")
        page.locator(".ph-map td[role=gridcell]").first.hover()
        expect(readout).to_have_text("我 → ␣말3: 0.17")


def test_bad_texts_are_refused_in_place_of_the_old_answer(visit, hub):
    with visit(hub, "translation", viewport=PHONE) as page:
        _answered(page, "NY-7404B")
        page.get_by_role("textbox", name="Chinese text").fill("我" * 10_001)
        expect(page.get_by_text("Too long")).to_be_visible()
        page.get_by_role("button", name="Translate", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("10,001 characters")
        expect(page.get_by_role("region", name="Translations")).to_have_count(0)
        expect(page.get_by_role("heading", name="Before translation")).to_have_count(0)
        _translate(page, "")
        expect(page.get_by_role("alert")).to_contain_text("Type a Chinese text")


def test_a_file_of_lines(visit, hub, tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text("我爱你\n\n你好\n" * 20, encoding="utf-8")
    with visit(hub, "translation", viewport=PHONE) as page:
        _answered(page, "NY-7404B")
        page.get_by_role("button", name="Translate a file of lines").click()
        page.get_by_role("button", name="Translate the file").click()
        expect(page.get_by_role("alert").filter(has_text="Choose a file")).to_be_visible()
        page.locator("#translation-file input[type=file]").set_input_files(path)
        expect(page.get_by_text("lines", exact=True).first).to_be_visible()
        page.get_by_role("radio", name="Rules").check()
        page.get_by_role("button", name="Translate the file").click()
        expect(page.get_by_role("status").filter(has_text="All 60 lines are translated.")).to_be_visible()
        with page.expect_download() as started:
            page.locator("#translation-file a[download]").last.click()
        written = started.value.path().read_text(encoding="utf-8")
        assert written.count("저는 당신을 사랑합니다\n\n") == 20
        assert written.count("\n") == 60
        assert fits(page)


@pytest.mark.parametrize(
    ("locale", "heading", "button", "column"),
    [
        ("ko-KR", "중국어 → 한국어 번역기", "번역하기", "신경망"),
        ("zh-CN", "中译韩翻译器", "翻译", "神经网络"),
        ("zh-TW", "中譯韓翻譯器", "翻譯", "神經網路"),
    ],
)
def test_visitors_read_their_own_language(visit, hub, locale, heading, button, column):
    with visit(hub, "translation", locale=locale) as page:
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        expect(page.get_by_role("button", name=button, exact=True)).to_be_visible()
        expect(page.get_by_role("heading", level=3, name=column)).to_be_visible()
