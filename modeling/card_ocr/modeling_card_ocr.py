"""Planet Card OCR: find the number, straighten it, read it, and reject it unless it is beyond doubt."""

from __future__ import annotations

import os
import time

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PreTrainedModel

from .configuration_card_ocr import CardOcrConfig
from .detector_card_ocr import NumberDetector
from .geometry_card_ocr import BandSegment, NumberLine, fit_lines, group_sizes, rectify
from .images_card_ocr import load_image
from .reading_card_ocr import CardReading, Digit, Reason, Stage, decide
from .recogniser_card_ocr import DigitRecogniser, read_digits

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue (ITU-R BT.601)."""


class CardOcrModel(PreTrainedModel):
    """Reads payment-card numbers from photographs: `model.read("card.jpg")` is all one needs.

    `forward` is for training; the networks are `detector` and `recogniser`.
    """

    config_class = CardOcrConfig
    base_model_prefix = "card_ocr"
    main_input_name = "frames"

    def __init__(self, config: CardOcrConfig):
        super().__init__(config)
        self.detector = NumberDetector(config.detector_channels)
        self.recogniser = DigitRecogniser(config.recogniser_channels, config.digit_height)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """He initialisation for the rectified convolutions (He 2015), identity for the normalisations."""
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)

    def forward(self, frames: Tensor | None = None, bands: Tensor | None = None) -> dict[str, Tensor]:
        """Raw outputs of either network, or both.

        Args:
            frames: B x 1 x H x W grey frames in 0..255, H and W multiples of 32.
            bands: B x 1 x 32 x W grey bands in 0..255, W a multiple of 4.

        Returns:
            "maps" B x 6 x H/8 x W/8 where frames are given; "logits" B x W/2 x 11 and "extents" B x W/2 x 2 where
            bands are.

        Raises:
            ValueError: if neither is given.
        """
        if frames is None and bands is None:
            raise ValueError("forward needs frames, bands or both; use read() for whole pictures")
        outputs = {}
        if frames is not None:
            outputs["maps"] = self.detector(frames)
        if bands is not None:
            outputs["logits"], outputs["extents"] = self.recogniser(bands)
        return outputs

    @torch.inference_mode()
    def read(self, image: str | os.PathLike[str] | Image.Image | np.ndarray) -> CardReading:
        """Reads the card number in a picture.

        Args:
            image: path, PIL image, or array H x W (grey) or H x W x 3 (RGB).

        Returns:
            The reading; look at `decision` first. `number` is set only where it is "accepted".

        Raises:
            ValueError: if the input is not a readable picture; the text says what to do.
        """
        if self.training:
            raise ValueError("The model is in training mode; call model.eval() before read()")
        began = time.perf_counter()
        rgb = load_image(image)
        grey = torch.from_numpy(rgb).to(self.device).float() @ torch.tensor(LUMA, device=self.device)
        lines = self._locate(grey[None, None])
        located = time.perf_counter()
        regions = tuple(line.corners for line in lines)
        stages = [Stage("locate", 1e3 * (located - began), rgb, regions)]
        band, segments = None, []
        if lines:
            band, segments = rectify(grey[None, None], lines, self.config.band_height, self.config.digit_height)
        rectified = time.perf_counter()
        picture = None if band is None else band[0, 0].round().clamp(0, 255).to(torch.uint8).cpu().numpy()
        stages.append(Stage("rectify", 1e3 * (rectified - located), picture))
        digits, groups, confidence = self._recognise(band, segments)
        recognised = time.perf_counter()
        stages.append(Stage("recognise", 1e3 * (recognised - rectified)))
        reason = self._judge(lines, digits, confidence, max(grey.shape))
        ended = time.perf_counter()
        stages.append(Stage("decide", 1e3 * (ended - recognised)))
        accepted = reason == "ok"
        return CardReading(
            number="".join(digit.value for digit in digits) if accepted else None,
            digits=digits,
            groups=groups,
            decision="accepted" if accepted else "rejected",
            reason=reason,
            confidence=confidence,
            stages=tuple(stages),
            ms=1e3 * (ended - began),
        )

    def read_batch(self, images: list) -> list[CardReading]:
        """Reads several pictures, one after the other: memory stays that of one picture. See `read`."""
        return [self.read(image) for image in images]

    def _locate(self, grey: Tensor) -> list[NumberLine]:
        """Number lines of a picture (1 x 1 x H x W), in its own pixels."""
        frame, scale = fit_frame(grey, self.config.frame_side)
        maps = self.detector(frame)[0].cpu()
        return [line.scaled(1 / scale) for line in fit_lines(maps, self.config.line_threshold)]

    def _recognise(
        self, band: Tensor | None, segments: list[BandSegment]
    ) -> tuple[tuple[Digit, ...], tuple[int, ...], float]:
        """Digits with their corners, the printed groups, and the confidence in the whole number."""
        if band is None:
            return (), (), 0.0
        logits, extents = self.recogniser(band)
        found, confidence = read_digits(logits[0].cpu(), extents[0].cpu(), self.config.temperature)
        digits, on_line = [], []
        for item in found:
            middle = (item.left + item.right) / 2
            index = max((i for i, segment in enumerate(segments) if segment.start <= middle), default=0)
            on_line.append(index)
            corners = segments[index].corners(item.left, item.right)
            digits.append(Digit(str(item.value), item.confidence, item.probabilities, corners, (item.left, item.right)))
        groups = group_sizes([digit.span for digit in digits], on_line, self.config.digit_height) if digits else ()
        return tuple(digits), groups, confidence

    def _judge(self, lines: list[NumberLine], digits: tuple[Digit, ...], confidence: float, longest: int) -> Reason:
        reason = decide(digits, confidence, self.config.digit_threshold, self.config.number_threshold)
        if not lines:
            return "no_card"
        in_frame = min(line.height for line in lines) * min(self.config.frame_side / longest, 1.0)
        if (
            reason in ("no_card", "too_blurred", "uncertain_digit", "length")
            and in_frame < self.config.least_digit_height
        ):
            return "too_small"
        # a line without a digit was seen, only not read
        return "too_blurred" if not digits else reason


def fit_frame(grey: Tensor, longest: int) -> tuple[Tensor, float]:
    """Shrinks pictures to the detector's frame and pads right and bottom to multiples of 32 by repeating the edge.

    Args:
        grey: B x 1 x H x W in 0..255.
        longest: the longest side allowed; smaller pictures keep their size.

    Returns:
        The frames, and the factor their pixels were scaled by.
    """
    height, width = grey.shape[-2:]
    scale = min(longest / max(height, width), 1.0)
    if scale < 1:
        size = max(round(height * scale), 8), max(round(width * scale), 8)
        grey = F.interpolate(grey, size=size, mode="bilinear", antialias=True, align_corners=False)
    height, width = grey.shape[-2:]
    return F.pad(grey, (0, -width % 32, 0, -height % 32), mode="replicate"), scale


CardOcrConfig.register_for_auto_class()
CardOcrModel.register_for_auto_class("AutoModel")

__all__ = ["CardOcrModel"]
