"""One card face: art, chip, logos, name, dates, and the number with the exact place of every digit."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from training.card_ocr.art import paint
from training.card_ocr.faces import Face, FontFace, faces
from training.card_ocr.numbers import Layout
from training.card_ocr.paints import colour
from training.card_ocr.printing import Box, Relief, contrasting_ink, emboss, lay_out, luminance, print_flat

LONG, SHORT = 640, 404
"""A card of 85.6 x 54.0 mm (ISO/IEC 7810 ID-1) in pixels: 7.48 pixels per millimetre."""

WORDS = (
    "PLANET", "NORTH", "RIVER", "SUMMIT", "BANK", "TRUST", "UNION", "CREDIT", "DEBIT", "GOLD", "PLATINUM", "REWARDS",
    "CLASSIC", "WORLD", "BUSINESS", "TRAVEL", "ALPHA", "HARBOUR", "MEMBER", "FIRST", "SAVINGS", "PREPAID", "SIGNATURE",
)  # fmt: skip
NAMES = (
    "MINJUN KIM", "SEOYEON LEE", "JIHO PARK", "WEI ZHANG", "LI NA", "ALEX MORGAN", "J R SMITH", "MARIA GARCIA",
    "HIROSHI TANAKA", "CARDHOLDER NAME", "A B TESTER", "ANNA MUELLER", "YUNA CHOI", "PAT O'BRIEN", "D K WONG",
)  # fmt: skip


@dataclass(frozen=True)
class CardFace:
    """A rendered card.

    Attributes:
        picture: H x W x 3 float32 in 0..255, 404 x 640 or 640 x 404.
        boxes: the box of every digit in reading order, in card pixels; empty if the card shows no number.
        lines: how many digits each printed line holds.
        contrast: the least mean luma change that printing made to any digit's box, in grey levels.
        distinct: the least ratio of that change to the standard deviation of the art's luma in the same box.
        typeface, art: what it was drawn with.
    """

    picture: np.ndarray
    boxes: tuple[Box, ...]
    lines: tuple[int, ...]
    contrast: float
    distinct: float
    typeface: str
    art: str


def draw_card(rng: np.random.Generator, split: str, number: str | None, layout: Layout, embossed: bool) -> CardFace:
    """Draws a card with `number` printed as `layout`; `number` None leaves it off (a negative)."""
    w, h = (SHORT, LONG) if layout.portrait else (LONG, SHORT)
    art, card = paint(rng, split, w, h)
    fonts = faces(split, embossed=False)
    chip = _chip(rng, card, layout) if rng.random() < 0.5 else None
    _logo(rng, card)
    ground = card.copy()
    relief = Relief.draw(rng, ground[h // 2 : int(h * 0.7)])
    pool = faces(split, embossed)
    face = pool[rng.integers(len(pool))]
    boxes: tuple[Box, ...] = ()
    lines: tuple[int, ...] = ()
    if number is not None:
        boxes, lines = _number(rng, card, number, layout, face, relief if embossed else None, chip)
    bottom = max((box[3] for box in boxes), default=h * 0.55)
    top = min((box[1] for box in boxes), default=h * 0.5)
    changes = [_change(card, ground, box) for box in boxes]
    _texts(rng, card, fonts, relief if embossed and rng.random() < 0.8 else None, top, bottom)
    contrast = min((change for change, _ in changes), default=0.0)
    distinct = min((change / (clutter + 1) for change, clutter in changes), default=0.0)
    return CardFace(card, boxes, lines, contrast, distinct, face.name, art)


def _change(card: np.ndarray, ground: np.ndarray, box: Box) -> tuple[float, float]:
    """Mean luma change that printing made to a digit's box, and the standard deviation of the luma under it."""
    x0, y0, x1, y1 = map(int, box)
    change = np.abs(luminance(card[y0:y1, x0:x1] - ground[y0:y1, x0:x1])).mean()
    return float(change), float(luminance(ground[y0:y1, x0:x1]).std())


def _spacing(rng: np.random.Generator, face: Face, embossed: bool) -> tuple[float, float]:
    """Pitch (0 = proportional) and group gap, as shares of the digit height."""
    if embossed:
        return rng.uniform(0.76, 0.92), rng.uniform(0.5, 0.9)
    if face.category == "sans" and rng.random() < 0.6:
        return 0.0, rng.uniform(0.3, 0.9)
    return rng.uniform(0.72, 0.95), rng.uniform(0.25, 0.9)


def _number(
    rng: np.random.Generator,
    card: np.ndarray,
    number: str,
    layout: Layout,
    face: Face,
    relief: Relief | None,
    chip: Box | None,
) -> tuple[tuple[Box, ...], tuple[int, ...]]:
    """Prints the number, below or beside the chip; digit boxes in reading order and digits per line."""
    h, w = card.shape[:2]
    ends = np.cumsum(layout.groups)
    groups = tuple(number[end - size : end] for end, size in zip(ends, layout.groups, strict=True))
    rows = tuple((group,) for group in groups) if layout.stacked else (groups,)
    size = int(rng.uniform(28, 35) if relief else rng.uniform(22, 36 if layout.stacked else 33))
    pitch, gap = _spacing(rng, face, relief is not None)
    while True:
        set_lines = [lay_out(face, row, size, pitch, gap) for row in rows]
        if max(line.ink.shape[1] for line in set_lines) <= 0.92 * w or size <= 12:
            break
        size -= 1
    leading = int(size * rng.uniform(1.35, 1.9))
    block = leading * (len(rows) - 1) + size
    widest = max(line.ink.shape[1] for line in set_lines)
    left, right = (0.32, 0.7) if layout.stacked and w > h else (0.035, 0.12)
    x = int(rng.uniform(left, max(left + 0.001, min(right, 0.96 - widest / w))) * w)
    highest = 0.40 if relief else 0.28
    y = int(rng.uniform(highest, min(0.66, 0.93 - block / h)) * h) if highest < 0.93 - block / h else int(0.2 * h)
    if chip is not None and x < chip[2] + size / 2 and y < chip[3] + size / 3:
        y = int(min(chip[3] + size * rng.uniform(0.4, 1.2), 0.96 * h - block))
    tint = contrasting_ink(rng, card[y : y + block, x : x + widest], rng.uniform(45, 90))
    boxes = []
    for row, line in enumerate(set_lines):
        top = y + row * leading
        if relief is not None:
            emboss(rng, card, line.ink, x, top, relief)
        else:
            print_flat(rng, card, line.ink, x, top, tint)
        boxes += [(x + box[0], top + box[1], x + box[2], top + box[3]) for box in line.boxes]
    return tuple(boxes), tuple(sum(map(len, row)) for row in rows)


