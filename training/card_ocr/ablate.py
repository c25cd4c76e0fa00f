"""What each augmentation is worth: the recogniser trained on few photographs, with and without it.

    python -m training.card_ocr.ablate

Every run sees the same photographs, steps and seed; the published detector is shared. Exact-card accuracy is end to end
on validation. Answers are appended to runs/card_ocr/ablation.json run by run, and each run goes on from its last
checkpoint, so an interrupted ablation continues; one with other settings starts anew. The whole goes into the card's
results.json, now if it is there, else when `evaluate` writes it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from modeling.card_ocr import CardOcrConfig, CardOcrModel
from training.card_ocr.augment import AUGMENTATIONS, DECK
from training.card_ocr.evaluate import CARD, SLICES
from training.card_ocr.headline import augmentation_row
from training.card_ocr.measures import exact
from training.card_ocr.outcomes import card_reader, read_all
from training.card_ocr.photos import Photograph, read_photographs
from training.card_ocr.train import parse, train_recogniser
from training.loop import LoopConfig

VARIANTS: dict[str, tuple[str, ...]] = {
    "none": (),
    "deck": DECK,
    "all": AUGMENTATIONS,
    **{f"deck without {name}": tuple(n for n in DECK if n != name) for name in DECK},
}


def run_variant(
    names: tuple[str, ...],
    photographs: list[Photograph],
    validation: list[Photograph],
    runs: Path,
    card: Path,
    steps: int,
    seed: int,
) -> dict:
    """Trains one recogniser and reads the validation cards with it."""
    torch.manual_seed(seed)
    model = CardOcrModel(CardOcrConfig())
    model.detector.load_state_dict(CardOcrModel.from_pretrained(card).detector.state_dict())
    args = parse(["recogniser", "--augment", *names, "--processes", "1"])
    folder = "-".join([*(names or ["none"]), str(len(photographs)), str(steps), str(seed)])
    loop = LoopConfig(
        output_dir=runs / "ablation" / folder, max_steps=steps, learning_rate=args.learning_rate,
        warmup_steps=min(200, steps // 5), weight_decay=0.02, max_grad_norm=5.0, eval_every=steps, metric_name="exact",
        greater_is_better=True, seed=seed,
    )  # fmt: skip
    train_recogniser(model, photographs, validation[:20], loop, args)
    outcomes = read_all(card_reader(model.eval()), validation, "reading")
    return {"all": exact(outcomes).as_dict()} | {
        name: exact([o for o in outcomes if o.slice == name]).as_dict() for name in SLICES
    }


def continued(path: Path, settings: dict) -> dict:
    """The report at `path` if measured with these settings, else an empty one: figures of others do not compare."""
    report = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    same = {name: report.get(name) for name in settings} == settings
    return report if same else settings | {"variants": {}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("runs/card_ocr/data"))
    parser.add_argument(
        "--runs", type=Path, default=Path("runs/card_ocr"), help="folder the runs and their figures go to"
    )
    parser.add_argument("--photographs", type=int, default=200)
    parser.add_argument("--cards", type=int, default=400, help="validation cards to read")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument(
        "--card", type=Path, default=CARD, help="published model that lends its detector and gets the figures"
    )
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    framed = [p for p in read_photographs(args.data / "train") if p.slice in ("flat", "embossed")][: args.photographs]
    cards = [p for p in read_photographs(args.data / "validation") if p.slice in SLICES][: args.cards]
    path = args.runs / "ablation.json"
    settings = {"photographs": len(framed), "cards": len(cards), "steps": args.steps, "seed": args.seed}
    report = continued(path, settings)
    for name in args.variants:
        if name not in report["variants"]:
            figures = run_variant(VARIANTS[name], framed, cards, args.runs, args.card, args.steps, args.seed)
            report = continued(path, settings)  # another process may have added its variants meanwhile
            report["variants"][name] = figures
            path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
            print(name, report["variants"][name]["all"])
    add_to_results(report, args.card / "results.json")


def add_to_results(report: dict, path: Path) -> None:
    """Puts the ablation into a results.json that was written before it."""
    if path.is_file() and {"deck", "none"} <= report["variants"].keys():
        results = json.loads(path.read_text(encoding="utf-8"))
        results["figures"]["ablation"] = report
        rows = [row for row in results["headline"] if row["key"] != "augmentation"]
        results["headline"] = [*rows, augmentation_row(report)]
        path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
