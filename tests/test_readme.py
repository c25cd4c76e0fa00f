"""The README's Python, word for word and in order, from the folder a reader would be in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.stranger import ROOT, hub_environment

PICTURES = {"card.jpg": "apps/card_ocr/examples/1_flat.jpg", "photo.jpg": "apps/fashion/examples/2_dress.jpg"}


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    for name in ("apps", "hub_cards", "modeling"):
        (work / name).symlink_to(ROOT / name)
    for name, source in PICTURES.items():
        (work / name).write_bytes((ROOT / source).read_bytes())
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) >= 4
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks)],
        cwd=work,
        env=hub_environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    printed = done.stdout
    assert "accepted" in printed
    assert "7404" in printed
    assert "('" in printed  # boxes
    assert "group='parent'" in printed
