"""Card art with structure as fine as print: lines and shapes that cross digits and are not part of them."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from training.card_ocr.paints import cloud, colour, mix, ramp

Mask = np.ndarray
"""H x W float32 in 0..1."""


def _two_tone(rng: np.random.Generator, mask: Mask) -> np.ndarray:
    """Two colours, or a colour on a gradient, mixed by `mask` at full or faint strength."""
    h, w = mask.shape
    ground = colour(rng) if rng.random() < 0.5 else mix(colour(rng), colour(rng), ramp(rng, w, h))
    return mix(ground, colour(rng), mask * rng.choice([1.0, rng.uniform(0.2, 0.9)]))


def _soften(rng: np.random.Generator, mask: np.ndarray) -> Mask:
    """`mask` (uint8) as shares, its edges more or less sharp."""
    if rng.random() < 0.6:
        mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.5, 3.0))
    return mask.astype(np.float32) / 255


def _walk(rng: np.random.Generator, mask: np.ndarray, x: float, y: float, angle: float, pen: float, bend: float):
    """A wandering line that thins out and forks, drawn onto `mask` (H x W uint8)."""
    h, w = mask.shape
    while pen >= 1 and -0.1 * w < x < 1.1 * w and -0.1 * h < y < 1.1 * h:
        step = rng.uniform(0.02, 0.07) * w
        end = x + step * np.cos(angle), y + step * np.sin(angle)
        cv2.line(mask, (int(x), int(y)), (int(end[0]), int(end[1])), 255, int(pen), cv2.LINE_AA)
        if rng.random() < 0.12:
            _walk(rng, mask, *end, angle + rng.choice([-1, 1]) * rng.uniform(0.4, 1.2), pen - 1, bend)
        (x, y), angle = end, angle + rng.normal(0, bend)
        pen -= rng.uniform(0, 0.12)


def branches(rng, w, h):
    """Lightning, roots, frost."""
    mask = np.zeros((h, w), np.uint8)
    bend, pen = rng.uniform(0.15, 0.7), rng.uniform(2, 6)
    for _ in range(int(rng.integers(3, 16))):
        _walk(rng, mask, rng.uniform(0, w), rng.uniform(0, h), rng.uniform(0, 2 * np.pi), pen, bend)
    return _two_tone(rng, _soften(rng, mask))


def _cells(rng: np.random.Generator, w: int, h: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Random cells (Voronoi 1908): index of each pixel's cell, and distance to the nearest border, both H x W."""
    seeds = np.full((h, w), 255, np.uint8)
    seeds[rng.integers(0, h, count), rng.integers(0, w, count)] = 0
    _, owner = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    border = cv2.morphologyEx(owner.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)) > 0
    return owner, cv2.distanceTransform(255 - border.astype(np.uint8) * 255, cv2.DIST_L2, 3)


def cracks(rng, w, h):
    """Dry earth, crackled glaze, leather: the borders of random cells."""
    _, distance = _cells(rng, w, h, int(rng.integers(20, 400)))
    width = rng.uniform(0.6, 4)
    return _two_tone(rng, np.clip(1.5 - distance / width, 0, 1))


def terrazzo(rng, w, h):
    """Stone chips in mortar: shrunken random cells, each in a colour of a small palette."""
    owner, distance = _cells(rng, w, h, int(rng.integers(40, 600)))
    palette = np.stack([colour(rng) for _ in range(int(rng.integers(2, 6)))])
    chips = palette[owner % len(palette)]
    return mix(colour(rng), chips, np.clip(distance - rng.uniform(0, 4), 0, 1))


def pebbles(rng, w, h):
    """Shapes of all sizes over each other, as in natural scenes (dead leaves, Matheron 1968)."""
    picture = np.broadcast_to(colour(rng), (h, w, 3)).copy()
    palette = [colour(rng).tolist() for _ in range(int(rng.integers(2, 12)))]
    least = rng.uniform(0.01, 0.04) * w
    corners = int(rng.integers(3, 7))
    for _ in range(int(rng.integers(60, 400))):
        size = least / (1 - rng.random() * 0.98)
        angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
        outline = np.stack([np.cos(angles), np.sin(angles)], 1) * size * rng.uniform(0.5, 1.0, (corners, 1))
        outline = outline + rng.random(2) * [w, h]
        cv2.fillPoly(picture, [outline.astype(np.int32)], palette[rng.integers(len(palette))], cv2.LINE_AA)
    return picture


