"""Planet Fashion Classic: the traditional eyes of the search; saliency, GrabCut, HoG and SVM, colours and patterns."""

from .configuration_fashion_classic import FashionClassicConfig
from .looking_fashion_classic import Attribute, Category, Detection, Look
from .modeling_fashion_classic import FashionClassicModel

__all__ = ["Attribute", "Category", "Detection", "FashionClassicConfig", "FashionClassicModel", "Look"]
