"""The stranger test: what is in hub_cards works for someone who has nothing else, and answers the same.

The files must be the same bit for bit. The answers come from two processes, which may differ in threads and kernels,
so their floats need only be close: see `tests/alike.py`.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.alike import assert_alike
from tests.hub_server import NAMESPACE, WRITE_TOKEN, HubServer
from tests.modeling import contract_describe, contract_detect, contract_look, contract_read, contract_translate
from tests.stranger import ROOT, run_stranger

PUBLISHED = sorted(path for path in (ROOT / "hub_cards").glob("*") if path.is_dir())
CONTRACTS: dict[str, ModuleType] = {
    "planet-card-ocr": contract_read,
    "planet-card-ocr-classic": contract_read,
    "planet-card-ocr-compact": contract_read,
    "planet-fashion-classic": contract_look,
    "planet-fashion-detector": contract_detect,
    "planet-fashion-encoder": contract_describe,
    "planet-nmt-zh-ko": contract_translate,
    "planet-smt-zh-ko": contract_translate,
}
TEXTS = ["請點擊“保存”，２０２４年新增了350萬用戶。", "该商品支持7天无理由退货，售价为¥1,299元。", ""]
GARMENTS = [str(ROOT / "apps/fashion/examples" / name) for name in ("1_winter.jpg", "5_shoes.jpg")]
PUBLISH = "import sys; from training.publish import main; sys.exit(main(sys.argv[2:]))"


def model_class_of(folder: Path) -> tuple[Path, str]:
    """The repository's folder of a published model's code, and its class as `module.Class`."""
    auto_map = json.loads((folder / "config.json").read_text())["auto_map"]
    reference = next(reference for name, reference in auto_map.items() if name.startswith("AutoModel"))
    found = list((ROOT / "modeling").glob(f"*/{reference.split('.')[0]}.py"))
    assert len(found) == 1, f"{reference} should be in one folder of modeling/, found {found}"
    return found[0].parent, reference


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    """A card with a test number, sharp and level, and the same frame without it."""
    card = Image.new("RGB", (640, 480), (58, 66, 71))
    empty = tmp_path / "empty.png"
    card.save(empty)
    draw = ImageDraw.Draw(card)
    draw.rounded_rectangle((40, 70, 600, 423), radius=24, fill=(222, 226, 230))
    draw.text((95, 250), "4000 0012 3456 7899", font=ImageFont.load_default(46), fill=(24, 26, 30))
    path = tmp_path / "card.png"
    card.save(path)
    return [str(path), str(empty)]


@pytest.fixture
def inputs(folder: Path, pictures: list[str]) -> list[str]:
    """What the model is given."""
    if CONTRACTS[folder.name] is contract_translate:
        return TEXTS
    return pictures if CONTRACTS[folder.name] is contract_read else GARMENTS


def answers_here(folder: Path, inputs: list[str]) -> list[dict]:
    """The answers of the repository's own code with the published weights."""
    package, reference = model_class_of(folder)
    file, class_name = reference.split(".")
    model_class = getattr(importlib.import_module(f"modeling.{package.name}.{file}"), class_name)
    return json.loads(json.dumps(CONTRACTS[folder.name].answers(model_class.from_pretrained(folder), inputs)))


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer.update(number="4000001234567898"),
        lambda answer: answer.update(groups=[4, 4]),
        lambda answer: answer.update(groups=[4, 4.0, 4]),
        lambda answer: answer.pop("number"),
        lambda answer: answer.update(confidence=0.905),
        lambda answer: answer.update(confidence=float("nan")),
        lambda answer: answer["corners"][0].__setitem__(1, 250.1),
    ],
)
def test_answers_that_differ_are_told_apart(change: Callable[[dict], object]) -> None:
    answer = {"number": "4000001234567899", "groups": [4, 4, 4], "confidence": 0.9, "corners": [[600.0, 250.0]]}
    rounded = deepcopy(answer) | {"confidence": 0.9000003, "corners": [[600.00001, 249.99999]]}
    assert_alike([rounded], [answer])
    change(rounded)
    with pytest.raises(AssertionError, match="answer"):
        assert_alike([rounded], [answer])


def test_every_published_model_has_a_contract() -> None:
    assert {folder.name for folder in PUBLISHED} <= CONTRACTS.keys()


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_published_code_is_the_repository_s(folder: Path) -> None:
    package, _ = model_class_of(folder)
    files = sorted(folder.glob("*.py"))
    assert files
    for path in files:
        assert path.read_bytes() == (package / path.name).read_bytes(), f"{path.name} differs from modeling/"


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_stranger_offline_gets_the_same_answers(folder: Path, inputs: list[str], tmp_path: Path) -> None:
    code = Path(CONTRACTS[folder.name].__file__).read_text(encoding="utf-8")
    printed = run_stranger(code, str(folder), *inputs, folder=tmp_path / "stranger")
    assert_alike(json.loads(printed), answers_here(folder, inputs))


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_stranger_gets_the_same_answers_from_a_hub(folder: Path, inputs: list[str], tmp_path: Path) -> None:
    """Published with the real command to the stand-in Hub, loaded by name from there."""
    code = Path(CONTRACTS[folder.name].__file__).read_text(encoding="utf-8")
    repo_id = f"{NAMESPACE}/{folder.name}"
    with HubServer() as hub:
        publish = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {PUBLISH}"
        arguments = ("publish", str(folder), "--repo-id", repo_id, "--public")
        run_stranger(publish, *arguments, folder=tmp_path / "publisher", endpoint=hub.url, token=WRITE_TOKEN)
        printed = run_stranger(code, repo_id, *inputs, folder=tmp_path / "stranger", endpoint=hub.url)
        published = hub.repos["models", repo_id].files("main")
    for path in folder.iterdir():
        if path.is_file():
            assert published[path.name] == path.read_bytes(), f"{path.name} was changed on its way"
    assert_alike(json.loads(printed), answers_here(folder, inputs))
