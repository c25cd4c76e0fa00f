"""The site of the card reader, built and served once for all of its tests."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from apps.card_phone.build import RUNTIME, RUNTIME_FILES, build_site
from apps.card_phone.prepare import MODEL, write_models
from apps.models import HUB_CARDS
from tests.apps.card_phone.site import on_ci, served

ROOT = Path(__file__).parents[3]
MODELS = Path(os.environ.get("CARD_PHONE_MODELS", HUB_CARDS / MODEL))


@pytest.fixture(scope="session")
def runtime() -> Path:
    """The runtime's folder. Where it cannot be had these tests are skipped, on a CI machine (CI=true) they fail."""
    if not all((RUNTIME / name).is_file() for name in RUNTIME_FILES):
        made = subprocess.run([ROOT / ".ci" / "vendor_onnxruntime_web.sh", RUNTIME], capture_output=True, text=True)
        if made.returncode:
            (pytest.fail if on_ci() else pytest.skip)(f"No runtime for the reader in the browser: {made.stderr}")
    return RUNTIME


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    """The published networks as the site takes them."""
    return write_models(MODELS, tmp_path_factory.mktemp("models") / "published")


@pytest.fixture(scope="session")
def site(tmp_path_factory, models, runtime) -> Path:
    """A built site."""
    return build_site(tmp_path_factory.mktemp("site") / "card-phone", models, runtime)


@pytest.fixture(scope="session")
def address(site):
    """The site's address."""
    with served(site) as (url, _):
        yield url
