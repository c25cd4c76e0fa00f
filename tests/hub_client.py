"""The real Hub client of this process, turned to a stand-in for the time of a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import constants


def use_hub(monkeypatch: pytest.MonkeyPatch, endpoint: str, cache: Path, token: str | None = None) -> None:
    """Everything huggingface_hub read from its environment when it was imported, as if it had been read now."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(cache / "no-token"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    if token is not None:
        monkeypatch.setenv("HF_TOKEN", token)
