"""Joins the two trained networks into the published model and fixes its thresholds on validation.

    python -m training.card_ocr.export

Writes config, fp16 weights and code to hub_cards/planet-card-ocr, and what was chosen, and why, to
hub_cards/planet-card-ocr/calibration.json. The test split is never looked at.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from torch.nn import functional as F

from modeling.card_ocr import CardOcrConfig, CardOcrModel
from modeling.card_ocr.recogniser_card_ocr import BLANK
from training.card_ocr.bands import cut_strips, plain_band, step_targets
from training.card_ocr.measures import Outcome, calibration_error, past_checksum, share, survives
from training.card_ocr.parallel import read_with
from training.card_ocr.photos import Photograph, read_photographs
from training.card_ocr.train import NETWORKS, DetectorTask, RecogniserTask, resized
from training.loop import load_best
from training.weights import save_half

CARD = Path("hub_cards/planet-card-ocr")

DIGIT_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)
"""What is tried; for the number, every confidence that was seen on validation."""


@dataclass(frozen=True)
class Thresholds:
    """The two reject thresholds and what they cost on validation."""

    digit: float
    number: float
    coverage: float
    wrong_before_checksum: int
    dangerous_before_checksum: int
    accepted: int


def join(runs: Path, start: Path | None = None) -> CardOcrModel:
    """The model made of the best weights of runs/…/detector and runs/…/recogniser.

    Args:
        runs: folder of both.
        start: model whose network stays where `runs` has none, for legs that trained only one of them.
    """
    trained = [name for name in NETWORKS if start is None or (runs / name).is_dir()]
    widths = {name: getattr(CardOcrConfig.from_pretrained(runs / name), f"{name}_channels") for name in trained}
    model = resized(CardOcrModel.from_pretrained(start) if start else CardOcrModel(CardOcrConfig()), widths)
    for name, task in (("detector", DetectorTask(model)), ("recogniser", RecogniserTask(model))):
        if name in trained:
            load_best(task, runs / name)
    return model.eval()


@torch.inference_mode()
def fit_temperature(model: CardOcrModel, photographs: list[Photograph]) -> tuple[float, float, float]:
    """The temperature that minimises the digit steps' negative log-likelihood (Guo 2017), and their calibration error
    before and after it."""
    logits, classes = [], []
    for strip in cut_strips(photographs):
        band = plain_band(strip, model.config.digit_height)
        out = model.recogniser(band[None])[0][0]
        spans = strip.spans * band.shape[-1] / strip.grey.shape[1]
        target = torch.from_numpy(step_targets(spans, strip.values, len(out))[0])
        digit = target < BLANK
        logits.append(out[digit])
        classes.append(target[digit])
    logits, classes = torch.cat(logits), torch.cat(classes)
    found = minimize_scalar(lambda t: float(F.cross_entropy(logits / t, classes)), bounds=(0.3, 4.0), method="bounded")
    errors = []
    for temperature in (1.0, float(found.x)):
        confidence, answer = (logits / temperature).softmax(-1).max(-1)
        errors.append(calibration_error(confidence.numpy(), (answer == classes).numpy()))
    return round(float(found.x), 3), *errors


def is_upright(outcome: Outcome) -> bool:
    """Whether it is of a legible card that was not turned."""
    return outcome.legible and outcome.truth is not None and outcome.slice != "turned"


def _floor(confidence: float) -> float:
    """Rounded down to six decimals, so that a threshold of this value lets its own reading pass."""
    return float(np.floor(confidence * 1e6) / 1e6)


def choose_thresholds(outcomes: Sequence[Outcome], risk: float, doubt: float = 1.0) -> Thresholds:
    """The thresholds that keep most legible cards while few dangerous readings get past them, checksum aside.

    Dangerous is a wrong reading that the checksum might let pass, as it does one in ten: it is judged before the
    checksum, where there are enough of them to count. Bad-checksum cards count as readable here. Turned cards count
    among the dangerous readings, not in the coverage: refusing them costs a user little, misreading them much.

    Args:
        outcomes: on validation, all slices.
        risk: dangerous readings allowed as a share of all that pass.
        doubt: how much of the doubt (one less the confidence in the number) that keeps to `risk` is allowed, 0 to 1:
            the surest dangerous reading of a sample is not the surest there is.
    """
    cards = sum(map(is_upright, outcomes))
    best = 0.0, 0.95, 0.9999  # coverage, digit and number: what is left where nothing keeps to the risk
    for digit in DIGIT_THRESHOLDS:
        formed = [(_floor(o.confidence), o) for o in outcomes if survives(o, True, False, digit, 0.0)]
        formed.sort(key=lambda pair: -pair[0])
        covered = dangerous = 0
        for kept, (number, outcome) in enumerate(formed, 1):
            following = formed[kept][0] if kept < len(formed) else -1.0
            covered += is_upright(outcome)
            dangerous += past_checksum(outcome)
            coverage = round(covered / max(cards, 1), 4)
            # A threshold lets all pass that are as sure as this one.
            if number > following and dangerous <= risk * kept and coverage > best[0]:
                best = coverage, digit, number
    _, digit, number = best
    number = round(1 - doubt * (1 - number), 6)
    passing = [o for o in outcomes if survives(o, True, False, digit, number)]
    return Thresholds(
        digit, number, round(sum(map(is_upright, passing)) / max(cards, 1), 4),
        sum(not o.right for o in passing), sum(map(past_checksum, passing)), len(passing),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("runs/card_ocr/data"))
    parser.add_argument("--runs", type=Path, default=Path("runs/card_ocr"))
    parser.add_argument("--start", type=Path, help="model whose network stays where --runs has none")
    parser.add_argument("--out", type=Path, default=CARD)
    parser.add_argument(
        "--risk", type=float, default=0.0, help="dangerous readings allowed before the checksum, as a share"
    )
    parser.add_argument("--doubt", type=float, default=1.0, help="share of the doubt that keeps to --risk allowed")
    parser.add_argument("--limit", type=int, help="use only the first photographs of validation")
    parser.add_argument("--processes", type=int, default=2, help="processes that read them")
    args = parser.parse_args()
    validation = read_photographs(args.data / "validation")[: args.limit]
    save_half(join(args.runs, args.start), args.out)
    model = CardOcrModel.from_pretrained(args.out).eval()
    model.config.temperature, before, after = fit_temperature(
        model, [p for p in validation if p.legible and p.slice != "turned"]
    )
    # What is read depends on the thresholds a little: doubtful numbers get more looks. Begin near where they will be.
    usual = CardOcrConfig()
    model.config.digit_threshold, model.config.number_threshold = usual.digit_threshold, usual.number_threshold
    save_half(model, args.out)
    outcomes = read_with(args.out, validation, args.processes)
    thresholds = choose_thresholds(outcomes, args.risk, args.doubt)
    model.config.digit_threshold, model.config.number_threshold = thresholds.digit, thresholds.number
    save_half(model, args.out)
    legible = [o for o in outcomes if is_upright(o)]
    report = {
        "temperature": model.config.temperature,
        "thresholds": asdict(thresholds),
        "digit_ece_before": round(before, 5),
        "digit_ece_after": round(after, 5),
        "validation_exact": share(sum(o.right for o in legible), len(legible)).as_dict(),
        "validation_band_recall": share(sum(bool(o.found) for o in legible), len(legible)).as_dict(),
    }
    (args.out / "calibration.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
