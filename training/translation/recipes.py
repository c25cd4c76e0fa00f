"""Which pairs of the corpus a training run sees: everything on a GPU, what serves commerce and news on a CPU."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Recipe:
    """A mixture. You will most likely change `quotas`.

    Attributes:
        quotas: most pairs of a domain; domains not listed come whole.
        short: most short strings of a domain (headings, buttons, terms) for one sentence of it; None is no limit.
        per_template: most pairs that differ only in numbers and Latin words.
        longest: characters of the longest Chinese side.
    """

    quotas: dict[str, int] = field(default_factory=dict)
    short: float | None = None
    per_template: int = 10**9
    longest: int = 10**9


RECIPES = {
    "cpu": Recipe(
        quotas={
            "erp-commerce-docs": 70_000,
            "commerce-docs-mt": 14_000,
            "business-docs": 15_000,
            "support-docs": 12_000,
            "erp-commerce-ui": 6_000,
            "tech-docs": 24_000,
            "tech-help": 2_000,
            "it_docs": 12_000,
            "it_ui": 20_000,
            "terms": 4_000,
        },
        short=0.2,
        per_template=2,
        longest=90,
    ),
    "gpu": Recipe(),
}

WHOLE = ("authored", "lexicon", "terms")
"""Domains whose short entries are what they are for."""


def select(table: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """The rows of a corpus that a recipe takes, in the order of its hash: the same rows for the same corpus.

    Args:
        table: with domain, sentence, template, zh and order, as `corpus.assemble` writes it.
    """
    rows = table[table["zh"].str.len() <= recipe.longest].sort_values("order", kind="stable")
    group = rows["domain"].str.split("/").str[0]
    rows = rows[(rows.groupby("template").cumcount() < recipe.per_template) | (group == "authored")]
    parts = []
    for name, part in rows.groupby(rows["domain"].str.split("/").str[0], sort=True):
        most = recipe.quotas.get(name, len(part))
        if name in WHOLE:
            parts.append(part.head(most))
            continue
        long, short = part[part["sentence"]], part[~part["sentence"]]
        few = len(short) if recipe.short is None else int(min(len(short), recipe.short * min(len(long), most)))
        parts.append(pd.concat([long.head(max(most - few, 0)), short.head(few)]))
    return pd.concat(parts).sort_values("order", kind="stable").reset_index(drop=True)
