"""Planet Card OCR: find the number, straighten it, read it, and reject it unless it is beyond doubt."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.utils import cached_file

from .attempt_card_ocr import FEWEST, NOTHING, Attempt, likeliest
from .compact_card_ocr import load_compact, pack
from .confidence_card_ocr import given_checksum
from .configuration_card_ocr import CardOcrConfig
from .detector_card_ocr import NumberDetector
from .engine_card_ocr import FILES, OnnxNetwork
from .geometry_card_ocr import NumberLine, plausible, rectify
from .images_card_ocr import load_image
from .lines_card_ocr import fit_lines, guesses
from .looks_card_ocr import close_window, goes_on, longer, nudged, second_looks
from .reading_card_ocr import VALID_LENGTHS, CardReading, Reason, Stage, decide
from .recogniser_card_ocr import DigitRecogniser
from .seen_card_ocr import SeenBand

SEEN_SCORE, SEEN_LENGTH = 0.6, 7
"""A line this sure and this many digit heights long is a number, even if its digits are too blurred to read."""

_HUB_OPTIONS = ("cache_dir", "force_download", "local_files_only", "token", "revision", "subfolder")
"""What `from_pretrained` needs to find a file, besides the model's name."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue (ITU-R BT.601)."""


class _Clock:
    """Milliseconds by stage; a stage that runs twice is added up."""

    def __init__(self) -> None:
        self.ms = {"locate": 0.0, "rectify": 0.0, "recognise": 0.0, "decide": 0.0}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.ms[stage] += 1e3 * (now - self._last)
        self._last = now