def _chip(rng: np.random.Generator, card: np.ndarray, layout: Layout) -> Box:
    """A contact chip with its contact lines, sometimes with the contactless waves beside it; where they are."""
    h, w = card.shape[:2]
    cw, ch = int(rng.uniform(70, 95)), int(rng.uniform(58, 76))
    x, y = (
        (int(w * 0.4), int(h * 0.08))
        if layout.portrait
        else (int(w * rng.uniform(0.06, 0.14)), int(h * rng.uniform(0.2, 0.27)))
    )
    gold = (215, 180, 110) if rng.random() < 0.6 else (200, 200, 205)
    cv2.rectangle(card, (x, y), (x + cw, y + ch), gold, -1, cv2.LINE_AA)
    dark = tuple(0.6 * c for c in gold)
    for share in (0.33, 0.66):
        cv2.line(card, (x, int(y + ch * share)), (x + cw, int(y + ch * share)), dark, 1, cv2.LINE_AA)
        cv2.line(card, (int(x + cw * share), y), (int(x + cw * share), y + ch), dark, 1, cv2.LINE_AA)
    contactless = rng.random() < 0.5
    if contactless:
        for radius in (8, 14, 20):
            cv2.ellipse(card, (x + cw + 14, y + ch // 2), (radius, radius), 0, -45, 45, (230, 230, 230), 2, cv2.LINE_AA)
    return (x, y, x + cw + (34 if contactless else 0), y + ch)


def _logo(rng: np.random.Generator, card: np.ndarray) -> None:
    """An invented network mark in a corner: circles, a bar or a diamond."""
    h, w = card.shape[:2]
    x, y = int(w * rng.uniform(0.8, 0.9)), int(h * rng.choice([0.13, 0.86]))
    kind, a, b = rng.integers(4), colour(rng, 120).tolist(), colour(rng, 120).tolist()
    if kind == 0:
        cv2.circle(card, (x - 16, y), 26, a, -1, cv2.LINE_AA)
        cv2.circle(card, (x + 16, y), 26, b, -1, cv2.LINE_AA)
    elif kind == 1:
        for row, tint in enumerate((a, (245, 245, 245), b)):
            cv2.rectangle(card, (x - 36, y - 22 + 15 * row), (x + 36, y - 8 + 15 * row), tint, -1)
    elif kind == 2:
        cv2.fillPoly(card, [np.array([[x, y - 28], [x + 36, y], [x, y + 28], [x - 36, y]])], a, cv2.LINE_AA)


def _texts(
    rng: np.random.Generator,
    card: np.ndarray,
    fonts: tuple[FontFace, ...],
    relief: Relief | None,
    top: float,
    bottom: float,
) -> None:
    """Bank name above the number; dates, name and small print below it: what a number must not be confused with."""
    h, w = card.shape[:2]
    font = fonts[rng.integers(len(fonts))]
    tint = contrasting_ink(rng, card[: h // 3], 70)

    def put(text: str, x: float, y: float, height: float, raised: bool = False) -> None:
        ink = font.text(text, int(height))[:, : int(0.94 * w - x)]
        y = int(min(y, h - ink.shape[0] - 4))
        if y < 2 or ink.shape[1] < 3 or (y < bottom + 3 and y + ink.shape[0] > top - 3):
            return
        if raised and relief is not None:
            emboss(rng, card, ink, int(x), y, relief)
        else:
            print_flat(rng, card, ink, int(x), y, tint)

    put(
        " ".join(rng.choice(WORDS, 2, replace=False)),
        w * rng.uniform(0.05, 0.4),
        h * rng.uniform(0.05, 0.1),
        rng.uniform(16, 28),
    )
    if rng.random() < 0.75:
        date = f"{rng.integers(1, 13):02d}/{rng.integers(25, 36)}"
        label = str(rng.choice(["VALID THRU ", "GOOD THRU ", "EXP ", ""]))
        x, y = w * rng.uniform(0.08, 0.5), bottom + h * rng.uniform(0.06, 0.12)
        if label and rng.random() < 0.6:
            put(label.strip(), x - 60 if x > 90 else x, y - 12, 8)
            label = ""
        put(label + date, x, y, rng.uniform(14, 22), raised=True)
    if rng.random() < 0.8:
        put(str(rng.choice(NAMES)), w * 0.06, h * rng.uniform(0.86, 0.91), rng.uniform(15, 23), raised=True)
    if rng.random() < 0.25:
        put(f"{rng.integers(0, 10000):04d}", w * 0.07, bottom + 8, 9)
    if rng.random() < 0.2:
        put(f"MEMBER SINCE {rng.integers(1, 27):02d}", w * 0.55, bottom + h * 0.08, 10)
