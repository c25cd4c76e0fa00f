"""Configuration of the card reader: two small CNNs and the thresholds of the two rejects."""

from __future__ import annotations

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

ENGINES = ("torch", "onnxruntime")


@strict
class CardOcrConfig(PreTrainedConfig):
    """Sizes, input geometry and decision thresholds of `CardOcrModel`.

    You will most likely change the two thresholds: `digit_threshold` and `number_threshold` trade coverage for silent
    errors. Training's calibration step writes them and `temperature` from validation data.

    Args:
        detector_channels: width of the detector at strides 2, 4, 8, 16 and 32.
        recogniser_channels: width of the recogniser's five stages.
        folded: whether the batch normalisations are folded into the convolutions before them, as in compact models.
        compression: None for plain weights; bits of a code book index by network where `model.safetensors` is packed,
            see `compact_card_ocr.py`.
        engine: what runs the two networks: "torch", or "onnxruntime" with the .onnx files beside the weights.
        frame_side: the longest side in pixels a picture is shrunk to before the detector sees it.
        band_height: rows of the rectified band.
        digit_height: height in pixels digits are brought to inside the band.
        line_threshold: least probability of a detector cell that counts as part of a number line, 0..1.
        least_digit_height: digits lower than this many frame pixels are answered with "too_small".
        beyond_threshold: a digit at least this sure beyond the end of a number means that its line was cut short, 0..1.
        temperature: divides the recogniser's logits so that confidences are calibrated.
        digit_threshold: a digit below this confidence rejects the number, 0..1.
        number_threshold: a number below this confidence, its checksum known, is rejected, 0..1.
    """

    model_type = "planet_card_ocr"

    # networks
    detector_channels: list[int] | tuple[int, ...] = (8, 16, 32, 48, 64)
    recogniser_channels: list[int] | tuple[int, ...] = (24, 40, 80, 128, 160)
    folded: bool = False
    compression: dict[str, int] | None = None
    engine: str = "torch"
    # geometry
    frame_side: int = 640
    band_height: int = 32
    digit_height: int = 20
    # decision
    line_threshold: float = 0.3
    least_digit_height: float = 5.5
    beyond_threshold: float = 0.9
    temperature: float = 1.0
    digit_threshold: float = 0.5
    number_threshold: float = 0.999

    def __post_init__(self, **kwargs):
        super().__post_init__(**kwargs)
        for name, channels in (("detector", self.detector_channels), ("recogniser", self.recogniser_channels)):
            if len(channels) != 5 or min(channels) < 1:
                raise ValueError(f"{name}_channels must be five positive widths, got {channels}")
        for name in ("line_threshold", "beyond_threshold", "digit_threshold", "number_threshold"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, got {getattr(self, name)}")
        if self.engine not in ENGINES:
            raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {self.engine!r}")
        if self.compression is not None and not self.folded:
            raise ValueError("compression needs folded batch normalisations; set folded to true")
        if self.temperature <= 0:
            raise ValueError(f"temperature must be positive, got {self.temperature}")
        if self.frame_side % 32 or self.band_height != 32:
            raise ValueError(
                f"frame_side must be a multiple of 32 and band_height 32, got {self.frame_side}, {self.band_height}"
            )


__all__ = ["CardOcrConfig"]
