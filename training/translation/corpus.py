"""Assembles the training corpus, and prepares it for the models.

    python -m training.translation.corpus --shared DIR --out runs/translation/corpus
    python -m training.translation.corpus prepare --out runs/translation/corpus --recipe cpu

The first command reads every training set, leaves out what is no translation, repeats another pair or stands in a
development or test set, and writes corpus.parquet, dev.parquet and statistics.json. The second takes the rows of a
recipe, segments and protects them and writes prepared/<recipe>/{train,dev}.jsonl. Both give the same files each time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from modeling.planet_nmt.processing_zh_ko import PreProcessor, Steps, pair, split_korean
from training.translation.filters import HeldOut, clean, is_sentence, keys, reason_to_drop, register, template
from training.translation.recipes import RECIPES, Recipe, select
from training.translation.sources import read_held_out, read_train, trust, wanted
from training.translation.statistics import counts, describe, table_of

TEXT = Path("hub_cards/planet-nmt-zh-ko")
"""The published folder that also holds what the text steps need."""

MOST_TRANSLATIONS = 3
"""Of one Chinese text; more are mostly buttons of programs that share a word."""


class Dropped:
    """Counts what was left out, by reason and by source."""

    def __init__(self):
        self.counts: dict[str, Counter] = defaultdict(Counter)

    def take(self, table: pd.DataFrame, reasons: pd.Series | list[str]) -> pd.DataFrame:
        """The rows without a reason; those with one are counted."""
        reasons = pd.Series(list(reasons), index=table.index, dtype=object)
        for reason, source in zip(reasons, table["source"], strict=True):
            if reason:
                self.counts[reason][source] += 1
        return table[reasons == ""].reset_index(drop=True)

    def report(self) -> dict:
        """Reason -> total and the sources that lost most."""
        return {
            reason: {"pairs": sum(found.values()), "sources": dict(found.most_common(12))}
            for reason, found in sorted(self.counts.items(), key=lambda item: -sum(item[1].values()))
        }


def assemble(shared: Path, near: float = 0.5, least_score: float = -3.3) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """Reads, filters and weighs the training sets.

    Args:
        shared: the folder that holds train/, dev/ and test/.
        near: share of 13-grams with a held-out text from which a pair is left out.
        least_score: least alignment score of a pair that has one.

    Returns:
        The corpus, the development pairs (zh, ko, domain), and the report.
    """
    dropped = Dropped()
    table = read_train(shared)
    read = counts(table["domain"])
    for side in ("zh", "ko"):
        table[side] = [clean(text) for text in tqdm(table[side], desc=f"clean {side}", mininterval=2)]
    pairs = zip(table["zh"], table["ko"], table["score"], strict=True)
    pairs = tqdm(pairs, desc="filters", total=len(table), mininterval=2)
    table = dropped.take(table, [reason_to_drop(zh, ko, score, least_score) for zh, ko, score in pairs])
    table["zh_key"], table["ko_key"] = keys(table["zh"]), keys(table["ko"])
    table = dropped.take(
        table, ["" if zh and ko else "empty" for zh, ko in zip(table["zh_key"], table["ko_key"], strict=True)]
    )
    table["order"] = [order(zh, ko) for zh, ko in zip(table["zh_key"], table["ko_key"], strict=True)]
    table = without_repeats(table, dropped)
    held_out = {split: read_held_out(shared, split) for split in ("dev", "test")}
    table, overlap = without_held_out(table, held_out, near, dropped)
    table = weigh(table)
    dev = pd.concat(held_out["dev"].values(), ignore_index=True)
    dev[["zh", "ko"]] = dev[["zh", "ko"]].map(clean)
    report = {
        "read": {"pairs": sum(read.values()), "domains": read},
        "dropped": dropped.report(),
        "held_out": overlap,
        "settings": {"near": near, "least_score": least_score, "most_translations": MOST_TRANSLATIONS},
        "corpus": describe(table),
    }
    for name, recipe in RECIPES.items():
        report[f"recipe {name}"] = describe(select(table, recipe))
    return table, dev, report


def without_repeats(table: pd.DataFrame, dropped: Dropped) -> pd.DataFrame:
    """One row for equal keys of both sides (the most trusted source's), few translations of one Chinese text."""
    table["trust"] = [trust(source) for source in table["source"]]
    table = table.sort_values(["trust", "order"], ascending=[False, True], kind="stable").reset_index(drop=True)
    repeats = table.duplicated(["zh_key", "ko_key"])
    table = dropped.take(table, ["duplicate" if repeated else "" for repeated in repeats])
    many = table.groupby("zh_key").cumcount() >= MOST_TRANSLATIONS
    return dropped.take(table, ["many translations" if more else "" for more in many])


def without_held_out(
    table: pd.DataFrame, held_out: dict[str, dict[str, pd.DataFrame]], near: float, dropped: Dropped
) -> tuple[pd.DataFrame, dict]:
    """Leaves out pairs one of whose sides occurs in a held-out set; returns them and the counts by side and way."""
    sets = [one for split in held_out.values() for one in split.values()]
    reasons, overlap = [""] * len(table), {}
    for side in ("zh", "ko"):
        index = HeldOut(keys(clean(text) for one in sets for text in one[side]), near)
        texts = tqdm(table[f"{side}_key"], desc=f"held out {side}", mininterval=2)
        found = [index.match(text) for text in texts]
        overlap[side] = counts(pd.Series([way for way in found if way], dtype=object))
        reasons = [reason or (way and f"held out ({way})") for reason, way in zip(reasons, found, strict=True)]
    overlap["sets"] = {f"{split}/{name}": len(one) for split, group in held_out.items() for name, one in group.items()}
    return dropped.take(table, reasons), overlap


def weigh(table: pd.DataFrame) -> pd.DataFrame:
    """Adds register, sentence, template and the sampling weight; drops what only the assembly needed.

    The weight is the domain's (how near to commerce and news) times the source's (how faithful) times 0.3 for
    strings shorter than a sentence.
    """
    table["register"] = [register(text) for text in table["ko"]]
    table["sentence"] = [is_sentence(zh, ko) for zh, ko in zip(table["zh"], table["ko"], strict=True)]
    table["template"] = [order(template(key), "") for key in table["zh_key"]]
    domain = table["domain"].map({name: wanted(name) for name in set(table["domain"])})
    full = table["sentence"] | table["domain"].str.startswith("authored")
    table["weight"] = (domain * table["trust"] * full.map({True: 1.0, False: 0.3})).round(4)
    table = table.sort_values(["order", "zh", "ko"], kind="stable").reset_index(drop=True)
    return table.drop(columns=["zh_key", "ko_key", "trust", "formats"])


def order(chinese: str, korean: str) -> int:
    """A number that is as good as random and always the same for a pair: sorting by it shuffles."""
    digest = hashlib.blake2b(f"{chinese}\t{korean}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def prepare(
    out: Path,
    recipe: Recipe,
    name: str,
    text: Path,
    processes: int = 1,
    limit: int | None = None,
    steps: Steps | None = None,
) -> dict:
    """Writes train.jsonl and dev.jsonl of a recipe: {"zh": words, "ko": tokens, "domain": str, "weight": float}.

    Args:
        out: the folder `assemble` wrote.
        name: of the recipe's own folder below `out/prepared`.
        text: folder of the segmenter and the names.
        limit: at most this many training pairs: a tiny run.
        steps: of the pre-processing, all by default.

    Raises:
        ValueError: if the corpus has not been assembled.
    """
    if not (out / "corpus.parquet").is_file():
        raise ValueError(
            f"No corpus.parquet in {out}; write it with python -m training.translation.corpus --shared DIR"
        )
    train = select(pd.read_parquet(out / "corpus.parquet"), recipe).head(limit or 10**9)
    dev = pd.read_parquet(out / "dev.parquet").assign(weight=1.0)
    folder = out / "prepared" / name
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for split, table in (("train", train), ("dev", dev)):
        rows = tokenised(table[["zh", "ko", "domain", "weight"]], text, steps or Steps(), processes)
        with open(folder / f"{split}.jsonl", "w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        written[split] = {"pairs": len(table), "written": len(rows)}
    (folder / "statistics.json").write_text(json.dumps(written | {"corpus": describe(train)}, indent=1) + "\n")
    return written


def tokenised(table: pd.DataFrame, text: Path, steps: Steps, processes: int) -> list[dict]:
    """The rows of a table as word and token lists, without those that the text pipeline cannot pair."""
    from datasets import Dataset

    rows = Dataset.from_pandas(table, preserve_index=False)
    rows = rows.map(
        _tokenise,
        fn_kwargs={"text": str(text), "steps": asdict(steps)},
        num_proc=processes if processes > 1 else None,
        desc="words and tokens",
    )
    rows = rows.filter(lambda words: len(words) > 0, input_columns="words")
    return [{"zh": row["words"], "ko": row["tokens"], "domain": row["domain"], "weight": row["weight"]} for row in rows]


def _tokenise(row: dict, text: str, steps: dict) -> dict:
    found = pair(row["zh"], row["ko"], _preprocessor(text, Steps(**steps)))
    if found is None:
        return {"words": [], "tokens": []}
    return {"words": list(found[0].words), "tokens": split_korean(found[1])}


@cache
def _preprocessor(text: str, steps: Steps) -> PreProcessor:
    """The pre-processor, once a process."""
    return PreProcessor.from_folder(text, steps)


def main(arguments: list[str] | None = None) -> None:
    """Assembles or prepares; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", nargs="?", choices=("assemble", "prepare"), default="assemble")
    parser.add_argument("--shared", type=Path, help="assemble: the folder that holds train/, dev/ and test/")
    parser.add_argument("--out", type=Path, default=Path("runs/translation/corpus"))
    parser.add_argument("--near", type=float, default=0.5, help="assemble: share of 13-grams that makes a near copy")
    parser.add_argument("--least-score", type=float, default=-3.3, help="assemble: least alignment score")
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="cpu", help="prepare: which mixture")
    parser.add_argument(
        "--text", type=Path, default=TEXT, help="prepare: folder with the segmenter, as training.translation.segmenter"
    )
    parser.add_argument(
        "--without",
        nargs="*",
        default=[],
        choices=[step.name for step in fields(Steps)],
        help="prepare: steps left out",
    )
    parser.add_argument("--processes", type=int, default=1, help="prepare: how many at a time")
    parser.add_argument("--limit", type=int, help="prepare: at most this many training pairs: a tiny run")
    args = parser.parse_args(arguments)
    if args.step == "prepare":
        steps = Steps(**dict.fromkeys(args.without, False))
        name = "-".join((args.recipe, *args.without))
        print(json.dumps(prepare(args.out, RECIPES[args.recipe], name, args.text, args.processes, args.limit, steps)))
        return
    if args.shared is None:
        parser.error("--shared is needed: the folder that holds train/, dev/ and test/")
    table, dev, report = assemble(args.shared, args.near, args.least_score)
    args.out.mkdir(parents=True, exist_ok=True)
    table.to_parquet(args.out / "corpus.parquet", index=False)
    dev.to_parquet(args.out / "dev.parquet", index=False)
    (args.out / "statistics.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(table_of(report["corpus"]), *(f"{k}: {v['pairs']:,}" for k, v in report["dropped"].items()), sep="\n")
    print({name: report[f"recipe {name}"]["pairs"] for name in RECIPES}, args.out / "corpus.parquet")


if __name__ == "__main__":
    main()
