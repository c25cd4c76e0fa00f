"""Translations, kept: what was translated once with the same weights is read from a file the next time."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from training.translation.systems import System


@dataclass(frozen=True)
class Answer:
    """One translation, as far as measuring needs it.

    Attributes:
        source, text: Chinese and Korean.
        ms: wall-clock milliseconds, or the share of a batch.
        words: source words the translator saw; 0 where it does not say.
        tokens: target tokens it wrote; 0 where it does not say.
        slots: expressions taken out of the source before translation.
        lost: of these, the ones that did not come back.
    """

    source: str
    text: str
    ms: float = 0.0
    words: int = 0
    tokens: int = 0
    slots: int = 0
    lost: tuple[str, ...] = ()


def answer_of(source: str, answer: Any, ms: float) -> Answer:
    """An `Answer` from a `Translation` or from plain text, which took `ms`."""
    if isinstance(answer, str):
        return Answer(source, answer, ms)
    slots = [copied for copied in answer.copied if copied.how == "placeholder" or copied.kind == "name"]
    return Answer(
        source=source,
        text=answer.text,
        ms=round(answer.ms, 2),
        words=len(answer.source_tokens),
        tokens=len(answer.target_tokens),
        slots=len(slots),
        lost=tuple(copied.source for copied in slots if copied.lost),
    )


class Cache:
    """Answers by system and set, one JSON-lines file each.

    Args:
        folder: of the files; None keeps nothing.
        progress: whether to show a bar.
    """

    def __init__(self, folder: Path | None, progress: bool = True) -> None:
        self.folder, self.progress = folder, progress

    def translate(self, system: System, texts: Sequence[str], name: str) -> list[Answer]:
        """Translations of `texts` (of the set `name`), in their order; each text is translated once.

        Raises:
            ValueError: if the system does not answer every text.
        """
        path = None if self.folder is None else self.folder / f"{system.name}-{name}-{system.version}.jsonl"
        known = read_answers(path)
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        bar = tqdm(
            total=len(missing), desc=f"{system.name} {name}", mininterval=2, disable=not (self.progress and missing)
        )
        with bar:
            for start in range(0, len(missing), system.chunk):
                chunk = missing[start : start + system.chunk]
                new = translate_chunk(system, chunk)
                known.update(zip(chunk, new, strict=True))
                if path is not None:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("a", encoding="utf-8") as file:
                        file.writelines(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in new)
                bar.update(len(chunk))
        return [known[text] for text in texts]


def translate_chunk(system: System, texts: list[str]) -> list[Answer]:
    """Answers of one call.

    Raises:
        ValueError: if the system does not answer every text.
    """
    began = time.perf_counter()
    found = system.translate(texts)
    if len(found) != len(texts):
        raise ValueError(f"{system.name} answered {len(found)} of {len(texts)} texts")
    share = 1e3 * (time.perf_counter() - began) / len(texts)
    return [answer_of(text, answer, share) for text, answer in zip(texts, found, strict=True)]


def read_answers(path: Path | None) -> dict[str, Answer]:
    """Answers of a file by source text; a line cut short by an interruption is dropped from the file."""
    if path is None or not path.is_file():
        return {}
    content = path.read_text(encoding="utf-8")
    whole, newline, _ = content.rpartition("\n")
    if whole + newline != content:
        path.write_text(whole + newline, encoding="utf-8")
    rows = [json.loads(line) for line in whole.split("\n") if line]
    return {row["source"]: Answer(**row | {"lost": tuple(row["lost"])}) for row in rows}
