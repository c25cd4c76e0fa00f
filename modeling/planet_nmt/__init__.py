"""Planet NMT: translates Chinese to Korean."""

from .configuration_planet_nmt import PlanetNmtConfig
from .modeling_planet_nmt import PlanetNmtForConditionalGeneration
from .tokenization_planet_nmt import PlanetNmtTokenizer
from .translation_zh_ko import Copied, Step, Translation

__all__ = [
    "Copied",
    "PlanetNmtConfig",
    "PlanetNmtForConditionalGeneration",
    "PlanetNmtTokenizer",
    "Step",
    "Translation",
]
