"""Where the sentence pairs come from, how far each source can be trusted, and how they are read.

train/docs.parquet                 documentation, one licence a row
train/software_and_games.parquet   free software, help and games, with a lexical alignment score
train/authored.jsonl               news and commerce written for this project
train/commerce_lexicon.jsonl       commerce terms
train/lexicon_short_terms.tsv.gz   short terms with counts
dev/ and test/                     *.tsv and *.jsonl, held out
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

COLUMNS = ["zh", "ko", "source", "domain", "licence", "kind", "score", "formats"]
"""Of every table here. kind: "pair" or "term"; score: lexical alignment, nan where unknown; formats: format codes."""

TRUST = {
    "adobe_commerce_kb": 0.25,  # machine translated, 73 % faithful by eye
    "odoo15": 0.5,
    "adobe_commerce": 0.7,
    "minetest-data": 0.5,
    "cataclysm-dda-data": 0.6,
    "debian-ddtp": 0.5,
}
"""How faithful a source is, 1 where it is not listed."""

WANTED = {
    "authored": 4.0,
    "erp-commerce-docs": 1.0,
    "commerce-docs-mt": 1.0,
    "commerce-ui": 1.0,
    "erp-commerce-ui": 0.8,
    "business-docs": 0.9,
    "support-docs": 0.7,
    "commerce": 1.5,
    "finance": 1.0,
    "society_education": 1.0,
    "culture_games": 0.8,
    "science_geo": 0.7,
    "community-guide": 1.0,
    "it_docs": 0.6,
    "tech-docs": 0.4,
    "tech-course": 0.5,
    "tech-help": 0.3,
    "it_ui": 0.3,
    "lexicon": 0.5,
    "terms": 0.1,
}
"""How near a domain is to what the translator is for (commerce and news), 0.3 where it is not listed."""


def read_train(shared: Path, licences_left_out: tuple[str, ...] = ("NC",)) -> pd.DataFrame:
    """Every training set as one table of `COLUMNS`, in a fixed order.

    Args:
        shared: the folder that holds train/, dev/ and test/.
        licences_left_out: rows whose licence holds one of these parts between its hyphens are not read.

    Raises:
        ValueError: if a file is missing.
    """
    folder = shared / "train"
    readers = {
        "authored.jsonl": _authored,
        "commerce_lexicon.jsonl": _lexicon,
        "docs.parquet": _docs,
        "software_and_games.parquet": _software,
        "lexicon_short_terms.tsv.gz": _terms,
    }
    missing = [name for name in readers if not (folder / name).is_file()]
    if missing:
        raise ValueError(f"No {', '.join(missing)} in {folder}")
    table = pd.concat([_complete(read(folder / name)) for name, read in readers.items()], ignore_index=True)
    parts = table["licence"].str.split("[-/ ]", regex=True)
    kept = [not set(licences_left_out) & set(part) for part in parts]
    return table[kept].reset_index(drop=True)


def read_held_out(shared: Path, split: str) -> dict[str, pd.DataFrame]:
    """The sets of a split ("dev" or "test") by file name without its ending, each with zh, ko and domain.

    Raises:
        ValueError: if the split has no file.
    """
    sets = {}
    for path in sorted((shared / split).glob("*.[tj]s*")):
        table = read_jsonl(path) if path.suffix == ".jsonl" else read_tsv(path)
        table["domain"] = table["domain"].str.cat([path.stem] * len(table), sep="/") if _is_own(path) else path.stem
        sets[path.stem] = table[["zh", "ko", "domain"]]
    if not sets:
        raise ValueError(f"No *.tsv or *.jsonl in {shared / split}")
    return sets


def trust(source: str) -> float:
    """How faithful the pairs of a source are, 0 to 1."""
    return TRUST.get(source, 1.0)


def wanted(domain: str) -> float:
    """The sampling weight of a domain's sentences."""
    return WANTED.get(domain.split("/")[0], 0.3)


def _authored(path: Path) -> pd.DataFrame:
    table = read_jsonl(path)
    return table.assign(domain="authored/" + table["domain"], source="authored", licence="own", kind="pair")


def _lexicon(path: Path) -> pd.DataFrame:
    return read_jsonl(path).assign(domain="lexicon", source="commerce_lexicon", licence="own", kind="term")


def _docs(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path).assign(kind="pair")


def _software(path: Path) -> pd.DataFrame:
    table = pd.read_parquet(path).rename(columns={"n_placeholders": "formats"})
    domain = table["domain"].astype(str).where(~table["commerce"], "commerce")
    return table.assign(domain=domain, licence="as " + table["source"].astype(str), kind="pair")


def _terms(path: Path) -> pd.DataFrame:
    table = read_tsv(path)
    return table.assign(domain="terms", source="short_terms", licence="as docs: " + table["sources"], kind="term")


def _complete(table: pd.DataFrame) -> pd.DataFrame:
    table = table.assign(**{name: float("nan") for name in ("score", "formats") if name not in table})
    for name in ("zh", "ko", "source", "domain", "licence", "kind"):
        table[name] = table[name].astype(str)
    return table[COLUMNS]


def read_jsonl(path: Path) -> pd.DataFrame:
    with open(path, encoding="utf-8") as lines:
        return pd.DataFrame([json.loads(line) for line in lines])


def read_tsv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def _is_own(path: Path) -> bool:
    return path.suffix == ".jsonl"
