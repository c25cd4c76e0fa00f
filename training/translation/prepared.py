"""Prepared sentence pairs, as `corpus prepare` writes them: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path


def read_rows(path: Path, limit: int | None = None) -> Iterator[dict]:
    """Rows of a prepared file: {"zh": [words], "ko": [tokens], ...}; at most `limit` of them.

    Raises:
        ValueError: if a row lacks a side.
    """
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(islice(lines, limit), 1):
            row = json.loads(line)
            if not isinstance(row.get("zh"), list) or not isinstance(row.get("ko"), list):
                raise ValueError(f'Line {number} of {path} needs "zh" and "ko" as lists of words, got {line[:80]!r}')
            yield row
