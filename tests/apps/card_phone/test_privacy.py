"""No picture leaves the device: nothing is requested while one is read, and nothing could be sent elsewhere."""

from __future__ import annotations

import socket

import pytest
from playwright.sync_api import Page, expect

from tests.apps.browsing import PATIENCE
from tests.apps.card_phone.site import png, served
from training.card_ocr.render import draw


@pytest.fixture(scope="module")
def open_page(browser):
    """Opens the page in a browser that knows nothing yet, and waits until it says that it needs no network any more."""
    contexts = []

    def open_page(url: str) -> Page:
        contexts.append(browser.new_context())
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.requests = []
        page.on("request", lambda request: page.requests.append(request))
        page.goto(url)
        expect(page.get_by_text("works without a network")).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()


def _read_a_card(page) -> None:
    label, photo = draw("test", 3002, "flat")
    page.locator("#file").set_input_files({"name": "card.png", "mimeType": "image/png", "buffer": png(photo.picture)})
    expect(page.get_by_role("status", name="Result")).to_contain_text(label["number"][-4:])


def test_nothing_is_requested_while_a_picture_is_read(open_page, site):
    with served(site) as (url, visits):
        page = open_page(url)
        assert {method for method, _, _ in visits} == {"GET"}
        assert {size for _, _, size in visits} == {0}
        own = url, f"blob:{url.removesuffix('card-phone/')}"
        assert [request.url for request in page.requests if not request.url.startswith(own)] == []
        visits.clear()
        page.requests.clear()
        _read_a_card(page)
        assert list(visits) == []
        assert [request.url for request in page.requests if not request.url.startswith("blob:")] == []


def test_it_works_once_its_server_is_gone(open_page, site):
    with served(site) as (url, _):
        page = open_page(url)
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("status", name="Result")).to_contain_text("2997")
    _read_a_card(page)


def test_neither_the_page_nor_its_thread_may_send_anything_elsewhere(browser, address):
    """Another server waits for a connection that must never come."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(1)
        elsewhere = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        send = """async (url) => {
          const attempt = `fetch(${JSON.stringify(url)}, { method: "POST", body: "x", mode: "no-cors" })`;
          const source = `${attempt}.then(() => postMessage("sent"), () => postMessage("refused"));`;
          const worker = new Worker(URL.createObjectURL(new Blob([source])));
          const thread = await new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
          const post = { method: "POST", body: "x", mode: "no-cors" };
          const here = await fetch(url, post).then(() => "sent", () => "refused");
          return [here, thread];
        }"""
        page = browser.new_page()
        page.goto(address)
        assert page.evaluate(send, elsewhere) == ["refused", "refused"]
        with pytest.raises(TimeoutError):
            listener.accept()
        page.close()
