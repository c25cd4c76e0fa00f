"""Measured numbers as people read them, from the `results.json` that an evaluation wrote beside the model."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

SPACE = "\u00a0"


@dataclass(frozen=True)
class Figure:
    """One headline number.

    Attributes:
        key: its name for programs.
        label: its name for people.
        value: the measured value; fractions where the unit is "%".
        unit: "%", "ms", "MB", "x" or another word written after the value.
        n: sample size; None where there is none, as for a file's size.
        ci95: the 95 % confidence interval, in the value's unit.
        rival: the rival's value on the same samples.
        rival_name: who that rival is.
        goal: the value aimed for.
        higher_is_better: which side of the goal is the good one.
    """

    key: str
    label: str
    value: float
    unit: str
    n: int | None = None
    ci95: tuple[float, float] | None = None
    rival: float | None = None
    rival_name: str | None = None
    goal: float | None = None
    higher_is_better: bool = True

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None if there is none."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.higher_is_better else self.value <= self.goal

    @property
    def interval(self) -> tuple[str, str] | None:
        """The confidence interval's ends as text, the unit only after the second; None if there is none."""
        if self.ci95 is None:
            return None
        low, high = (quantity(bound, self.unit) for bound in self.ci95)
        return low.removesuffix(f"{SPACE}{self.unit}"), high


@dataclass(frozen=True)
class Results:
    """The results of one model.

    Attributes:
        model: the model's name.
        command: what repeats the measurement.
        date: when it was made, ISO 8601.
        dataset: the data set's name.
        samples: how many samples it has.
        headline: the numbers to show.
        weights_bytes: size of the weights, if known.
    """

    model: str
    command: str
    date: str
    dataset: str
    samples: int
    headline: tuple[Figure, ...]
    weights_bytes: int | None


def quantity(value: float, unit: str) -> str:
    """A number with its unit, never broken across lines: fractions as percent, factors with a multiplication sign.

    Rounded to what is worth reading, but never to a perfect 100 % or 0 % that was not reached. The model cards round
    alike.
    """
    if unit == "%":
        percent = 100 * value
        decimals = next((d for d in (1, 2, 3) if value in (0, 1) or round(percent, d) not in (0, 100)), 4)
        return f"{percent:.{decimals}f}{SPACE}%"
    if float(value).is_integer():
        number = f"{int(value):,}"
    else:
        number = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{number}×" if unit == "x" else f"{number}{SPACE}{unit}".strip()


def read_results(path: Path) -> Results:
    """The results in one file.

    Raises:
        ValueError: if the file is no results file, with the file's name and what is missing.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Results(
            model=data["model"],
            command=data["command"],
            date=data["date"],
            dataset=data["dataset"]["name"],
            samples=data["dataset"]["samples"],
            headline=tuple(_figure(item) for item in data["headline"]),
            weights_bytes=data["weights_bytes"],
        )
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path.parent.name}/{path.name} is no results file: {type(error).__name__} {error}."
        ) from None


def _figure(item: dict[str, Any]) -> Figure:
    known = {field.name for field in fields(Figure)}
    interval = item.get("ci95")
    return Figure(
        **{
            **{name: value for name, value in item.items() if name in known},
            "ci95": tuple(interval) if interval else None,
        }
    )
