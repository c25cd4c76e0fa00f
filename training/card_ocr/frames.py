"""What the detector learns from: whole frames, jittered, with the number lines drawn onto the detector's grid."""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from modeling.card_ocr.detector_card_ocr import STRIDE
from modeling.card_ocr.geometry_card_ocr import NumberLine
from training.card_ocr.augment import check_augmentations, jitter, tone
from training.card_ocr.photos import Photograph, line_of

WIDTH, HEIGHT = 640, 480

LEAST_HEIGHT = 3.0
"""Lines lower than this many pixels are ignored: nobody could say where their digits are."""

NUMBER, NOTHING, EITHER = 1.0, 0.0, -1.0


def grid_targets(lines: list[NumberLine], width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """What the detector should answer for a frame with these lines.

    A cell within half a digit height of a centre line is on the number; up to 0.7 it may answer either way.

    Returns:
        6 x H/8 x W/8 float32: 1 on a number, 0 elsewhere, -1 for either; then the five geometry maps of `MAPS`.
    """
    x, y = np.meshgrid((np.arange(width // STRIDE) + 0.5) * STRIDE, (np.arange(height // STRIDE) + 0.5) * STRIDE)
    maps = np.zeros((6, *x.shape), np.float32)
    nearest = np.full(x.shape, np.inf)
    for line in lines:
        left, right = np.array(line.left), np.array(line.right)
        unit = (right - left) / max(line.length, 1e-6)
        along = (x - left[0]) * unit[0] + (y - left[1]) * unit[1]
        across = (y - left[1]) * unit[0] - (x - left[0]) * unit[1]
        tall = line.left_height + np.clip(along / max(line.length, 1e-6), 0, 1) * (line.right_height - line.left_height)
        distance = np.abs(across) / np.maximum(tall, STRIDE)
        inside = (along >= -0.2 * tall) & (along <= line.length + 0.2 * tall)
        closer = inside & (distance < np.minimum(nearest, 0.7))
        nearest[closer] = distance[closer]
        score = NUMBER if line.height >= LEAST_HEIGHT else EITHER
        maps[0][closer] = np.where(distance[closer] <= 0.5, score, EITHER)
        maps[1][closer] = (-across * -unit[1])[closer] / STRIDE
        maps[2][closer] = (-across * unit[0])[closer] / STRIDE
        maps[3][closer] = np.log(tall[closer] / STRIDE)
        maps[4][closer], maps[5][closer] = unit
    return maps


class Frames(Dataset):
    """Grey 640 x 480 frames with their grid targets.

    Args:
        photographs: with line boxes, or without any number.
        augmentations: see `augment.AUGMENTATIONS`.
    """

    def __init__(self, photographs: list[Photograph], augmentations: Collection[str]):
        self.photographs = [p for p in photographs if len(p.lines) or p.number is None]
        self.names = check_augmentations(augmentations)

    def __len__(self) -> int:
        return len(self.photographs)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        rng = np.random.default_rng(np.random.randint(2**31))  # the loop seeds the global generator per sample
        photograph = self.photographs[index]
        grey = cv2.imread(str(photograph.path), cv2.IMREAD_GRAYSCALE)
        matrix = self._place(rng, grey, photograph)
        grey = cv2.warpAffine(grey, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        quads = photograph.lines @ matrix[:, :2].T + matrix[:, 2]
        lines = [line_of(quad) for quad in quads]
        smallest = min((line.height for line in lines), default=20.0)
        names = self.names - {"noise"} if rng.random() < 0.5 else self.names
        grey = tone(rng, grey, names, smallest)
        return {
            "frames": torch.from_numpy(np.round(grey).astype(np.uint8))[None],
            "targets": torch.from_numpy(grid_targets(lines)),
        }

    def _place(self, rng: np.random.Generator, grey: np.ndarray, photograph: Photograph) -> np.ndarray:
        """The affine map into the frame: fitted, then jittered if the number stays inside."""
        fit = min(WIDTH / grey.shape[1], HEIGHT / grey.shape[0])
        plain = np.array([[fit, 0, 0], [0, fit, 0]])
        moved = jitter(rng, self.names - {"shear"}, degrees=8, share=0.25, shift=60, aspect=0.08)
        to_centre = np.array([[1, 0, -WIDTH / 2], [0, 1, -HEIGHT / 2], [0, 0, 1]])
        full = np.linalg.inv(to_centre) @ np.concatenate([moved, [[0, 0, 1]]]) @ to_centre
        matrix = (full @ np.concatenate([plain, [[0, 0, 1]]]))[:2]
        corners = photograph.lines.reshape(-1, 2) @ matrix[:, :2].T + matrix[:, 2]
        inside = not len(corners) or ((corners > 2) & (corners < [WIDTH - 2, HEIGHT - 2])).all()
        return matrix if inside else plain
