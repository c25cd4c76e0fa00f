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

import torch
from scipy.optimize import minimize_scalar
from torch.nn import functional as F

from modeling.card_ocr import CardOcrConfig, CardOcrModel
from modeling.card_ocr.recogniser_card_ocr import BLANK
from training.card_ocr.bands import cut_strips, plain_band, step_targets
from training.card_ocr.measures import Outcome, calibration_error, past_checksum, share, survives
from training.card_ocr.outcomes import card_reader, read_all
from training.card_ocr.photos import Photograph, read_photographs
from training.card_ocr.train import DetectorTask, RecogniserTask
from training.loop import load_best
from training.weights import save_half

CARD = Path("hub_cards/planet-card-ocr")


@dataclass(frozen=True)
class Thresholds:
    """The two reject thresholds and what they cost on validation."""

    digit: float
    number: float
    coverage: float
    wrong_before_checksum: int
    dangerous_before_checksum: int
    accepted: int


def join(runs: Path) -> CardOcrModel:
    """The model made of the best weights of runs/…/detector and runs/…/recogniser."""
    model = CardOcrModel(CardOcrConfig())
    for name, task in (("detector", DetectorTask(model)), ("recogniser", RecogniserTask(model))):
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


def upright(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Outcomes of the legible cards that were not turned."""
    return [o for o in outcomes if o.legible and o.truth is not None and o.slice != "turned"]


def choose_thresholds(outcomes: Sequence[Outcome], risk: float) -> Thresholds:
    """The thresholds that keep most legible cards while few dangerous readings get past them, checksum aside.

    Dangerous is a wrong reading that the checksum might let pass, as it does one in ten: it is judged before the
    checksum, where there are enough of them to count. Bad-checksum cards count as readable here. Turned cards count
    among the dangerous readings, not in the coverage: refusing them costs a user little, misreading them much.

    Args:
        outcomes: on validation, all slices.
        risk: dangerous readings allowed as a share of all that pass.
    """
    legible = upright(outcomes)
    best: Thresholds | None = None
    for digit in (0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97):
        for number in (0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99):
            kept = [o for o in outcomes if survives(o, True, False, digit, number)]
            dangerous = sum(past_checksum(o) for o in kept)
            if dangerous > risk * len(kept):
                continue
            coverage = sum(survives(o, True, False, digit, number) for o in legible) / max(len(legible), 1)
            if best is None or coverage > best.coverage:
                wrong = sum(not o.right for o in kept)
                best = Thresholds(digit, number, round(coverage, 4), wrong, dangerous, len(kept))
    return best or Thresholds(0.95, 0.99, 0.0, 0, 0, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("runs/card_ocr/data"))
    parser.add_argument("--runs", type=Path, default=Path("runs/card_ocr"))
    parser.add_argument("--out", type=Path, default=CARD)
    parser.add_argument(
        "--risk", type=float, default=0.001, help="dangerous readings allowed before the checksum, as a share"
    )
    parser.add_argument("--limit", type=int, help="use only the first photographs of validation")
    args = parser.parse_args()
    validation = read_photographs(args.data / "validation")[: args.limit]
    save_half(join(args.runs), args.out)
    model = CardOcrModel.from_pretrained(args.out).eval()
    model.config.temperature, before, after = fit_temperature(
        model, [p for p in validation if p.legible and p.slice != "turned"]
    )
    outcomes = read_all(card_reader(model), validation, "validation")
    thresholds = choose_thresholds(outcomes, args.risk)
    model.config.digit_threshold, model.config.number_threshold = thresholds.digit, thresholds.number
    save_half(model, args.out)
    legible = upright(outcomes)
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
