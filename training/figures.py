"""Measured numbers in words: one headline entry of a results.json as text."""

from __future__ import annotations


def show_value(value: float, unit: str, goal: float | None = None) -> str:
    """`value` with its unit: a fraction as per cent for "%", a factor for "x", else a number and the unit.

    Rounded to what is worth reading, but never to a perfect 100 % or 0 %, or a goal in per cent, that was not reached.
    """
    if unit == "%":
        percent = 100 * value
        apart = {0.0, 1.0, goal} - {None, value}
        decimals = next((d for d in (1, 2, 3) if all(round(percent, d) != round(100 * x, d) for x in apart)), 4)
        return f"{percent:.{decimals}f} %"
    if unit == "x":
        return f"{_short(value)}×"
    return f"{_short(value)} {unit}".strip()


def _short(value: float) -> str:
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def show_interval(entry: dict) -> str:
    """The 95 % confidence interval of a headline entry, empty if there is none."""
    if not entry.get("ci95"):
        return ""
    low, high = (show_value(bound, entry["unit"]) for bound in entry["ci95"])
    unit = f" {entry['unit']}"
    low = low.removesuffix(unit)
    return f"{low} to {high}" if low.startswith("-") else f"{low}–{high}"


def show_goal(entry: dict) -> str:
    """What was to be reached and whether it was, empty if no goal was set."""
    if entry.get("goal") is None:
        return ""
    better = entry["value"] >= entry["goal"] if entry["higher_is_better"] else entry["value"] <= entry["goal"]
    sign = "≥" if entry["higher_is_better"] else "≤"
    return f"{sign} {show_goal_value(entry)} ({'met' if better else 'missed'})"


def show_goal_value(entry: dict) -> str:
    """A goal as people write it: 99 %, not 99.0 %."""
    if entry["unit"] == "%":
        return f"{100 * entry['goal']:g} %"
    return show_value(entry["goal"], entry["unit"])


def show_bytes(count: int) -> str:
    """A file size: 740 kB, 1.34 MB."""
    return f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.3g} MB"


def markdown_table(headings: list[str], rows: list[list[str]]) -> str:
    """A Markdown table without the columns that hold nothing."""
    used = [i for i in range(len(headings)) if any(row[i] for row in rows)]
    lines = [[headings[i] for i in used], ["---"] * len(used), *([row[i] for i in used] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def evaluation_table(results: dict) -> str:
    """The headline of a results.json as a Markdown table: value, interval, sample size, rival, goal."""
    headline = results["headline"]
    rivals = sorted({entry["rival_name"] for entry in headline if entry.get("rival") is not None})
    headings = ["Measure", results["model"], "95 % interval", "n", *rivals, "Goal"]
    rows = [
        [
            entry["label"],
            show_value(entry["value"], entry["unit"], entry.get("goal")),
            show_interval(entry),
            f"{entry['n']:,}" if entry.get("n") else "",
            *(show_value(entry["rival"], entry["unit"]) if entry.get("rival_name") == r else "" for r in rivals),
            show_goal(entry),
        ]
        for entry in headline
    ]
    return markdown_table(headings, rows)


def headline_row(
    key: str, label: str, figure: dict, unit: str, goal: float | None = None, higher_is_better: bool = True, **rival
) -> dict:
    """One row of a results.json's headline.

    Args:
        figure: value and, where known, ci95 and n.
        rival: rival and rival_name, and the signature of the metric, where there are any.
    """
    return {
        "key": key,
        "label": label,
        "value": figure["value"],
        "ci95": figure.get("ci95"),
        "n": figure.get("n"),
        "unit": unit,
        "rival": rival.get("rival"),
        "rival_name": rival.get("rival_name"),
        "goal": goal,
        "higher_is_better": higher_is_better,
        **({"signature": rival["signature"]} if rival.get("signature") else {}),
    }
