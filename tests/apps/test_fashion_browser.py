"""The fashion search in a real browser: opened answered, guided, chosen by keyboard, searched on, edited, by phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.apps.browsing import DESKTOP, PHONE, fits
from tests.apps.fake_fashion import build_examples, build_gallery, fakes, page_served, scene


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fashion")
    with page_served(fakes(), build_gallery(folder / "gallery"), build_examples(folder / "examples")) as url:
        yield url


def _answered(page: Page, kind: str, title: str) -> None:
    """Waits until nothing is awaited any more, and a column's best answer is the one with that title."""
    expect(page.locator(f"[data-kind={kind}] .ph-hit h4").first).to_have_text(title)
    expect(page.locator(".ph-found")).not_to_have_attribute("aria-busy", "true")


def _guide(page: Page, words: str) -> None:
    page.get_by_role("textbox", name="Guide").fill(words)
    page.keyboard.press("Enter")


def test_from_the_opening_example_to_another_guide_and_choice(visit, hub):
    with visit(hub, "fashion") as page:
        _answered(page, "guided", "women's blue dress")
        expect(page.get_by_role("textbox", name="Guide")).to_have_value("women's dress")
        expect(page.get_by_role("radio", name="1 · dress 0.93")).to_be_checked()
        expect(page.get_by_role("img", name=re.compile("numbered garments: 1 · dress"))).to_be_visible()

        _guide(page, "red bag bananarama")
        _answered(page, "guided", "women's red bag")
        expect(page.locator(".ph-understood")).to_contain_text("bananarama")
        expect(page.locator("[data-kind=unguided] .ph-hit h4").first).to_have_text("women's blue dress")
        expect(page.get_by_role("radio", name="2 · bag 0.83")).to_be_checked()

        page.get_by_role("radio", name="2 · bag 0.83").focus()
        page.keyboard.press("ArrowRight")
        _answered(page, "guided", "women's red top")
        expect(page.locator(".ph-cautions")).to_contain_text("you chose top; your choice counts")
        page.locator(".ph-box[data-pick='0']").click()
        _answered(page, "guided", "women's red dress")
        assert fits(page)


def test_an_item_is_searched_with_and_titles_are_no_code(visit, hub):
    with visit(hub, "fashion") as page:
        _answered(page, "guided", "women's blue dress")
        _guide(page, "green bag")
        _answered(page, "guided", "women's green bag")
        page.get_by_role("button", name="Search with this: women's green bag").first.click()
        expect(page.locator(".ph-seen")).to_contain_text("Searched with an item of the gallery: women's green bag")
        expect(page.locator("[data-kind=similar] .ph-hit")).not_to_have_count(0)
        expect(page.locator("[data-kind=similar] .ph-hit h4", has_text="green bag")).to_have_count(0)
        expect(page.get_by_role("textbox", name="Guide")).to_have_value("")
        # The item's picture is a photograph like any other now.
        expect(page.locator("#fashion-photo img")).to_be_visible()
        # Words that a title has bring it forward, and stay words.
        _guide(page, "${1+1} {{value}} bag")
        _answered(page, "guided", "brandino green bag <b>&amp;</b> ${1+1} {{value}}")
        expect(page.locator(".ph-understood")).to_contain_text("value")


def test_bad_input_takes_the_old_answers_place(visit, hub, tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_text("not a picture")
    with visit(hub, "fashion") as page:
        _answered(page, "guided", "women's blue dress")
        page.get_by_role("button", name="Remove Image").click()
        page.get_by_role("button", name="Search", exact=True).click()
        expect(page.get_by_role("alert").filter(has_text="Choose a photo first")).to_be_visible()
        page.locator("#fashion-photo input[type=file]").set_input_files(path)
        expect(page.get_by_role("alert").filter(has_text="not a picture")).to_be_visible()
        expect(page.locator(".ph-hit")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_one_way_at_a_time(visit, hub, tmp_path, scheme):
    path = scene(tmp_path / "own.png", ("top", "red"))
    with visit(hub, "fashion", viewport=PHONE, color_scheme=scheme) as page:
        _answered(page, "guided", "women's blue dress")
        assert fits(page)
        page.get_by_role("button", name="Remove Image").click()
        page.get_by_role("textbox", name="Guide").fill("")
        page.locator("#fashion-photo input[type=file]").set_input_files(path)
        _answered(page, "unguided", "women's red top")
        expect(page.locator(".ph-understood")).to_contain_text("Say which garment you mean")
        expect(page.locator("[data-kind=classic]")).to_be_hidden()
        page.get_by_role("tab", name="Unguided").focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name="Traditional")).to_be_focused()
        expect(page.locator("[data-kind=classic]")).to_be_visible()
        expect(page.locator("[data-kind=unguided]")).to_be_hidden()
        assert fits(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_catalogue_is_searched_and_edited(visit, hub, size):
    word = f"festival{size['width']}"
    with visit(hub, "fashion", viewport=size) as page:
        page.get_by_role("tab", name="Catalogue").click()
        expect(page.get_by_text("Items 1–13 of 13.")).to_be_visible()
        row = page.get_by_role("row", name=re.compile("black dress"))
        row.get_by_role("textbox", name="Keywords: women's black dress").fill(f"{word}, new")
        row.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status").filter(has_text="has 2 keywords")).to_be_visible()
        page.get_by_role("textbox", name="Words", exact=True).fill(word)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Items 1–1 of 1.")).to_be_visible()
        expect(page.get_by_role("textbox", name="Keywords: women's black dress")).to_have_value(f"{word}, new")
        page.get_by_role("button", name="Make a CSV file").click()
        with page.expect_download() as started:
            page.locator("#fashion-csv a[download]").last.click()
        assert f"{word}; new" in started.value.path().read_text(encoding="utf-8")
        assert fits(page)


@pytest.mark.parametrize(
    ("locale", "heading", "guide", "chip"),
    [
        ("ko-KR", "사진으로 옷 찾기", "여성 원피스", "원피스"),
        ("zh-CN", "以图搜衣", "女士连衣裙", "连衣裙"),
        ("zh-TW", "以圖搜衣", "女士洋裝", "洋裝"),
    ],
)
def test_visitors_read_their_own_language(visit, hub, locale, heading, guide, chip):
    with visit(hub, "fashion", locale=locale) as page:
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        _answered(page, "guided", "women's blue dress")
        expect(page.locator("#fashion-guide textarea, #fashion-guide input")).to_have_value(guide)
        expect(page.locator(".ph-understood")).to_contain_text(chip)
