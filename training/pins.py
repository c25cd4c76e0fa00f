"""The one file that says which commit of each published model the pages load: `apps/hub_models.json`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

PINS = Path("apps/hub_models.json")


@dataclass
class Pins:
    """The commits published so far, written to the file whenever one is set.

    Attributes:
        path: the file.
        namespace: the user or organisation the models are published under.
        models: the commit of each model by name, 40 hexadecimal digits; None if it is not published yet.
    """

    path: Path
    namespace: str
    models: dict[str, str | None] = field(default_factory=dict)

    def set(self, name: str, commit: str) -> None:
        """Pin a model and write the file, if it was pinned elsewhere or not at all.

        Raises:
            ValueError: if `commit` is not 40 hexadecimal digits.
        """
        if not re.fullmatch(r"[0-9a-f]{40}", commit):
            raise ValueError(f"{name} must be pinned by 40 hexadecimal digits, got {commit!r}")
        self.models[name] = commit
        self.write()

    def write(self) -> None:
        """Replace the file in one step, so that an interruption leaves the old one or the new one."""
        fields = {"namespace": self.namespace, "models": dict(sorted(self.models.items()))}
        text = json.dumps(fields, indent=2) + "\n"
        if self.path.is_file() and self.path.read_text(encoding="utf-8") == text:
            return
        unfinished = self.path.with_suffix(".json.tmp")
        unfinished.write_text(text, encoding="utf-8")
        os.replace(unfinished, self.path)


def read_pins(path: Path, namespace: str, names: Iterable[str]) -> Pins:
    """The pins of `names` under `namespace`; those of another namespace are commits of other repositories."""
    known: dict[str, str | None] = {}
    if path.is_file():
        fields = json.loads(path.read_text(encoding="utf-8"))
        known = fields["models"] if fields["namespace"] == namespace else {}
    return Pins(path, namespace, {name: known.get(name) for name in names})
