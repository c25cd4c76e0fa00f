"""The card reader in the browser as a static Space of its own: only files, no server that computes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

NAME = "planet-card-phone"


def built_site(root: Path) -> Path | None:
    """The site the repository builds; None where its runtime was not fetched (`make phone`)."""
    made = subprocess.run([sys.executable, "-m", "apps.card_phone.prepare"], cwd=root, capture_output=True, text=True)
    return Path(made.stdout.strip()) if made.returncode == 0 else None


def stage_phone_space(site: Path, target: Path, model: str) -> None:
    """Copies the site into the empty folder `target` and says in a README what the Hub must know.

    Args:
        model: the Hub's name of the networks it runs.
    """
    shutil.copytree(site, target, dirs_exist_ok=True)
    fields = {
        "title": "Card reader on the phone",
        "emoji": "💳",
        "colorFrom": "indigo",
        "colorTo": "green",
        "sdk": "static",
        "license": "apache-2.0",
        "short_description": "Reads card numbers in your browser, uploads nothing",
        "models": [model],
    }
    text = (
        "# Card reader on the phone\n\nThe whole card reader runs in the visitor's browser; the picture never leaves "
        f"the device. Its networks and what they were measured at: [{model}](https://huggingface.co/{model}).\n"
    )
    front = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True)
    target.joinpath("README.md").write_text(f"---\n{front}---\n\n{text}", encoding="utf-8")
