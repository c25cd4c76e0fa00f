"""A real browser for tests: how it is started, sizes, patience, and visits that must be clean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
# Milliseconds; a machine that trains a model beside the tests needs them.
PATIENCE = 240_000

Visit = Callable[..., AbstractContextManager[Page]]

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def visit(browser):
    """Opens a page that must not complain in its console and must not call anyone else.

    Visitors of one kind share a browser context, so that only the first of them downloads the hub's scripts.
    """
    contexts: dict[str, BrowserContext] = {}

    @contextmanager
    def visit(url: str, route: str, **options: object) -> Iterator[Page]:
        options = {"viewport": DESKTOP, "locale": "en-US", **options}
        if repr(options) not in contexts:
            contexts[repr(options)] = browser.new_context(**options)
        page = contexts[repr(options)].new_page()
        page.set_default_timeout(PATIENCE)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if _foreign(request.url, url) else None)
        page.goto(f"{url}{route}")
        try:
            yield page
            assert complaints == []
        finally:
            page.close()

    yield visit
    for context in contexts.values():
        context.close()


def _foreign(address: str, url: str) -> bool:
    return not address.startswith((url, "data:", "blob:"))


def fits(page: Page) -> bool:
    """Whether nothing scrolls sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
