"""Where new items come from: a folder of pictures, or a CSV file that names them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from .results_fashion_search import NewItem

PICTURES = frozenset(
    [".jpg", ".jpeg", ".jfif", ".png", ".gif", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".jp2", ".ppm", ".pgm"]
)
"""Endings of the files that a folder is searched for."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "file": ("file", "path", "image", "picture", "filename", "uri"),
    "title": ("title", "name", "text", "productdisplayname"),
    "price": ("price",),
    "category": ("category",),
    "gender": ("gender",),
    "colour": ("colour", "color", "basecolour"),
    "keywords": ("keywords", "tags"),
}
"""Field -> names that a column of a CSV file may have (small or capital letters), the first found is taken."""

_SEPARATOR = re.compile(r"[;,|]")
_CURRENCY = r"[^\d\s.,+-]{0,4}"
_PRICE = re.compile(rf"{_CURRENCY}\s*(?P<amount>\d{{1,3}}(,\d{{3}})+(\.\d+)?|\d+(\.\d+)?)\s*{_CURRENCY}")


def from_folder(folder: Path) -> list[NewItem]:
    """Every picture in a folder and the folders in it, in the order of their paths.

    The name of a picture's folder, if it is not the given one itself, becomes words for its guide: "dress/17.jpg" is a
    dress. Hidden files and folders are left out.

    Raises:
        ValueError: if there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise ValueError(f"There is no folder {str(folder)!r}")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES and path.is_file())
    inside = [(path, path.relative_to(folder)) for path in paths]
    items = [
        NewItem(
            uri=name.as_posix(), file=str(path), words=" ".join(re.sub(r"[-_]+", " ", one) for one in name.parts[:-1])
        )
        for path, name in inside
        if not any(part.startswith(".") for part in name.parts)
    ]
    if not items:
        raise ValueError(f"There is no picture in {str(folder)!r}; files ending in {', '.join(sorted(PICTURES))} count")
    return items


def from_csv(path: Path, columns: Mapping[str, str] | None = None, root: Path | None = None) -> list[NewItem]:
    """The items that a CSV file names, one a row; a row with a problem becomes an item with that `problem`.

    Comma, semicolon and tab separate columns, whichever the first line has most of. Other columns go to `extra`.

    Args:
        path: the file, UTF-8.
        columns: field -> name of its column, where it is none of `COLUMNS`; "" for none.
        root: folder that relative paths start from; the file's own if None.

    Raises:
        ValueError: if the file cannot be read as such, has no rows, or lacks a column.
    """
    header, rows = _table(path)
    found = _columns(path, header, columns or {})
    root = path.parent if root is None else root
    if not rows:
        raise ValueError(f"{path.name!r} has no rows below its first line")
    return [_item(row, line, header, found, root) for line, row in rows]


def _table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns, and the rows with their lines; empty rows are left out."""
    if not path.is_file():
        raise ValueError(f"There is no file {str(path)!r}")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name!r} is not UTF-8 (byte {error.start:,}). Save it as CSV UTF-8") from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ValueError(f"{path.name!r} is no readable CSV file: line {reader.line_num}: {error}") from None
    if not rows:
        raise ValueError(f"{path.name!r} is empty; its first line must name the columns")
    return [name.strip() for name in rows[0][1]], rows[1:]


def _columns(path: Path, header: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    """Field -> place of its column."""
    if strangers := sorted(set(given) - set(COLUMNS)):
        raise ValueError(f"columns may be given for {', '.join(COLUMNS)}; got {', '.join(strangers)}")
    lower = [name.lower() for name in header]
    places = {}
    for field, names in COLUMNS.items():
        if field in given:
            if given[field] and given[field] not in header:
                raise ValueError(f"{path.name!r} has no column {given[field]!r}; it has {', '.join(header)}")
            names = (given[field].lower(),) if given[field] else ()
        place = next((lower.index(name) for name in names if name in lower), None)
        if place is not None:
            places[field] = place
    if "file" not in places:
        wanted = ", ".join(COLUMNS["file"])
        raise ValueError(f"{path.name!r} has no column that names pictures ({wanted}); it has {', '.join(header)}")
    return places


def _item(row: Sequence[str], line: int, header: Sequence[str], columns: Mapping[str, int], root: Path) -> NewItem:
    def cell(field: str) -> str:
        place = columns.get(field)
        return row[place].strip() if place is not None and place < len(row) else ""

    named = cell("file")
    price, problem = _price(cell("price"))
    if len(row) != len(header):
        problem = f"the row has {len(row)} columns, the first line {len(header)}"
    elif not named:
        problem = "no picture is named"
    elif re.match(r"[a-z][a-z0-9+.-]+://", named, re.IGNORECASE):
        problem = "the picture is an address, not a file: download it first"
    cells = enumerate(zip(header, row, strict=False))
    others = {name: value for place, (name, value) in cells if value and place not in columns.values()}
    return NewItem(
        uri=named or f"line {line}",
        file=str(root / named),
        title=cell("title"),
        price=price,
        category=_token(cell("category")),
        gender=_token(cell("gender")),
        colour=_token(cell("colour")),
        keywords=tuple(word.strip() for word in _SEPARATOR.split(cell("keywords")) if word.strip()),
        extra=others,
        row=line,
        problem=problem,
    )


def _price(text: str) -> tuple[float | None, str]:
    """A price, and what is wrong with it. A currency before or after the number is left out."""
    if not text:
        return None, ""
    match = _PRICE.fullmatch(text)
    if match is None:
        return None, f"the price {text!r} is no number such as 12.50 or 1,250"
    return float(match["amount"].replace(",", "")), ""


def _token(text: str) -> str:
    """A word as the parts of the search write it: "Navy Blue" is "navy-blue"."""
    return re.sub(r"[\s_]+", "-", text.lower())


__all__ = ["COLUMNS", "PICTURES", "from_csv", "from_folder"]
