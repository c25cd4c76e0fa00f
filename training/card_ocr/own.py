"""Your own photographs: from a number alone to the boxes the networks train on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from PIL import Image

from modeling.card_ocr import CardOcrModel
from modeling.card_ocr.geometry_card_ocr import rectify
from modeling.card_ocr.images_card_ocr import load_image
from modeling.card_ocr.modeling_card_ocr import to_grey
from modeling.card_ocr.recogniser_card_ocr import BLANK, STEP
from training.card_ocr.photos import Photograph


def align(log_probabilities: np.ndarray, number: list[int]) -> list[tuple[int, int]]:
    """First and last output step of every digit on the most probable path that reads `number` (Viterbi over CTC).

    Args:
        log_probabilities: S x 11.
        number: N digits, N <= S.

    Raises:
        ValueError: if the band is too short for the number.
    """
    states = [BLANK]
    for digit in number:
        states += [digit, BLANK]
    steps, count = len(log_probabilities), len(states)
    score = np.full((steps, count), -np.inf)
    came = np.zeros((steps, count), int)
    score[0, :2] = log_probabilities[0, states[:2]]
    skip = [s >= 2 and states[s] != BLANK and states[s] != states[s - 2] for s in range(count)]
    for t in range(1, steps):
        for s in range(count):
            before = [
                score[t - 1, s],
                score[t - 1, s - 1] if s else -np.inf,
                score[t - 1, s - 2] if skip[s] else -np.inf,
            ]
            step = int(np.argmax(before))
            score[t, s] = before[step] + log_probabilities[t, states[s]]
            came[t, s] = s - step
    state = count - 1 if score[-1, -1] >= score[-1, -2] else count - 2
    if not np.isfinite(score[-1, state]):
        raise ValueError(f"{steps} steps are too few for {len(number)} digits")
    runs: dict[int, list[int]] = {}
    for t in range(steps - 1, -1, -1):
        runs.setdefault(state, []).append(t)
        state = came[t, state]
    return [(min(runs[2 * i + 1]), max(runs[2 * i + 1])) for i in range(len(number))]


@torch.inference_mode()
def complete_labels(model: CardOcrModel, photographs: list[Photograph]) -> list[Photograph]:
    """Adds line and digit boxes to photographs that lack them, found by `model` and aligned with the known number.

    Photographs in which no line is found are left out, with a line on the terminal each: draw their "lines" yourself.
    """
    complete = []
    for photograph in photographs:
        if photograph.number is None or len(photograph.digits):
            complete.append(photograph)
            continue
        try:
            complete.append(_complete(model, photograph))
        except ValueError as error:
            print(f"left out {photograph.path.name}: {error}")
    return complete


def _complete(model: CardOcrModel, photograph: Photograph) -> Photograph:
    with Image.open(photograph.path) as opened:
        rgb = load_image(opened)
    grey = to_grey(rgb)
    lines = photograph.number_lines or next(iter(model._locate(grey)), [])
    if not lines:
        raise ValueError("no number line found; add its corners as lines")
    band, segments = rectify(grey, lines, model.config.band_height, model.config.digit_height)
    logits, extents = model.recogniser(band)
    runs = align(logits[0].log_softmax(-1).numpy(), list(map(int, photograph.number)))
    quads = []
    for first, last in runs:
        step = (first + last) // 2
        left, right = extents[0, step].tolist()
        centre = (step + 0.5) * STEP
        segment = max((s for s in segments if s.start <= centre), key=lambda s: s.start)
        quads.append(segment.corners(centre - left, centre + right))
    return replace(photograph, lines=np.array([line.corners for line in lines]), digits=np.array(quads))
