"""Makes the demonstration campaigns again with the models as they are now.

    python -m apps.raters.make_campaign translation
    python -m apps.raters.make_campaign card_reading
    python -m apps.raters.make_campaign fashion_retrieval

Sentences and photographs come from the campaign's own file in `campaigns/`, garments from the fashion page's examples.
`--sentences FILE` takes others: JSONL with id, domain, zh and ko. `--photographs FOLDER` takes others rendered by
`python -m training.card_ocr.render`.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from apps.fashion.engines import CLASSIC, DEEP, DETECTOR, ENCODER, GALLERY, RIVAL
from apps.models import Model, published
from apps.raters.campaign import Campaign, Item, Settings
from apps.raters.content import Content
from apps.raters.reading import read_campaign, write_campaign
from apps.translation.engines import SYSTEMS, engines
from modeling.fashion_search import DeepEyes, FashionSearch, ModelEyes

CAMPAIGNS = Path(__file__).parent / "campaigns"
READERS = ("planet-card-ocr", "planet-card-ocr-classic")
TRANSLATION = Settings("zh-ko-100", "Chinese to Korean: 100 sentences", "translation", seed=100)
CARDS = Settings("cards-12", "Card numbers in 12 drawn photographs", "card_reading", seed=12)
GARMENTS = Settings("garments-12", "Look-alikes of a garment in 12 photographs", "fashion_retrieval", seed=13)
EXAMPLES = GALLERY.parents[1] / "examples"
GUIDES = {
    "1_winter": ("black jacket", "바지", "帽子"), "2_dress": ("black dress", "red skirt", "신발"),
    "3_basics": ("yellow t-shirt", "재킷", "半身裙"), "4_jackets": ("leather jacket", "pink trousers"),
    "5_shoes": ("shoes",),
}  # fmt: skip
"""Example photograph -> what is asked for in it."""

_ANSWERS = 4
_SLICES = {"flat": "flat print", "embossed": "embossed", "scene": "in a scene", "odd": "unusual layout"}
_EACH = 3
_LONGEST_SIDE = 800


@dataclass(frozen=True)
class Question:
    """An item before any system has answered it."""

    id: str
    domain: str
    source: Content
    reference: Content | None = None


def translations(questions: Sequence[Question]) -> Campaign:
    """A campaign of all three translators, in the order of the translators' page."""
    models = published()
    asked = engines([models[name] for name in SYSTEMS])
    texts = [question.source.text for question in questions]
    answers = [[Content(answer.text) for answer in engine.translate(texts)] for engine in asked]
    systems = tuple(f"{engine.model.name}@{engine.model.revision}" for engine in asked)
    return Campaign(TRANSLATION, systems, _items(questions, answers))


def readings(questions: Sequence[Question], folder: Path) -> Campaign:
    """A campaign of both card readers.

    Args:
        questions: each with one picture, a file name in `folder`.
        folder: of the campaign's file.
    """
    models = [published()[name] for name in READERS]
    paths = [folder / question.source.pictures[0] for question in questions]
    answers = [[_reading(model, path) for path in paths] for model in models]
    systems = tuple(f"{model.name}@{model.revision}" for model in models)
    return Campaign(CARDS, systems, _items(questions, answers), folder)


def look_alikes(folder: Path) -> Campaign:
    """A campaign of the networks and the traditional rival: the first look-alikes of each in the hub's gallery.

    Args:
        folder: of the campaign's file; pictures are copied beside it.
    """
    models = {name: published()[name] for name in (DETECTOR, ENCODER, RIVAL)}
    eyes = {
        DEEP: DeepEyes(models[DETECTOR].load(), models[ENCODER].load()),
        CLASSIC: ModelEyes(models[RIVAL].load(), RIVAL),
    }
    indexes = {DEEP: GALLERY, CLASSIC: GALLERY.with_name(f"{GALLERY.name}-classic")}
    asked = [(name, guide) for name, guides in GUIDES.items() for guide in guides]
    questions = [
        Question(
            f"{number:02}",
            "several garments" if len(GUIDES[name]) > 1 else "one garment",
            Content(guide, (_copied(EXAMPLES / f"{name}.jpg", folder),)),
        )
        for number, (name, guide) in enumerate(asked, 1)
    ]
    answers = []
    for way, index in indexes.items():
        with FashionSearch.open(index, eyes[way]) as search:
            found = [search.search(EXAMPLES / f"{name}.jpg", guide, k=_ANSWERS).hits for name, guide in asked]
            lists = [tuple(_copied(search.file_of(hit.item), folder) for hit in hits) for hits in found]
            answers.append([Content(pictures=pictures) for pictures in lists])
    _forget_others(folder, questions, answers)
    systems = (f"{ENCODER}@{models[ENCODER].revision}", f"{RIVAL}@{models[RIVAL].revision}")
    return Campaign(GARMENTS, systems, _items(questions, answers), folder)


