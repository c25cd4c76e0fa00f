"""What the recogniser learns from: straightened strips with the place of every digit, jittered anew in every epoch.

Dimensions: a window has 32 rows and W columns; S = W / 2 output steps.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pool

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from tqdm import tqdm

from modeling.card_ocr.geometry_card_ocr import END_MARGIN, NumberLine
from modeling.card_ocr.recogniser_card_ocr import BLANK, STEP
from training.card_ocr.augment import check_augmentations, jitter, reshape, tone
from training.card_ocr.photos import Photograph

ROWS, DIGIT = 56, 24
"""Rows of a stored strip and of a digit in it: more than the band shows, so that jitter has something to move in."""

EITHER = BLANK + 1
"""Added to a digit: the step may show that digit or nothing, but no other digit."""


UPSIDE_DOWN = 0.06
"""Share of windows shown upside down as "nothing here": a 6 on its head is no 9, whatever it looks like."""


@dataclass(frozen=True)
class Strip:
    """The printed lines of one photograph, straightened and side by side.

    Attributes:
        grey: 56 x W uint8.
        spans: N x 2, left and right end of every digit in strip columns.
        values: N digits.
    """

    grey: np.ndarray
    spans: np.ndarray
    values: np.ndarray


def cut_strip(photograph: Photograph) -> Strip:
    """Cuts the strip of a photograph that has line and digit boxes."""
    grey = cv2.imread(str(photograph.path), cv2.IMREAD_GRAYSCALE)
    pieces, spans, start, first = [], [], 0, 0
    for line, count in zip(photograph.number_lines, _digits_per_line(photograph), strict=True):
        piece, columns = _cut(grey, line, photograph.digits[first : first + count])
        pieces.append(piece)
        spans.append(columns + start)
        start, first = start + piece.shape[1], first + count
    return Strip(np.concatenate(pieces, 1), np.concatenate(spans), np.array(list(map(int, photograph.number))))


def _digits_per_line(photograph: Photograph) -> list[int]:
    """Digits on each printed line: every digit belongs to the line whose centre line runs nearest."""
    if len(photograph.lines) == 1:
        return [len(photograph.digits)]
    middles = photograph.digits.mean(1)
    centres = photograph.lines.mean(1)
    axis = photograph.lines[0][3] - photograph.lines[0][0]
    nearest = np.abs((middles[:, None] - centres[None]) @ axis).argmin(1)
    return np.bincount(nearest, minlength=len(centres)).tolist()


def _cut(grey: np.ndarray, line: NumberLine, digits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One line as a strip of 56 rows, and its digits' columns (N x 2)."""
    height = max(line.height, 1.0)
    width = int(np.clip(round((line.length / height + 2 * END_MARGIN) * DIGIT), 16, 1400))
    finer = 2 if height > 1.2 * DIGIT else 1
    along = ((np.arange(width * finer) + 0.5) / (finer * DIGIT) - END_MARGIN) * height / max(line.length, 1e-6)
    across = ((np.arange(ROWS * finer) + 0.5) / finer - ROWS / 2) / DIGIT
    points = line.point(*np.broadcast_arrays(along[None, :], across[:, None])).astype(np.float32) - 0.5
    strip = cv2.remap(grey, points[..., 0], points[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if finer > 1:
        strip = cv2.resize(strip, (width, ROWS), interpolation=cv2.INTER_AREA)
    left, right = np.array(line.left), np.array(line.right)
    unit = (right - left) / max(line.length, 1e-6)
    ends = np.stack([(digits[:, 0] + digits[:, 3]) / 2, (digits[:, 1] + digits[:, 2]) / 2], 1)
    return strip, (((ends - left) @ unit) / height + END_MARGIN) * DIGIT


def cut_strips(photographs: list[Photograph], processes: int = 1) -> list[Strip]:
    """The strips of all photographs that have digit boxes."""
    usable = [photograph for photograph in photographs if len(photograph.digits)]
    bar = partial(tqdm, total=len(usable), desc="strips", mininterval=2)
    if processes == 1:
        return list(bar(map(cut_strip, usable)))
    with Pool(processes) as pool:
        return list(bar(pool.imap(cut_strip, usable, chunksize=128)))


def step_targets(spans: np.ndarray, values: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Class and extents of every output step.

    A step in the middle of a digit shows that digit; one at the border of two, or outside of all, shows nothing;
    those in between may do either, since where exactly a digit ends is nobody's business.

    Args:
        spans: N x 2 ends of the digits in window columns, ascending.
        values: N digits.
        steps: S.

    Returns:
        S classes (`EITHER` + digit where that digit or blank is right), and S x 2 distances to the digit's ends.
    """
    centres = (np.arange(steps) + 0.5) * STEP
    classes = np.full(steps, BLANK, np.int64)
    extents = np.zeros((steps, 2), np.float32)
    middles, widths = spans.mean(1), spans[:, 1] - spans[:, 0]
    borders = (spans[:-1, 1] + spans[1:, 0]) / 2
    for value, middle, width, (left, right) in zip(values, middles, widths, spans, strict=True):
        classes[(centres > left - 1) & (centres < right + 1)] = EITHER + value
        core = np.abs(centres - middle) <= max(0.22 * width, 0.55 * STEP)
        classes[core] = value
        extents[core] = np.stack([centres[core] - left, right - centres[core]], 1)
    between = np.abs(centres[:, None] - borders[None]).min(1, initial=np.inf) <= 0.55 * STEP
    classes[between & (classes >= EITHER)] = BLANK
    return classes, extents


class BandWindows(Dataset):
    """Windows of a fixed width cut from strips at random places, augmented as switched on.

    Args:
        strips: where to cut.
        augmentations: see `augment.AUGMENTATIONS`.
        width: W, a multiple of 4.
        digit_height: height digits have in a window.
    """

    def __init__(self, strips: list[Strip], augmentations: Collection[str], width: int = 320, digit_height: int = 20):
        self.strips, self.width, self.digit_height = strips, width, digit_height
        self.names = check_augmentations(augmentations)

    def __len__(self) -> int:
        return len(self.strips)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        rng = np.random.default_rng(np.random.randint(2**31))  # the loop seeds the global generator per sample
        strip = self.strips[index]
        scale = self.digit_height / DIGIT
        room = strip.grey.shape[1] * scale - self.width
        start = rng.uniform(min(room, 0) - 12, max(room, 0) + 12)
        place = np.array([[scale, 0, -start], [0, scale, (32 - ROWS * scale) / 2]])
        about = np.array([[1, 0, -self.width / 2], [0, 1, -16], [0, 0, 1]])
        moved = np.concatenate([jitter(rng, self.names, degrees=2.0, share=0.16, shift=2.5, aspect=0.12), [[0, 0, 1]]])
        matrix = (np.linalg.inv(about) @ moved @ about @ np.concatenate([place, [[0, 0, 1]]]))[:2]
        grey = cv2.warpAffine(
            strip.grey, matrix, (self.width, 32), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        grey = tone(rng, reshape(rng, grey, self.names, self.digit_height), self.names, self.digit_height)
        ends = np.stack([strip.spans.ravel(), np.full(strip.spans.size, ROWS / 2), np.ones(strip.spans.size)])
        classes, extents = step_targets((matrix[0] @ ends).reshape(-1, 2), strip.values, self.width // STEP)
        if "turn" in self.names and rng.random() < UPSIDE_DOWN:
            grey, classes = grey[::-1, ::-1].copy(), np.full_like(classes, BLANK)
        return {
            "bands": torch.from_numpy(grey)[None],
            "classes": torch.from_numpy(classes),
            "extents": torch.from_numpy(extents),
        }


def plain_band(strip: Strip, digit_height: int = 20) -> Tensor:
    """A whole strip as the reader would see it, unaugmented: 1 x 32 x W float32, W a multiple of 4."""
    scale = digit_height / DIGIT
    width = max(4 * round(strip.grey.shape[1] * scale / 4), 16)
    matrix = np.array([[scale, 0, 0], [0, scale, (32 - ROWS * scale) / 2]])
    grey = cv2.warpAffine(strip.grey, matrix, (width, 32), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return torch.from_numpy(grey.astype(np.float32))[None]
