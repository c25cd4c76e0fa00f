"""Pictures that hold no card number but much that resembles one: a reader that accepts any of them is wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from training.card_ocr.art import paint
from training.card_ocr.card import LONG, NAMES, SHORT, WORDS, CardFace, draw_card
from training.card_ocr.faces import FontFace, faces
from training.card_ocr.numbers import STANDARD
from training.card_ocr.paints import colour
from training.card_ocr.printing import contrasting_ink
from training.card_ocr.scene import FRAMED, WILD, Difficulty, Photo, photograph, stamp

DARK = np.array([25, 25, 30], np.float32)


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


def _phone(rng: np.random.Generator) -> str:
    forms = ("02-{}-{}", "+82 10 {} {}", "1588-{1}", "(031) {}-{}", "+86 138 {} {}", "080-{}-{}")
    return forms[rng.integers(len(forms))].format(_digits(rng, 4), _digits(rng, 4))


def _paper(rng: np.random.Generator, w: int, h: int) -> np.ndarray:
    return np.clip(rng.uniform(215, 252) + rng.normal(0, 3, (h, w, 1)), 0, 255).astype(np.float32).repeat(3, 2)


def _font(rng: np.random.Generator, split: str) -> FontFace:
    fonts = faces(split, embossed=False)
    return fonts[rng.integers(len(fonts))]


def _page(
    rng: np.random.Generator, picture: np.ndarray, font: FontFace, lines: list[str], height: int, tint: np.ndarray
) -> None:
    """Lines of text down the picture, in place."""
    y = int(rng.uniform(0.05, 0.15) * picture.shape[0])
    x = int(rng.uniform(0.05, 0.12) * picture.shape[1])
    for line in lines:
        stamp(picture, font.text(line, height), x, y, tint)
        y += int(height * rng.uniform(1.6, 2.2))


def _face(picture: np.ndarray, name: str) -> CardFace:
    return CardFace(picture, (), (), 0.0, 0.0, "", name)


def numberless(rng: np.random.Generator, split: str) -> CardFace:
    """A card front that shows no number, as newer cards do."""
    return draw_card(rng, split, None, STANDARD, bool(rng.random() < 0.5))


def card_back(rng: np.random.Generator, split: str) -> CardFace:
    """Magnetic stripe, signature panel with a security code, small print with telephone numbers."""
    _, picture = paint(rng, split, LONG, SHORT)
    top = int(rng.uniform(20, 50))
    picture[top : top + 80] = rng.uniform(10, 45)
    panel = picture[top + 110 : top + 165, 30:470]
    panel[:] = rng.uniform(220, 250)
    font, tint = _font(rng, split), contrasting_ink(rng, picture[300:], 80)
    code = _digits(rng, 3) if rng.random() < 0.5 else f"{_digits(rng, 4)} {_digits(rng, 3)}"
    stamp(picture, font.text(code, 22), 340, top + 125, DARK)
    for row in range(int(rng.integers(2, 6))):
        text = f"{' '.join(rng.choice(WORDS, 3))} {_phone(rng)}"
        stamp(picture, font.text(text, int(rng.integers(9, 16))), 30, 235 + 26 * row, tint)
    return _face(picture, "card_back")


def receipt(rng: np.random.Generator, split: str) -> CardFace:
    """Prices, dates, a masked card number and long reference numbers."""
    picture = _paper(rng, SHORT, LONG)
    lines = [
        " ".join(rng.choice(WORDS, 2)),
        f"{2000 + rng.integers(20, 30)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}",
    ]
    for _ in range(int(rng.integers(5, 12))):
        lines.append(f"{rng.choice(WORDS):<12}{rng.integers(1, 900)},{rng.integers(0, 10)}00")
    lines.append(f"**** **** **** {_digits(rng, 4)}")
    lines.append(f"NO {_digits(rng, int(rng.integers(8, 21)))}")
    rng.shuffle(lines)
    _page(rng, picture, _font(rng, split), lines, int(rng.integers(13, 20)), DARK)
    return _face(picture, "receipt")


def business_card(rng: np.random.Generator, split: str) -> CardFace:
    """Name, company, telephone, fax and mobile numbers."""
    picture = _paper(rng, LONG, SHORT) if rng.random() < 0.6 else paint(rng, split, LONG, SHORT)[1]
    tint = contrasting_ink(rng, picture, 90)
    lines = [
        " ".join(rng.choice(WORDS, 2)),
        str(rng.choice(NAMES)),
        f"TEL {_phone(rng)}",
        f"FAX {_phone(rng)}",
        _phone(rng),
    ]
    if rng.random() < 0.4:
        lines.append(f"{_digits(rng, 3)}-{_digits(rng, 2)}-{_digits(rng, 5)}")
    _page(rng, picture, _font(rng, split), lines, int(rng.integers(16, 30)), tint)
    return _face(picture, "business_card")


def barcode(rng: np.random.Generator, split: str) -> CardFace:
    """A label with bars and the digits beneath them, 8 to 18."""
    picture = _paper(rng, LONG, SHORT)
    x = 60
    while x < 560:
        bar, space = rng.integers(2, 9, 2)
        picture[60:270, x : x + bar] = 20
        x += bar + space
    count = int(rng.choice([8, 12, 13, 14, 18]))
    stamp(picture, _font(rng, split).text(" ".join(_digits(rng, count)), 24), 90, 290, DARK)
    return _face(picture, "barcode")


def phone_number(rng: np.random.Generator, split: str) -> CardFace:
    """A sign or screen with one large telephone number."""
    picture = paint(rng, split, LONG, SHORT)[1]
    font, tint = _font(rng, split), contrasting_ink(rng, picture, 80)
    stamp(picture, font.text(_phone(rng), int(rng.integers(28, 44))), 60, int(rng.uniform(100, 280)), tint)
    stamp(picture, font.text(" ".join(rng.choice(WORDS, 2)), 26), 60, 40, tint)
    return _face(picture, "phone_number")


def bare_table(rng: np.random.Generator, split: str) -> CardFace:
    """No card at all: one more patch of clutter."""
    return _face(np.broadcast_to(colour(rng), (SHORT, LONG, 3)).copy(), "bare_table")


KINDS: tuple[Callable[[np.random.Generator, str], CardFace], ...] = (
    numberless, card_back, receipt, business_card, barcode, phone_number, bare_table,
)  # fmt: skip


def negative(rng: np.random.Generator, split: str) -> tuple[str, Photo]:
    """A photograph without a card number: (kind, photo)."""
    kind = KINDS[rng.integers(len(KINDS))]
    difficulty: Difficulty = FRAMED if rng.random() < 0.5 else WILD
    return kind.__name__, photograph(rng, split, kind(rng, split), difficulty)
