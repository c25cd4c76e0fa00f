"""A file of lines in, a file of as many lines out, in their order: the whole of it without any component."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apps.i18n import Text
from apps.translation.engines import Engine
from apps.translation.service import CHARACTERS

MOST_BYTES, MOST_LINES = 5_000_000, 2_000
KINDS = (".txt", ".tsv")
_BREAKS = re.compile(r"\s*[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


@dataclass(frozen=True)
class Lines:
    """A file to translate.

    Attributes:
        texts: what is to be translated of every line; empty where there is nothing.
        rows: the lines as they stood, without their ends.
        table: whether the lines are rows of columns: then the first is translated, and the translation put last.
        end: what the file's last line ended with.
    """

    texts: tuple[str, ...]
    rows: tuple[str, ...]
    table: bool
    end: str

    def written(self, translations: list[str]) -> str:
        """The file with the translations; one line each, whatever is in them."""
        lines = (_BREAKS.sub(" ", line) for line in translations)
        if self.table:
            lines = (f"{row}\t{line}" if row else "" for row, line in zip(self.rows, lines, strict=True))
        return "\n".join(lines) + self.end


def read_lines(path: Path, name: str, engine: Engine, text: Text) -> Lines:
    """The lines of an uploaded file.

    Args:
        path: where it lies.
        name: what the visitor calls it.
        engine: the translator it is meant for, which may take less than others.
        text: the visitor's language.

    Raises:
        ValueError: in words for people: wrong type, not UTF-8, empty, too large.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in KINDS:
        raise ValueError(text("translation_file_error_kind", kinds=", ".join(KINDS), name=_shown(name)))
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(text("translation_file_error_size", limit=f"{MOST_BYTES / 1e6:.0f}", size=f"{size / 1e6:.1f}"))
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(text("translation_file_error_utf8", byte=f"{error.start:,}")) from None
    if "\0" in content:
        raise ValueError(text("translation_file_error_binary"))
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    end = "\n" if content.endswith("\n") else ""
    rows = tuple(content.removesuffix("\n").split("\n"))
    table = suffix == ".tsv"
    texts = tuple(row.partition("\t")[0].strip() if table else row.strip() for row in rows)
    _check_sizes(texts, engine, text)
    return Lines(texts, rows, table, end)


def _check_sizes(texts: tuple[str, ...], engine: Engine, text: Text) -> None:
    if not any(texts):
        raise ValueError(text("translation_file_error_empty"))
    if len(texts) > MOST_LINES:
        raise ValueError(text("translation_file_error_lines", limit=f"{MOST_LINES:,}", count=f"{len(texts):,}"))
    longest = min(CHARACTERS, engine.limits.text)
    for place, line in enumerate(texts, start=1):
        if len(line) > longest:
            values = {"line": f"{place:,}", "limit": f"{longest:,}", "count": f"{len(line):,}"}
            raise ValueError(text("translation_file_error_line", **values))
    total = sum(map(len, texts))
    if total > engine.limits.file:
        values = {"limit": f"{engine.limits.file:,}", "count": f"{total:,}"}
        raise ValueError(text("translation_file_error_characters", **values))


def translated(lines: Lines, engine: Engine) -> Iterator[list[str]]:
    """The translations so far, in the order of the lines, after every batch; empty lines stay empty."""
    wanted = [index for index, line in enumerate(lines.texts) if line]
    found = [""] * len(lines.texts)
    step = engine.limits.lines
    for start in range(0, len(wanted), step):
        batch = wanted[start : start + step]
        for index, translation in zip(batch, engine.translate([lines.texts[i] for i in batch]), strict=True):
            found[index] = translation.text
        done = start + len(batch)
        yield found[: wanted[done - 1] + 1] if done < len(wanted) else found


def result_name(name: str) -> str:
    """What the translated file is called: `lines.txt` becomes `lines.ko.txt`."""
    path = Path(name)
    return f"{path.stem[:80] or 'lines'}.ko{path.suffix.lower()}"


def _shown(name: str) -> str:
    """A file's name, short enough for a message."""
    return Path(name).name[-60:]
