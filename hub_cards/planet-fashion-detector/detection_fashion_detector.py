"""What the detector answers: garments with their boxes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Detection:
    """One garment found in a picture.

    Attributes:
        label: its class, e.g. "bag".
        score: how sure the detector is, 0..1.
        box: (x0, y0, x1, y1) in pixels of the picture as it was given, x1 and y1 exclusive.
    """

    label: str
    score: float
    box: tuple[float, float, float, float]