def plaid(rng, w, h):
    """Tartan: bands of random widths along both directions, woven."""
    mask = np.zeros((h, w), np.float32)
    for axis, length in ((1, w), (0, h)):
        edges = np.cumsum(rng.uniform(2, 40, 40))
        bands = np.interp(np.arange(length) % edges[-1], edges, rng.random(40)).astype(np.float32)
        if rng.random() < 0.7:
            bands = rng.random(41)[np.searchsorted(edges, np.arange(length) % edges[-1])].astype(np.float32)
        mask += 0.5 * (bands[None, :] if axis else bands[:, None])
    return _two_tone(rng, mask)


def halftone(rng, w, h):
    """A raster of dots whose size follows a ramp or a cloud."""
    period, angle = rng.uniform(4, 16), rng.uniform(0, np.pi / 2)
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    raster = np.cos(2 * np.pi * u / period) + np.cos(2 * np.pi * v / period)
    level = ramp(rng, w, h) if rng.random() < 0.5 else cloud(rng, w, h)
    return _two_tone(rng, np.clip((raster / 2 - 1 + 2 * level) * 2 + 0.5, 0, 1))


def camouflage(rng, w, h):
    """Blotches with hard edges: a cloud cut at a few levels."""
    noise = cloud(rng, w, h, octaves=int(rng.integers(2, 6)), cells=int(rng.integers(2, 9)))
    palette = np.stack([colour(rng) for _ in range(int(rng.integers(2, 6)))])
    return palette[np.minimum((noise * len(palette)).astype(int), len(palette) - 1)]


