"""Assembles the dictionary of Planet RBMT from the corpus' lexicons and `core_words.tsv`.

    python -m training.translation.dictionary --shared DIR

Only terms that may be published go in: those written for this project, and short terms of sources under a permissive
licence. Readings of single characters are the `hanja` package's, looked up in Traditional form.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from training.translation.sources import read_jsonl, read_tsv

CORE = Path(__file__).parent / "core_words.tsv"
TARGET = Path("modeling/planet_rbmt/dictionary.json")
PERMISSIVE = {
    "adobe_commerce", "dynamics365_operations", "gradio_ui", "hf_course", "hf_diffusers_docs", "hf_hub_docs",
    "kubernetes_docs", "ms_alchemy_support", "ms_partner_center", "ms_project_operations", "python_docs", "react_docs",
    "saleor_dashboard", "spree_i18n", "tensorflow_docs_md", "tensorflow_docs_nb", "opensource_guide",
}  # fmt: skip
"""Sources of short terms under Apache-2.0, BSD, MIT, CC0 or CC-BY-4.0 (the last with attribution)."""

PARTS_OF_TYPES = {"size/unit": "m", "attribute": "e", "selling": "e"}
"""Part of speech of commerce terms by their type; nouns otherwise."""


def read_core(path: Path = CORE) -> dict[str, dict[str, str]]:
    """The hand-written words: Chinese → {part of speech: Korean}, in the order of the file.

    Raises:
        ValueError: if an entry has no "=".
    """
    entries: dict[str, dict[str, str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        pos, words = line.split("\t")
        for word in words.split():
            chinese, equals, korean = word.partition("=")
            if not equals or not korean:
                raise ValueError(f"{path.name} holds {word!r}; an entry is Chinese=Korean")
            entries.setdefault(chinese, {}).setdefault(pos, korean.replace("_", " ").strip())
    # A verb or adjective goes before the noun of the same form: the rules turn it into a noun by its neighbours
    rank = {"v": 0, "a": 1}
    return {
        word: dict(sorted(senses.items(), key=lambda item: rank.get(item[0], 2))) for word, senses in entries.items()
    }


def lexicon_terms(path: Path) -> list[tuple[str, str, str]]:
    """(Chinese, Korean, part of speech) of the commerce terms."""
    terms = []
    for row in read_jsonl(path).itertuples():
        korean = re.sub(r"\s*\(.*?\)", "", row.ko).strip()
        pos = PARTS_OF_TYPES.get(row.type, "n")
        adnominal = korean.endswith(("는", "은", "한", "인", "운", "용"))
        pos = "n" if (pos == "e" and not adnominal) or (pos == "m" and len(row.zh) > 1) else pos
        terms.append((row.zh.strip(), korean, pos))
    return terms


def short_terms(path: Path) -> list[tuple[str, str, str]]:
    """(Chinese, Korean, "n") of the most frequent permissively licensed translation of every short term."""
    table = read_tsv(path)
    table["n"] = table["n"].astype(int)
    allowed = [bool(set(sources.split(",")) & PERMISSIVE) for sources in table["sources"]]
    table = table[allowed].sort_values(["n", "zh", "ko"], ascending=[False, True, True]).drop_duplicates("zh")
    plain = table["zh"].str.fullmatch(r"[\u4e00-\u9fff]{2,6}") & table["ko"].str.fullmatch(r"[가-힣 ]{1,16}")
    # a term that begins or ends with a grammatical word is a piece of a sentence
    plain &= ~table["zh"].str.contains(r"^[不在是有没的了被把和与或一个请可将]|[的了在是和与或]$")
    nominal = ~table["ko"].str.contains(r"(?:다|요|는|은|을|를|에|의|세요|하기)$")
    return [(row.zh, row.ko.strip(), "n") for row in table[plain & nominal].itertuples()]


def by_frequency(terms: list[tuple[str, str, str]], texts: list[str], most: int) -> list[tuple[str, str, str]]:
    """The terms that occur most often in Chinese texts, equal ones in their own order."""
    wanted, found = {term[0] for term in terms}, Counter()
    sizes = sorted({len(word) for word in wanted})
    for text in tqdm(texts, desc="frequencies", mininterval=2):
        for size in sizes:
            found.update(wanted.intersection(text[i : i + size] for i in range(len(text) - size + 1)))
    return sorted(terms, key=lambda term: -found[term[0]])[:most]


def readings(characters: set[str]) -> dict[str, str]:
    """How characters are read in Korean; those without a reading are left out.

    Needs `pip install --no-deps hanja==0.15.1`: its dependencies are only for its own tests.
    """
    from hanja.table import hanja_table
    from opencc import OpenCC

    table, traditional = hanja_table, OpenCC("s2t")
    read = {sign: table.get(traditional.convert(sign)) or table.get(sign) for sign in sorted(characters)}
    return {sign: syllable for sign, syllable in read.items() if syllable}


def assemble(shared: Path, corpus: Path, lexicon_most: int, short_most: int) -> dict:
    """The content of dictionary.json.

    Args:
        shared: the folder that holds train/.
        corpus: corpus.parquet, for frequencies and characters.
        lexicon_most: commerce terms taken.
        short_most: short terms taken.
    """
    everything = pd.read_parquet(corpus, columns=["zh"])["zh"].sort_values().tolist()
    texts = everything[::20]
    entries = read_core()
    lexicon = lexicon_terms(shared / "train" / "commerce_lexicon.jsonl")
    short = short_terms(shared / "train" / "lexicon_short_terms.tsv.gz")
    for terms, most in ((lexicon, lexicon_most), (short, short_most)):
        fresh = {term[0]: term for term in reversed(terms) if term[0] not in entries and len(term[0]) > 1}
        for chinese, korean, pos in by_frequency(list(fresh.values()), texts, most):
            entries[chinese] = {pos: korean}
    characters = {sign for text in everything for sign in text if "\u4e00" <= sign <= "\u9fff"}
    return {"entries": dict(sorted(entries.items())), "readings": readings(characters)}


def main(arguments: list[str] | None = None) -> None:
    """Writes the dictionary; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="the folder that holds train/")
    parser.add_argument("--corpus", type=Path, default=Path("runs/translation/corpus/corpus.parquet"))
    parser.add_argument("--lexicon", type=int, default=1000, help="most commerce terms")
    parser.add_argument("--short", type=int, default=500, help="most short terms")
    parser.add_argument("--out", type=Path, default=TARGET)
    args = parser.parse_args(arguments)
    content = assemble(args.shared, args.corpus, args.lexicon, args.short)
    args.out.write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n", "utf-8")
    print(f"{args.out}: {len(content['entries'])} entries, {len(content['readings'])} readings")


if __name__ == "__main__":
    main()
