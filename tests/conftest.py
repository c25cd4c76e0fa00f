"""What every test runs under: no network, no analytics, uploads in a folder of their own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
# Read by Gradio when it is imported, hence before any test is.
os.environ["GRADIO_TEMP_DIR"] = _uploads = tempfile.mkdtemp(prefix="planet-hub-tests-")
# Votes of tests never mix with those of a hub that runs from this folder.
os.environ["PLANET_HUB_RATINGS"] = f"sqlite:///{_uploads}/ratings.sqlite3"

import pytest
from hypothesis import HealthCheck, settings

# A machine that does other work at the same time makes no test wrong.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session", autouse=True)
def _clean_up_uploads() -> Iterator[None]:
    yield
    shutil.rmtree(_uploads, ignore_errors=True)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium. Without one the browser tests are skipped, on a CI machine (CI=true) they fail."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        message = f"No browser found ({', '.join(BROWSERS)}); on Debian: apt-get install chromium fonts-noto-cjk"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(message)
        pytest.skip(message)
    return path
