"""Pictures of results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from training.journal import read_journal


def plot_lengths(lengths: dict[str, dict], path: Path) -> None:
    """chrF by source length for each system with its 95 % interval, as a PNG at `path`."""
    figure = Figure(figsize=(6.4, 4.0), dpi=110, layout="constrained")
    axes = figure.subplots()
    for shift, name in enumerate(dict.fromkeys(name for bucket in lengths.values() for name in bucket)):
        points = [(place, b[name]["chrf"]) for place, b in enumerate(lengths.values()) if name in b]
        values = [one["value"] for _, one in points]
        bars = [
            [max(0.0, one["value"] - one["ci95"][0]) for _, one in points],
            [max(0.0, one["ci95"][1] - one["value"]) for _, one in points],
        ]
        axes.errorbar([place + 0.06 * shift for place, _ in points], values, bars, marker="o", capsize=3, label=name)
    axes.set_xticks(range(len(lengths)), list(lengths))
    axes.set_xlabel("characters of the Chinese sentence")
    axes.set_ylabel("chrF, all test sets")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path)


def plot_learning(logs: Sequence[Path], path: Path) -> bool:
    """chrF and loss on the development set over training steps, one curve for each log; False if there is no point.

    The scores are greedy and of subwords, so they are not those of the evaluation.
    """
    curves = {log.parent.name: [r for r in read_journal(log) if r["kind"] == "evaluation"] for log in logs}
    curves = {name: records for name, records in curves.items() if records}
    if not curves:
        return False
    figure = Figure(figsize=(6.4, 4.0), dpi=110, layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    start = 0
    for name, records in curves.items():
        steps = [start + record["step"] for record in records]
        above.plot(steps, [record["chrf"] for record in records], marker=".", label=name)
        below.plot(steps, [record["loss"] for record in records], marker=".")
        start = steps[-1]
    above.set_ylabel("chrF, greedy")
    below.set_ylabel("nats a token")
    below.set_xlabel("steps, one run after the other")
    for axes in (above, below):
        axes.grid(alpha=0.3)
    above.legend()
    figure.savefig(path)
    return True
