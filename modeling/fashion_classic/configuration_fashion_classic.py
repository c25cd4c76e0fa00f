"""Configuration of the traditional eyes: words, sizes, and what training weighed."""

from __future__ import annotations

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

PARTS = ("shape", "colour", "pattern", "category", "name")
"""Parts of the feature, in its order."""


@strict
class FashionClassicConfig(PreTrainedConfig):
    """Words and weights of `FashionClassicModel`.

    You will most likely change `weights` (what look-alikes should share) and `verify_threshold` (how sure a cut region
    must be of what the whole picture seems to show). Training writes everything but the sizes from validation data.

    Args:
        view_side: pictures are shrunk until their longest side is this many pixels before anything is measured.
        frame_side: longest side of the copy in which GrabCut runs; its time grows with the square.
        rounds: iterations of GrabCut.
        tree: node -> parent; the root's is "".
        labels: what each SVM stands for: the nodes of the tree that its training pictures may show.
        garment_class: leaf -> class of the garment detector; leaves without one are left out.
        garment_nodes: coarse class -> nodes of the tree, for evaluation on photographs with coarse labels.
        colours: names of colours.
        patterns: names of patterns.
        shape_size: dimensions of the discriminant space of shapes.
        verify_threshold: a cut region is kept if the category that the whole picture suggests has at least this
            probability in it, 0 to 1.
        pattern_threshold: a pattern less probable than this is not named, 0 to 1.
        hedging_lambda: how strongly a sure answer is preferred to a specific one, at least 0.
        hedging_accuracy: share of hedged answers that were right on validation pictures with that lambda, 0 to 1.
        weights: how much each part counts in the feature: "shape", "colour", "pattern", "category", "name".
    """

    model_type = "planet_fashion_classic"

    # region
    view_side: int = 320
    frame_side: int = 96
    rounds: int = 2
    # words
    tree: dict[str, str] | None = None
    labels: list[list[str]] | None = None
    garment_class: dict[str, str] | None = None
    garment_nodes: dict[str, list[str]] | None = None
    colours: list[str] | tuple[str, ...] = ("black", "white")
    patterns: list[str] | tuple[str, ...] = ("solid", "print")
    # decision
    verify_threshold: float = 0.0
    pattern_threshold: float = 0.5
    hedging_lambda: float = 0.0
    hedging_accuracy: float = 0.0
    # feature
    shape_size: int = 64
    weights: dict[str, float] | None = None

    def __post_init__(self, **kwargs):
        super().__post_init__(**kwargs)
        self.tree = self.tree or {"product": "", "other": "product"}
        self.labels = self.labels or [[node] for node in self.tree if node not in self.tree.values()]
        self.garment_class = self.garment_class or {}
        self.garment_nodes = self.garment_nodes or {}
        self.weights = dict.fromkeys(PARTS, 1.0) if self.weights is None else self.weights
        if self.view_side < 32 or not 16 <= self.frame_side <= self.view_side:
            raise ValueError(
                "view_side must be at least 32 and frame_side from 16 to view_side, got "
                f"{self.view_side} and {self.frame_side}"
            )
        if not self.colours or not self.patterns:
            raise ValueError(f"colours and patterns must not be empty, got {self.colours} and {self.patterns}")
        if self.rounds < 1 or self.shape_size < 1:
            raise ValueError(f"rounds and shape_size must be at least 1, got {self.rounds} and {self.shape_size}")
        for name in ("verify_threshold", "pattern_threshold", "hedging_accuracy"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, got {getattr(self, name)}")
        if self.hedging_lambda < 0:
            raise ValueError(f"hedging_lambda must be at least 0, got {self.hedging_lambda}")
        if set(self.weights) != set(PARTS) or min(self.weights.values()) < 0 or not any(self.weights.values()):
            raise ValueError(
                f"weights must give {', '.join(PARTS)} a weight of at least 0, not all 0, got {self.weights}"
            )
        known = {node for label in self.labels for node in label} | set(self.garment_class)
        strangers = sorted(known - self.tree.keys())
        if strangers or not all(self.labels):
            raise ValueError(
                f"labels and garment_class must name nodes of the tree, got {', '.join(strangers) or '[]'}"
            )


__all__ = ["PARTS", "FashionClassicConfig"]
