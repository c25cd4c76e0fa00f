"""Planet Card OCR: reads payment-card numbers, and rejects rather than misreads."""

from .configuration_card_ocr import CardOcrConfig
from .modeling_card_ocr import CardOcrModel
from .reading_card_ocr import CardReading, Digit, Stage

__all__ = ["CardOcrConfig", "CardOcrModel", "CardReading", "Digit", "Stage"]
