"""A card reading as HTML: the verdict, the four stages and the two readers side by side.

One function per part; none of them writes a digit that `open_positions` keeps covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from apps.card_ocr.pictures import band_picture, data_uri, found_region, open_positions
from apps.i18n import Text
from modeling.card_ocr.reading_card_ocr import CardReading, mask_number

CheckState = Literal["passed", "failed", "skipped"]

_CHECKS = (
    ("found", ("no_card",)),
    ("sharp", ("too_small", "too_blurred")),
    ("length", ("length",)),
    ("certain", ("uncertain_digit",)),
    ("checksum", ("checksum",)),
)
_MARKS = {"passed": "✓", "failed": "✕", "skipped": "–"}


@dataclass(frozen=True)
class ReaderAnswer:
    """What one reader said about a picture.

    Attributes:
        name: the model's name.
        revision: the model's revision.
        weights_bytes: the size of its weights.
        reading: its reading, without the full-size photograph.
    """

    name: str
    revision: str
    weights_bytes: int
    reading: CardReading


@dataclass(frozen=True)
class Answer:
    """Everything the page shows about a picture; it stays on the server until someone asks for it.

    Attributes:
        photo: a small JPEG of the picture, nothing covered.
        scale: that JPEG's scale against the image read.
        readers: the answers, the neural model's first.
        private: whether the picture is the visitor's own.
    """

    photo: bytes
    scale: float
    readers: tuple[ReaderAnswer, ...]
    private: bool = True


def percent(probability: float) -> str:
    """A probability with one decimal, rounded down so that no doubt is rounded away."""
    return f"{int(probability * 1000) / 10:.1f} %"


def milliseconds(value: float) -> str:
    """A time with as many decimals as it deserves."""
    if value < 0.1:
        return "&lt; 0.1 ms"
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms"


def kilobytes(size: int) -> str:
    """A size in kB or MB (decimal units)."""
    return f"{size / 1e6:.2f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def shown_number(reading: CardReading, revealed: bool) -> str:
    """The number as it may be shown, in groups of four; empty if no digit was found."""
    return mask_number(reading.raw, visible=len(open_positions(reading, revealed)))


def reason(reading: CardReading, text: Text) -> str:
    """The reading's reason in words of the visitor's language."""
    weakest = reading.weakest
    return text(f"reason_{reading.reason}", count=len(reading.digits), position=0 if weakest is None else weakest + 1)


def checks(reading: CardReading) -> list[tuple[str, CheckState]]:
    """The checks in the order they are made, and how each ended: those after the first failure are skipped."""
    failed = next((i for i, (_, reasons) in enumerate(_CHECKS) if reading.reason in reasons), len(_CHECKS))
    states: list[CheckState] = ["passed"] * failed + ["failed"] + ["skipped"] * len(_CHECKS)
    return [(name, state) for (name, _), state in zip(_CHECKS, states, strict=False)]


def waiting(text: Text) -> str:
    """What stands in the verdict's place before the first answer."""
    return f'<div class="ph-verdict ph-empty"><p>{text("card_ocr_waiting")}</p></div>'


def failure(title: str, message: str) -> str:
    """What stands in the verdict's place when the picture could not be read at all."""
    mark = '<span aria-hidden="true">!</span>'
    return (
        f'<section class="ph-verdict ph-rejected" role="alert"><p class="ph-badge">{mark} {escape(title)}</p>'
        f'<p class="ph-reason">{escape(message)}</p></section>'
    )


def verdict(answer: Answer, revealed: bool, text: Text) -> str:
    """The first reader's decision, number, reason, time and revision."""
    first = answer.readers[0]
    reading = first.reading
    facts = [
        ("fact_confidence", percent(reading.confidence)),
        ("fact_time", milliseconds(reading.ms)),
        ("fact_layout", reading.layout or "–"),
        ("fact_model", f"{escape(first.name)} <code>{first.revision}</code>"),
    ]
    rows = "".join(f"<div><dt>{text(key)}</dt><dd>{value}</dd></div>" for key, value in facts)
    label = text("card_ocr_result")
    covered = " data-covered" if answer.private and reading.digits and not revealed else ""
    return (
        f'<section class="ph-verdict ph-{reading.decision}"{covered} role="status" aria-label="{label}">'
        f"{_badge(reading, text)}{_number(reading, revealed, text)}"
        f'<p class="ph-reason">{reason(reading, text)}</p><dl class="ph-facts">{rows}</dl></section>'
    )


def stages(answer: Answer, revealed: bool, text: Text) -> str:
    """The four stages of the first reader as pictures, and the readers side by side if there are two."""
    reading = answer.readers[0].reading
    photo = found_region(answer.photo, answer.scale, reading, revealed)
    band = band_picture(reading, revealed)
    bodies = {
        "locate": _picture(photo, "stage_locate", text),
        "rectify": _picture(band, "stage_rectify", text),
        "recognise": _digits(reading, revealed, text),
        "decide": _checks(reading, text),
    }
    times = {stage.name: milliseconds(stage.ms) for stage in reading.stages}
    steps = "".join(
        f'<li class="ph-stage ph-stage-{name}"><h3><span class="ph-step" aria-hidden="true">{step}</span>'
        f'{text(f"stage_{name}")}<span class="ph-ms">{times.get(name, "")}</span></h3>{body}</li>'
        for step, (name, body) in enumerate(bodies.items(), start=1)
    )
    html = f'<section><h2>{text("card_ocr_stages")}</h2><ol class="ph-stages">{steps}</ol></section>'
    return html + (_comparison(answer.readers, revealed, text) if len(answer.readers) > 1 else "")


