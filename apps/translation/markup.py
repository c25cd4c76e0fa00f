"""Translations side by side as HTML: one column per translator, and below it where the copied words came from.

Everything a visitor typed, and everything a translator wrote, goes through `escape`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from apps.card_ocr.markup import milliseconds
from apps.i18n import Text
from apps.translation.attention import heat_maps
from apps.translation.cutting import LONGEST_PART
from apps.translation.derivation import derivation
from apps.translation.scores import Scores, compare, signatures
from apps.translation.service import Answer, Outcome
from apps.translation.trace import trace
from modeling.planet_rbmt.translation_zh_ko import Copied, Translation

MOST_COPIED = 60
_WARNINGS = (
    ("not look Chinese", "not_chinese"),
    ("no words", "no_words"),
    ("very long", "long_line"),
    ("longer than", "long_line"),
)


def number(value: float) -> str:
    """A score as it is read: two decimals."""
    return f"{value:.2f}".replace("-", "−")


def warning(translation: Translation, text: Text) -> str:
    """The translator's warning in the visitor's language; as it stands where there are no words for it."""
    for part, key in _WARNINGS:
        if part in translation.warning:
            return text(f"translation_warning_{key}")
    return escape(translation.warning)


def columns(answer: Answer, reference: str, text: Text) -> str:
    """What every translator wrote, side by side."""
    cells = "".join(_column(outcome, reference, text) for outcome in answer.outcomes)
    busy = "" if answer.done else ' aria-busy="true"'
    scored = reference.strip() and any(outcome.translation for outcome in answer.outcomes)
    note = _score_note(text) if scored else ""
    return (
        f'<section class="ph-outputs" aria-label="{text("translation_outputs")}"{busy}>'
        f'<div class="ph-columns">{cells}</div>{note}</section>'
    )


def failure(title: str, message: str) -> str:
    """What stands in the columns' place when there is nothing to translate."""
    return (
        f'<section class="ph-output ph-rejected" role="alert"><p class="ph-badge"><span aria-hidden="true">!</span> '
        f'{escape(title)}</p><p class="ph-reason">{escape(message)}</p></section>'
    )


def details(answer: Answer, text: Text) -> str:
    """How the translations came about: pre-processing, attention, derivation. Empty until every translator is done."""
    found = [outcome for outcome in answer.outcomes if outcome.translation and outcome.translation.text]
    if not answer.done or not found:
        return ""
    parts = [
        ("translation_trace", "translation_trace_text", _traces(found, text)),
        ("translation_attention", "translation_attention_text", _attention(found, text)),
        ("translation_derivation", "translation_derivation_text", _derivation(found, text)),
    ]
    return "".join(
        f'<section class="ph-how"><h2>{text(title)}</h2><p class="ph-quiet">{text(note)}</p>{body}</section>'
        for title, note, body in parts
        if body
    )


def _column(outcome: Outcome, reference: str, text: Text) -> str:
    name = text(f"translation_{outcome.system}")
    head = f'<header><h3>{name}</h3><p class="ph-quiet">{text(f"translation_{outcome.system}_text")}</p></header>'
    if outcome.pending:
        body = f'<p class="ph-korean ph-wait">{text("translation_pending")}</p>'
    elif outcome.translation is None:
        body = f'<p class="ph-problem">{escape(outcome.problem)}</p>'
    else:
        body = _translated(outcome, outcome.translation, reference, text)
    return f'<article class="ph-output" data-system="{outcome.system}">{head}{body}</article>'


def _translated(outcome: Outcome, found: Translation, reference: str, text: Text) -> str:
    scores = compare(found.text, reference) if reference.strip() and found.text else None
    caution = f'<p class="ph-caution">{warning(found, text)}</p>' if found.warning else ""
    written = f'<p class="ph-korean" lang="ko">{highlighted(found, text)}</p>'
    if not found.text:
        written = f'<p class="ph-korean ph-none">{text("translation_nothing")}</p>'
    label = f"{text('translation_copy')}: {text(f'translation_{outcome.system}')}"
    copy = (
        f'<button type="button" class="ph-copy" data-copy="{escape(found.text)}" aria-label="{label}" '
        f'data-done="{text("translation_copy_done")}">{text("translation_copy")}</button>'
        if found.text
        else ""
    )
    return f"{caution}{written}{copy}{_facts(outcome, found, scores, text)}{_copied(found, text)}{_others(found, text)}"


def _facts(outcome: Outcome, found: Translation, scores: Scores | None, text: Text) -> str:
    facts = [(text("fact_time"), milliseconds(found.ms))]
    if scores:
        facts += [("BLEU", f"{scores.bleu:.1f}"), ("chrF", f"{scores.chrf:.1f}")]
    if outcome.system != "rules":
        facts.append((text("translation_score"), number(found.score)))
    facts.append((text("fact_model"), f"{escape(outcome.name)} <code>{escape(outcome.revision)}</code>"))
    rows = "".join(f"<div><dt>{label}</dt><dd>{value}</dd></div>" for label, value in facts)
    return f'<dl class="ph-facts">{rows}</dl>'


