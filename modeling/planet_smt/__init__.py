"""Planet SMT: hierarchical phrase-based Chinese-to-Korean translation, the statistical rival of Planet NMT."""

from .configuration_planet_smt import PlanetSmtConfig
from .modeling_planet_smt import PlanetSmt

__all__ = ["PlanetSmt", "PlanetSmtConfig"]
