"""Planet Card OCR Classic: image-processing localisation, HoG features, SVM and ANN; the rival the CNN must beat."""

from __future__ import annotations

import os
import time

import cv2
import numpy as np
import torch
from PIL import Image
from torch import nn
from transformers import PreTrainedModel

from .candidates_card_ocr_classic import Candidate
from .classifying_card_ocr_classic import DigitClassifier
from .configuration_card_ocr_classic import CardOcrClassicConfig
from .images_card_ocr_classic import load_image
from .locating_card_ocr_classic import View, find_lines, views_of
from .reading_card_ocr_classic import CardReading, Digit, Reason, Stage, decide
from .rectifying_card_ocr_classic import Line, build_pyramid
from .searching_card_ocr_classic import Searcher


class CardOcrClassicModel(PreTrainedModel):
    """Reads payment-card numbers with the methods of before deep learning; same `read()` as the CNN.

    Weights: `classifier` (SVM and ANN) and `trust`, the logistic regression that turns the evidence for a whole
    number into the probability that it is right.
    """

    config_class = CardOcrClassicConfig
    base_model_prefix = "card_ocr_classic"
    main_input_name = "features"

    def __init__(self, config: CardOcrClassicConfig):
        super().__init__(config)
        self.classifier = DigitClassifier(config.hidden)
        self.trust = nn.Parameter(torch.tensor([0.0, 1.0, 0.0, 0.0]))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Zeros: scikit-learn provides the weights, and an untrained reader must not look trained."""
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Calibrated logits (N x 11: ten digits and "no digit") of HoG descriptors (N x 432)."""
        return self.classifier(features)

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
        began = time.perf_counter()
        rgb = load_image(image)
        grey, small, views, lines = self._locate(rgb)
        located = time.perf_counter()
        best = self._fit(grey, small, views, lines)
        rectified = time.perf_counter()
        digits, confidence = self._recognise(best) if best else ((), 0.0)
        recognised = time.perf_counter()
        reason = self._judge(best, digits, confidence, max(small.shape) / max(grey.shape))
        ended = time.perf_counter()
        regions = best.regions if best else ()
        stages = (
            Stage("locate", 1e3 * (located - began), rgb, regions),
            Stage("rectify", 1e3 * (rectified - located), best.band if best else None),
            Stage("recognise", 1e3 * (recognised - rectified)),
            Stage("decide", 1e3 * (ended - recognised)),
        )
        return CardReading(
            number="".join(digit.value for digit in digits) if reason == "ok" else None,
            digits=digits,
            groups=best.groups if best else (),
            decision="accepted" if reason == "ok" else "rejected",
            reason=reason,
            confidence=confidence,
            stages=stages,
            ms=1e3 * (ended - began),
        )

    def read_batch(self, images: list) -> list[CardReading]:
        """Reads several pictures, one after the other: memory stays that of one picture. See `read`."""
        return [self.read(image) for image in images]

    @torch.inference_mode()
    def find(self, rgb: np.ndarray) -> Candidate | None:
        """The best candidate for a number in an H x W x 3 picture, before any decision; for training."""
        return self._fit(*self._locate(rgb))

    def _locate(self, rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[View], list[Line]]:
        """The grey picture, its copy for searching, the views of that copy, and the lines found in them."""
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        small = fit_frame(grey, self.config.frame_side)
        views = views_of(small, self.config.line_heights, self.config.line_angles)
        return grey, small, views, find_lines(views)

    def _fit(self, grey: np.ndarray, small: np.ndarray, views: list[View], lines: list[Line]) -> Candidate | None:
        return Searcher(build_pyramid(grey), self._logits, self.config).search(small, views, lines)

    def _logits(self, features: np.ndarray) -> np.ndarray:
        return self.classifier(torch.from_numpy(features).to(self.device)).cpu().numpy()

    def _recognise(self, best: Candidate) -> tuple[tuple[Digit, ...], float]:
        """The digits with calibrated confidences, and the confidence in the whole number."""
        values = best.probabilities.argmax(1)
        digits = tuple(
            Digit(str(value), float(chances[value]), tuple(map(float, chances)), corners, span)
            for value, chances, corners, span in zip(values, best.probabilities, best.corners, best.spans, strict=True)
        )
        summary = torch.from_numpy(best.summary).to(self.trust)
        return digits, float(torch.sigmoid(summary @ self.trust))

    def _judge(self, best: Candidate | None, digits: tuple[Digit, ...], confidence: float, scale: float) -> Reason:
        if best is None or best.evidence.mean() < self.config.line_threshold:
            return "no_card"
        reason = decide(digits, confidence, self.config.digit_threshold, self.config.number_threshold)
        small = best.height * scale < self.config.least_digit_height
        return "too_small" if small and reason in ("too_blurred", "uncertain_digit") else reason


def fit_frame(grey: np.ndarray, longest: int) -> np.ndarray:
    """The picture with its longest side at most `longest` pixels."""
    scale = min(longest / max(grey.shape), 1.0)
    return grey if scale == 1.0 else cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


CardOcrClassicConfig.register_for_auto_class()
CardOcrClassicModel.register_for_auto_class("AutoModel")

__all__ = ["CardOcrClassicModel"]