def highlighted(found: Translation, text: Text) -> str:
    """The Korean text with every copied piece marked."""
    pieces, at = [], 0
    for start, end, copied in _places(found.text, found.copied):
        title = f"{_kind(copied, text)}: {copied.source} · {text(f'translation_how_{copied.how}')}"
        mark = f'<mark class="ph-how-{copied.how}" title="{escape(title)}">{escape(found.text[start:end])}</mark>'
        pieces += (escape(found.text[at:start]), mark)
        at = end
    return "".join((*pieces, escape(found.text[at:])))


def _places(written: str, copies: Sequence[Copied]) -> list[tuple[int, int, Copied]]:
    """Where the copied pieces stand, in order; the longest are looked for first, and a digit is no part of a number."""
    taken: list[tuple[int, int, Copied]] = []
    for copied in sorted(copies[:MOST_COPIED], key=lambda one: -len(one.target)):
        if copied.lost:
            continue
        start, end = r"(?<!\d)" * copied.target[0].isdigit(), r"(?!\d)" * copied.target[-1].isdigit()
        for match in re.finditer(f"{start}{re.escape(copied.target)}{end}", written):
            if all(match.end() <= a or match.start() >= b for a, b, _ in taken):
                taken.append((*match.span(), copied))
                break
    return sorted(taken, key=lambda place: place[0])


def _kind(copied: Copied, text: Text) -> str:
    return text(f"translation_kind_{copied.kind}")


def _copied(found: Translation, text: Text) -> str:
    """What was copied, by where it came from."""
    groups: dict[tuple[str, str], list[str]] = {}
    for copied in found.copied[:MOST_COPIED]:
        origin = (f"{_kind(copied, text)} · {text(f'translation_how_{copied.how}')}", copied.how)
        if copied.lost:
            origin = (f"{_kind(copied, text)} · {text('translation_lost')}", "lost")
        groups.setdefault(origin, []).append(_pair(copied))
    if not groups:
        return ""
    rows = "".join(
        f'<li class="ph-how-{how}"><small>{origin}</small>{"".join(pairs)}</li>'
        for (origin, how), pairs in groups.items()
    )
    more = len(found.copied) - MOST_COPIED
    rest = f"<li>{text('translation_more', count=more)}</li>" if more > 0 else ""
    return f'<h4>{text("translation_copied")}</h4><ul class="ph-copies">{rows}{rest}</ul>'


def _pair(copied: Copied) -> str:
    source = f'<span lang="zh">{escape(copied.source)}</span>'
    if copied.lost or copied.target == copied.source:
        return f'<span class="ph-token">{source}</span>'
    return f'<span class="ph-token">{source} → <b lang="ko">{escape(copied.target)}</b></span>'


def _others(found: Translation, text: Text) -> str:
    if not found.alternatives:
        return ""
    items = "".join(f"<li>{escape(other)}</li>" for other in found.alternatives)
    label = text("translation_alternatives", count=len(found.alternatives))
    return f'<details class="ph-others"><summary>{label}</summary><ol lang="ko">{items}</ol></details>'


def _score_note(text: Text) -> str:
    bleu, chrf = signatures()
    unit = text("translation_unit_mecab" if "ko-mecab" in bleu else "translation_unit_char")
    return (
        f'<p class="ph-quiet ph-signatures">{text("translation_scores_note", unit=unit)} '
        f"<code>{escape(bleu)}</code> <code>{escape(chrf)}</code></p>"
    )


def _traces(found: Sequence[Outcome], text: Text) -> str:
    unknown = "".join(_unknown(outcome, text) for outcome in found)
    note = (
        f'<dl class="ph-unknown">{unknown}</dl>' if unknown else f'<p class="ph-quiet">{text("translation_known")}</p>'
    )
    return f"{trace(found[0].translation, text)}<h3>{text('translation_unknown')}</h3>{note}"


def _unknown(outcome: Outcome, text: Text) -> str:
    words = dict.fromkeys(c.source for c in outcome.translation.copied if c.kind == "unknown")
    if not words:
        return ""
    chips = "".join(f'<span class="ph-token" lang="zh">{escape(word)}</span>' for word in list(words)[:MOST_COPIED])
    return f"<div><dt>{text(f'translation_{outcome.system}')}</dt><dd>{chips}</dd></div>"


def _attention(found: Sequence[Outcome], text: Text) -> str:
    """A table per translator, folded but for the first; a text in parts has none."""
    if all(len(outcome.translation.source) > LONGEST_PART for outcome in found):
        return f'<p class="ph-quiet">{text("translation_attention_long", limit=f"{LONGEST_PART:,}")}</p>'
    maps = [(outcome, heat_maps(outcome.translation, text)) for outcome in found]
    return "".join(
        f'<details class="ph-maps"{" open" if index == 0 else ""}><summary>{text(f"translation_{outcome.system}")}'
        f"</summary>{body}</details>"
        for index, (outcome, body) in enumerate((outcome, body) for outcome, body in maps if body)
    )


def _derivation(found: Sequence[Outcome], text: Text) -> str:
    return "".join(derivation(outcome.translation, text) for outcome in found)