def wood(rng, w, h):
    """Long grain: lines that bend round knots."""
    grain = cloud(rng, max(w // 8, 8), h, octaves=3)
    grain = cv2.resize(grain, (w, h), interpolation=cv2.INTER_CUBIC)
    rings = ramp(rng, w, h) * rng.uniform(6, 40) + grain * rng.uniform(1, 5)
    return _two_tone(rng, np.clip((rings % 1) ** rng.uniform(0.5, 4), 0, 1))


@cache
def _lettering_font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def lettering(rng, w, h):
    """Words repeated all over, at an angle; letters only, since digits would be a second number."""
    size = int(rng.integers(10, 60))
    font = _lettering_font(size)
    canvas = Image.new("L", (2 * w, 2 * h))
    draw = ImageDraw.Draw(canvas)
    word = "".join(rng.choice(list("ABCDEFGHJKLMNPQRTUVWXYZabcdefghkmnprstuvwxyz"), int(rng.integers(3, 10)))) + "  "
    across = int(draw.textlength(word, font=font)) + 1
    for row, y in enumerate(range(0, 2 * h, max(int(size * rng.uniform(1.1, 2.5)), 4))):
        draw.text((-(row % 2) * across / 2, y), word * (2 * w // across + 2), font=font, fill=255)
    turn = cv2.getRotationMatrix2D((w, h), rng.choice([0.0, rng.uniform(-60, 60)]), 1)
    turned = cv2.warpAffine(np.asarray(canvas), turn, (2 * w, 2 * h))
    return _two_tone(rng, _soften(rng, turned[h // 2 : h // 2 + h, w // 2 : w // 2 + w]))


def circuit(rng, w, h):
    """Traces that run square or diagonal and end in pads."""
    mask = np.zeros((h, w), np.uint8)
    pen, turn = int(rng.integers(1, 5)), rng.choice([np.pi / 4, np.pi / 2])
    for _ in range(int(rng.integers(10, 60))):
        x, y, angle = rng.uniform(0, w), rng.uniform(0, h), rng.integers(8) * turn
        for _ in range(int(rng.integers(2, 7))):
            length = rng.uniform(8, 90)
            end = x + length * np.cos(angle), y + length * np.sin(angle)
            cv2.line(mask, (int(x), int(y)), (int(end[0]), int(end[1])), 255, pen, cv2.LINE_AA)
            (x, y), angle = end, angle + rng.choice([-1, 1]) * turn
        cv2.circle(mask, (int(x), int(y)), 2 * pen, 255, -1 if rng.random() < 0.5 else pen, cv2.LINE_AA)
    return _two_tone(rng, _soften(rng, mask))


def scribbles(rng, w, h):
    """Loops and flourishes of a pen."""
    mask = np.zeros((h, w), np.uint8)
    t = np.linspace(0, 1, 200)
    for _ in range(int(rng.integers(2, 14))):
        curve = np.zeros((200, 2))
        for k in range(1, 5):
            phase = rng.uniform(0, 2 * np.pi, 2)
            curve += np.cos(2 * np.pi * k * rng.uniform(0.5, 2) * t[:, None] + phase) * rng.uniform(0, 0.5, 2) / k
        points = (curve * [0.8 * w, 0.8 * h] + rng.random(2) * [w, h]).astype(np.int32)
        cv2.polylines(mask, [points], False, 255, int(rng.integers(1, 6)), cv2.LINE_AA)
    return _two_tone(rng, _soften(rng, mask))


def ripples(rng, w, h):
    """Waves from two or three centres that cross each other."""
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    total = np.zeros((h, w), np.float32)
    count = int(rng.integers(2, 4))
    for _ in range(count):
        distance = np.hypot(x - rng.uniform(-0.5, 1.5) * w, y - rng.uniform(-0.5, 1.5) * h)
        total += np.sin(distance * 2 * np.pi / rng.uniform(10, 80))
    return _two_tone(rng, np.clip(total / count * rng.uniform(0.6, 3) + 0.5, 0, 1))


def labyrinth(rng, w, h):
    """Coral, zebra, fingerprints: noise of one wavelength only, cut in the middle (Turing 1952 explains the skin)."""
    fine = rng.uniform(1.2, 7.0)
    noise = rng.normal(0, 1, (h, w)).astype(np.float32)
    band = cv2.GaussianBlur(noise, (0, 0), fine) - cv2.GaussianBlur(noise, (0, 0), 1.6 * fine)
    return _two_tone(rng, np.clip(band / band.std() * rng.uniform(0.5, 3) + rng.uniform(0.2, 0.8), 0, 1))


def splatter(rng, w, h):
    """Thrown paint: many small drops round a few large ones, in colours of a small palette."""
    picture = np.broadcast_to(colour(rng), (h, w, 3)).copy()
    palette = [colour(rng).tolist() for _ in range(int(rng.integers(1, 5)))]
    for _ in range(int(rng.integers(4, 24))):
        centre, ink = rng.random(2) * [w, h], palette[rng.integers(len(palette))]
        reach = rng.uniform(0.02, 0.15) * w
        for _ in range(int(rng.integers(5, 50))):
            angle, away = rng.uniform(0, 2 * np.pi), abs(rng.normal(0, reach))
            x, y = centre + np.array([np.cos(angle), np.sin(angle)]) * away
            size = 0.25 * reach * rng.uniform(0.1, 1) / (1 + 3 * away / reach)
            axes = (max(int(size * rng.uniform(1, 3)), 1), max(int(size), 1))
            cv2.ellipse(picture, ((x, y), (2 * axes[0], 2 * axes[1]), np.degrees(angle)), ink, -1, cv2.LINE_AA)
    return picture


def foil(rng, w, h):
    """Crumpled foil or low-polygon art: facets, each shaded along a direction of its own."""
    owner, _ = _cells(rng, w, h, int(rng.integers(30, 500)))
    count = int(owner.max()) + 1
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    angle, steep, phase = rng.uniform(0, 2 * np.pi, count), rng.uniform(0, 0.08, count), rng.random(count)
    along = x * np.cos(angle)[owner] + y * np.sin(angle)[owner]
    shade = 0.5 + 0.5 * np.sin(along * steep[owner] + 2 * np.pi * phase[owner])
    return _two_tone(rng, shade.astype(np.float32))


def bristles(rng, w, h):
    """A painter's brush: bundles of short parallel strokes, light beside dark."""
    picture = np.broadcast_to(colour(rng), (h, w, 3)).copy()
    palette = [colour(rng) for _ in range(int(rng.integers(2, 7)))]
    field = cloud(rng, w, h, octaves=1) * rng.uniform(1, 8)
    for _ in range(int(rng.integers(60, 400))):
        x, y, ink = int(rng.uniform(0, w)), int(rng.uniform(0, h)), palette[rng.integers(len(palette))]
        angle, length = float(field[min(y, h - 1), min(x, w - 1)]), rng.uniform(0.03, 0.15) * w
        along = np.array([np.cos(angle), np.sin(angle)])
        for hair in range(int(rng.integers(2, 9))):
            start = np.array([x, y]) + np.array([-along[1], along[0]]) * hair * 2
            end = start + along * length * rng.uniform(0.6, 1)
            tint = np.clip(ink + rng.normal(0, 25), 0, 255).tolist()
            cv2.line(picture, start.astype(int).tolist(), end.astype(int).tolist(), tint, 2, cv2.LINE_AA)
    return picture


def strata(rng, w, h):
    """Layers round islands: bands of random widths at growing distance from a few shapes."""
    islands = np.full((h, w), 255, np.uint8)
    for _ in range(int(rng.integers(1, 6))):
        corners = rng.random(2) * [w, h] + rng.normal(0, 0.15 * h, (int(rng.integers(3, 9)), 2))
        cv2.polylines(islands, [corners.astype(np.int32)], True, 0, int(rng.integers(1, 20)))
    edges = np.cumsum(rng.uniform(2, rng.uniform(6, 40), 300))
    levels = rng.random(301).astype(np.float32)
    distance = cv2.distanceTransform(islands, cv2.DIST_L2, 5)
    return _two_tone(rng, levels[np.searchsorted(edges, distance)])
