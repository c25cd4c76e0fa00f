"""The camera, as a file that the browser takes for one."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from apps.card_phone.build import SOURCE
from tests.apps.browsing import FLAGS, PATIENCE

FRAMES = 12


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A held card: every frame is moved by a few pixels."""
    path = tmp_path_factory.mktemp("film") / "card.mjpeg"
    still = np.asarray(Image.open(SOURCE / "example.jpg"))
    rng = np.random.default_rng(17)
    with open(path, "wb") as out:
        for _ in range(FRAMES):
            frame = io.BytesIO()
            Image.fromarray(np.roll(still, rng.integers(-3, 4, 2), (0, 1))).save(frame, "JPEG", quality=88)
            out.write(frame.getvalue())
    return path


def test_a_card_before_the_camera_is_accepted_by_vote(chromium, film, address):
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags.append(f"--use-file-for-fake-video-capture={film}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *flags])
        page = browser.new_context(permissions=["camera"]).new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        result = page.get_by_role("status", name="Result")
        expect(result).to_contain_text("Accepted")
        page.get_by_role("button", name="Use the camera").click()
        expect(result).to_contain_text(re.compile("frames of the camera agree"))
        expect(result).to_contain_text(re.compile(r"•{4}\s*•{4}\s*•{4}\s*2997"))
        # an accepted number switches the camera off
        expect(page.get_by_role("button", name="Use the camera")).to_be_visible()
        assert page.evaluate("document.getElementById('video').srcObject") is None
        browser.close()