def _copied(picture: Path, folder: Path) -> str:
    """The name of a picture's copy beside the campaign's file."""
    (folder / "garments").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(picture, folder / "garments" / picture.name)
    return f"garments/{picture.name}"


def _forget_others(folder: Path, questions: Sequence[Question], answers: Sequence[Sequence[Content]]) -> None:
    """Deletes pictures of a former campaign that neither question nor answer shows."""
    shown = [question.source for question in questions] + [content for contents in answers for content in contents]
    named = {name for content in shown for name in content.pictures}
    for picture in (folder / "garments").iterdir():
        if f"garments/{picture.name}" not in named:
            picture.unlink()


def _items(questions: Sequence[Question], answers: Sequence[Sequence[Content]]) -> tuple[Item, ...]:
    return tuple(
        Item(question.id, question.domain, question.source, outputs, question.reference)
        for question, *outputs_of in zip(questions, *answers, strict=True)
        for outputs in [tuple(outputs_of)]
    )


def _reading(model: Model, path: Path) -> Content:
    """What a reader found, masked as its result masks itself, with the places of the digits."""
    reading: Any = model.load().read(path)
    with Image.open(path) as picture:
        width, height = picture.size
    boxes = tuple(
        tuple((round(x / width, 4), round(y / height, 4)) for x, y in digit.corners) for digit in reading.digits
    )
    return Content(text=reading.masked, boxes=boxes, reason=reading.reason)


def questions_of(campaign: Campaign) -> list[Question]:
    """What a campaign asks, without the answers."""
    return [Question(item.id, item.domain, item.source, item.reference) for item in campaign.items]


def read_sentences(path: Path) -> list[Question]:
    """Questions from JSONL with id, domain, zh and ko.

    Raises:
        ValueError: with the line, if one of them is missing.
    """
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            questions.append(Question(row["id"], row["domain"], Content(row["zh"]), Content(row["ko"])))
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{path.name}, line {number}: id, domain, zh and ko are wanted ({error})") from None
    return questions


def take_photographs(rendered: Path, folder: Path) -> list[Question]:
    """Copies the first legible photographs of each kind from a rendered split, made small, beside the campaign's file.

    Raises:
        ValueError: if there are too few.
    """
    (folder / "cards").mkdir(parents=True, exist_ok=True)
    left = dict.fromkeys(_SLICES, _EACH)
    questions: list[Question] = []
    for line in (rendered / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        if left.get(label["slice"], 0) and label["legible"]:
            left[label["slice"]] -= 1
            name = f"cards/{len(questions) + 1:02}.jpg"
            with Image.open(rendered / label["file"]) as opened:
                picture = opened.convert("RGB")
            picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
            picture.save(folder / name, "JPEG", quality=80)
            questions.append(Question(Path(name).stem, _SLICES[label["slice"]], Content(pictures=(name,))))
    if any(left.values()):
        raise ValueError(f"{_EACH} photographs of each kind are wanted; still lacking: {left}")
    return sorted(questions, key=lambda question: list(_SLICES.values()).index(question.domain))


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("translation", "card_reading", "fashion_retrieval"))
    parser.add_argument("--sentences", type=Path, help="JSONL with id, domain, zh and ko")
    parser.add_argument("--photographs", type=Path, help="folder of a rendered split")
    parser.add_argument("--out", type=Path, default=CAMPAIGNS, help="folder of the campaign's file")
    args = parser.parse_args(arguments)
    path = args.out / f"{args.task}.jsonl"
    try:
        if args.task == "translation":
            questions = read_sentences(args.sentences) if args.sentences else questions_of(read_campaign(path))
            campaign = translations(questions)
        elif args.task == "fashion_retrieval":
            campaign = look_alikes(args.out)
        else:
            given = args.photographs
            questions = take_photographs(given, args.out) if given else questions_of(read_campaign(path))
            campaign = readings(questions, args.out)
    except (OSError, ValueError) as error:
        parser.exit(1, f"{error}\n")
    args.out.mkdir(parents=True, exist_ok=True)
    write_campaign(path, replace(campaign, folder=args.out))
    print(path)


if __name__ == "__main__":
    main()
