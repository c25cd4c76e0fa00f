"""What a corpus consists of: counts, lengths by source and domain, and what was left out and why."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

ZH_EDGES = (0, 5, 10, 15, 20, 30, 40, 60, 80, 120, 10_000)
"""Characters of the Chinese side; a bin holds its left edge and not its right one."""

KO_EDGES = (0, 2, 3, 5, 8, 12, 16, 24, 32, 10_000)
"""Space-separated words of the Korean side."""


def describe(table: pd.DataFrame) -> dict:
    """Counts and length histograms of a corpus, ready for JSON.

    Args:
        table: with zh, ko, source, domain, register, sentence (bool) and weight.
    """
    zh, ko = table["zh"].str.len(), table["ko"].str.split().str.len()
    lengths = pd.DataFrame({"zh": zh, "ko": ko, "source": table["source"], "domain": table["domain"]})
    return {
        "pairs": len(table),
        "sentences": int(table["sentence"].sum()),
        "zh_characters": int(zh.sum()),
        "ko_words": int(ko.sum()),
        "registers": counts(table["register"]),
        "edges": {"zh_characters": ZH_EDGES, "ko_words": KO_EDGES},
        "domains": _groups(table, lengths, "domain"),
        "sources": _groups(table, lengths, "source"),
    }


def counts(values: pd.Series) -> dict[str, int]:
    """How often each value occurs, the most frequent first, equal ones by name."""
    found = Counter(map(str, values))
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def histogram(values: pd.Series, edges: tuple[int, ...]) -> list[int]:
    """How many values lie in each bin of `edges`."""
    return np.histogram(values, bins=edges)[0].tolist()


def _groups(table: pd.DataFrame, lengths: pd.DataFrame, name: str) -> dict[str, dict]:
    groups = {}
    for value, rows in table.groupby(name, sort=True):
        own = lengths.loc[rows.index]
        groups[str(value)] = {
            "pairs": len(rows),
            "sentences": int(rows["sentence"].sum()),
            "weight": round(float(rows["weight"].sum()), 1),
            "zh_characters": histogram(own["zh"], ZH_EDGES),
            "ko_words": histogram(own["ko"], KO_EDGES),
        }
    return groups


def table_of(report: dict, rows: str = "domains", most: int = 40) -> str:
    """The groups of a report as an aligned text table, the largest first."""
    groups = sorted(report[rows].items(), key=lambda item: -item[1]["pairs"])[:most]
    lines = [f"{rows:<32} {'pairs':>9} {'sentences':>9} {'weight':>10}"]
    lines += [f"{name:<32} {g['pairs']:>9,} {g['sentences']:>9,} {g['weight']:>10,.1f}" for name, g in groups]
    return "\n".join(lines)
