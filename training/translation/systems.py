"""The translators under test, loaded as a stranger would load them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoModelForSeq2SeqLM
from transformers.dynamic_module_utils import get_class_from_dynamic_module

from modeling.planet_rbmt import PlanetRbmt
from modeling.planet_rbmt.processing_zh_ko import PreProcessor
from training.translation.engines import Engine

NMT, SMT, RBMT = "planet-nmt-zh-ko", "planet-smt-zh-ko", "planet-rbmt"
NOT_DATA = {".py", ".md", ".png", ".jpg", ".svg"}
NOT_WEIGHTS = {"results.json", ".gitattributes", ".gitignore"}


@dataclass(frozen=True)
class System:
    """One translator.

    Attributes:
        name: as tables call it.
        translate: texts -> `Translation`s or strings, in their order.
        version: changes whenever answers may.
        chunk: texts given to it at once.
        limit: sentences of a set it translates at most; None is no limit.
    """

    name: str
    translate: Callable[[list[str]], Sequence[Any]]
    version: str
    chunk: int = 8
    limit: int | None = None

    def variant(self, name: str, translate: Callable[[list[str]], Sequence[Any]]) -> System:
        """The same translator with other settings."""
        return System(f"{self.name}+{name}", translate, self.version, self.chunk, self.limit)


def load_nmt(folder: Path, int8: bool = False):
    """Planet NMT, ready to translate."""
    model = AutoModelForSeq2SeqLM.from_pretrained(_folder(folder), trust_remote_code=True).eval()
    return model.quantize() if int8 else model


def load_smt(folder: Path):
    """Planet SMT, ready to translate."""
    folder = _folder(folder)
    return get_class_from_dynamic_module("modeling_planet_smt.PlanetSmt", str(folder)).from_pretrained(folder)


def load_rbmt(segmenter: Path | None = None) -> PlanetRbmt:
    """Planet RBMT with the segmenter in a folder, which should be that of its rivals; without, its own."""
    return PlanetRbmt(pre=PreProcessor.from_folder(segmenter) if segmenter else None)


def engine_system(engine: Engine) -> System:
    """An external engine as a system."""
    return System(engine.name, engine.translate, str(getattr(engine, "version", "0")), chunk=16)


def _folder(folder: Path) -> Path:
    if not (folder / "config.json").is_file():
        raise ValueError(f"{folder} holds no model: train it first, or name another folder or fewer --systems")
    return folder.resolve()


def version_of(*folders: Path) -> str:
    """Twelve hexadecimal digits that change with any code or weights in the folders, not with cards and results."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(_files(folder)):
            if path.suffix not in NOT_DATA - {".py"} and path.name not in NOT_WEIGHTS:
                digest.update(path.relative_to(folder).as_posix().encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def weights_of(folder: Path) -> int:
    """Bytes of everything a model folder ships but code, card, pictures and results: weights, vocabularies, tables."""
    return sum(p.stat().st_size for p in _files(folder) if p.suffix not in NOT_DATA and p.name not in NOT_WEIGHTS)


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
