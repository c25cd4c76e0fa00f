"""Judges the card reader, its traditional rival and general OCR engines on the test split.

    python -m training.card_ocr.evaluate

Every reader sees the same photographs in one run, on one thread. Writes results.json and risk_coverage.png to
hub_cards/planet-card-ocr and results.json to hub_cards/planet-card-ocr-classic. Run it once per published model:
thresholds come from validation (training/card_ocr/export.py), never from here.
"""

from __future__ import annotations

import argparse
import datetime
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import torch
from tqdm import tqdm
from transformers import AutoModel

from training.card_ocr import adversarial
from training.card_ocr.headline import classic_headline, headline
from training.card_ocr.measures import (
    Outcome,
    aurc,
    coverage_at_risk,
    decisions,
    digit_accuracy,
    digit_calibration,
    exact,
    latency,
    length_accuracy,
    share,
)
from training.card_ocr.outcomes import card_reader, engine_reader, read_all
from training.card_ocr.photos import Photograph, dataset_sha256, read_photographs
from training.card_ocr.plots import plot_risk_coverage

CARD, CLASSIC = Path("hub_cards/planet-card-ocr"), Path("hub_cards/planet-card-ocr-classic")
SLICES = ("flat", "embossed", "scene", "odd")
NAMES = {"cnn": "planet-card-ocr", "classic": "planet-card-ocr-classic"}


def accuracy(outcomes: Sequence[Outcome]) -> dict:
    """Raw figures of one slice: no reject applied."""
    found = [o.found for o in outcomes if o.found is not None]
    return {
        "exact": exact(outcomes).as_dict(),
        "digit": digit_accuracy(outcomes).as_dict(),
        "length": length_accuracy(outcomes).as_dict(),
        "band_recall": share(sum(found), len(found)).as_dict(),
    }


def by_tag(outcomes: Sequence[Outcome]) -> dict[str, dict[str, dict]]:
    """Exact-card accuracy by typeface, art, layout, style and condition."""
    values: dict[str, dict[str, list[Outcome]]] = {}
    for outcome in outcomes:
        for tag, value in outcome.tags.items():
            values.setdefault(tag, {}).setdefault(value, []).append(outcome)
    return {
        tag: {value: exact(group).as_dict() for value, group in sorted(groups.items())}
        for tag, groups in sorted(values.items())
    }


