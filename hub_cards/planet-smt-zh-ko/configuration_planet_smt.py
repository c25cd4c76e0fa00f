"""Configuration of Planet SMT: the weights of its log-linear model and the limits of its search."""

from __future__ import annotations

from dataclasses import dataclass, field

FEATURES = (
    "language_model",
    "target_given_source",
    "source_given_target",
    "lexical_target",
    "lexical_source",
    "phrase",
    "hierarchical",
    "unknown",
    "glue",
    "words",
)
"""The features of a derivation, in the order of every weight vector (Chiang 2007, section 5.1).

Natural log-probability of the target text; four natural log-probabilities summed over the rules; and counts: rules
without holes, rules with holes, words passed through untranslated, glue rules, target words.
"""

_STARTING_WEIGHTS = (0.5, 0.2, 0.1, 0.15, 0.1, 0.1, 0.0, -5.0, -0.1, 0.6)


@dataclass(frozen=True)
class PlanetSmtConfig:
    """Weights and search limits of `PlanetSmt`; most likely you change `pop_limit`: quality against time.

    Attributes:
        weights: one number per feature, see `FEATURES`; tuning writes them.
        span_limit: source words a rule may cover at most; only glue reaches farther.
        pop_limit: hypotheses taken from the cube queue of one chart cell; 0 takes all (exhaustive search).
        targets_per_source: translations of one source side that enter the search; 0 is no limit.
        sentence_limit: source words decoded together; longer sentences are cut into pieces.

    Raises:
        ValueError: naming the field, its value and what is allowed.
    """

    weights: dict[str, float] = field(default_factory=lambda: dict(zip(FEATURES, _STARTING_WEIGHTS, strict=True)))
    span_limit: int = 10
    pop_limit: int = 40
    targets_per_source: int = 20
    sentence_limit: int = 80

    def __post_init__(self) -> None:
        if set(self.weights) != set(FEATURES):
            raise ValueError(f"weights needs exactly the keys {FEATURES}, got {tuple(self.weights)}")
        for name, least in (("span_limit", 1), ("pop_limit", 0), ("targets_per_source", 0), ("sentence_limit", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)}")

    @property
    def vector(self) -> tuple[float, ...]:
        """The weights in the order of `FEATURES`."""
        return tuple(float(self.weights[name]) for name in FEATURES)


__all__ = ["FEATURES", "PlanetSmtConfig"]
