"""What the detector is trained on: photographs and flat lays, each seen in several fixed ways.

The backbone's first stages stay as ImageNet taught them. What they make of a view is therefore always the same and is
kept, in half precision, after it was first needed: on a CPU that halves the time of a step.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from modeling.fashion_detector.pyramid_fashion_detector import Backbone
from training.fashion.cutouts import Cutout
from training.fashion.flatlays import flat_lay
from training.fashion.street import Photo

FRAME = 512, 384
"""Height and width of a training frame in pixels, multiples of 64."""

LEAST_SEEN = 0.4
"""A garment of which less than this share is inside the frame is not asked for."""


def view(
    picture: np.ndarray, boxes: np.ndarray, rng: np.random.Generator, size: tuple[int, int] = FRAME
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A picture as a training frame: scaled, shifted, mirrored and relit at random.

    Args:
        picture: h x w x 3 uint8 RGB.
        boxes: N x 4 in its pixels.
        rng: all chance.
        size: height and width of the frame.

    Returns:
        The frame (height x width x 3 uint8), the boxes left in it (M x 4, frame pixels), and which ones those are (M).
    """
    height, width = picture.shape[:2]
    extent = np.array(size[::-1])
    scale = min(extent / (width, height)) * rng.uniform(0.72, 1.35)
    matrix = np.array([[scale, 0, 0], [0, scale, 0]], np.float64)
    if rng.random() < 0.5:
        matrix[0] = -scale, 0, scale * width
    matrix[:, 2] += (extent - scale * np.array([width, height])) * rng.uniform(0, 1, 2)
    frame = cv2.warpAffine(picture, matrix, size[::-1], flags=cv2.INTER_AREA, borderValue=(127, 127, 127))
    corners = boxes.reshape(-1, 2, 2) @ np.diag(matrix[:, :2].diagonal()) + matrix[:, 2]
    moved = np.concatenate([corners.min(1), corners.max(1)], 1)
    inside = moved.clip(0, np.tile(extent, 2))
    seen = np.prod(inside[:, 2:] - inside[:, :2], 1) / np.prod(moved[:, 2:] - moved[:, :2], 1).clip(1e-6)
    kept = np.nonzero((seen >= LEAST_SEEN) & ((inside[:, 2:] - inside[:, :2]).min(1, initial=np.inf) >= 4))[0]
    return _relit(frame, rng), inside[kept].astype(np.float32), kept


def _relit(frame: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Brightness, contrast, saturation and colour of the light, each changed a little."""
    light = frame.astype(np.float32) * rng.uniform(0.9, 1.1, 3).astype(np.float32)
    grey = light.mean(2, keepdims=True)
    light = grey + (light - grey) * np.float32(rng.uniform(0.6, 1.3))
    mean = light.mean()
    light = mean + (light - mean) * np.float32(rng.uniform(0.75, 1.25)) + np.float32(rng.uniform(-20, 20))
    return light.clip(0, 255).astype(np.uint8)


class Views(Dataset):
    """Training samples: {"started": C x h/8 x w/8 half, "boxes": N x 4, "labels": N}.

    Args:
        photos: photographs with boxes.
        cutouts: garments flat lays are composed of; may be empty.
        lays: how many flat lays there are.
        classes: garment classes in the order of the labels.
        backbone: its first stages turn frames into features, without gradients.
        variants: in how many ways each sample is seen.
        seed: of all views and flat lays.
        size: height and width of the frames.
    """

    def __init__(
        self,
        photos: Sequence[Photo],
        cutouts: Sequence[Cutout],
        lays: int,
        classes: Sequence[str],
        backbone: Backbone,
        variants: int = 6,
        seed: int = 7,
        size: tuple[int, int] = FRAME,
    ):
        self.photos, self.cutouts, self.lays = photos, cutouts, lays if cutouts else 0
        self.classes, self.variants, self.seed, self.size = list(classes), variants, seed, size
        self.backbone = backbone
        self._kept: dict[tuple[int, int], dict[str, Tensor]] = {}

    def __len__(self) -> int:
        return len(self.photos) + self.lays

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        # The loop seeds the global generators for each sample, so the variant does not depend on what came before.
        key = index, int(np.random.randint(self.variants))
        if key not in self._kept:
            self._kept[key] = self._make(*key)
        return self._kept[key]

    def _make(self, index: int, variant: int) -> dict[str, Tensor]:
        rng = np.random.default_rng((self.seed, index, variant))
        if index < len(self.photos):
            photo = self.photos[index]
            picture, boxes, labels = read_rgb(photo), photo.boxes, photo.labels
        else:
            picture, boxes, names = flat_lay(self.cutouts, rng)
            labels = np.array([self.classes.index(name) for name in names], np.int64)
        frame, boxes, kept = view(picture, boxes, rng, self.size)
        with torch.inference_mode():
            pixels = (
                torch.from_numpy(frame).permute(2, 0, 1)[None].float().contiguous(memory_format=torch.channels_last)
            )
            started = self.backbone.start(pixels)[0].half()
        return {
            "started": started.clone(),
            "boxes": torch.from_numpy(boxes),
            "labels": torch.from_numpy(labels[kept]),
        }


def read_rgb(photo: Photo) -> np.ndarray:
    """The pixels of a photograph, h x w x 3 uint8 RGB."""
    bgr = cv2.imread(str(photo.path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError(f"{photo.path} cannot be read as a picture")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def collate(samples: list[dict[str, Tensor]]) -> dict:
    """Features stacked; boxes and labels as lists, because pictures hold different numbers of garments."""
    return {
        "started": torch.stack([sample["started"] for sample in samples]),
        "boxes": [sample["boxes"] for sample in samples],
        "labels": [sample["labels"] for sample in samples],
    }
