"""The page as people use it: the example, own pictures, whatever else they hand over, languages, keyboard, a phone."""

from __future__ import annotations

import io
import json
import re
import struct
import zlib

import pytest
from PIL import Image
from playwright.sync_api import expect

from apps.card_phone.build import SOURCE
from tests.apps.browsing import DESKTOP, PHONE, fits
from tests.apps.card_phone.site import png
from training.card_ocr.render import draw

MASKED = re.compile(r"•{4}\s*•{4}\s*•{4}\s*2997")
WHOLE = re.compile(r"5555\s*5542\s*1597\s*2997")


@pytest.fixture(scope="module")
def open_page(visit, address):
    """One page of the desktop's size, with the example answered; tests leave it fit for the next."""
    with visit(address, "") as page:
        expect(page.get_by_role("status", name="Result")).to_contain_text("Accepted")
        yield page


@pytest.fixture
def page(open_page):
    open_page.get_by_role("button", name="Read the example").click()
    # the answer from before stays until the new one is there
    expect(open_page.locator("#view")).to_have_attribute("aria-busy", "false")
    expect(open_page.get_by_role("status", name="Result")).to_contain_text(MASKED)
    return open_page


def _give(page, name: str, data: bytes) -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": data})


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png_header(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", b"") + _chunk(b"IEND", b"")


def _file(kind: str, size: tuple[int, int], **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "white").save(file, kind, **options)
    return file.getvalue()


def test_the_example_is_answered_on_opening_and_masked(page):
    result = page.get_by_role("status", name="Result")
    expect(result).to_contain_text("Number read and checked.")
    assert "5555" not in page.locator("body").inner_text()
    expect(page.get_by_role("img", name="The picture with the found number outlined")).to_be_visible()
    expect(page.get_by_role("img", name="The number as one straight band")).to_be_visible()
    expect(page.get_by_text("never leaves this device")).to_be_visible()
    expect(page.locator(".tile")).to_have_count(16)
    expect(page.locator(".ms")).to_have_count(4)


def test_the_number_is_shown_on_a_deliberate_press_only(page):
    page.get_by_role("button", name="Show the number").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status", name="Result")).to_contain_text(WHOLE)
    expect(page.get_by_role("button", name="Hide the number")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status", name="Result")).to_contain_text(MASKED)


def test_what_is_covered_is_painted_over(page):
    """Every column of the band before the last four digits is one flat colour."""
    flat = """() => {
      const canvas = document.querySelector(".band"), context = canvas.getContext("2d");
      const { data } = context.getImageData(0, 0, Math.floor(canvas.width * 0.7), canvas.height);
      return new Set(data.filter((_, i) => i % 4 === 0)).size;
    }"""
    assert page.evaluate(flat) == 1
    page.get_by_role("button", name="Show the number").click()
    assert page.evaluate(flat) > 50
    page.get_by_role("button", name="Hide the number").click()


def test_an_own_picture(page):
    label, photo = draw("test", 3001, "bad_checksum")
    _give(page, "card.png", png(photo.picture))
    result = page.get_by_role("status", name="Result")
    expect(result).to_contain_text("Rejected")
    expect(result).to_contain_text("Luhn")
    assert label["number"][-4:] not in page.locator("body").inner_text()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("notes.jpg", b"These are only words.", "not a picture"),
        ("empty.jpg", b"", "empty"),
        ("huge.png", _png_header(20_000, 20_000), "20000 × 20000"),
        ("long.png", _png_header(20_000, 40), "too long and narrow"),
        ("thumb.png", _file("PNG", (20, 20)), "20 × 20"),
        ("cut.png", _file("PNG", (300, 200))[:60], "damaged"),
        ("phone.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(99), "HEIC"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
    ],
)
def test_what_cannot_be_read_is_explained(page, name, data, words):
    _give(page, name, data)
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.get_by_role("heading", name="How it was read")).to_be_hidden()


def test_of_an_animation_the_first_frame_is_read(page):
    first = Image.open(SOURCE / "example.jpg")
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=[Image.new("RGB", first.size)] * 2, duration=50)
    _give(page, "moving.gif", file.getvalue())
    expect(page.get_by_role("status", name="Result")).to_contain_text("Accepted")


def test_a_large_picture_is_shrunk_and_read(page):
    file = io.BytesIO()
    Image.open(SOURCE / "example.jpg").resize((4000, 3000)).save(file, "JPEG", quality=80)
    _give(page, "large.jpg", file.getvalue())
    expect(page.get_by_role("status", name="Result")).to_contain_text(MASKED)


def test_a_dropped_and_a_pasted_picture(page):
    hand_over = """async ([kind, field]) => {
      const file = new File([await (await fetch("example.jpg")).blob()], "card.jpg", { type: "image/jpeg" });
      const data = new DataTransfer();
      data.items.add(file);
      const target = kind === "paste" ? document : document.documentElement;
      const options = { bubbles: true, cancelable: true, [field]: data };
      target.dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, options) : new DragEvent(kind, options));
    }"""
    for kind, field in (("drop", "dataTransfer"), ("paste", "clipboardData")):
        _give(page, "empty.jpg", b"")
        expect(page.get_by_role("alert")).to_be_visible()
        page.evaluate(hand_over, [kind, field])
        expect(page.get_by_role("status", name="Result")).to_contain_text(MASKED)


def test_without_a_camera_it_says_so(page):
    page.get_by_role("button", name="Use the camera").click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile("camera", re.IGNORECASE))
    expect(page.get_by_role("button", name="Use the camera")).to_be_visible()


def test_the_keyboard_reaches_everything(page):
    page.locator("body").click(position={"x": 2, "y": 2})
    page.evaluate("document.activeElement.blur()")
    wanted = ["Skip to content", "Language", "Use the camera", "file", "Read the example", "Show the number"]
    told = "(e => e.tagName === 'SELECT' ? 'Language' : e.id === 'file' ? 'file' : e.innerText)(document.activeElement)"
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(told).strip())
    assert [name for name in reached if name in wanted][: len(wanted)] == wanted


@pytest.mark.parametrize(
    ("locale", "size", "scheme", "heading"),
    [
        ("ko-KR", PHONE, "dark", "이 기기에서 읽는 카드 판독기"),
        ("zh-CN", DESKTOP, "light", "在本机运行的卡号识别"),
    ],
)
def test_sizes_schemes_and_languages(visit, address, locale, size, scheme, heading):
    with visit(address, "", locale=locale, viewport=size, color_scheme=scheme) as page:
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        page.locator("#reveal").click()
        paper = {"light": "rgb(246, 244, 238)", "dark": "rgb(16, 24, 26)"}[scheme]
        expect(page.locator("body")).to_have_css("background-color", paper)
        for language, reason in (("ko", "번호를 읽고"), ("zh-CN", "卡号已读取"), ("en", "Number read")):
            page.get_by_role("combobox").select_option(language)
            expect(page.locator(".verdict")).to_contain_text(reason)
            expect(page.locator("html")).to_have_attribute("lang", language)
            assert fits(page)


def test_every_language_says_everything():
    texts = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((SOURCE / "texts").glob("*.json"))]
    assert len(texts) == 3
    names = [{key: sorted(re.findall(r"\{(\w+)\}", value)) for key, value in words.items()} for words in texts]
    assert names[0] == names[1] == names[2]
