"""Someone who has never seen this repository: a fresh process in an empty folder with an empty cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def hub_environment(home: Path, endpoint: str | None = None, token: str | None = None) -> dict[str, str]:
    """The environment of a process that uses the Hub at `endpoint` and no other; offline where it is None."""
    forgotten = ("HF_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_MODULES_CACHE", "PYTHONPATH")
    environment = {name: value for name, value in os.environ.items() if name not in forgotten}
    environment |= {"HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    environment |= {"OMP_NUM_THREADS": "1", "NO_PROXY": "127.0.0.1"}
    if endpoint is None:
        environment["HF_HUB_OFFLINE"] = "1"
    else:
        environment["HF_ENDPOINT"] = endpoint
    if token is not None:
        environment["HF_TOKEN"] = token
    return environment


def run_stranger(
    code: str, *arguments: str, folder: Path, endpoint: str | None = None, token: str | None = None
) -> str:
    """Run Python `code` as a stranger would and return what it printed.

    Args:
        arguments: its `sys.argv[1:]`.
        folder: made for the process: `folder/work` is its current directory, `folder/home` its cache.
        endpoint: the Hub to use; None is offline.
    """
    work, home = folder / "work", folder / "home"
    work.mkdir(parents=True)
    done = subprocess.run(
        # -P and the folder keep this repository off the path.
        [sys.executable, "-P", "-c", code, *arguments],
        cwd=work,
        env=hub_environment(home, endpoint, token),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout
