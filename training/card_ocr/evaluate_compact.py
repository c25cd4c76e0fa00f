"""Judges the compact reader beside the model it was made from, on the same test photographs in one run.

    python -m training.card_ocr.evaluate_compact --int8 runs/card_ocr/int8 --points runs/card_ocr/compact/*

Writes hub_cards/planet-card-ocr-compact/results.json and size_accuracy.png: exact cards, silent errors and calibration
of both models, of the published .onnx files and of the 8-bit ones on all photographs; the same of every other size in
`--points` and of the training run's weights in double, single and half precision on the first ones; and times on one
thread, in turns.
"""

from __future__ import annotations

import argparse
import datetime
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from modeling.card_ocr import CardOcrModel
from modeling.card_ocr.engine_card_ocr import FILES
from training.card_ocr.compact_headline import compact_headline
from training.card_ocr.evaluate import SLICES, describe, first_of_each, save
from training.card_ocr.measures import Outcome, digit_calibration, exact, lost, share
from training.card_ocr.outcomes import card_reader
from training.card_ocr.parallel import load, read_with
from training.card_ocr.photos import Photograph, read_photographs
from training.card_ocr.plots import plot_sizes

BASE, CARD = Path("hub_cards/planet-card-ocr"), Path("hub_cards/planet-card-ocr-compact")


def summary(outcomes: Sequence[Outcome]) -> dict:
    """What a size is judged by; silent errors are counted over every picture, as in `evaluate`."""
    cards = [o for o in outcomes if o.slice in SLICES]
    accepted = [o for o in outcomes if o.accepted]
    return {
        "exact": exact(cards).as_dict(),
        "slices": {name: exact([o for o in cards if o.slice == name]).as_dict() for name in SLICES},
        "coverage": share(sum(o.accepted for o in cards), len(cards)).as_dict(),
        "silent_errors": share(sum(not o.right for o in accepted), len(accepted)).as_dict(),
        "digit_ece": round(digit_calibration(cards), 5),
    }


def agreement(these: Sequence[Outcome], those: Sequence[Outcome]) -> dict:
    """Shares of cards with the same digits, and of all pictures with the same decision."""
    cards = [(a, b) for a, b in zip(these, those, strict=True) if a.slice in SLICES]
    same = sum(a.accepted == b.accepted for a, b in zip(these, those, strict=True))
    return {
        "same_digits": share(sum(a.raw == b.raw for a, b in cards), len(cards)).as_dict(),
        "same_decision": share(same, len(these)).as_dict(),
    }


def weights_bytes(folder: Path) -> int:
    return (folder / "model.safetensors").stat().st_size


def onnx_bytes(folder: Path) -> int:
    """Bytes of a folder's networks in ONNX; 0 where it has none."""
    return sum((folder / file).stat().st_size for file in FILES.values() if (folder / file).is_file())


def speed(folders: dict[str, tuple[Path, str | Path]], photographs: Sequence[Photograph]) -> dict[str, dict]:
    """Milliseconds a photograph of each, on one thread, photograph by photograph in turns; the first is the measure."""
    readers = {name: card_reader(load(*place)) for name, place in folders.items()}
    times: dict[str, list[float]] = {name: [] for name in readers}
    for photograph in tqdm(photographs, desc="timing", mininterval=2):
        for name, read in readers.items():
            times[name].append(read(photograph).ms["total"])
    base = float(np.median(next(iter(times.values()))))
    return {
        name: {
            "median": round(float(np.median(found)), 2),
            "p95": round(float(np.percentile(found, 95)), 2),
            "times_faster": round(base / float(np.median(found)), 2),
            "n": len(found),
        }
        for name, found in times.items()
    }


def command(args: argparse.Namespace) -> str:
    """The command that measures the same again; POINTS and SINGLE are made as training/card_ocr/README.md says."""
    said = ["python -m training.card_ocr.evaluate_compact", f"--points-limit {args.points_limit}"]
    said += [f"--limit {args.limit}"] if args.limit else []
    said += ["--points POINTS"] if args.points else []
    said += ["--precisions SINGLE"] if args.precisions else []
    said += ["--int8 INT8"] if args.int8 else []
    return " ".join(said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("runs/card_ocr/data/test"))
    parser.add_argument("--base", type=Path, default=BASE)
    parser.add_argument("--card", type=Path, default=CARD)
    parser.add_argument("--int8", type=Path, help="folder of the networks in 8 bits, for agreement and times")
    parser.add_argument(
        "--points", type=Path, nargs="*", default=[], help="other compact models; read by their own .onnx files if any"
    )
    parser.add_argument("--precisions", type=Path, help="model in single precision, as training left it")
    parser.add_argument("--limit", type=int, help="use only the first photographs")
    parser.add_argument("--points-limit", type=int, default=1500, help="photographs the other sizes read")
    parser.add_argument("--timed", type=int, default=40, help="photographs per slice whose reading is timed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--timing-only", action="store_true", help="measure times alone again and put them into the results at hand"
    )
    args = parser.parse_args()
    photographs = read_photographs(args.data)[: args.limit]
    engines = {"onnx": args.card} | ({"int8": args.int8} if args.int8 else {})
    placed = {"torch": (args.base, "torch"), "compact": (args.card, "torch")}
    placed |= {name: (args.card, folder) for name, folder in engines.items()}
    timed = first_of_each([p for p in photographs if p.legible], SLICES, args.timed)
    if args.timing_only:
        results = json.loads((args.card / "results.json").read_text(encoding="utf-8"))
        results["figures"]["speed"] = speed(placed, timed)
        save(args.card, results | {"headline": compact_headline(results["figures"])})
        return
    read = partial(read_with, processes=args.processes)
    base, compact = read(args.base, photographs), read(args.card, photographs)
    cards = [(a, b) for a, b in zip(base, compact, strict=True) if a.slice in SLICES]
    figures = {
        "base": summary(base) | {"bytes": weights_bytes(args.base)},
        "compact": summary(compact) | {"bytes": weights_bytes(args.card)},
        "loss": lost([a.right for a, _ in cards], [b.right for _, b in cards], seed=7),
    }
    for name, folder in engines.items():
        outcomes = read(args.card, photographs, how=folder)
        figures[name] = summary(outcomes) | agreement(outcomes, compact) | {"bytes": onnx_bytes(folder)}
    some = photographs[: args.points_limit]
    points = {folder.name: (folder, folder if onnx_bytes(folder) else "torch") for folder in args.points}
    if args.precisions:
        points |= {name: (args.precisions, how) for name, how in (("double", "double"), ("single", "torch"))}
    figures["points"] = {
        name: summary(read(place[0], some, how=place[1]))
        | {"bytes": weights_bytes(place[0]) * (2 if name == "double" else 1)}
        for name, place in points.items()
    } | {
        "half": summary(base[: len(some)]) | {"bytes": weights_bytes(args.base)},
        "published": summary(compact[: len(some)]) | {"bytes": weights_bytes(args.card)},
    }
    figures["points_samples"] = len(some)
    figures["speed"] = speed(placed, timed)
    plot_sizes(figures["points"], args.card / "size_accuracy.png")
    results = {
        "model": args.card.name,
        "task": "payment-card number OCR, compact",
        "command": command(args),
        "seed": 7,
        "date": datetime.date.today().isoformat(),
        "dataset": describe(args.data, photographs),
        "headline": compact_headline(figures),
        "weights_bytes": weights_bytes(args.card),
        "compression": CardOcrModel.from_pretrained(args.card).config.compression,
        "figures": figures,
    }
    save(args.card, results)
    print(json.dumps(results["headline"], indent=1))


if __name__ == "__main__":
    main()
