"""Which Chinese word does every Korean word come from? The alignment as a table whose cells are shaded by weight.

Every weight is in its cell as a number: it shows on hover, on tap and on keyboard focus (arrow keys, see `hub.js`).
S source tokens, T target tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from apps.i18n import Text
from modeling.planet_rbmt.translation_zh_ko import Translation

WIDEST, LONGEST, MOST_SENTENCES = 36, 48, 6
"""Source tokens, target tokens and sentences that are drawn; a note says where this leaves something out."""

FAINTEST = 0.005
_ENDS = frozenset("。！？!?…")


@dataclass(frozen=True)
class Block:
    """One sentence of an alignment.

    Attributes:
        source: s of the S tokens.
        target: t of the T tokens.
        weights: t x s.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]


def blocks(translation: Translation) -> list[Block]:
    """The alignment cut into sentences: a text's alignment has nothing outside those blocks."""
    source, rows = translation.source_tokens, translation.alignment
    starts = [0, *(index + 1 for index, token in enumerate(source[:-1]) if token[-1:] in _ENDS)]
    ends = [*starts[1:], len(source)]
    members: list[list[int]] = [[] for _ in starts]
    current = 0
    for index, row in enumerate(rows):
        if any(row):
            best = max(range(len(row)), key=row.__getitem__)
            current = max(current, next(k for k, end in enumerate(ends) if best < end))
        members[current].append(index)
    return [
        Block(
            source[start:end],
            tuple(translation.target_tokens[index] for index in chosen),
            tuple(rows[index][start:end] for index in chosen),
        )
        for start, end, chosen in zip(starts, ends, members, strict=True)
        if chosen and end > start
    ]


def heat_maps(translation: Translation, text: Text) -> str:
    """Tables of all sentences, the first one open; empty where there is no alignment."""
    if not translation.alignment or not translation.source_tokens:
        return ""
    found = blocks(translation)
    if len(found) == 1:
        return heat_map(found[0], text)
    drawn = "".join(
        f'<details class="ph-sentence"{" open" if index == 0 else ""}><summary lang="zh">'
        f"{escape(shortened(''.join(block.source), 48))}</summary>{heat_map(block, text)}</details>"
        for index, block in enumerate(found[:MOST_SENTENCES])
    )
    left = len(found) - MOST_SENTENCES
    return drawn + (f'<p class="ph-quiet">{text("translation_more", count=left)}</p>' if left > 0 else "")


def heat_map(block: Block, text: Text) -> str:
    """One sentence: a column per Chinese word, a row per Korean one."""
    width, length = min(len(block.source), WIDEST), min(len(block.target), LONGEST)
    head = "".join(f'<th scope="col" lang="zh"><span>{escape(token)}</span></th>' for token in block.source[:width])
    rows = []
    for index in range(length):
        cells = "".join(
            _cell(weight, index == column == 0) for column, weight in enumerate(block.weights[index][:width])
        )
        rows.append(f'<tr><th scope="row" lang="ko">{escape(spaced(block.target[index]))}</th>{cells}</tr>')
    cut = ""
    if (width, length) != (len(block.source), len(block.target)):
        sizes = {"width": width, "source": len(block.source), "length": length, "target": len(block.target)}
        cut = f'<p class="ph-quiet">{text("translation_attention_cut", **sizes)}</p>'
    label = text("translation_attention")
    return (
        f'<div class="ph-map"><p class="ph-readout" role="status" data-none="{text("translation_weight_none")}">'
        f"{text('translation_attention_hint')}</p>"
        f'<div class="ph-scroll"><table role="grid" aria-label="{label}"><thead><tr>'
        f"<td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>{cut}</div>"
    )


def _cell(weight: float, first: bool) -> str:
    # One cell is in the order of the tab key; from it, arrow keys lead to all others.
    place = 'role="gridcell" tabindex="0"' if first else 'role="gridcell" tabindex="-1"'
    if weight < FAINTEST:
        return f"<td {place}></td>"
    return f'<td {place} style="--w:{weight:.2f}">{fraction(weight)}</td>'


def fraction(weight: float) -> str:
    """A weight in as few characters as it takes: ".83", "1"."""
    shown = f"{weight:.2f}"
    return "1" if shown == "1.00" else shown[1:]


def spaced(token: str) -> str:
    """A Korean token with the mark of the space before it made visible."""
    return f"␣{token[1:]}" if token.startswith("▁") else token


def shortened(text: str, most: int) -> str:
    """The beginning of a text that is longer than `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
