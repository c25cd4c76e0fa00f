"""Planet Card OCR Classic: the traditional rival, image processing + HoG + SVM and ANN, with the same `read()`."""

from .configuration_card_ocr_classic import CardOcrClassicConfig
from .modeling_card_ocr_classic import CardOcrClassicModel
from .reading_card_ocr_classic import CardReading, Digit, Stage

__all__ = ["CardOcrClassicConfig", "CardOcrClassicModel", "CardReading", "Digit", "Stage"]
