"""The JSON-lines log of a training run: one record a line, in step order, without duplicates after a resume."""

from __future__ import annotations

import json
from pathlib import Path


class Journal:
    """Appends records to a JSON-lines file.

    Args:
        path: the file; its folder is made.
        resume_step: records after this step are dropped, because training is about to live them again.
        enabled: False on all processes but the main one, where every call does nothing.
    """

    def __init__(self, path: Path, resume_step: int = 0, enabled: bool = True) -> None:
        self.path = path
        self.enabled = enabled
        if not enabled:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [record for record in read_journal(path) if record["step"] <= resume_step] if resume_step else []
        partial = path.with_name(f"partial-{path.name}")
        partial.write_text("".join(json.dumps(record) + "\n" for record in kept), encoding="utf-8")
        partial.replace(path)

    def write(self, kind: str, step: int, **values: float | str | None) -> None:
        """Append one record; `kind` is "train", "evaluation" or "end"."""
        if self.enabled:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"kind": kind, "step": step, **values}) + "\n")


def read_journal(path: str | Path) -> list[dict]:
    """The records of a log, oldest first; a last line cut short by a kill is left out, a missing file is empty."""
    path = Path(path)
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines[:-1] if line]
