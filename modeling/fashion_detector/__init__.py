"""Planet Fashion Detector: every garment in a photograph; with a guide, the garment that is meant."""

from .configuration_fashion_detector import FashionDetectorConfig
from .detection_fashion_detector import Detection
from .modeling_fashion_detector import FashionDetectorModel

__all__ = ["Detection", "FashionDetectorConfig", "FashionDetectorModel"]
