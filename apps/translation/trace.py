"""What happened to the text before a translator saw it: every step, with what it changed marked."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from html import escape

from apps.i18n import Text, has_text
from apps.translation.attention import shortened
from modeling.planet_rbmt.translation_zh_ko import Step, Translation

SHOWN = 400
"""Characters of a step's text that are shown."""

MOST_NOTES = 30
_PLACEHOLDER = re.compile(r"(⟦[NLP]\d⟧)")


def trace(translation: Translation, text: Text) -> str:
    """The steps as an ordered list."""
    before, items = translation.source, []
    for order, step in enumerate(merged(translation.steps), start=1):
        items.append(_step(order, before, step, text))
        before = step.text
    return f'<ol class="ph-trace">{"".join(items)}</ol>' if items else ""


def merged(steps: tuple[Step, ...]) -> list[Step]:
    """Steps of the same name as one: some translators keep one trace per sentence."""
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(step.name, []).append(step)
    return [
        Step(name, " ".join(step.text for step in same), tuple(dict.fromkeys(note for s in same for note in s.notes)))
        for name, same in found.items()
    ]


def _step(order: int, before: str, step: Step, text: Text) -> str:
    name = text(f"translation_step_{step.name}") if has_text(f"translation_step_{step.name}") else escape(step.name)
    changed = " ".join(before.split()) != " ".join(step.text.split())
    state = text("translation_step_changed" if changed else "translation_step_same")
    notes = "".join(f"<li>{escape(_note(note, text))}</li>" for note in step.notes[:MOST_NOTES])
    more = len(step.notes) - MOST_NOTES
    notes += f"<li>{text('translation_more', count=more)}</li>" if more > 0 else ""
    notes = f'<ul class="ph-notes">{notes}</ul>' if notes else ""
    return (
        f'<li class="ph-{"changed" if changed else "same"}"><h3><span class="ph-step" aria-hidden="true">{order}</span>'
        f'<span>{name}<small>{state}</small></span></h3><p class="ph-after" lang="zh">{_after(before, step)}</p>'
        f"{notes}</li>"
    )


def _note(note: str, text: Text) -> str:
    if note.startswith("No segmenter"):
        return text("translation_no_segmenter")
    return note


def _after(before: str, step: Step) -> str:
    after = shortened(step.text, SHOWN)
    if step.name in ("segment", "names"):
        return "".join(f'<span class="ph-token">{_placeholders(word)}</span> ' for word in after.split())
    if step.name == "protect":
        return _placeholders(after)
    return differences(before[:SHOWN], after)


def _placeholders(text: str) -> str:
    return "".join(
        f'<mark class="ph-placeholder">{piece}</mark>' if index % 2 else escape(piece)
        for index, piece in enumerate(_PLACEHOLDER.split(text))
    )


def differences(before: str, after: str) -> str:
    """The text after a step, what is new in it marked."""
    pieces = []
    for kind, _, _, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        piece = escape(after[start:end])
        pieces.append(f'<mark class="ph-new">{piece}</mark>' if piece and kind != "equal" else piece)
    return "".join(pieces)
