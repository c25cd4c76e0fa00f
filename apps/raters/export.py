"""Votes as files: JSONL, from which every figure can be computed again, and CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from apps.raters.campaign import Settings, check_systems
from apps.raters.records import Export, ExportedItem, Record, record_from_json

FORMAT = 1
COLUMNS = tuple(Record.__dataclass_fields__)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_jsonl(export: Export) -> str:
    """The export as JSONL: a line about the campaign, one for each item, one for each vote."""
    head = {
        "type": "campaign",
        "format": FORMAT,
        "settings": asdict(export.settings),
        "systems": export.systems,
        "raters": export.raters,
    }
    lines: list[dict[str, Any]] = [head]
    lines += [{"type": "item"} | asdict(item) for item in export.items]
    lines += [{"type": "vote"} | record.to_json() for record in export.records]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def from_jsonl(text: str, name: str = "export") -> Export:
    """The export in JSONL.

    Args:
        text: the file's text.
        name: the file's name, for messages.

    Raises:
        ValueError: with the line, if it is no export.
    """
    settings: Settings | None = None
    systems: tuple[str, ...] = ()
    raters: tuple[str, ...] = ()
    items: list[ExportedItem] = []
    records: list[Record] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            fields = json.loads(line)
            if not isinstance(fields, dict):
                raise ValueError(f"an object is wanted, got {type(fields).__name__}")
            kind = fields.pop("type")
            if kind == "campaign" and settings is None:
                if fields["format"] != FORMAT:
                    raise ValueError(f"format {FORMAT} is known, got {fields['format']!r}")
                settings, systems = Settings(**fields["settings"]), tuple(fields["systems"])
                raters = tuple(fields["raters"])
                check_systems(systems, settings.protocol)
            elif kind == "item" and settings is not None:
                groups = tuple(tuple(group) for group in fields["groups"])
                items.append(ExportedItem(fields["id"], fields["domain"], groups))
            elif kind == "vote" and settings is not None:
                records.append(record_from_json(fields))
            else:
                raise ValueError(f"a campaign line first, then items and votes; got {kind!r}")
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{name}, line {number}: {error}") from None
    if settings is None:
        raise ValueError(f"{name}: empty")
    return _checked(Export(settings, systems, tuple(items), raters, tuple(records)), name)


def to_csv(export: Export) -> str:
    """The votes as CSV, one a line: sides are joined by "|", systems behind one output by "+", scores by a space.

    A cell a spreadsheet would take for a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in export.records:
        row = record.to_json() | {
            "sides": "|".join("+".join(side) for side in record.sides),
            "choice": record.choice if isinstance(record.choice, str) else " ".join(map(str, record.choice)),
        }
        writer.writerow(_plain(row[name]) for name in COLUMNS)
    return out.getvalue()


def read_export(path: Path) -> Export:
    """The export in a JSONL file.

    Raises:
        ValueError: with the file's name and the line, if it is no export.
    """
    return from_jsonl(path.read_text(encoding="utf-8"), path.name)


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _checked(export: Export, name: str) -> Export:
    """The same export, once its votes speak of its items, raters and systems only."""
    for what, known, used in (
        ("item", {item.id for item in export.items}, (record.item for record in export.records)),
        ("rater", set(export.raters), (record.rater for record in export.records)),
        ("system", set(export.systems), _systems(export)),
    ):
        unknown = sorted(set(used) - known)
        if unknown:
            raise ValueError(f"{name}: votes about an unknown {what}: {', '.join(unknown[:3])}")
    return export


def _systems(export: Export) -> Iterable[str]:
    for record in export.records:
        for side in record.sides:
            yield from side
    for item in export.items:
        for group in item.groups:
            yield from group
