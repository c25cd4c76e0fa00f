"""The fidelity suite: what BLEU does not see. Generated Chinese sentences whose Korean must keep a value.

    from training.translation.fidelity import measure
    from training.translation.fidelity_suite import build_suite
    report = measure(model.translate, build_suite(200, seed=7))

A row holds at least 200 items. Numbers are compared by value (1.2万 is 12,000, 1만2천 and 1만 2000), Latin and
addresses by their characters, particles by the last sound before them, twins by equality of both outputs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy.stats import binomtest

from training.translation.fidelity_suite import Item


@dataclass(frozen=True)
class Row:
    """How a row went: items, how many passed, the 95 % Wilson interval of the rate, and the first failures."""

    name: str
    items: int
    passed: int
    low: float
    high: float
    failures: tuple[tuple[str, str, str], ...]

    @property
    def rate(self) -> float:
        """Share passed, 0 to 1."""
        return self.passed / self.items


def wilson(passed: int, items: int) -> tuple[float, float]:
    """The 95 % score interval of a rate (Wilson 1927)."""
    interval = binomtest(passed, items).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def measure(translate: Callable[[list[str]], Sequence], items: Sequence[Item], kept: int = 5) -> list[Row]:
    """Translates the suite and judges it, row by row.

    Args:
        translate: texts -> `Translation`s or strings, in their order.
        items: of `build_suite`.
        kept: most failures a row shows, each (Chinese, Korean, expected).
    """
    texts = [item.chinese for item in items] + [item.twin for item in items if item.twin]
    answers = [answer if isinstance(answer, str) else answer.text for answer in translate(texts)]
    if len(answers) != len(texts):
        raise ValueError(f"translate() answered {len(answers)} of {len(texts)} texts")
    twins = iter(answers[len(items) :])
    passed: Counter[str] = Counter()
    failures: dict[str, list[tuple[str, str, str]]] = {item.row: [] for item in items}
    for item, korean in zip(items, answers, strict=False):
        equal = next(twins) == korean if item.twin else True
        if item.check(korean) and equal:
            passed[item.row] += 1
        else:
            failures[item.row].append((item.chinese, korean, item.expected))
    counts = Counter(item.row for item in items)
    return [
        Row(name, counts[name], passed[name], *wilson(passed[name], counts[name]), tuple(failed[:kept]))
        for name, failed in failures.items()
    ]


def as_table(rows: Sequence[Row]) -> str:
    """The rows as text, one a line."""
    return "\n".join(
        f"{r.name:<12} {r.passed:>4}/{r.items:<4} {r.rate:6.1%}  [{r.low:.1%}, {r.high:.1%}]" for r in rows
    )
