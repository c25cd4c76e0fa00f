"""How well the detector finds numbers: band recall and false alarms."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import nn

from modeling.card_ocr.geometry_card_ocr import NumberLine
from modeling.card_ocr.lines_card_ocr import fit_lines, guesses
from modeling.card_ocr.modeling_card_ocr import fit_frame
from training.card_ocr.photos import Photograph


def covers(lines: list[NumberLine], digits: np.ndarray) -> bool:
    """Whether every digit (N x 4 x 2 corners) lies on a found line: its centre within 0.3 digit heights of it.

    A digit may stand up to half a height beyond a line's end, which the band's margin still shows.
    """
    middles = digits.mean(1)
    covered = np.zeros(len(middles), bool)
    for line in lines:
        left, right = np.array(line.left), np.array(line.right)
        unit = (right - left) / max(line.length, 1e-6)
        offset = middles - left
        along, across = offset @ unit, offset @ np.array([-unit[1], unit[0]])
        inside = (along > -0.3 * line.height) & (along < line.length + 0.3 * line.height)
        covered |= inside & (np.abs(across) < 0.3 * line.height)
    return bool(covered.all())


def found_share(network: nn.Module, photographs: list[Photograph], threshold: float = 0.3) -> dict[str, float]:
    """Band recall on legible cards (by any guess), false alarms on pictures without a number, and "found", which weighs
    both."""
    device = next(network.parameters()).device
    hits, alarms = [], []
    for photograph in photographs:
        if photograph.number is not None and not photograph.legible:
            continue
        grey = torch.from_numpy(cv2.imread(str(photograph.path), cv2.IMREAD_GRAYSCALE)).float()
        frame, scale = fit_frame(grey[None, None].to(device), 640)
        found = guesses([line.scaled(1 / scale) for line in fit_lines(network(frame)[0].cpu(), threshold)])
        if photograph.number is None:
            alarms.append(bool(found))
        else:
            wanted = len(photograph.lines)
            hits.append(any(len(lines) == wanted and covers(lines, photograph.digits) for lines in found))
    recall = float(np.mean(hits)) if hits else 0.0
    alarm = float(np.mean(alarms)) if alarms else 0.0
    return {"found": recall - 0.1 * alarm, "recall": recall, "alarm": alarm}
