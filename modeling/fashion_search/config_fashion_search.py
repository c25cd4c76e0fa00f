"""What an index folder says of itself in `index.json`: whose eyes made it, where its vectors are, what is good."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

FORMAT = 1
NAME = "index.json"
BACKENDS = ("faiss", "milvus")
POSTINGS = ("guide", "automatic", "off")
REBUILD = "python -m apps.fashion.index --into {folder} --rebuild"


@dataclass(frozen=True)
class IndexConfig:
    """The description of an index folder.

    You will most likely change `postings`, `colour_weight` and `threshold`; building writes the rest.

    Attributes:
        eyes: name of what encoded the pictures.
        revision: revision of what the features come from; features of two revisions cannot be compared.
        detector_revision: revision of what chose the regions, for the record.
        dimension: length of a feature.
        bits: length of a signature.
        tree: node -> parent of the category tree, the root's parent being "".
        backend: where the vectors are, "faiss" (in this process) or "milvus".
        milvus_uri: of the Milvus server or the Milvus Lite file, for "milvus".
        postings: which words narrow the search: the guide's ("guide"), where there is no guide also the category that
            was seen ("automatic"), or none ("off").
        colour_weight: share of the colour histogram in the likeness of two pictures, 0 to 1.
        guide_weight: share of the guide's words in the score of an item, 0 to 1.
        text_weight: the same where words are asked for besides a picture: they are meant to change the answer.
        threshold: scores below are no good match.
        duplicate_bits: pictures whose signatures differ in at most so many bits may show the same product.
        duplicate_colour: ... and do if their histograms are at least so alike.
        format: version of the folder's layout.
    """

    eyes: str
    revision: str
    detector_revision: str = ""
    dimension: int = 1024
    bits: int = 1024
    tree: dict[str, str] = field(default_factory=dict)
    backend: str = "faiss"
    milvus_uri: str = ""
    postings: str = "guide"
    colour_weight: float = 0.4
    guide_weight: float = 0.35
    text_weight: float = 0.5
    threshold: float = 0.5
    duplicate_bits: int = 48
    duplicate_colour: float = 0.9
    format: int = FORMAT

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError(f"The index has format {self.format!r}; this version reads format {FORMAT}")
        if self.backend not in BACKENDS:
            raise ValueError(f"backend must be one of {', '.join(BACKENDS)}, got {self.backend!r}")
        if self.backend == "milvus" and not self.milvus_uri:
            raise ValueError("milvus_uri must name a Milvus server or a .db file where backend is 'milvus', got ''")
        if self.postings not in POSTINGS:
            raise ValueError(f"postings must be one of {', '.join(POSTINGS)}, got {self.postings!r}")
        if self.dimension < 1 or self.bits < 8 or self.bits % 8:
            raise ValueError(
                f"dimension must be positive and bits a positive multiple of 8, got {self.dimension} and {self.bits}"
            )
        for name in ("colour_weight", "guide_weight", "text_weight", "threshold", "duplicate_colour"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, got {getattr(self, name)}")
        if self.duplicate_bits < 0:
            raise ValueError(f"duplicate_bits must not be negative, got {self.duplicate_bits}")

    def save(self, folder: Path) -> None:
        """Writes `index.json`, whole or not at all."""
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"
        partial = folder / f"{NAME}.partial"
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, folder / NAME)

    @classmethod
    def load(cls, folder: Path) -> IndexConfig:
        """Reads `index.json`.

        Raises:
            ValueError: if there is none, or it is damaged or says what it must not.
        """
        path = folder / NAME
        if not path.is_file():
            raise ValueError(
                f"{folder.name!r} is no index folder: it has no {NAME}. Make one: "
                f"python -m apps.fashion.index SOURCE --into {folder}"
            )
        try:
            values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            known = {one.name for one in fields(cls)}
            if unknown := sorted(set(values) - known):
                raise ValueError(f"it has the unknown entries {', '.join(unknown)}")
            return cls(**values)
        except (ValueError, TypeError, AttributeError) as error:
            raise ValueError(f"{path.name} of {folder.name!r} cannot be used: {error}") from None

    def check_revision(self, revision: str, folder: Path) -> None:
        """Makes sure that features of `revision` can be compared with those of the index.

        Raises:
            ValueError: if they cannot; names the command that makes the index anew.
        """
        if revision != self.revision:
            raise ValueError(
                f"The index {folder.name!r} was made by {self.eyes!r} at revision {self.revision}, but the encoder "
                f"given is at revision {revision}: their features cannot be compared. Make the index anew, keywords "
                f"are kept: {REBUILD.format(folder=folder)}"
            )


__all__ = ["BACKENDS", "POSTINGS", "IndexConfig"]
