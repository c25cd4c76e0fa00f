"""Published models, loaded when first needed and once per process, with the revision people can cite."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

HUB_CARDS = Path(__file__).resolve().parent.parent / "hub_cards"


@dataclass(frozen=True)
class Model:
    """A published model folder.

    Attributes:
        name: the folder's and the Hub repository's name.
        folder: where it lies.
        commit: the Hub's commit it was downloaded at, 40 hexadecimal digits; None for a folder of this repository.
    """

    name: str
    folder: Path
    commit: str | None = None

    @cached_property
    def revision(self) -> str:
        """Twelve hex digits that change when any file of the folder does: of its commit, or a SHA-256 of all files."""
        if self.commit is not None:
            return self.commit[:12]
        digest = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(self.folder).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:12]

    @cached_property
    def weights_bytes(self) -> int:
        """Size of the weights on disk; a language model's table counts as such."""
        return sum(path.stat().st_size for kind in _WEIGHTS for path in self.folder.glob(kind))

    def load(self) -> Any:
        """The model itself, the same object for every caller in this process."""
        with _locks_guard:
            lock = _locks.setdefault(self.folder, threading.Lock())
        with lock:
            if self.folder not in _loaded:
                _loaded[self.folder] = self._load()
            return _loaded[self.folder]

    def _load(self) -> Any:
        # Imported here: it takes seconds, and the home page needs none of it.
        from torch.nn import Module
        from transformers.dynamic_module_utils import get_class_from_dynamic_module
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        model = get_class_from_dynamic_module(self._reference(), self.folder).from_pretrained(self.folder)
        return model.eval() if isinstance(model, Module) else model

    def _reference(self) -> str:
        """The model class as the folder names it: "<file>.<class>"."""
        named = json.loads((self.folder / "config.json").read_text(encoding="utf-8")).get("auto_map", {})
        found = [reference for auto, reference in named.items() if auto.startswith("AutoModel")]
        if len(found) != 1:
            raise ValueError(f"{self.name}/config.json must name one model class in auto_map, got {sorted(named)}.")
        return found[0]


_WEIGHTS = ("*.safetensors", "language_model.*")
_loaded: dict[Path, Any] = {}
_locks: dict[Path, threading.Lock] = {}
_locks_guard = threading.Lock()


def published(root: Path = HUB_CARDS) -> dict[str, Model]:
    """Every model folder that can be loaded (it has a config and weights), by name."""
    return {path.name: Model(path.name, path) for path in sorted(root.glob("*")) if is_whole(path)}


def is_whole(folder: Path) -> bool:
    """Whether a model can be loaded from the folder, as far as its file names tell."""
    return (folder / "config.json").is_file() and any(folder.glob("*.safetensors"))
