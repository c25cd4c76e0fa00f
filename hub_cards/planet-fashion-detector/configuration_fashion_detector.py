"""Configuration of the garment detector: classes, input size, anchors, and how sure a box must be."""

from __future__ import annotations

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

GARMENTS = (
    "footwear", "top", "bag", "outer", "pants", "eyewear", "dress", "belt", "skirt", "legwear", "headwear",
    "scarf", "tie",
)  # fmt: skip


@strict
class FashionDetectorConfig(PreTrainedConfig):
    """Sizes, anchors and thresholds of `FashionDetectorModel`.

    You will most likely change `threshold` (boxes shown without a guide) and `guided_threshold` (boxes of the classes a
    guide names); training writes them from validation photographs.

    Args:
        classes: garment classes, in the order of the scores.
        backbone: name of the timm network whose first six stages are used.
        stage_channels: its channels at strides 8, 16 and 32.
        folded: the backbone's normalisations are part of its convolutions, as published weights have it.
        pyramid_channels: width of the feature pyramid.
        roi_channels: width a region's features are narrowed to before they are flattened.
        head_channels: width of the box head's two layers.
        frame_side: the longest side in pixels a picture is brought to before the detector sees it.
        anchor_sides: square root of an anchor's area at strides 8, 16, 32 and 64, in frame pixels.
        anchor_aspects: height over width of the anchors.
        proposals: regions per picture that the second stage judges.
        proposal_overlap: proposals that overlap a better one more than this (IoU) are dropped.
        overlap: boxes of one class that overlap a better one more than this (IoU) are dropped.
        vote: what is left is moved to the mean of the boxes of its class that overlap it at least this (IoU), by score.
        threshold: least score of a box without a guide, 0..1.
        guided_threshold: least score of a box of a class that the guide names, 0..1.
        most: boxes per picture at most.
    """

    model_type = "planet_fashion_detector"

    # networks
    classes: list[str] | tuple[str, ...] = GARMENTS
    backbone: str = "tf_efficientnet_lite0"
    stage_channels: list[int] | tuple[int, ...] = (40, 112, 192)
    folded: bool = False
    pyramid_channels: int = 96
    roi_channels: int = 64
    head_channels: int = 224
    # geometry
    frame_side: int = 512
    anchor_sides: list[float] | tuple[float, ...] = (24.0, 52.0, 112.0, 240.0)
    anchor_aspects: list[float] | tuple[float, ...] = (0.4, 1.0, 2.5)
    # decision
    proposals: int = 128
    proposal_overlap: float = 0.7
    overlap: float = 0.4
    vote: float = 0.5
    threshold: float = 0.5
    guided_threshold: float = 0.2
    most: int = 40

    def __post_init__(self, **kwargs):
        super().__post_init__(**kwargs)
        if not self.classes or len(set(self.classes)) != len(self.classes):
            raise ValueError(f"classes must be one or more different names, got {self.classes}")
        if len(self.stage_channels) != 3 or len(self.anchor_sides) != 4:
            raise ValueError(
                f"stage_channels are three widths and anchor_sides four sizes, got {self.stage_channels} and "
                f"{self.anchor_sides}"
            )
        for name in ("proposal_overlap", "overlap", "vote", "threshold", "guided_threshold"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, got {getattr(self, name)}")
        if self.frame_side < 64 or self.frame_side % 32:
            raise ValueError(f"frame_side must be a multiple of 32 and at least 64, got {self.frame_side}")


__all__ = ["GARMENTS", "FashionDetectorConfig"]

FashionDetectorConfig.register_for_auto_class()
