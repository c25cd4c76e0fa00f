"""Putting a number onto plastic: laying glyphs out in groups, flat ink, and embossing with light and worn tips."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from training.card_ocr.faces import Face
from training.card_ocr.paints import cloud, colour

Box = tuple[float, float, float, float]
"""left, top, right, bottom in pixels."""


@dataclass(frozen=True)
class Line:
    """One printed line: its ink coverage (H x W uint8), the tight box of every digit and where groups begin."""

    ink: np.ndarray
    boxes: tuple[Box, ...]


def lay_out(face: Face, groups: tuple[str, ...], height: int, pitch: float, gap: float) -> Line:
    """Sets groups of digits on one line.

    Args:
        face: the typeface.
        groups: the digits of each group.
        height: digit height in pixels.
        pitch: distance between digits as a share of the height; 0 sets them proportionally.
        gap: extra space between groups, a share of the height.
    """
    x, placed = 0.0, []
    for index, group in enumerate(groups):
        x += gap * height if index else 0
        for char in group:
            glyph = face.glyph(char, height)
            advance = pitch * height if pitch else glyph.shape[1] + height / 6
            left = x + (advance - glyph.shape[1]) / 2
            placed.append((round(left), glyph))
            x += advance
    first = min(left for left, _ in placed)
    right = max(left + glyph.shape[1] for left, glyph in placed)
    ink = np.zeros((max(glyph.shape[0] for _, glyph in placed), right - first), np.uint8)
    boxes = []
    for left, glyph in placed:
        h, w = glyph.shape
        left, top = left - first, ink.shape[0] - h
        np.maximum(ink[top:, left : left + w], glyph, out=ink[top:, left : left + w])
        boxes.append((left, top, left + w, top + h))
    return Line(ink, tuple(boxes))


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Rec. 601 luma of colours or pictures (... x 3)."""
    return rgb @ np.array([0.299, 0.587, 0.114], np.float32)


def contrasting_ink(rng: np.random.Generator, ground: np.ndarray, difference: float) -> np.ndarray:
    """A printable colour whose luma differs from the mean of `ground` by at least `difference` where possible."""
    level = float(luminance(ground).mean())
    inks = [np.full(3, v, np.float32) for v in (245.0, 15.0, 200.0, 60.0)] + [colour(rng) for _ in range(4)]
    rng.shuffle(inks)
    fitting = [ink for ink in inks if abs(float(luminance(ink)) - level) >= difference]
    return fitting[0] if fitting else np.full(3, 250.0 if level < 128 else 8.0, np.float32)


def print_flat(rng: np.random.Generator, card: np.ndarray, ink: np.ndarray, x: int, y: int, tint: np.ndarray) -> None:
    """Prints coverage `ink` in colour `tint` at (x, y) of `card` (float32, in place), sometimes worn or soft."""
    h, w = ink.shape
    ground = card[y : y + h, x : x + w]
    share = ink[: ground.shape[0], : ground.shape[1]].astype(np.float32) / 255
    if rng.random() < 0.3:
        share = cv2.GaussianBlur(share, (0, 0), rng.uniform(0.4, 0.9))
    if rng.random() < 0.25 and min(h, w) > 3:
        share = share * np.clip(1.3 - 0.8 * rng.random() * cloud(rng, *share.shape[::-1], cells=4), 0, 1)
    ground += (share * rng.uniform(0.88, 1.0))[..., None] * (tint - ground)


@dataclass(frozen=True)
class Relief:
    """How an embossed card is lit and tipped; one per card, shared by its number, dates and name.

    Attributes:
        light: unit vector in the card plane the light comes from.
        strength: brightness change of a full slope, in grey levels.
        softness: roundness of the edges as a share of the digit height.
        tip: colour of the foil on the raised tips, None for the same colour as the card.
        wear: share of the foil rubbed off, 0..1.
        shadow: depth of the cast shadow, 0..1.
    """

    light: tuple[float, float]
    strength: float
    softness: float
    tip: tuple[float, float, float] | None
    wear: float
    shadow: float

    @classmethod
    def draw(cls, rng: np.random.Generator, ground: np.ndarray) -> Relief:
        """A random relief, tipped with foil on two cards of three, foil chosen to differ from `ground`."""
        angle = rng.uniform(0, 2 * np.pi)
        tip = None
        if rng.random() < 0.67:
            foils = ((225, 225, 230), (180, 182, 188), (222, 190, 120), (250, 250, 250), (25, 25, 28), (90, 90, 95))
            level = float(luminance(ground).mean())
            fitting = [foil for foil in foils if abs(sum(foil) / 3 - level) > 38]
            tip = fitting[rng.integers(len(fitting))] if fitting else foils[4]
        strength = rng.uniform(70, 170) if tip else rng.uniform(130, 260)
        return cls(
            (np.cos(angle), np.sin(angle)),
            strength,
            rng.uniform(0.02, 0.06),
            tip,
            rng.uniform(0, 0.6),
            rng.uniform(0.1, 0.5),
        )


def emboss(rng: np.random.Generator, card: np.ndarray, ink: np.ndarray, x: int, y: int, relief: Relief) -> None:
    """Raises coverage `ink` out of `card` (float32, changed in place) at (x, y): slope shading, cast shadow, foil tips.

    The surface is the blurred coverage; a slope brightens by its component towards the light (Lambert).
    """
    margin = 5
    y0, x0 = max(y - margin, 0), max(x - margin, 0)
    ground = card[y0 : y + ink.shape[0] + margin, x0 : x + ink.shape[1] + margin]
    share = np.zeros(ground.shape[:2], np.float32)
    inside = share[y - y0 : y - y0 + ink.shape[0], x - x0 : x - x0 + ink.shape[1]]
    inside[:] = ink[: inside.shape[0], : inside.shape[1]] / np.float32(255)
    sigma = max(relief.softness * ink.shape[0], 0.6)
    surface = cv2.GaussianBlur(share, (0, 0), sigma)
    slope = (
        -(
            relief.light[0] * cv2.Sobel(surface, cv2.CV_32F, 1, 0)
            + relief.light[1] * cv2.Sobel(surface, cv2.CV_32F, 0, 1)
        )
        / 8
    )
    shift = np.float32([[1, 0, -2.5 * relief.light[0]], [0, 1, -2.5 * relief.light[1]]])
    cast = cv2.warpAffine(surface, shift, share.shape[::-1]) * (1 - share) * relief.shadow
    ground *= (1 - cast)[..., None]
    if relief.tip is not None:
        tip = np.clip(share * 1.15 - 0.1, 0, 1)
        if relief.wear > 0.1:
            rubbed = cloud(rng, *share.shape[::-1], octaves=3, cells=5)
            tip *= np.clip((rubbed - relief.wear * 0.7) * 5 + 0.6, 0.12, 1)
        foil = np.array(relief.tip, np.float32) + rng.normal(0, 6, (*share.shape, 1)).astype(np.float32)
        ground += tip[..., None] * (foil - ground)
    ground += np.clip(slope * relief.strength * 4 * sigma, -160, 160)[..., None]
    np.clip(ground, 0, 255, out=ground)
