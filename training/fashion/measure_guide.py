"""How much of what titles say the guide extractor takes out of them.

    python -m training.fashion.measure_guide --products FOLDER

Two measurements: titles in three languages labelled by someone who did not know the extractor (`titles.jsonl`), and the
catalogue's English titles against its own fields, which say what the picture shows whether or not the title does.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from modeling.fashion_search.guide_fashion_search import Guide, GuideExtractor
from training.fashion.sets import read_products

TITLES = Path(__file__).parent / "titles.jsonl"
FIELDS = ("category", "gender", "colours", "pattern", "material", "neckline", "sleeve")
LABELS = """
    t-shirt shirt blouse top kurta tunic sweater cardigan sweatshirt hoodie vest jacket blazer coat parka suit jeans
    trousers track-pants leggings shorts skirt dress jumpsuit lounge-pants underwear socks stockings casual-shoes
    sports-shoes formal-shoes heels flats sandals flip-flops boots loafers handbag backpack wallet clutch shoulder-bag
    duffel-bag laptop-bag messenger-bag watch sunglasses glasses belt cap hat beanie tie scarf gloves umbrella jewellery
    cufflinks swimwear outer pants footwear bag eyewear headwear legwear clothing accessories
"""
CATEGORIES = frozenset(LABELS.split())
"""The categories that the labelled titles tell apart. A more specific answer counts as the one above it: a muffler is a
scarf."""

Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Judged:
    """One title.

    Attributes:
        text: the title.
        language: "en", "ko" or "zh".
        kind: "title" or "query".
        wanted: (field, value) of the labels.
        found: (field, value) of the guide.
        ms: wall-clock time of the extraction in milliseconds.
        cpu_ms: processor time of it, which other work on the machine does not lengthen.
    """

    text: str
    language: str
    kind: str
    wanted: Pairs
    found: Pairs
    ms: float
    cpu_ms: float


def pairs(fields: Mapping[str, str | Sequence[str] | None]) -> Pairs:
    """(field, value) of the fields that say something; of those with several values, one pair each."""
    return frozenset(
        (name, value)
        for name in FIELDS
        for value in ([fields[name]] if isinstance(fields.get(name), str) else fields.get(name) or ())
    )


def guide_pairs(guide: Guide, extractor: GuideExtractor) -> Pairs:
    """(field, value) of a guide, its category named as the labels name it."""
    fields = {name: getattr(guide, name) for name in FIELDS}
    if guide.category:
        fields["category"] = extractor.words.nearest(guide.category, CATEGORIES) or guide.category
    return pairs(fields)


def judge(path: Path, extractor: GuideExtractor) -> list[Judged]:
    """Every title of a JSONL file beside its guide.

    Raises:
        ValueError: if there is no such file or it is empty.
    """
    if not path.is_file():
        raise ValueError(f"There are no labelled titles at {path.name!r}")
    extractor.extract("가방 包 bag")  # loads what is loaded lazily, so that times are of titles
    judged = []
    for line in path.read_text("utf-8").splitlines():
        label = json.loads(line)
        start, cpu_start = time.perf_counter(), time.process_time()
        guide = extractor.extract(label["text"])
        ms, cpu_ms = (time.perf_counter() - start) * 1000, (time.process_time() - cpu_start) * 1000
        found = guide_pairs(guide, extractor)
        judged.append(Judged(label["text"], label["lang"], label["kind"], pairs(label), found, ms, cpu_ms))
    if not judged:
        raise ValueError(f"No titles in {path.name!r}")
    return judged


def counts(judged: Iterable[Judged], fields: Sequence[str] = FIELDS) -> np.ndarray:
    """Of each title how many pairs were found rightly, found, and wanted: N x 3."""
    rows = []
    for one in judged:
        wanted = {pair for pair in one.wanted if pair[0] in fields}
        found = {pair for pair in one.found if pair[0] in fields}
        rows.append((len(wanted & found), len(found), len(wanted)))
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def scores(table: np.ndarray, rng: np.random.Generator | None = None, rounds: int = 1000) -> dict[str, float | list]:
    """Micro-averaged precision, recall and F1 of counts, and F1's 95 % interval over resampled titles.

    Args:
        table: N x 3, as `counts` gives it.
        rng: for the interval; None leaves it out.
        rounds: resamples.
    """
    right, found, wanted = table.sum(0)
    result: dict[str, float | list] = {
        "precision": _share(right, found),
        "recall": _share(right, wanted),
        "f1": _share(2 * right, found + wanted),
        "wanted": int(wanted),
    }
    if rng is not None:
        resampled = table[rng.integers(0, len(table), (rounds, len(table)))].sum(1)  # rounds x 3
        f1 = 2 * resampled[:, 0] / np.maximum(resampled[:, 1] + resampled[:, 2], 1)
        result["f1_interval"] = [round(float(edge), 4) for edge in np.quantile(f1, (0.025, 0.975))]
    return result


def _share(part: float, whole: float) -> float:
    """1 where nothing was asked and nothing answered."""
    return round(float(part) / float(whole), 4) if whole else 1.0


def measure(path: Path = TITLES, seed: int = 5) -> dict:
    """Precision, recall and F1 of guides: in all, by field, by language, by kind of text, and by language and field."""
    judged = judge(path, GuideExtractor.load())
    rng = np.random.default_rng(seed)
    languages = sorted({one.language for one in judged})

    def of(language: str) -> list[Judged]:
        return [one for one in judged if one.language == language]

    exact = [one.wanted == one.found for one in judged]
    return {
        "texts": len(judged),
        "micro": scores(counts(judged), rng),
        "all_right": round(sum(exact) / len(exact), 4),
        "by_field": {field: scores(counts(judged, (field,)), rng) for field in FIELDS},
        "by_language": {
            language: {"texts": len(of(language))} | scores(counts(of(language)), rng) for language in languages
        },
        "by_kind": {
            kind: scores(counts([one for one in judged if one.kind == kind]), rng)
            for kind in sorted({one.kind for one in judged})
        },
        "by_language_and_field": {
            language: {field: scores(counts(of(language), (field,))) for field in FIELDS} for language in languages
        },
        "ms": _spread([one.ms for one in judged]),
        "cpu_ms": _spread([one.cpu_ms for one in judged]),
    }


def _spread(times: Sequence[float]) -> dict[str, float]:
    return {name: round(float(np.quantile(times, level)), 2) for name, level in (("p50", 0.5), ("p95", 0.95))}


def measure_products(folder: Path, split: str = "val") -> dict:
    """Catalogue titles against the catalogue's category, gender and colour.

    For each field: the share of titles from which anything was taken, of those the share that agrees with the
    catalogue, and for categories the share that is right but vaguer. The catalogue's "Tops" count as the node "top".
    """
    extractor = GuideExtractor.load()
    items = [item for item in read_products(folder, split) if item.title]
    tallies = {field: {"stated": 0, "agree": 0, "vaguer": 0} for field in ("category", "gender", "colour")}
    totals = dict.fromkeys(tallies, 0)
    for item in items:
        guide = extractor.extract(item.title)
        wanted = {"category": "top" if item.nodes == ("blouse",) else item.nodes[0]}
        wanted |= {field: item.attributes.get(field, "") for field in ("gender", "colour")}
        found = {
            "category": (extractor.words.nearest(guide.category),) if guide.category else (),
            "gender": (guide.gender,) if guide.gender else (),
            "colour": guide.colours,
        }
        for field, tally in tallies.items():
            totals[field] += bool(wanted[field])
            if wanted[field] and found[field]:
                tally["stated"] += 1
                tally["agree"] += wanted[field] in found[field]
        if found["category"] and wanted["category"] in extractor.words.tree:
            above = extractor.words.path(wanted["category"])[1:]
            tallies["category"]["vaguer"] += found["category"][0] in above
    return {"titles": len(items)} | {
        field: {
            "stated": _share(tally["stated"], totals[field]),
            "agree": _share(tally["agree"], tally["stated"]),
            "vaguer": _share(tally["vaguer"], tally["stated"]) if field == "category" else 0.0,
        }
        for field, tally in tallies.items()
    }


def main() -> None:
    """Prints the measurements as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--titles", type=Path, default=TITLES, help="labelled titles, one JSON object a line")
    parser.add_argument("--products", type=Path, help="folder with products.csv")
    args = parser.parse_args()
    result = {"titles": measure(args.titles)}
    if args.products:
        result["products_val"] = measure_products(args.products)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
