"""Embossing types drawn from strokes, in the manner of the squarish numerals punched into cards (Farrington 7B).

No font file of such a type is free to share, so a typeface here is a set of skeletons (polylines in the unit square),
rounded by corner cutting (Chaikin, 1974) and drawn with a round pen. A seed fixes proportions, pen, roundness, slant
and which form each digit takes, so every seed is a typeface of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np

Polyline = tuple[tuple[float, float], ...]

# For each digit its forms; a form is a list of polylines; the first point repeated at the end closes the loop.
_FORMS: dict[str, tuple[tuple[Polyline, ...], ...]] = {
    "0": ((((0, 0.5), (0, 0), (1, 0), (1, 1), (0, 1), (0, 0.5)),),),
    "1": (
        (((0.15, 0.16), (0.52, 0), (0.52, 1)), ((0.12, 1), (0.92, 1))),
        (((0.3, 0), (0.62, 0), (0.62, 1)), ((0.25, 1), (1, 1))),
        (((0.2, 0.2), (0.6, 0), (0.6, 1)),),
    ),
    "2": (
        (((0, 0.24), (0, 0), (1, 0), (1, 0.5), (0, 0.55), (0, 1), (0.06, 1), (1, 1)),),
        (((0, 0.26), (0.04, 0), (1, 0), (1, 0.46), (0.05, 0.94), (0, 1), (1, 1)),),
    ),
    "3": (
        (((0, 0.04), (0.1, 0), (1, 0), (1, 0.47), (0.35, 0.47)), ((0.35, 0.47), (1, 0.47), (1, 1), (0, 1), (0, 0.9))),
        (((0.02, 0), (0.98, 0), (0.42, 0.4), (1, 0.42), (1, 1), (0, 1), (0, 0.84)),),
        (
            ((0, 0.18), (0.05, 0), (0.95, 0), (0.95, 0.46), (0.4, 0.47)),
            ((0.4, 0.47), (1, 0.48), (1, 1), (0, 1), (0, 0.82)),
        ),
    ),
    "4": (
        (((0.12, 0), (0, 0.64), (1, 0.64)), ((0.74, 0.32), (0.74, 1))),
        (((0.72, 1), (0.72, 0), (0.66, 0), (0, 0.68), (1, 0.68)),),
        (((0, 0), (0, 0.55), (0.9, 0.55)), ((0.78, 0), (0.78, 1))),
    ),
    "5": (
        (((0.95, 0), (0.02, 0), (0.02, 0.44), (1, 0.42), (1, 1), (0, 1), (0, 0.88)),),
        (((0.9, 0), (0.1, 0), (0.04, 0.45), (0.5, 0.36), (1, 0.45), (1, 1), (0, 1), (0, 0.82)),),
    ),
    "6": (
        (((0.94, 0.12), (0.9, 0), (0, 0), (0, 1), (1, 1), (1, 0.46), (0, 0.48)),),
        (((0.74, 0), (0.1, 0.3), (0, 0.6), (0, 1), (1, 1), (1, 0.46), (0.02, 0.46), (0, 0.66)),),
    ),
    "7": (
        (((0, 0.2), (0, 0), (1, 0), (1, 0.12), (0.46, 0.56), (0.46, 1)),),
        (((0, 0), (0.96, 0), (1, 0.04), (0.36, 1)),),
        (((0, 0.16), (0, 0), (1, 0), (1, 1)),),
    ),
    "8": (
        (
            ((0.5, 0), (0.92, 0), (0.92, 0.47), (0.08, 0.47), (0.08, 0), (0.5, 0)),
            ((0.5, 0.47), (1, 0.47), (1, 1), (0, 1), (0, 0.47), (0.5, 0.47)),
        ),
    ),
    "9": (
        (((0.06, 0.88), (0.1, 1), (1, 1), (1, 0), (0, 0), (0, 0.54), (1, 0.52)),),
        (((0.26, 1), (0.9, 0.7), (1, 0.4), (1, 0), (0, 0), (0, 0.54), (0.98, 0.54), (1, 0.34)),),
    ),
    "/": ((((0, 1), (1, 0)),),),
}  # fmt: skip


def _round_corners(points: np.ndarray, cut: float, closed: bool) -> np.ndarray:
    """Chaikin corner cutting, three rounds; `points` is N x 2, `cut` the share of an edge cut at each end."""
    for _ in range(3):
        a, b = points[:-1], points[1:]
        cuts = np.stack([a + cut * (b - a), b - cut * (b - a)], axis=1).reshape(-1, 2)
        points = np.concatenate([cuts, cuts[:1]] if closed else [points[:1], cuts[1:-1], points[-1:]])
        cut = 0.25
    return points


@dataclass(frozen=True)
class StrokeFace:
    """A typeface of drawn strokes; `seed` fixes its forms and `split` says who may see it."""

    seed: int
    split: str
    category: str = "embossing"

    @property
    def name(self) -> str:
        return f"strokes-{self.seed:02d}"

    @cached_property
    def _style(self) -> dict:
        rng = np.random.default_rng([7, self.seed])
        return {
            "aspect": rng.uniform(0.52, 0.68),
            "pen": rng.uniform(0.10, 0.16),
            "cut": rng.uniform(0.10, 0.30),
            "slant": rng.choice([0.0, 0.0, 0.05]),
            "forms": {digit: int(rng.integers(len(forms))) for digit, forms in _FORMS.items()},
        }

    @lru_cache(maxsize=256)  # noqa: B019 - a typeface lives as long as the process
    def glyph(self, char: str, height: int) -> np.ndarray:
        """Coverage of `char` drawn `height` pixels tall: H x W uint8, tight to the strokes."""
        style, scale = self._style, 4
        h = height * scale
        pen = max(style["pen"] * h, 2.0)
        inner = np.array([style["aspect"] * h - pen, h - pen])
        canvas = np.zeros((h, int(inner[0] + pen + style["slant"] * h) + 2), np.uint8)
        for line in _FORMS[char][style["forms"][char]]:
            closed = line[0] == line[-1]
            points = _round_corners(np.array(line, float), style["cut"], closed) * inner + pen / 2
            points[:, 0] += style["slant"] * (h - points[:, 1])
            cv2.polylines(canvas, [np.round(points * 16).astype(np.int32)], False, 255, int(pen), cv2.LINE_AA, 4)
        columns = np.flatnonzero(canvas.any(0))
        canvas = canvas[:, columns[0] : columns[-1] + 1]
        return cv2.resize(canvas, (max(round(canvas.shape[1] / scale), 1), height), interpolation=cv2.INTER_AREA)


STROKE_FACES = tuple(
    StrokeFace(seed, "test" if seed % 5 == 4 else "validation" if seed % 10 == 3 else "train") for seed in range(20)
) + tuple(StrokeFace(seed, "train") for seed in range(20, 44))
"""Forty-four embossing types: thirty-eight to train on, two to choose by, four to be judged on."""
