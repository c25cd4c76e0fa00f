"""How fast translators decode: single sentences of about 20 words and batches, all in one run.

Systems take turns sentence by sentence and batch by batch, so that the machine's moods fall on all alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

Translate = Callable[[list[str]], Sequence[Any]]
WORDS, MARGIN = 20, 3
BATCH = 32


def about_twenty(texts: Sequence[str], words: Callable[[str], int], wanted: int) -> list[str]:
    """The first `wanted` texts of 17 to 23 words, in their order; where there are fewer, those nearest to 20."""
    ranked = sorted(texts, key=lambda text: max(0, abs(words(text) - WORDS) - MARGIN))
    return ranked[:wanted]


def measure_speed(
    systems: Mapping[str, Translate],
    singles: Sequence[str],
    batch: Sequence[str],
    threads: Sequence[int] = (1, 2),
    slow: Mapping[str, int] | None = None,
    progress: bool = True,
) -> dict:
    """Times every system on the same texts.

    Args:
        systems: by name; the first is what ratios are taken of.
        singles: texts translated one by one.
        batch: texts translated 32 at a time.
        slow: how many batched texts a system translates, where not all.

    Returns:
        By number of threads and system: `single_ms` with p50, p95 and n; `batched` with sentences and the system's own
        target tokens a second and n; `times_slower`, sentences a second of the first over its own.
    """
    slow = slow or {}
    before = torch.get_num_threads()
    report = {}
    try:
        for number in threads:
            torch.set_num_threads(number)
            report[str(number)] = _measure(systems, singles, batch, slow, f"{number} threads", progress)
    finally:
        torch.set_num_threads(before)
    return report


def _measure(systems, singles, batch, slow, title: str, progress: bool) -> dict:
    for translate in systems.values():
        translate(list(singles[:1]))
    alone: dict[str, list[float]] = {name: [] for name in systems}
    for text in tqdm(singles, desc=f"speed, {title}", mininterval=2, disable=not progress):
        for name, translate in systems.items():
            alone[name].append(_seconds(translate, [text])[0])
    together = {name: [0.0, 0, 0] for name in systems}  # seconds, sentences, target tokens
    for start in tqdm(range(0, len(batch), BATCH), desc=f"batches, {title}", mininterval=2, disable=not progress):
        for name, translate in systems.items():
            texts = list(batch[start : min(start + BATCH, slow.get(name, len(batch)))])
            if texts:
                seconds, tokens = _seconds(translate, texts)
                for place, value in enumerate((seconds, len(texts), tokens)):
                    together[name][place] += value
    rates = {name: sentences / seconds for name, (seconds, sentences, _) in together.items()}
    base = next(iter(rates.values()))
    return {
        name: {
            "single_ms": {
                "p50": round(1e3 * float(np.median(alone[name])), 2),
                "p95": round(1e3 * float(np.percentile(alone[name], 95)), 2),
                "n": len(singles),
            },
            "batched": {
                "sentences_per_second": round(rates[name], 3),
                "tokens_per_second": round(tokens / seconds, 1),
                "n": sentences,
            },
            "times_slower": round(base / rates[name], 3),
        }
        for name, (seconds, sentences, tokens) in together.items()
    }


def _seconds(translate: Translate, texts: list[str]) -> tuple[float, int]:
    began = time.perf_counter()
    answers = translate(texts)
    seconds = time.perf_counter() - began
    return seconds, sum(0 if isinstance(one, str) else len(one.target_tokens) for one in answers)
