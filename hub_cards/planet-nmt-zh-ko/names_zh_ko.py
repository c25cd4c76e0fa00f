"""Names of countries, places and companies, looked up, so that the same name is always written the same way.

Transcriptions follow the National Institute of Korean Language; companies appear as they write themselves in Korea.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from .protecting_zh_ko import PER_KIND, Slot

FILE = "names_zh_ko.json"


def load_names(folder: str | Path | None = None) -> dict[str, str]:
    """The dictionary of names, Simplified Chinese to Korean: from `folder`, else from beside this module.

    Empty where there is no file, as in a copy of the code without its data.

    Raises:
        ValueError: if the file does not hold strings by strings.
    """
    places = [Path(place) / FILE for place in (folder, Path(__file__).parent) if place is not None]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        return {}
    names = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(names, dict) or not all(isinstance(value, str) and value for value in names.values()):
        raise ValueError(f"{path} must hold one object of Korean names by Chinese names")
    return names


def protect_names(
    words: Sequence[str], names: Mapping[str, str], skip: Collection[str] = ()
) -> tuple[list[str], tuple[Slot, ...]]:
    """Replaces names by ⟦P0⟧..⟦P9⟧: of the runs of whole words that spell a name, the longest from left to right.

    Args:
        words: of one segmented text.
        names: Korean by Chinese names.
        skip: Chinese names to leave alone.
    """
    longest = max(map(len, names), default=0)
    out: list[str] = []
    slots: dict[str, Slot] = {}
    place = 0
    while place < len(words):
        name, end, korean = "", place + 1, None
        for stop in range(place + 1, len(words) + 1):
            name += words[stop - 1]
            if len(name) > longest:
                break
            if name in names:
                end, korean = stop, names[name]
        name = "".join(words[place:end])
        if korean is None or name in skip or (name not in slots and len(slots) == PER_KIND):
            out += words[place:end]
        else:
            out.append(slots.setdefault(name, Slot(f"⟦P{len(slots)}⟧", name, "name", korean)).placeholder)
        place = end
    return out, tuple(slots.values())