def reasons(outcomes: Sequence[Outcome]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome.reason] = counts.get(outcome.reason, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def figures(outcomes: Sequence[Outcome], digit_threshold: float, number_threshold: float) -> dict:
    """Everything a card reader is judged by, from its outcomes on the whole split.

    Silent errors are counted twice: over the cards coverage is counted on, and over every picture whose number a person
    can read: those, turned ones, and numbers of a bad checksum, which no issuer prints.
    """
    cards = [o for o in outcomes if o.slice in SLICES]
    bad = [o for o in outcomes if o.slice == "bad_checksum"]
    turned = [o for o in outcomes if o.slice == "turned"]
    accepted = [o for o in cards + turned + bad if o.accepted]
    refuse = [o for o in outcomes if o.slice in ("negative", "illegible")]
    return {
        "slices": {name: accuracy([o for o in cards if o.slice == name]) for name in SLICES},
        "all_cards": accuracy(cards),
        "turned": accuracy(turned) | {"accepted": share(sum(o.accepted for o in turned), len(turned)).as_dict()},
        "conditions": by_tag(cards) | {"turned": by_tag(turned).get("turned", {})},
        "decisions": decisions(cards, digit_threshold, number_threshold),
        "coverage": share(sum(o.accepted for o in cards), len(cards)).as_dict(),
        "silent_errors": share(sum(not o.right for o in accepted), len(accepted)).as_dict(),
        "silent_errors_cards": share(
            sum(o.accepted and not o.right for o in cards), sum(o.accepted for o in cards)
        ).as_dict(),
        "false_accepts": share(sum(o.accepted for o in refuse), len(refuse)).as_dict(),
        "false_accepts_by_slice": {
            name: share(
                sum(o.accepted for o in refuse if o.slice == name), sum(o.slice == name for o in refuse)
            ).as_dict()
            for name in ("negative", "illegible")
        },
        "bad_checksum_rejected": share(sum(o.reason == "checksum" for o in bad), len(bad)).as_dict(),
        "bad_checksum_accepted": sum(o.accepted for o in bad),
        "reasons": {
            name: reasons([o for o in outcomes if o.slice == name]) for name in dict.fromkeys(o.slice for o in outcomes)
        },
        "aurc": round(aurc(cards), 6),
        "coverage_at_0.1%_error": round(coverage_at_risk(cards, 0.001), 4),
        "digit_ece": round(digit_calibration(cards), 5),
    }


def first_of_each(photographs: Sequence[Photograph], slices: Sequence[str], count: int) -> list[Photograph]:
    """The first photographs of every slice, for readers too slow to read them all."""
    return [p for name in slices for p in [p for p in photographs if p.slice == name][:count]]


def load_readers(card: Path, classic: Path) -> dict:
    """The published models by name, on one thread."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    folders = {"cnn": card, "classic": classic}
    return {n: AutoModel.from_pretrained(folder, trust_remote_code=True).eval() for n, folder in folders.items()}


def compare_engines(card: Path, classic: Path, names: Sequence[str], photographs: Sequence[Photograph]) -> dict:
    """All readers on the same photographs, photograph by photograph, so that the machine's moods fall on all alike.

    The engines in `names` need training/card_ocr/requirements-benchmark.txt.
    """
    from training.card_ocr.engines import load_engine

    readers = {name: card_reader(model) for name, model in load_readers(card, classic).items()}
    readers |= {name: engine_reader(load_engine(name)) for name in names}
    outcomes: dict[str, list[Outcome]] = {name: [] for name in readers}
    for photograph in tqdm(photographs, desc="engines", mininterval=2):
        for name, read in readers.items():
            outcomes[name].append(read(photograph))
    base = float(np.median([o.ms["total"] for o in outcomes["cnn"]]))
    return {
        NAMES.get(name, name): {
            "exact": {s: exact([o for o in found if o.slice == s]).as_dict() for s in SLICES},
            "wrong_and_luhn_valid": sum(o.accepted and not o.right for o in found),
            "ms": latency(found)["total"],
            "times_slower": round(float(np.median([o.ms["total"] for o in found])) / base, 1),
        }
        for name, found in outcomes.items()
    }


def time_readers(models: dict, photographs: Sequence[Photograph]) -> dict[str, dict]:
    """Milliseconds of our readers, photograph by photograph in turns, while nothing else of the evaluation runs."""
    readers = {name: card_reader(model) for name, model in models.items()}
    outcomes: dict[str, list[Outcome]] = {name: [] for name in readers}
    for photograph in tqdm(photographs, desc="timing", mininterval=2):
        for name, read in readers.items():
            outcomes[name].append(read(photograph))
    return {name: {"ms": latency(found), "timed": len(found)} for name, found in outcomes.items()}


def confusable(model, count: int, seed: int) -> dict:
    """The reader on photographs of numbers that a double misread would turn into another valid number."""
    right = wrong = fooled = 0
    for number, photo in adversarial.photographs(count, seed):
        reading = model.read(photo.picture)
        right += reading.raw == number
        wrong += reading.number is not None and reading.number != number
        fooled += reading.raw == adversarial.twin(number)
    return {
        "exact": share(right, count).as_dict(),
        "accepted_wrong": wrong,
        "read_as_twin": fooled,
        "luhn_alone_misses": adversarial.luhn_misses(seed),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("runs/card_ocr/data/test"))
    parser.add_argument(
        "--engines", nargs="*", default=["rapidocr", "tesseract"], help="general engines to compare with"
    )
    parser.add_argument("--engine-sample", type=int, default=50, help="photographs per slice the engines read")
    parser.add_argument("--classic-sample", type=int, default=60, help="photographs per slice the slow rival reads")
    parser.add_argument("--adversarial", type=int, default=200, help="photographs of confusable numbers")
    parser.add_argument("--limit", type=int, help="use only the first photographs")
    parser.add_argument("--ablation", type=Path, default=Path("runs/card_ocr/ablation.json"))
    parser.add_argument("--card", type=Path, default=CARD)
    parser.add_argument("--classic", type=Path, default=CLASSIC)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--timed", type=int, default=60, help="photographs per slice whose reading is timed")
    parser.add_argument(
        "--timing-only", action="store_true", help="measure times alone again and put them into the results at hand"
    )
    parser.add_argument("--engines-timed", type=int, default=10, help="photographs per slice engines read for that")
    args = parser.parse_args()
    photographs = read_photographs(args.data)[: args.limit]
    timed = first_of_each([p for p in photographs if p.legible], SLICES, args.timed)
    if args.timing_only:
        some = first_of_each(timed, SLICES, args.engines_timed)
        engines = compare_engines(args.card, args.classic, args.engines, some) if args.engines else {}
        retime(args.card, args.classic, timed, engines)
        return
    slices = tuple(dict.fromkeys(p.slice for p in photographs))
    with ProcessPoolExecutor(1, get_context("spawn")) as beside:
        compared = first_of_each(photographs, SLICES, args.engine_sample)
        comparison = beside.submit(compare_engines, args.card, args.classic, args.engines, compared)
        models = load_readers(args.card, args.classic)
        samples = {"cnn": photographs, "classic": first_of_each(photographs, slices, args.classic_sample)}
        outcomes = {name: read_all(card_reader(model), samples[name], name) for name, model in models.items()}
        fooled = confusable(models["cnn"], args.adversarial, args.seed)
        comparison = comparison.result()
    times = time_readers(models, timed)
    measured = {
        name: figures(outcomes[name], model.config.digit_threshold, model.config.number_threshold) | times[name]
        for name, model in models.items()
    }
    cards = {name: [o for o in found if o.slice in SLICES] for name, found in outcomes.items()}
    plot_risk_coverage({NAMES[name]: found for name, found in cards.items()}, args.card / "risk_coverage.png")
    calibration = json.loads((args.card / "calibration.json").read_text(encoding="utf-8"))
    ablation = json.loads(args.ablation.read_text(encoding="utf-8")) if args.ablation.is_file() else None
    common = {
        "command": "python -m training.card_ocr.evaluate",
        "seed": args.seed,
        "date": datetime.date.today().isoformat(),
    }
    data = {name: describe(args.data, read) for name, read in samples.items()}
    cnn = measured["cnn"] | {
        "engines": comparison,
        "adversarial": fooled,
        "calibration": calibration,
        "ablation": ablation,
        "thresholds": {"digit": models["cnn"].config.digit_threshold, "number": models["cnn"].config.number_threshold},
    }
    write(
        args.card,
        common | {"dataset": data["cnn"]},
        "payment-card number OCR",
        headline(cnn, measured["classic"], weights(args.card)),
        cnn,
    )
    write(
        args.classic,
        common | {"dataset": data["classic"]},
        "payment-card number OCR, traditional",
        classic_headline(measured["classic"], weights(args.classic)),
        measured["classic"],
    )


def retime(card: Path, classic: Path, photographs: Sequence[Photograph], engines: dict) -> None:
    """Puts new times into both readers' results; all else stays as it was measured.

    Args:
        engines: what `compare_engines` found; only its times are taken.
    """
    times = time_readers(load_readers(card, classic), photographs)
    results = {
        name: json.loads((folder / "results.json").read_text(encoding="utf-8"))
        for name, folder in (("cnn", card), ("classic", classic))
    }
    for name, found in times.items():
        results[name]["figures"] |= found
    cnn, rival = results["cnn"]["figures"], results["classic"]["figures"]
    for name in engines.keys() & cnn["engines"].keys():
        cnn["engines"][name] |= {key: engines[name][key] for key in ("ms", "times_slower")}
    if engines:
        cnn["engines_timed_alone"] = True
    results["cnn"]["headline"] = headline(cnn, rival, weights(card))
    results["classic"]["headline"] = classic_headline(rival, weights(classic))
    for name, folder in (("cnn", card), ("classic", classic)):
        save(folder, results[name])


def describe(folder: Path, photographs: Sequence[Photograph]) -> dict:
    """What the figures were measured on; the hash is of the whole split, the counts are of what was read."""
    kinds: dict[str, int] = {}
    for photograph in photographs:
        kinds[photograph.slice] = kinds.get(photograph.slice, 0) + 1
    whole = read_photographs(folder)
    first = int(whole[0].path.stem)
    return {
        "name": f"rendered card photographs, {folder.name} split",
        "command": f"python -m training.card_ocr.render {folder.name} --first {first} --count {len(whole)}",
        "sha256": dataset_sha256(folder),
        "samples": len(photographs),
        "slices": kinds,
        "typefaces": sorted({p.record["font"] for p in photographs if p.record.get("font")}),
        "art": sorted({p.record["art"] for p in photographs if p.number is not None}),
    }


def weights(folder: Path) -> int:
    return (folder / "model.safetensors").stat().st_size


def write(folder: Path, common: dict, task: str, rows: list[dict], measured: dict) -> None:
    """Writes results.json of one model."""
    results = {"model": folder.name, "task": task} | common
    results |= {"headline": rows, "weights_bytes": weights(folder), "figures": measured}
    save(folder, results)


def save(folder: Path, results: dict) -> None:
    (folder / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(folder / "results.json")


if __name__ == "__main__":
    main()
