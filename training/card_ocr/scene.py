"""From a card face to a photograph: pose, table top, hands, light, lens, sensor. Labels follow the card exactly."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

import cv2
import numpy as np

from training.card_ocr.art import paint
from training.card_ocr.card import CardFace
from training.card_ocr.faces import faces
from training.card_ocr.paints import colour

WIDTH, HEIGHT = 640, 480
"""Size of a photograph in pixels."""

Quads = np.ndarray
"""N x 4 x 2 float32 corners, clockwise from the upper left of the character."""


@dataclass(frozen=True)
class Difficulty:
    """How hard a photograph is; ranges are (low, high) of uniform draws, shares of the digit height where so named.

    You will most likely change `width` (card width as a share of the frame's), `roll` and `tilt` (degrees),
    `blur` (Gaussian sigma as a share of the digit height) and the probabilities.
    """

    width: tuple[float, float] = (0.62, 1.0)
    roll: float = 8.0
    tilt: float = 12.0
    least_digit: float = 8.0
    blur: tuple[float, float] = (0.0, 0.07)
    motion: tuple[float, float] = (0.0, 0.2)
    motion_chance: float = 0.15
    glare_chance: float = 0.2
    glare_limit: float = 0.45
    shadow_chance: float = 0.3
    hand_chance: float = 0.25
    clutter: int = 3
    noise: tuple[float, float] = (0.0, 8.0)
    covered: bool = False


FRAMED = Difficulty()
ODD = replace(FRAMED, width=(0.5, 1.0), roll=12, tilt=18, blur=(0.0, 0.08))
WILD = Difficulty(
    width=(0.3, 1.0), roll=20, tilt=25, blur=(0.0, 0.1), motion=(0.0, 0.25), motion_chance=0.3, glare_chance=0.35,
    shadow_chance=0.5, hand_chance=0.5, clutter=8, noise=(0.0, 13.0),
)  # fmt: skip
BORDERLINE = replace(
    WILD, least_digit=6, blur=(0.08, 0.35), motion=(0.1, 0.9), motion_chance=0.5, glare_limit=1.0, noise=(4, 22)
)
ILLEGIBLE = (
    replace(FRAMED, blur=(0.42, 0.7)),
    replace(FRAMED, motion=(1.2, 2.0), motion_chance=1.0),
    replace(FRAMED, width=(0.09, 0.14), least_digit=0),
    replace(FRAMED, covered=True),
)
"""Each way a card becomes unreadable: defocus, shake, distance, a hand over the number."""


@dataclass(frozen=True)
class Photo:
    """A photograph with its labels: `picture` 480 x 640 x 3 uint8 RGB, `digits` N x 4 x 2, and what made it hard."""

    picture: np.ndarray
    digits: Quads
    conditions: dict = field(default_factory=dict)


def _pose(rng: np.random.Generator, face: CardFace, difficulty: Difficulty) -> np.ndarray:
    """A homography from card pixels to the frame that keeps every digit inside it: 3 x 3 float64."""
    h, w = face.picture.shape[:2]
    boxes = np.array(face.boxes or ((0.2 * w, 0.3 * h, 0.8 * w, 0.7 * h),), np.float64)
    corners = np.stack([boxes[:, [0, 1]], boxes[:, [2, 1]], boxes[:, [2, 3]], boxes[:, [0, 3]]], 1).reshape(-1, 1, 2)
    smallest = float((boxes[:, 3] - boxes[:, 1]).min())
    frame = WIDTH if w > h else 1.25 * HEIGHT * w / h
    scale = max(rng.uniform(*difficulty.width) * frame / w, difficulty.least_digit / smallest)
    roll = np.deg2rad(rng.uniform(-difficulty.roll, difficulty.roll))
    yaw, pitch = np.deg2rad(rng.uniform(-difficulty.tilt, difficulty.tilt, 2))
    distance = rng.uniform(1.6, 3.0) * max(w, h)
    while True:
        matrix = _project(w, h, scale, roll, yaw, pitch, distance)
        points = cv2.perspectiveTransform(corners, matrix)[:, 0]
        low, high = points.min(0), points.max(0)
        room = np.array([WIDTH, HEIGHT]) - (high - low) - 12
        if (room > 0).all():
            break
        scale *= 0.96
    outline = cv2.perspectiveTransform(np.float64([[[0, 0], [w, 0], [w, h], [0, h]]]), matrix)[0]
    slack = np.array([WIDTH, HEIGHT]) - np.ptp(outline, axis=0)
    anywhere = 6 + rng.random(2) * room - low  # the number inside the frame
    whole = rng.random(2) * slack - outline.min(0)  # the whole card inside the frame
    shift = np.where((slack > 0) & (rng.random() < 0.85), whole, anywhere)
    shift = np.clip(shift, 6 - low, np.array([WIDTH, HEIGHT]) - 6 - high)
    return np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]]) @ matrix


def _project(w: int, h: int, scale: float, roll: float, yaw: float, pitch: float, distance: float) -> np.ndarray:
    """Pinhole view of a card turned by roll, yaw and pitch (radians), about its centre."""
    cr, sr, cy, sy, cp, sp = np.cos(roll), np.sin(roll), np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    turn = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]]) @ turn
    plane = np.stack([turn[:, 0], turn[:, 1], np.array([0, 0, distance])], 1)
    camera = np.diag([distance * scale, distance * scale, 1.0])
    return camera @ plane @ np.array([[1, 0, -w / 2], [0, 1, -h / 2], [0, 0, 1]])


def table(rng: np.random.Generator, split: str, clutter: int) -> np.ndarray:
    """What lies behind the card: a surface with papers, strokes and printed words, 480 x 640 x 3 float32."""
    _, frame = paint(rng, split, WIDTH // 2, HEIGHT // 2)
    frame = cv2.resize(frame * rng.uniform(0.4, 1.0), (WIDTH, HEIGHT))
    fonts = faces(split, embossed=False)
    for _ in range(int(rng.integers(0, clutter + 1))):
        x, y = int(rng.uniform(-50, WIDTH)), int(rng.uniform(-50, HEIGHT))
        kind = rng.integers(4)
        if kind == 0:
            size, angle = (rng.uniform(40, 300), rng.uniform(30, 200)), rng.uniform(0, 180)
            cv2.fillPoly(
                frame, [cv2.boxPoints(((x, y), size, angle)).astype(np.int32)], colour(rng).tolist(), cv2.LINE_AA
            )
        elif kind == 1:
            end = (int(rng.uniform(0, WIDTH)), int(rng.uniform(0, HEIGHT)))
            cv2.line(frame, (x, y), end, colour(rng).tolist(), int(rng.integers(1, 10)), cv2.LINE_AA)
        elif kind == 2:
            text = "".join(rng.choice(list("ABCDEFGHIKLMNOPRSTUVWXYZ 0123456789"), int(rng.integers(4, 14))))
            stamp(frame, fonts[rng.integers(len(fonts))].text(text, int(rng.uniform(8, 30))), x, y, colour(rng))
        else:
            cv2.circle(frame, (x, y), int(rng.uniform(10, 90)), colour(rng).tolist(), -1, cv2.LINE_AA)
    return frame


def stamp(frame: np.ndarray, ink: np.ndarray, x: int, y: int, tint: np.ndarray) -> None:
    """Prints coverage `ink` on `frame` in place, cut at the frame's edges."""
    x0, y0 = max(x, 0), max(y, 0)
    ground = frame[y0 : y + ink.shape[0], x0 : x + ink.shape[1]]
    if x + ink.shape[1] <= 0 or y + ink.shape[0] <= 0 or not ground.size:
        return
    share = ink[y0 - y : y0 - y + ground.shape[0], x0 - x : x0 - x + ground.shape[1], None] / np.float32(255)
    ground += share * (tint - ground)


def _lay(rng: np.random.Generator, frame: np.ndarray, picture: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Lays the card on the table with its shadow; returns the new frame."""
    h, w = picture.shape[:2]
    outline = cv2.perspectiveTransform(np.float64([[[0, 0], [w, 0], [w, h], [0, h]]]), matrix)[0]
    size = max(np.linalg.norm(outline[1] - outline[0]) / w, np.linalg.norm(outline[2] - outline[1]) / h)
    if size < 0.85:
        small = (max(round(w * size * 1.15), 8), max(round(h * size * 1.15), 8))
        matrix = matrix @ np.diag([w / small[0], h / small[1], 1])
        picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    mask = np.zeros(picture.shape[:2], np.uint8)
    r = max(int(0.035 * max(picture.shape)), 1)
    mh, mw = mask.shape
    cv2.rectangle(mask, (r, 0), (mw - r - 1, mh - 1), 255, -1)
    cv2.rectangle(mask, (0, r), (mw - 1, mh - r - 1), 255, -1)
    for cx in (r, mw - r - 1):
        for cy in (r, mh - r - 1):
            cv2.circle(mask, (cx, cy), r, 255, -1)
    card = cv2.warpPerspective(
        np.clip(picture, 0, 255).astype(np.uint8), matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE
    )
    mask = cv2.warpPerspective(mask, matrix, (WIDTH, HEIGHT))
    if rng.random() < 0.7:
        cast = cv2.resize(mask, (WIDTH // 8, HEIGHT // 8), interpolation=cv2.INTER_AREA)
        cast = np.roll(cv2.GaussianBlur(cast, (0, 0), rng.uniform(0.6, 2)), tuple(rng.integers(-2, 3, 2)), (0, 1))
        dark = 1 - cast.astype(np.float32) * (rng.uniform(0.2, 0.6) / 255)
        frame = cv2.multiply(frame, cv2.resize(cv2.merge([dark] * 3), (WIDTH, HEIGHT)))
    share = mask / np.float32(255)
    return cv2.blendLinear(frame, card.astype(np.float32), 1 - share, share)


SKIN = ((236, 188, 160), (205, 150, 120), (160, 108, 80), (110, 70, 52), (246, 210, 186))


def _hand(rng: np.random.Generator, frame: np.ndarray, outline: np.ndarray, keep: np.ndarray) -> None:
    """Fingers over the card's edge, never over `keep` (480 x 640 bool) unless there is nothing to keep."""
    skin = np.array(SKIN[rng.integers(len(SKIN))], np.float32) * rng.uniform(0.8, 1.05)
    side = rng.integers(4)
    a, b = outline[side], outline[(side + 1) % 4]
    centre = outline.mean(0)
    for _ in range(int(rng.integers(1, 4))):
        tip = a + rng.uniform(0.1, 0.9) * (b - a)
        inwards = (centre - tip) / (np.linalg.norm(centre - tip) + 1e-6)
        length = np.linalg.norm(b - a)
        tip = tip + inwards * rng.uniform(0.0, 0.12) * length
        base = tip - inwards * length + rng.normal(0, 0.2, 2) * length
        width = max(int(rng.uniform(0.09, 0.16) * length), 4)
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.line(mask, tuple(map(int, tip)), tuple(map(int, base)), 255, width, cv2.LINE_AA)
        x, y, w, h = cv2.boundingRect(mask)
        part = np.s_[y : y + h, x : x + w]
        if not w or (keep[part] & (mask[part] > 0)).any():
            continue
        shade = cv2.resize(
            cv2.GaussianBlur(cv2.resize(mask, (160, 120)), (0, 0), max(width / 10, 0.5)), (WIDTH, HEIGHT)
        )
        share = mask[part][..., None] / np.float32(255)
        frame[part] += share * (skin * (0.45 + 0.6 * shade[part][..., None] / 255) - frame[part])


def _cover(rng: np.random.Generator, frame: np.ndarray, quads: Quads) -> None:
    """A thumb over a quarter of the digits or more."""
    start = int(rng.integers(0, max(len(quads) * 3 // 4, 1)))
    part = quads[start : start + max(len(quads) // 4, 3)].reshape(-1, 2)
    thick = int(max(np.linalg.norm(quads[0, 3] - quads[0, 0]) * 1.8, 6))
    skin = np.array(SKIN[rng.integers(len(SKIN))], np.float32)
    ends = part[:4].mean(0), part[-4:].mean(0)
    cv2.line(frame, tuple(map(int, ends[0])), tuple(map(int, ends[1])), skin.tolist(), thick, cv2.LINE_AA)


def _light(
    rng: np.random.Generator, frame: np.ndarray, difficulty: Difficulty, centres: np.ndarray
) -> tuple[np.ndarray, dict]:
    """Lights the frame, coarsely as light is soft; says how bright it is and how strong glare is on the worst digit."""
    w, h = WIDTH // 8, HEIGHT // 8
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    angle = rng.uniform(0, 2 * np.pi)
    gain = rng.uniform(0.6, 1.15) * (
        1 + rng.uniform(0, 0.3) * ((x / w - 0.5) * np.cos(angle) + (y / h - 0.5) * np.sin(angle))
    )
    if rng.random() < difficulty.shadow_chance:
        mask = np.zeros((h, w), np.float32)
        corners = (rng.random((4, 2)) * [w * 1.6, h * 1.6] - [0.3 * w, 0.3 * h]).astype(np.int32)
        cv2.fillPoly(mask, [cv2.convexHull(corners)], 1.0)
        gain *= 1 - rng.uniform(0.15, 0.55) * cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.5, 4))
    tint = (1 + rng.uniform(-0.1, 0.1, 3)).astype(np.float32)
    lit = cv2.multiply(frame, cv2.resize(gain[..., None].astype(np.float32) * tint, (WIDTH, HEIGHT)))
    done = {"gain": float(gain.mean()), "glare": 0.0}
    if rng.random() < difficulty.glare_chance:
        cx, cy, turn = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(0, np.pi)
        u = (x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)
        v = (y - cy) * np.cos(turn) - (x - cx) * np.sin(turn)
        spot = np.exp(-((u / rng.uniform(4, 25)) ** 2) - (v / rng.uniform(2, 10)) ** 2)
        strength = rng.uniform(0.3, 1.0)
        if len(centres):
            cells = np.clip((centres / 8).astype(int), 0, [w - 1, h - 1])
            on_digits = float(spot[cells[:, 1], cells[:, 0]].max())
            strength = min(strength, difficulty.glare_limit / (on_digits + 1e-6))
            done["glare"] = strength * on_digits
        spot = cv2.resize((spot * strength).astype(np.float32), (WIDTH, HEIGHT))
        lit = cv2.blendLinear(lit, np.full_like(lit, 255), 1 - spot, spot)
    return lit, done


@cache
def _noise_bank() -> np.ndarray:
    """Gaussian noise drawn once per process and shifted afterwards: 640 x 800 x 3 float32."""
    return np.random.default_rng(0).normal(0, 1, (640, 800, 3)).astype(np.float32)


def _expose(
    rng: np.random.Generator, frame: np.ndarray, difficulty: Difficulty, digit: float
) -> tuple[np.ndarray, dict]:
    """Lens, shake, sensor and JPEG: 480 x 640 x 3 uint8, and what was done in shares of the digit height."""
    sigma = rng.uniform(*difficulty.blur) * digit
    shake = rng.uniform(*difficulty.motion) * digit if rng.random() < difficulty.motion_chance else 0.0
    if sigma > 0.25:
        frame = cv2.GaussianBlur(frame, (0, 0), sigma)
    if shake > 1.5:
        size = int(shake) | 1
        kernel = np.zeros((size, size), np.float32)
        direction = np.array([np.cos(a := rng.uniform(0, np.pi)), np.sin(a)]) * (size - 1) / 2
        middle = (size - 1) / 2
        cv2.line(
            kernel,
            tuple(np.round(middle - direction).astype(int)),
            tuple(np.round(middle + direction).astype(int)),
            1.0,
        )
        frame = cv2.filter2D(frame, -1, kernel / kernel.sum())
    noise = rng.uniform(*difficulty.noise)
    if noise > 0.5:
        dx, dy = rng.integers(0, 160, 2)
        frame = cv2.scaleAdd(_noise_bank()[dy : dy + HEIGHT, dx : dx + WIDTH], noise, frame)
    quality = int(rng.integers(50, 96))
    _, data = cv2.imencode(
        ".jpg", np.clip(frame, 0, 255).astype(np.uint8)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    done = {"blur": sigma / digit, "motion": shake / digit, "noise": noise, "jpeg": quality}
    return cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), done


def photograph(rng: np.random.Generator, split: str, face: CardFace, difficulty: Difficulty) -> Photo:
    """Photographs a card on a table; every digit of the card stays inside the frame."""
    matrix = _pose(rng, face, difficulty)
    h, w = face.picture.shape[:2]
    outline = cv2.perspectiveTransform(np.float64([[[0, 0], [w, 0], [w, h], [0, h]]]), matrix)[0]
    boxes = np.array(face.boxes, np.float64).reshape(-1, 4)
    corners = np.stack([boxes[:, [0, 1]], boxes[:, [2, 1]], boxes[:, [2, 3]], boxes[:, [0, 3]]], 1)
    quads = cv2.perspectiveTransform(corners.reshape(-1, 1, 2), matrix).reshape(-1, 4, 2) if len(boxes) else corners
    frame = _lay(rng, table(rng, split, difficulty.clutter), face.picture, matrix)
    heights = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1) if len(quads) else np.array([20.0])
    if difficulty.covered:
        _cover(rng, frame, quads)
    elif rng.random() < difficulty.hand_chance:
        keep = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.fillPoly(keep, list(np.round(quads).astype(np.int32)), 1)
        keep = cv2.dilate(keep, np.ones((9, 9), np.uint8)).astype(bool)
        _hand(rng, frame, outline, keep)
    frame, light = _light(rng, frame, difficulty, quads.mean(1) if len(quads) else np.zeros((0, 2)))
    picture, exposure = _expose(rng, frame, difficulty, float(np.median(heights)))
    conditions = {
        "digit_height": float(heights.min()),
        "contrast": face.contrast * light["gain"],
        "distinct": face.distinct,
        "width": float(np.linalg.norm(outline[1] - outline[0]) / WIDTH),
        "covered": difficulty.covered,
    }
    return Photo(picture, quads.astype(np.float32), conditions | light | exposure)


def turned(photo: Photo, quarters: int) -> Photo:
    """The photograph turned counter-clockwise by quarter turns, its labels with it."""
    picture, digits = photo.picture, photo.digits
    for _ in range(quarters % 4):
        digits = np.stack([digits[..., 1], picture.shape[1] - digits[..., 0]], -1)
        picture = np.rot90(picture)
    return Photo(np.ascontiguousarray(picture), digits, photo.conditions | {"quarters": quarters})
