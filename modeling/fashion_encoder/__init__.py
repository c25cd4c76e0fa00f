"""Planet Fashion Encoder: category with hedging, attributes as a sequence, features and signatures of products."""

from .configuration_fashion_encoder import FashionEncoderConfig
from .description_fashion_encoder import Attribute, Category, Description
from .modeling_fashion_encoder import FashionEncoderModel

__all__ = ["Attribute", "Category", "Description", "FashionEncoderConfig", "FashionEncoderModel"]
