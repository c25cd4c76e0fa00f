"""Planet Fashion Detector: every garment in a photograph; with a guide, the garment that is meant.

A Faster R-CNN (Ren et al. 2015) of our own on a small ImageNet backbone with a feature pyramid. B pictures, N anchors,
P proposals, K classes.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PreTrainedModel

from .boxes_fashion_detector import clip, decode, suppress, vote
from .configuration_fashion_detector import FashionDetectorConfig
from .detection_fashion_detector import Detection
from .folding_fashion import fold_norms
from .images_fashion import load_image
from .proposals_fashion_detector import ProposalNetwork, anchors, propose
from .pyramid_fashion_detector import MEAN, Backbone, Pyramid
from .regions_fashion_detector import RegionHead, placement, read_regions

MULTIPLE = 64
"""Frames are padded to multiples of this, so that every level of the pyramid covers them whole."""


@dataclass(frozen=True)
class Seen:
    """What the first stage knows of a batch of frames.

    Attributes:
        levels: the pyramid, per level B x C x h x w.
        context: B x C', the coarsest backbone features averaged.
        logits: per level B x N.
        deltas: per level B x N x 4.
        anchors: per level N x 4.
    """

    levels: list[Tensor]
    context: Tensor
    logits: list[Tensor]
    deltas: list[Tensor]
    anchors: list[Tensor]


class FashionDetectorModel(PreTrainedModel):
    """Finds garments in photographs: `model.detect("street.jpg")` is all one needs.

    `forward` and `judge` are for training.
    """

    config_class = FashionDetectorConfig
    base_model_prefix = "fashion_detector"
    main_input_name = "pictures"

    def __init__(self, config: FashionDetectorConfig):
        super().__init__(config)
        channels = config.pyramid_channels
        self.backbone = Backbone(config.backbone)
        if config.folded:
            fold_norms(self.backbone)
        self.pyramid = Pyramid(config.stage_channels, channels)
        self.proposals = ProposalNetwork(channels, len(config.anchor_aspects))
        self.head = RegionHead(
            channels, config.stage_channels[-1], config.roi_channels, config.head_channels, len(config.classes)
        )
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """He initialisation (He 2015); the last layers start near zero, so that training starts calm."""
        if isinstance(module, nn.Conv2d | nn.Linear):
            final = any(
                module is last
                for last in (self.proposals.scores, self.proposals.deltas, self.head.scores, self.head.deltas)
            )
            if final:
                nn.init.normal_(module.weight, std=0.01)
            else:
                nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)

    def fold(self) -> None:
        """Makes the backbone's normalisations part of its convolutions, for publishing; in place."""
        if not self.config.folded:
            fold_norms(self.backbone)
            self.config.folded = True

    def forward(self, pictures: Tensor | None = None, started: Tensor | None = None) -> Seen:
        """The first stage.

        Args:
            pictures: B x 3 x H x W frames in 0..255, H and W multiples of 64.
            started: what `backbone.start` made of them, if that is at hand.

        Raises:
            ValueError: if neither is given.
        """
        if started is None:
            if pictures is None:
                raise ValueError("forward needs pictures or started; use detect() for whole photographs")
            started = self.backbone.start(pictures)
        stages = self.backbone(started)
        levels = self.pyramid(stages)
        logits, deltas = self.proposals(levels)
        shapes = [tuple(level.shape[-2:]) for level in levels]
        references = anchors(shapes, self.config.anchor_sides, self.config.anchor_aspects)
        references = [reference.to(started.device) for reference in references]
        return Seen(levels, stages[-1].mean((2, 3)), logits, deltas, references)

    def judge(self, seen: Seen, boxes: list[Tensor], sizes: list[tuple[int, int]]) -> tuple[Tensor, Tensor]:
        """The second stage on given regions.

        Args:
            seen: from `forward`.
            boxes: per picture R_i x 4 in frame pixels.
            sizes: per picture the height and width of what is not padding.

        Returns:
            Logits R x (K + 1), the background first, and deltas R x K x 4.
        """
        place = torch.cat([placement(box, size) for box, size in zip(boxes, sizes, strict=True)])
        context = torch.cat([seen.context[i].expand(len(box), -1) for i, box in enumerate(boxes)])
        return self.head(read_regions(seen.levels, boxes), place, context)

    @torch.inference_mode()
    def detect(
        self,
        image: str | os.PathLike[str] | Image.Image | np.ndarray,
        classes: Collection[str] | None = None,
        threshold: float | None = None,
    ) -> tuple[Detection, ...]:
        """Finds the garments in a picture.

        Args:
            image: path, PIL image, or array H x W x 3 (RGB).
            classes: the guide: only these are looked for, and less sure boxes count. None looks for all.
            threshold: least score, 0..1; `config.threshold` or, with a guide, `config.guided_threshold` by default.

        Returns:
            The garments, the surest first; boxes in pixels of the picture after its EXIF orientation was applied.

        Raises:
            ValueError: if the input is not a readable picture, a class is unknown, or the threshold not in 0..1.
        """
        if self.training:
            raise ValueError("The model is in training mode; call model.eval() before detect()")
        wanted = self._wanted(classes)
        if threshold is None:
            threshold = self.config.threshold if classes is None else self.config.guided_threshold
        if not 0 <= threshold <= 1:
            raise ValueError(f"threshold must lie between 0 and 1, got {threshold}")
        frame, height, width, scale = self._frame(load_image(image))
        boxes, scores, labels = self._boxes(frame, (height, width), wanted, threshold)
        boxes = boxes / scale
        return tuple(
            Detection(self.config.classes[label], round(score, 4), tuple(round(side, 2) for side in box))
            for box, score, label in zip(boxes.tolist(), scores.tolist(), labels.tolist(), strict=True)
        )

    def _wanted(self, classes: Collection[str] | None) -> list[int]:
        names = list(self.config.classes)
        if classes is None:
            return list(range(len(names)))
        if isinstance(classes, str):
            raise ValueError(f"classes is a collection of names, got the text {classes!r}; write [{classes!r}]")
        unknown = sorted(set(classes) - set(names))
        if unknown or not classes:
            raise ValueError(f"classes must be some of {', '.join(names)}; got {', '.join(unknown) or 'none'}")
        return sorted(names.index(name) for name in set(classes))

    def _frame(self, rgb: np.ndarray) -> tuple[Tensor, int, int, float]:
        """The picture as a frame: 1 x 3 x H x W, its height and width without the padding, and its scale."""
        scale = self.config.frame_side / max(rgb.shape[:2])
        picture = torch.from_numpy(rgb).to(self.device).permute(2, 0, 1)[None].float()
        height, width = (max(round(side * scale), 8) for side in rgb.shape[:2])
        picture = F.interpolate(picture, size=(height, width), mode="bilinear", antialias=True, align_corners=False)
        frame = F.pad(picture, (0, -width % MULTIPLE, 0, -height % MULTIPLE), value=MEAN)
        return frame.contiguous(memory_format=torch.channels_last), height, width, scale

    def _boxes(
        self, frame: Tensor, size: tuple[int, int], wanted: list[int], threshold: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Boxes of one frame (frame pixels), their scores and their classes, best first, suppressed class by class."""
        config = self.config
        seen = self(frame)
        regions = propose(seen.logits, seen.deltas, seen.anchors, size, config.proposals, config.proposal_overlap)[0]
        likely, boxes = self._likely(seen, regions, size, wanted)
        found = (likely.amax(1) >= threshold).nonzero()[:, 0]
        if len(found):
            likely, boxes = self._judged_again(seen, likely[found], boxes[found], size, wanted)
        region, column = (likely >= threshold).nonzero(as_tuple=True)
        boxes, scores = boxes[region, column], likely[region, column]
        labels = torch.tensor(wanted, device=frame.device)[column]
        kept = suppress(boxes, scores, config.overlap, labels)[: config.most]
        return vote(boxes, scores, labels, kept, config.vote), scores[kept], labels[kept]

    def _likely(self, seen: Seen, regions: Tensor, size: tuple[int, int], wanted: list[int]) -> tuple[Tensor, Tensor]:
        """The second stage on one picture's regions R x 4: probabilities R x wanted, boxes R x wanted x 4."""
        logits, deltas = self.judge(seen, [regions], [size])
        return logits.softmax(1)[:, 1:][:, wanted], clip(decode(deltas[:, wanted], regions), *size)

    def _judged_again(
        self, seen: Seen, likely: Tensor, boxes: Tensor, size: tuple[int, int], wanted: list[int]
    ) -> tuple[Tensor, Tensor]:
        """The same of each region's likeliest box, its probabilities averaged with those of the region (Gidaris and
        Komodakis 2015)."""
        best = boxes[torch.arange(len(boxes), device=boxes.device), likely.argmax(1)]
        again, boxes = self._likely(seen, best, size, wanted)
        return (likely + again) / 2, boxes


FashionDetectorConfig.register_for_auto_class()
FashionDetectorModel.register_for_auto_class("AutoModel")

__all__ = ["FashionDetectorModel"]
