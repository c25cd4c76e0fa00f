"""Planet RBMT: a dictionary and a few rules, the honest floor, with the same `translate()` as its rivals."""

from .dictionary_planet_rbmt import Dictionary
from .modeling_planet_rbmt import PlanetRbmt

__all__ = ["Dictionary", "PlanetRbmt"]
