"""What each step and each choice of the search is worth at translation time: one off, all others on.

The model was trained with every step on. A step that is off here also shows it text it never saw, so these figures say
what leaving a step out of a finished system costs, not what a system trained without it would reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

from modeling.planet_nmt.processing_zh_ko import PostProcessor, PreProcessor, Steps
from training.translation.systems import System, load_nmt

SEARCHES: dict[str, dict] = {
    "beam 1": {"beam": 1},
    "beam 2": {"beam": 2},
    "beam 5": {"beam": 5},
    "beam 10": {"beam": 10},
    "no length penalty": {"length_penalty": 0.0},
    "no coverage penalty": {"coverage_penalty": 0.0},
    "no unknown-word replacement": {"unknown": False},
    "bf16": {"bf16": True},
}
ALL_ON = "all on"
NAMES = (ALL_ON, *(f"no {f.name}" for f in fields(Steps)), "no step at all", *SEARCHES, "int8")


def steps_of(name: str) -> Steps:
    """The steps of "no simplify", "no step at all" and the like; all of them for any other variant."""
    names = [field.name for field in fields(Steps)]
    off = [one for one in names if name in (f"no {one}", "no step at all")]
    return Steps(**dict.fromkeys(off, False))


def variants(nmt: System, folder: Path, names: tuple[str, ...] = NAMES) -> Iterator[tuple[str, System]]:
    """Each variant of Planet NMT as a system, by name; it is loaded when first asked to translate."""
    for name in names:
        yield name, nmt.variant(name.replace(" ", "-"), _translate(name, folder))


def _translate(name: str, folder: Path) -> Callable[[list[str]], list]:
    made: list = []

    def translate(texts: list[str]) -> list:
        if not made:
            model, steps = load_nmt(folder, int8=name == "int8"), steps_of(name)
            preprocessor = PreProcessor.from_folder(folder, steps)
            model.use_text_tools(prepare=preprocessor.prepare, finish=PostProcessor(steps).finish)
            made.append(model)
        return made[0].translate(texts, **SEARCHES.get(name, {}))

    return translate
