"""Reads a campaign from JSONL or CSV; an error names the line.

JSONL: the first line holds the settings and the systems, each further line an item.

    {"name": "deck", "title": "Chinese to Korean", "task": "translation", "systems": ["nmt@1f3a", "smt@77bc"]}
    {"id": "1", "domain": "economy", "source": "...", "reference": "...", "outputs": {"nmt@1f3a": "...", ...}}

CSV: columns id, domain, source, perhaps reference, and one for each system, headed name@revision; the settings come
from the caller. A cell that begins with "{" is a content in JSON, any other cell a text.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from apps.raters.campaign import MOST_ITEMS, Campaign, Item, Settings, check_item, check_systems
from apps.raters.content import Content, content_from_json

_SETTINGS = tuple(field.name for field in fields(Settings))
_ITEM = ("id", "domain", "source", "reference", "outputs")


def read_campaign(path: Path, **settings: Any) -> Campaign:
    """The campaign in a file.

    Args:
        path: ends in .jsonl or .csv.
        settings: fields of `Settings`; they replace what a JSONL file says.

    Raises:
        ValueError: with the file's name and the line, if it is no campaign.
    """
    path = Path(path)
    if path.suffix not in (".jsonl", ".csv"):
        raise ValueError(f"{path.name}: a campaign is a .jsonl or a .csv file")
    with open(path, encoding="utf-8-sig", newline="") as file:
        try:
            return _jsonl(path, file, settings) if path.suffix == ".jsonl" else _csv(path, file, settings)
        except UnicodeDecodeError as error:
            raise ValueError(f"{path.name}: not UTF-8 ({error.reason} at byte {error.start})") from None


def write_campaign(path: Path, campaign: Campaign) -> None:
    """The campaign as JSONL; what `read_campaign` reads back."""
    head = {field: getattr(campaign.settings, field) for field in _SETTINGS} | {"systems": campaign.systems}
    lines = [head, *(_item_to_json(item, campaign.systems) for item in campaign.items)]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def _jsonl(path: Path, file: Iterator[str], settings: Mapping[str, Any]) -> Campaign:
    rows = ((number, line) for number, line in enumerate(file, 1) if line.strip())
    number, line = next(rows, (1, ""))
    with _Line(path, number):
        if not line:
            raise ValueError("the file is empty")
        head = _object(line)
        _known(head, (*_SETTINGS, "systems"), "the first line")
        systems = head.pop("systems", None)
        if not isinstance(systems, list):
            raise ValueError(f"systems is a list of name@revision, got {systems!r}")
        chosen = _settings(head | dict(settings))
        check_systems(tuple(systems), chosen.protocol)
    items = []
    for number, line in rows:
        with _Line(path, number):
            _more(items)
            items.append(_item(_object(line), tuple(systems)))
            check_item(items[-1], chosen, tuple(systems))
    return _campaign(path, chosen, tuple(systems), items)


def _csv(path: Path, file: Iterator[str], settings: Mapping[str, Any]) -> Campaign:
    reader = csv.reader(file, strict=True)
    with _Line(path, 1):
        header = next(reader, [])
        chosen = _settings(settings)
        missing = [name for name in ("id", "domain", "source") if name not in header]
        if missing or len(set(header)) < len(header):
            raise ValueError(f"columns are id, domain, source and one a system, each once; got {', '.join(header)}")
        systems = tuple(name for name in header if name not in _ITEM)
        check_systems(systems, chosen.protocol)
    items = []
    while True:
        with _Line(path, reader.line_num + 1):
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise ValueError(str(error)) from None
            if cells is None:
                return _campaign(path, chosen, systems, items)
            if len(cells) != len(header):
                raise ValueError(f"{len(header)} cells are wanted, got {len(cells)}")
            _more(items)
            row = dict(zip(header, cells, strict=True))
            entry = {name: row[name] for name in ("id", "domain")} | {"source": _cell(row["source"])}
            if row.get("reference"):
                entry["reference"] = _cell(row["reference"])
            items.append(_item(entry | {"outputs": {name: _cell(row[name]) for name in systems}}, systems))
            check_item(items[-1], chosen, systems)


def _campaign(path: Path, settings: Settings, systems: tuple[str, ...], items: list[Item]) -> Campaign:
    try:
        return Campaign(settings, systems, tuple(items), path.parent)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


def _settings(values: Mapping[str, Any]) -> Settings:
    missing = [name for name in ("name", "title", "task") if name not in values]
    if missing:
        raise ValueError(f"settings lack {', '.join(missing)}")
    _known(values, _SETTINGS, "settings")
    return Settings(**values)


def _item(entry: dict[str, Any], systems: tuple[str, ...]) -> Item:
    _known(entry, _ITEM, "an item")
    missing = [name for name in ("id", "domain", "source", "outputs") if name not in entry]
    if missing:
        raise ValueError(f"the item lacks {', '.join(missing)}")
    outputs = entry["outputs"]
    if not isinstance(outputs, dict) or set(outputs) != set(systems):
        got = ", ".join(outputs) if isinstance(outputs, dict) else type(outputs).__name__
        raise ValueError(f"outputs has one entry a system ({', '.join(systems)}), got {got}")
    reference = entry.get("reference")
    return Item(
        id=entry["id"],
        domain=entry["domain"],
        source=content_from_json(entry["source"]),
        outputs=tuple(content_from_json(outputs[system]) for system in systems),
        reference=None if reference is None else content_from_json(reference),
    )


def _item_to_json(item: Item, systems: tuple[str, ...]) -> dict[str, Any]:
    line = {"id": item.id, "domain": item.domain, "source": _short(item.source)}
    if item.reference is not None:
        line["reference"] = _short(item.reference)
    outputs = {system: _short(output) for system, output in zip(systems, item.outputs, strict=True)}
    return line | {"outputs": outputs}


def _short(content: Content) -> str | dict[str, Any]:
    fields = content.to_json()
    return content.text if set(fields) <= {"text"} else fields


def _object(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from None
    if not isinstance(value, dict):
        raise ValueError(f"an object is wanted, got {type(value).__name__}")
    return value


def _cell(text: str) -> object:
    return _object(text) if text.startswith("{") else text


def _known(values: Mapping[str, Any], names: tuple[str, ...], what: str) -> None:
    unknown = [name for name in values if name not in names]
    if unknown:
        raise ValueError(f"{what} may have {', '.join(names)}; got {', '.join(map(repr, unknown))}")


def _more(items: list[Item]) -> None:
    if len(items) >= MOST_ITEMS:
        raise ValueError(f"a campaign has {MOST_ITEMS:,} items at most")


class _Line:
    """Puts file and line before the message of a ValueError raised inside."""

    def __init__(self, path: Path, number: int) -> None:
        self._where = f"{path.name}, line {number}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ValueError) and not isinstance(error, UnicodeDecodeError):
            raise ValueError(f"{self._where}: {error}") from None