class CardOcrModel(PreTrainedModel):
    """Reads payment-card numbers from photographs: `model.read("card.jpg")` is all one needs.

    `forward` is for training; the networks are `detector` and `recogniser`.
    """

    config_class = CardOcrConfig
    base_model_prefix = "card_ocr"
    main_input_name = "frames"

    def __init__(self, config: CardOcrConfig):
        super().__init__(config)
        self.detector = NumberDetector(config.detector_channels, config.folded)
        self.recogniser = DigitRecogniser(config.recogniser_channels, config.digit_height, config.folded)
        self._engine: dict[str, OnnxNetwork] = {}
        self.post_init()

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike[str] | None,
        *model_args,
        config: PreTrainedConfig | str | os.PathLike[str] | None = None,
        **kwargs,
    ) -> CardOcrModel:
        """Loads a published model, compact or not; `engine="onnxruntime"` runs the .onnx files beside its weights.

        Raises:
            ValueError: if compact weights do not fit the model or an .onnx file cannot be run.
            OSError: if a file is missing.
        """
        source = pretrained_model_name_or_path
        hub = {key: kwargs[key] for key in _HUB_OPTIONS if key in kwargs}
        if source is not None and not isinstance(config, PreTrainedConfig):
            config, rest = cls.config_class.from_pretrained(config or source, return_unused_kwargs=True, **kwargs)
            kwargs = hub | rest
        if source is None or config.compression is None:
            model = super().from_pretrained(source, *model_args, config=config, **kwargs)
        else:
            state = load_compact(cached_file(source, "model.safetensors", **hub), cls(config))
            rest = {key: value for key, value in kwargs.items() if key not in _HUB_OPTIONS}
            model = super().from_pretrained(None, *model_args, config=config, state_dict=state, **rest)
            model.name_or_path = str(source)
        if source is not None and config.engine == "onnxruntime":
            model._engine = {name: OnnxNetwork(Path(cached_file(source, file, **hub))) for name, file in FILES.items()}
        return model.to(memory_format=torch.channels_last)  # on a CPU, convolutions are faster so

    def save_pretrained(self, save_directory: str | os.PathLike[str], **kwargs) -> None:
        """Saves as any model does; a compact one stays compact.

        Raises:
            ValueError: if the config says "compression" but the weights are not clustered.
        """
        if self.config.compression is not None and kwargs.get("state_dict") is None:
            kwargs["state_dict"] = pack(self.state_dict())
        super().save_pretrained(save_directory, **kwargs)

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
        """Reads the card number in a picture; a card that lies on its side or upside down is tried too.

        Args:
            image: path, PIL image, or array H x W (grey) or H x W x 3 (RGB).

        Returns:
            The reading; look at `decision` first. `number` is set only where it is "accepted".

        Raises:
            ValueError: if the input is not a readable picture; the text says what to do.
        """
        if self.training:
            raise ValueError("The model is in training mode; call model.eval() before read()")
        clock = _Clock()
        rgb = load_image(image)
        grey = to_grey(rgb).to(self.device)
        attempt = self._best_attempt(grey, self._locate(grey), clock)
        for locate in (self._locate_close, self._locate_turned):
            if attempt.settled:
                break
            again = self._best_attempt(grey, locate(grey, attempt.lines), clock)
            attempt = max(attempt, again, key=lambda one: one.rank)
        attempt = self._nudged_attempt(grey, attempt, clock)
        accepted = attempt.reason == "ok"
        stages = (
            Stage("locate", clock.ms["locate"], rgb, tuple(line.corners for line in attempt.lines)),
            Stage("rectify", clock.ms["rectify"], attempt.picture),
            Stage("recognise", clock.ms["recognise"]),
            Stage("decide", clock.ms["decide"]),
        )
        return CardReading(
            number=attempt.number if accepted else None,
            digits=attempt.digits,
            groups=attempt.groups,
            decision="accepted" if accepted else "rejected",
            reason=attempt.reason,
            confidence=attempt.confidence,
            stages=stages,
            ms=sum(clock.ms.values()),
        )

    def read_batch(self, images: list) -> list[CardReading]:
        """Reads several pictures, one after the other: memory stays that of one picture. See `read`."""
        return [self.read(image) for image in images]

    def _run(self, network: str, pixels: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Outputs of "detector" or "recogniser", whatever runs it."""
        return (self._engine.get(network) or getattr(self, network))(pixels)

    def _locate(self, grey: Tensor) -> list[list[NumberLine]]:
        """Guesses at the lines of the number in a picture (1 x 1 x H x W), in its own pixels, the likeliest first."""
        frame, scale = fit_frame(grey, self.config.frame_side)
        lines = fit_lines(self._run("detector", frame)[0].cpu(), self.config.line_threshold)
        return [[line.scaled(1 / scale) for line in guess] for guess in guesses(lines)]

    def _locate_close(self, grey: Tensor, lines: list[NumberLine]) -> list[list[NumberLine]]:
        """The same in a window half the picture's size around `lines` that were small or not read: a closer look."""
        window = close_window(*grey.shape[-2:], lines)
        if window is None:
            return []
        left, top, width, height = window
        scale = self.config.frame_side / max(width, height)
        part = grey[..., top : top + height, left : left + width]
        part = F.interpolate(part, scale_factor=scale, mode="bilinear", antialias=True, align_corners=False)
        return [[line.scaled(1 / scale).moved(left, top) for line in guess] for guess in self._locate(part)]

    def _locate_turned(self, grey: Tensor, _: list[NumberLine]) -> list[list[NumberLine]]:
        """The same for a picture that lies on its side, found in the picture turned a quarter clockwise."""
        height = grey.shape[-2]
        return [[line.turned_back(height) for line in guess] for guess in self._locate(grey.rot90(-1, (2, 3)))]

    def _best_attempt(self, grey: Tensor, found: list[list[NumberLine]], clock: _Clock) -> Attempt:
        """Reads guess after guess until one passes; failing that, the most convincing one, longer and upside down."""
        clock.lap("locate")
        best = None
        for lines in found or [[]]:
            attempt = self._attempt(grey, lines, clock)
            if attempt.reason == "ok":
                return attempt
            best = attempt if best is None or attempt.rank > best.rank else best
        if best.lines and not best.settled and best.reason != "too_small":
            for lines in second_looks(best.lines, len(best.digits)):
                attempt = self._attempt(grey, lines, clock)
                if attempt.settled:
                    return attempt
                best = attempt if attempt.rank > best.rank else best
        return best

    def _nudged_attempt(self, grey: Tensor, attempt: Attempt, clock: _Clock) -> Attempt:
        """The best of a doubtful attempt and of others at the same lines, moved a little."""
        looks = [attempt]
        if not attempt.settled and len(attempt.digits) >= FEWEST:
            for lines in nudged(attempt.lines):
                if looks[-1].reason == "ok":
                    break
                looks.append(self._attempt(grey, lines, clock))
        return likeliest(looks, self.config.number_threshold)

    def _attempt(self, grey: Tensor, lines: list[NumberLine], clock: _Clock) -> Attempt:
        """Reads and judges lines of a picture (1 x 1 x H x W).

        A line that stands alone is seen with what lies beyond its ends, and read on where the number goes on there:
        the first 16 of 19 digits look like a whole number, and in one case of ten they pass the checksum too. Where
        that settles nothing, the line is seen without.
        """
        longest = max(grey.shape)
        if not lines:
            return NOTHING
        if len(lines) > 1:
            return self._judged(lines, self._see(grey, lines, clock), longest, clock)
        whole, share = longer(lines[0])
        seen = self._see(grey, [whole], clock)
        inner = seen.without_ends(round(share * len(seen.extents)))
        attempt = self._judged(lines, inner, longest, clock)
        if not attempt.settled:
            again = self._judged(lines, self._see(grey, lines, clock), longest, clock)
            return max(attempt, again, key=lambda one: one.rank)
        if len(attempt.digits) < max(VALID_LENGTHS):
            shift = seen.segments[0].start - inner.segments[0].start
            if goes_on(inner.found, seen.found, shift, self.config.digit_height, self.config.beyond_threshold):
                return self._judged([whole], seen, longest, clock)
        return attempt

    def _see(self, grey: Tensor, lines: list[NumberLine], clock: _Clock) -> SeenBand:
        """Straightens lines and runs the recogniser along them."""
        band, segments = rectify(grey, lines, self.config.band_height, self.config.digit_height)
        clock.lap("rectify")
        logits, extents = self._run("recogniser", band)
        log_probabilities = F.log_softmax(logits[0].float() / self.config.temperature, -1)
        clock.lap("recognise")
        return SeenBand(band[0, 0].cpu(), tuple(segments), log_probabilities.cpu(), extents[0].cpu())

    def _judged(self, lines: list[NumberLine], seen: SeenBand, longest: int, clock: _Clock) -> Attempt:
        """Decodes and judges what was seen on lines; where no card prints digits so, those that stand right alone."""
        attempt = self._decoded(lines, seen, longest, clock)
        if len(lines) == 1 and not plausible(attempt.groups) and (chosen := seen.in_slots()):
            return self._decoded(lines, chosen, longest, clock)
        return attempt

    def _decoded(self, lines: list[NumberLine], seen: SeenBand, longest: int, clock: _Clock) -> Attempt:
        """Decodes and judges the digits of a band."""
        digits, groups = seen.in_picture(self.config.digit_height)
        alone = seen.probability
        clock.lap("recognise")
        confidence = given_checksum([digit.probabilities for digit in digits])
        certain = confidence >= self.config.number_threshold
        reason = decide(digits, confidence, self.config.digit_threshold, self.config.number_threshold)
        printed = plausible(groups) and not seen.leaves_out(self.config.beyond_threshold)
        reason = self._refined(reason, certain, lines, printed, longest)
        clock.lap("decide")
        return Attempt(lines, seen.picture, digits, groups, alone, confidence, certain, reason)

    def _refined(self, reason: Reason, certain: bool, lines: list[NumberLine], printed: bool, longest: int) -> Reason:
        """The reason `decide` gave, or what size, look and printed form of the number say about it."""
        sure = certain and reason in ("ok", "checksum")
        in_frame = min(line.height for line in lines) * min(self.config.frame_side / longest, 1.0)
        if not sure and in_frame < self.config.least_digit_height:
            return "too_small"
        seen = lines[0].score > SEEN_SCORE and sum(line.length for line in lines) > SEEN_LENGTH * lines[0].height
        if reason == "no_card" and seen:
            return "too_blurred"
        return "length" if reason in ("ok", "checksum") and not printed else reason


def to_grey(rgb: np.ndarray) -> Tensor:
    """Grey levels of a picture: H x W x 3 uint8 -> 1 x 1 x H x W float in 0..255."""
    return torch.from_numpy(rgb.astype(np.float32) @ LUMA)[None, None]


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
    beyond = (0, -width % 32, 0, -height % 32)
    return F.pad(grey, beyond, mode="replicate") if any(beyond) else grey, scale


CardOcrConfig.register_for_auto_class()
CardOcrModel.register_for_auto_class("AutoModel")

__all__ = ["CardOcrModel"]
