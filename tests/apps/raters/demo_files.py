"""Small campaigns for tests of the pages: texts, drawn cards, drawn garments."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

from PIL import Image, ImageDraw

SYSTEMS = ("zebra-nmt@4f1e2d3c", "quagga-smt@9a8b7c6d", "okapi-rules@5e6f7a8b")
SECRETS = tuple(part for system in SYSTEMS for part in (*system.split("@"), system))


def picture(seed: int, size: tuple[int, int] = (97, 61)) -> str:
    """A drawn picture as a data URI."""
    image = Image.new("RGB", size, (37 * seed % 256, 91 * seed % 256, 160))
    ImageDraw.Draw(image).rectangle((10, 20, 10 + seed % 50, 40), fill=(240, 230, 120))
    out = io.BytesIO()
    image.save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


def texts(items: int, systems: int = 3, **settings: object) -> list[dict]:
    """A campaign of translations, line by line; no two items share a word, so that each can be damaged by another."""
    names = SYSTEMS[:systems]
    head = {"name": "deck", "title": "Chinese to Korean", "task": "translation", "systems": names} | settings
    lines = [
        {
            "id": f"item-{i}",
            "domain": ("economy", "culture")[i % 2],
            "source": f"第{i}句：今天天气很好。",
            "outputs": {name: f"문장{i} 하나{i} 둘{i} 셋{i} {'가나다'[s]}{i}" for s, name in enumerate(names)},
        }
        for i in range(items)
    ]
    return [head, *lines]


def cards(items: int, **settings: object) -> list[dict]:
    """A campaign of card readings, two readers, compared in pairs."""
    names = SYSTEMS[:2]
    head = {"name": "cards", "title": "Card numbers", "task": "card_reading", "protocol": "pairwise", "systems": names}
    box = [[0.1, 0.2], [0.2, 0.2], [0.2, 0.4], [0.1, 0.4]]
    lines = [
        {
            "id": f"card-{i}",
            "domain": "flat",
            "source": {"pictures": [picture(i + 1)]},
            "outputs": {
                names[0]: {"text": f"•••• •••• •••• {1000 + i}", "boxes": [box], "reason": "ok"},
                names[1]: {"reason": "checksum"},
            },
        }
        for i in range(items)
    ]
    return [head | settings, *lines]


def searches(items: int, **settings: object) -> list[dict]:
    """A campaign of fashion searches, two of them, compared in pairs."""
    names = SYSTEMS[:2]
    head = {
        "name": "search",
        "title": "Garments",
        "task": "fashion_retrieval",
        "protocol": "pairwise",
        "systems": names,
    }
    lines = [
        {
            "id": f"query-{i}",
            "domain": ("coats", "shoes")[i % 2],
            "source": {"text": f"Wool, long, no. {i}", "pictures": [picture(100 + i)]},
            "outputs": {
                name: {"pictures": [picture(7 * i + 50 * s + 3 + n) for n in range(3)]} for s, name in enumerate(names)
            },
        }
        for i in range(items)
    ]
    return [head | settings, *lines]


def write(folder: Path, name: str, lines: list[dict]) -> Path:
    """The campaign as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path
