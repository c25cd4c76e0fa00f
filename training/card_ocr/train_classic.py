"""Trains the traditional rival: HoG digit crops -> one-vs-rest linear SVM and a small ANN, thresholds on validation.

    python -m training.card_ocr.train_classic

Reads the splits that `training.card_ocr.render` writes (or any folder with `labels.jsonl` and digit quadrilaterals)
and writes hub_cards/planet-card-ocr-classic: config, weights and code. `--limit 40` is a tiny run that shows it works.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.neural_network import MLPClassifier
from torch.nn import functional as F
from tqdm import tqdm

from modeling.card_ocr_classic import CardOcrClassicConfig, CardOcrClassicModel
from modeling.card_ocr_classic.features_card_ocr_classic import PITCH, STRIDE, descriptors
from modeling.card_ocr_classic.images_card_ocr_classic import load_image
from modeling.card_ocr_classic.reading_card_ocr_classic import VALID_LENGTHS, luhn_valid
from modeling.card_ocr_classic.rectifying_card_ocr_classic import Line, band_map, build_pyramid, cut_band
from training.card_ocr.photos import Photograph, read_photographs

NO_DIGIT = 10


def line_of(quad: np.ndarray) -> Line:
    """The straight line through a quadrilateral, 4 x 2, clockwise from the text's upper left."""
    across = (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    along = (quad[1] - quad[0] + quad[2] - quad[3]) / 2
    x, y = quad.mean(0)
    return Line(float(x), float(y), float(np.arctan2(along[1], along[0])), float(np.hypot(*across)))


def lines_of(photograph: Photograph) -> list[tuple[Line, float, np.ndarray, str]]:
    """Every printed line of a number: its geometry, pitch in digit heights, digit centres (N x 2) and text."""
    centres = photograph.digits.mean(1)
    counts = photograph.record["groups"] if len(photograph.lines) > 1 else [len(centres)]
    found, start = [], 0
    for quad, count in zip(photograph.lines, counts, strict=True):
        middle = centres[start : start + count]
        line = line_of(quad)
        steps = np.hypot(*np.diff(middle, axis=0).T)
        found.append((line, float(np.median(steps)) / line.height, middle, photograph.number[start : start + count]))
        start += count
    return found


def jitter(line: Line, rng: np.random.Generator) -> Line:
    """The line as a locator would find it: a little off in slope, height and position."""
    moved = line.moved(0.0, rng.normal(0, 0.04))
    height = line.height * float(np.exp(rng.normal(0, 0.06)))
    return Line(moved.x, moved.y, line.angle + float(rng.normal(0, 0.012)), height)


def crops_of(
    photograph: Photograph, pyramid: list[np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Descriptors and classes of the digits of a picture and of as many places that are no digit.

    Places that are no digit: half-way between two digits, beyond both ends, and rows above and below the number.

    Returns:
        N x FEATURES float32 and N classes, 0..9 or NO_DIGIT.
    """
    features, classes = [], []
    for true_line, pitch, centres, text in lines_of(photograph):
        line = jitter(true_line, rng)
        columns = PITCH * (len(text) + 8)
        tried = pitch * float(np.exp(rng.normal(0, 0.04)))
        described = descriptors(cut_band(pyramid, line, tried, columns))
        matrix = band_map(line, tried, columns)
        at = (np.linalg.inv(matrix[:, :2]) @ (centres - matrix[:, 2]).T)[0]
        places = at + rng.uniform(-1.5, 1.5, len(at))
        ends = [at[0] - PITCH * rng.uniform(0.6, 1.5), at[-1] + PITCH * rng.uniform(0.6, 1.5)]
        between = at[:-1] + np.diff(at) * rng.uniform(0.4, 0.6, len(at) - 1)
        off = np.concatenate([rng.choice(between, min(len(between), max(len(at) // 2, 2)), replace=False), ends])
        features += [described[_positions(places, described)], described[_positions(off, described)]]
        classes += [[int(digit) for digit in text], [NO_DIGIT] * len(off)]
        aside = line.moved(rng.uniform(-3, 3), rng.choice([-1, 1]) * rng.uniform(0.4, 2.5))
        if len(photograph.lines) == 1:
            other = descriptors(cut_band(pyramid, aside, tried, columns))
            some = rng.integers(0, len(other), len(at) // 3)
            features.append(other[some])
            classes.append([NO_DIGIT] * len(some))
    return np.concatenate(features), np.concatenate(classes)


def _positions(columns: np.ndarray, described: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(columns / STRIDE).astype(int), 0, len(described) - 1)


def read_grey(path: Path) -> np.ndarray:
    """A picture as the model sees it, H x W uint8."""
    return cv2.cvtColor(load_image(path), cv2.COLOR_RGB2GRAY)


def collect(photographs: list[Photograph], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Crops of every picture that holds a number. See `crops_of`.

    Raises:
        ValueError: if no picture does.
    """
    parts = []
    for index, photograph in enumerate(tqdm(photographs, desc="crops", mininterval=2)):
        if photograph.number is None or not photograph.legible:
            continue
        rng = np.random.default_rng([seed, index])
        parts.append(crops_of(photograph, build_pyramid(read_grey(photograph.path)), rng))
    if not parts:
        raise ValueError("None of the photographs shows a readable number with digit quadrilaterals")
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def fit_classifier(model: CardOcrClassicModel, features: np.ndarray, classes: np.ndarray, seed: int) -> None:
    """Fits SVM and ANN with scikit-learn and writes their weights into the model.

    Features are standardised for fitting, and the standardisation is folded into the first layer's weights:
    w (x - m) / s + b = (w / s) x + (b - w m / s).
    """
    mean, spread = features.mean(0), features.std(0) + 0.02
    standard = (features - mean) / spread
    rng = np.random.default_rng(seed)
    epochs = int(np.clip(2_000_000 // len(features), 8, 200))
    svm = SGDClassifier(loss="hinge", alpha=1e-5, average=True, max_iter=epochs, tol=None, random_state=seed)
    svm.fit(standard, classes)
    ann = MLPClassifier(
        (model.config.hidden,), batch_size=min(256, len(features)), max_iter=24, alpha=1e-4, random_state=seed,
        early_stopping=len(features) > 5000, validation_fraction=0.05, n_iter_no_change=5,
    )  # fmt: skip
    order = rng.permutation(len(features))
    ann.fit(standard[order], classes[order])
    _write_linear(model.classifier.svm, svm.coef_, svm.intercept_, svm.classes_, mean, spread)
    hidden, out = model.classifier.ann[0], model.classifier.ann[2]
    _write_linear(hidden, ann.coefs_[0].T, ann.intercepts_[0], np.arange(model.config.hidden), mean, spread)
    _write_linear(out, ann.coefs_[1].T, ann.intercepts_[1], ann.classes_, np.zeros(1), np.ones(1))


def _write_linear(layer, weight, bias, rows, mean, spread) -> None:
    """Folds a standardisation into a linear layer; classes no crop showed (tiny runs) get a hopeless bias."""
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.fill_(-10.0)
        layer.weight[rows] = torch.tensor(weight / spread, dtype=torch.float32)
        layer.bias[rows] = torch.tensor(bias - (weight / spread * mean).sum(1), dtype=torch.float32)


def fit_mix(model: CardOcrClassicModel, features: np.ndarray, classes: np.ndarray) -> float:
    """Weighs SVM and ANN so that their softmax is calibrated on crops not trained on; returns the mean log-loss.

    Both weights are one-parameter temperature scalings fitted together (Guo et al., ICML 2017).
    """
    with torch.no_grad():
        inputs = torch.from_numpy(features)
        svm, ann = model.classifier.svm(inputs), model.classifier.ann(inputs)
    target = torch.from_numpy(classes)
    mix = torch.tensor([0.5, 0.5], requires_grad=True)
    optimizer = torch.optim.LBFGS([mix], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(mix[0] * svm + mix[1] * ann, target)
        value.backward()
        return value

    optimizer.step(loss)
    with torch.no_grad():
        model.classifier.mix.copy_(mix)
    return float(loss().detach())


@dataclass(frozen=True)
class Attempt:
    """A validation picture and what the model found in it, before the decision.

    Attributes:
        found: digits found, "" where there is no line.
        right: whether they are the number's.
        weakest: least confidence of a digit.
        confidence: in the whole number.
        summary: what `trust` weighs.
    """

    found: str
    right: bool
    weakest: float
    confidence: float
    summary: np.ndarray


def attempt(model: CardOcrClassicModel, photograph: Photograph) -> Attempt | None:
    """Lets the model try a labelled picture; None where it sees no line of digits."""
    candidate = model.find(load_image(photograph.path))
    if candidate is None or candidate.evidence.mean() < model.config.line_threshold:
        return None
    chances = candidate.probabilities
    found = "".join(map(str, chances.argmax(1)))
    return Attempt(found, found == photograph.number, float(chances.max(1).min()), 0.0, candidate.summary)


def fit_trust(model: CardOcrClassicModel, attempts: list[Attempt]) -> list[Attempt]:
    """Fits the probability that a whole number is right; returns the attempts with that confidence.

    Without both right and wrong attempts (tiny runs) the product of the digits' confidences is left as it is.
    """
    right = np.array([one.right for one in attempts])
    summaries = np.stack([one.summary for one in attempts])
    if 0 < right.sum() < len(right):
        fitted = LogisticRegression(C=10.0, max_iter=500).fit(summaries[:, 1:], right)
        with torch.no_grad():
            model.trust.copy_(torch.tensor([*fitted.intercept_, *fitted.coef_[0]], dtype=torch.float32))
    with torch.no_grad():
        confidences = torch.sigmoid(torch.from_numpy(summaries) @ model.trust).tolist()
    return [replace(one, confidence=value) for one, value in zip(attempts, confidences, strict=True)]


def choose_thresholds(attempts: list[Attempt]) -> tuple[float, float, int]:
    """The thresholds that accept most right numbers and no wrong one.

    For every digit threshold the number threshold is just above the most confident wrong number that the other
    checks let pass, but never below one half.

    Returns:
        Digit threshold, number threshold, and how many right numbers they accept.
    """
    best = (1.0, 1.0, -1)
    for digit_threshold in np.arange(0.4, 0.96, 0.05).round(2):
        passing = [one for one in attempts if one.weakest >= digit_threshold and len(one.found) in VALID_LENGTHS]
        passing = [one for one in passing if luhn_valid(one.found)]
        wrong = max((one.confidence for one in passing if not one.right), default=0.0)
        # a fifth of the way to certainty beyond the worst case seen: another picture's may be a little worse
        number_threshold = max(0.5, wrong + 0.2 * (1 - wrong)) if wrong else 0.5
        accepted = sum(one.right and one.confidence >= number_threshold for one in passing)
        if accepted > best[2]:
            best = (float(digit_threshold), float(number_threshold), accepted)
    return best


def faintest_line(attempts: list[Attempt], least: float) -> float:
    """Mean evidence below which a line is no number: a little less than that of any number read right."""
    right = [float(one.summary[2]) for one in attempts if one.right]
    return max(round(min(right) - 0.3, 2), least) if right else least


def main(arguments: list[str] | None = None) -> None:
    """Trains, calibrates and saves; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("runs/card_ocr/data"), help="folder of train and validation")
    parser.add_argument("--out", type=Path, default=Path("hub_cards/planet-card-ocr-classic"))
    parser.add_argument("--train-pictures", type=int, default=8000)
    parser.add_argument("--validation-pictures", type=int, default=1000, help="read as a whole, for the thresholds")
    parser.add_argument("--hidden", type=int, default=128, help="hidden units of the ANN")
    parser.add_argument("--limit", type=int, help="at most this many pictures of either split: a tiny run")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args(arguments)
    train_count, validation_count = (
        min(count, args.limit or count) for count in (args.train_pictures, args.validation_pictures)
    )
    model = CardOcrClassicModel(CardOcrClassicConfig(hidden=args.hidden)).eval()
    fit_classifier(model, *collect(read_photographs(args.data / "train")[:train_count], args.seed), args.seed)
    photographs = read_photographs(args.data / "validation")[:validation_count]
    features, classes = collect(photographs, args.seed + 1)
    log_loss = fit_mix(model, features, classes)
    with torch.no_grad():
        correct = (model(torch.from_numpy(features)).argmax(1).numpy() == classes).mean()
    print(f"validation crops: {correct:.4f} right, log-loss {log_loss:.4f}", flush=True)
    tried = [attempt(model, photograph) for photograph in tqdm(photographs, desc="validation", mininterval=2)]
    attempts = [one for one in tried if one is not None]
    if attempts:
        digit, number, accepted = choose_thresholds(fit_trust(model, attempts))
        model.config.digit_threshold, model.config.number_threshold = digit, number
        model.config.line_threshold = faintest_line(attempts, model.config.line_threshold)
        right, cards = sum(one.right for one in attempts), sum(p.number is not None for p in photographs)
        print(f"validation cards: {right} of {cards} right, {accepted} accepted, thresholds {digit:.2f} {number:.4f}")
    model.save_pretrained(args.out)
    print(args.out)


if __name__ == "__main__":
    main()