def _badge(reading: CardReading, text: Text) -> str:
    mark = "✓" if reading.decision == "accepted" else "✕"
    return f'<p class="ph-badge"><span aria-hidden="true">{mark}</span> {text(reading.decision)}</p>'


def _number(reading: CardReading, revealed: bool, text: Text) -> str:
    if not reading.digits:
        return f'<p class="ph-number ph-none">{text("number_none")}</p>'
    confirmed = reading.decision == "accepted"
    if revealed:
        label = "number_revealed" if confirmed else "number_unconfirmed"
    else:
        label = "number_masked" if confirmed else "number_covered"
    number = "".join(f"<span>{group}</span>" for group in shown_number(reading, revealed).split())
    return f'<p class="ph-number-label">{text(label)}</p><p class="ph-number">{number}</p>'


def _picture(picture: bytes | None, key: str, text: Text) -> str:
    if picture is None:
        return f'<p class="ph-quiet">{text(f"{key}_none")}</p>'
    return f'<img src="{data_uri(picture)}" alt="{text(f"{key}_alt")}">'


def _digits(reading: CardReading, revealed: bool, text: Text) -> str:
    if not reading.digits:
        return f'<p class="ph-quiet">{text("stage_recognise_none")}</p>'
    tiles = [_tile(reading, position, revealed, text) for position in range(len(reading.digits))]
    groups, start = [], 0
    for size in reading.groups or (len(tiles),):
        groups.append(f'<ul class="ph-group">{"".join(tiles[start : start + size])}</ul>')
        start += size
    return f'<div class="ph-digits">{"".join(groups)}</div>{_distribution(reading, revealed, text)}'


def _tile(reading: CardReading, position: int, revealed: bool, text: Text) -> str:
    digit = reading.digits[position]
    is_open = position in open_positions(reading, revealed)
    value = digit.value if is_open else f'<span class="ph-sr">{text("digit_covered")}</span><i aria-hidden="true">•</i>'
    weak = f'<span class="ph-weak">{text("digit_weakest")}</span>' if position == reading.weakest else ""
    return (
        f'<li class="ph-tile"><span class="ph-sr">{text("digit_label", position=position + 1)}: </span>'
        f"<b>{value}</b>{_bar(digit.confidence)}<small>{percent(digit.confidence)}</small>{weak}</li>"
    )


def _bar(share: float) -> str:
    return f'<span class="ph-bar" aria-hidden="true"><i style="width:{100 * share:.1f}%"></i></span>'


def _distribution(reading: CardReading, revealed: bool, text: Text) -> str:
    """The deck's table: one row per digit that may be shown, one column per class."""
    positions = open_positions(reading, revealed)
    if not positions:
        return ""
    rows = []
    for position in positions:
        digit = reading.digits[position]
        cells = "".join(
            f"<td{' class=ph-top' if str(value) == digit.value else ''}>{probability:.4f}</td>"
            for value, probability in enumerate(digit.probabilities)
        )
        rows.append(f'<tr><th scope="row">{position + 1}</th>{cells}</tr>')
    head = "".join(f'<th scope="col">{value}</th>' for value in range(10))
    note = "" if len(positions) == len(reading.digits) else f'<p class="ph-quiet">{text("table_note")}</p>'
    label = text("table_open")
    return (
        f'<details class="ph-distribution"><summary>{label}</summary>{note}'
        f'<div class="ph-scroll" tabindex="0" role="region" aria-label="{label}"><table><thead><tr>'
        f'<th scope="col">{text("table_position")}</th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
        "</details>"
    )


def _checks(reading: CardReading, text: Text) -> str:
    rows = "".join(
        f'<li class="ph-{state}"><span aria-hidden="true">{_MARKS[state]}</span>{text(f"check_{name}")}'
        f"<small>{text(f'check_{state}')}</small></li>"
        for name, state in checks(reading)
    )
    return f'<ul class="ph-checks">{rows}</ul>'


def _comparison(readers: Sequence[ReaderAnswer], revealed: bool, text: Text) -> str:
    slowest = max(max(reader.reading.ms for reader in readers), 1e-6)
    columns = "".join(_reader(reader, slowest, revealed, text) for reader in readers)
    return f'<section><h2>{text("card_ocr_compare")}</h2><div class="ph-readers">{columns}</div></section>'


def _reader(answer: ReaderAnswer, slowest: float, revealed: bool, text: Text) -> str:
    reading = answer.reading
    times = "".join(
        f'<div class="ph-time"><dt>{text(f"stage_{stage.name}")}</dt><dd>'
        f"{_bar(min(stage.ms / slowest, 1))}{milliseconds(stage.ms)}</dd></div>"
        for stage in reading.stages
    )
    facts = [
        ("fact_time", f"<strong>{milliseconds(reading.ms)}</strong>"),
        ("fact_confidence", percent(reading.confidence)),
        ("fact_weights", kilobytes(answer.weights_bytes)),
        ("fact_revision", f"<code>{answer.revision}</code>"),
    ]
    rows = "".join(f"<div><dt>{text(key)}</dt><dd>{value}</dd></div>" for key, value in facts)
    band = band_picture(reading, revealed)
    return (
        f'<article class="ph-reader ph-{reading.decision}"><h3>{escape(answer.name)}</h3>{_badge(reading, text)}'
        f"{_number(reading, revealed, text)}{_picture(band, 'stage_rectify', text)}"
        f'<p class="ph-reason">{reason(reading, text)}</p><dl class="ph-facts">{rows}</dl>'
        f'<dl class="ph-times">{times}</dl></article>'
    )
