"""Small campaigns, and raters who vote on them: sizes are primes, so that a swapped axis fails."""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Callable, Sequence

from PIL import Image

from apps.raters.blind import BlindTask, Choice
from apps.raters.campaign import Campaign, Item, Settings
from apps.raters.content import Content
from apps.raters.store import Store

SYSTEMS = ("owner/zebrafinch@1f3a5c7e9b2d", "kingfisher@77bc41d09ee2", "woodpecker-large@0badc0ffee42")
_WORDS = tuple(chr(code) for code in range(ord("가"), ord("가") + 41))


def sentence(rng: random.Random, words: int = 5) -> str:
    """Words of which no two are equal; the number makes sentences of different calls share none."""
    tag = rng.randrange(10**6)
    return " ".join(f"{word}{tag}" for word in rng.sample(_WORDS, words))


def translation_campaign(
    items: int = 11, domains: int = 3, systems: Sequence[str] = SYSTEMS, same: Sequence[int] = (), **settings: object
) -> Campaign:
    """Translations of numbered sentences; on the items `same` the first two systems agree."""
    rng = random.Random(items)
    made = []
    for i in range(items):
        outputs = [Content(sentence(rng)) for _ in systems]
        if i in same:
            outputs[1] = outputs[0]
        source, reference = Content(f"第{i}句。"), Content(f"참조 {i}")
        made.append(Item(f"item-{i}", f"domain {i % domains}", source, tuple(outputs), reference))
    values = {"name": "birds", "title": "Chinese to Korean", "task": "translation", "seed": 7} | settings
    return Campaign(Settings(**values), tuple(systems), tuple(made))


def picture(colour: tuple[int, int, int], kind: str = "PNG", size: tuple[int, int] = (37, 23), note: str = "") -> str:
    """A plain picture as a data URI; `note` goes into its metadata."""
    out = io.BytesIO()
    image = Image.new("RGB", size, colour)
    exif = Image.Exif()
    exif[0x010E] = note
    image.save(out, kind, exif=exif)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(out.getvalue()).decode()}"


def card_campaign(items: int = 7, **settings: object) -> Campaign:
    """Readings of cards: the first two systems read every other card alike."""
    made = []
    for i in range(items):
        boxes = tuple(
            ((x / 20, 0.4), (x / 20 + 0.04, 0.4), (x / 20 + 0.04, 0.5), (x / 20, 0.5 + i / 100)) for x in range(16)
        )
        right = Content(f"•••• •••• •••• {1000 + i}", boxes=boxes, reason="ok")
        wrong = Content(f"•••• •••• •••• {2000 + i}", boxes=boxes, reason="ok")
        none = Content("•••• ••••", reason="too_blurred")
        source = Content(pictures=(picture((30 * i, 7, 99), note=SYSTEMS[0]),))
        made.append(Item(f"card-{i}", f"kind {i % 2}", source, (right, right if i % 2 else wrong, none)))
    values = {"name": "cards", "title": "Card numbers", "task": "card_reading", "seed": 7} | settings
    return Campaign(Settings(**values), SYSTEMS, tuple(made))


def search_campaign(items: int = 5, **settings: object) -> Campaign:
    """Lists of three pictures found for a guide and a query picture, by systems that store other formats."""
    kinds = ("PNG", "JPEG", "WEBP")
    made = []
    for i in range(items):
        outputs = tuple(
            Content(pictures=tuple(picture((20 * i, 60 * s, 80 * n), kinds[s], note=SYSTEMS[s]) for n in range(3)))
            for s in range(3)
        )
        source = Content(f"a red one, number {i}", (picture((i, i, i)),))
        made.append(Item(f"query-{i}", ("dress", "hat")[i % 2], source, outputs))
    values = {"name": "search", "title": "Fashion search", "task": "fashion_retrieval", "seed": 7}
    return Campaign(Settings(**(values | {"protocol": "pairwise"} | settings)), SYSTEMS, tuple(made))


def first_choice(task: BlindTask) -> Choice:
    """The first output is excellent, the others are not."""
    return "A" if task.protocol == "pairwise" else (2, *[0] * (len(task.sides) - 1))


def vote_all(store: Store, token: str, choose: Callable[[BlindTask], Choice] = first_choice) -> list[BlindTask]:
    """Votes until nothing is left; the tasks in the order they came."""
    tasks = []
    while (task := store.next_task(token)) is not None:
        tasks.append(task)
        store.vote(token, task.key, choose(task), 1_000 + len(tasks), f"client-{task.key}")
    return tasks
