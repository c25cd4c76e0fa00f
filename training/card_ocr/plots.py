"""Pictures of results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from training.card_ocr.measures import Outcome, aurc, risk_coverage


def plot_risk_coverage(outcomes: dict[str, Sequence[Outcome]], path: Path) -> None:
    """Selective risk over coverage for each reader, as a PNG at `path`."""
    figure = Figure(figsize=(6.4, 4.0), dpi=110, layout="constrained")
    axes = figure.subplots()
    for name, found in outcomes.items():
        coverage, risk = risk_coverage(found)
        axes.plot(100 * coverage, 100 * risk, label=f"{name} (AURC {aurc(found):.4f})")
    axes.set_xlabel("coverage: cards answered, most confident first (%)")
    axes.set_ylabel("risk: answers that are wrong (%)")
    axes.set_yscale("symlog", linthresh=0.1)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path)


def plot_sizes(points: dict[str, dict], path: Path) -> None:
    """Exact cards over bytes of weights, one named point a size with its 95 % interval, as a PNG at `path`."""
    figure = Figure(figsize=(6.4, 4.0), dpi=110, layout="constrained")
    axes = figure.subplots()
    for name, point in points.items():
        value, (low, high) = point["exact"]["value"], point["exact"]["ci95"]
        size = point["bytes"] / 1e6
        bar = axes.errorbar(size, 100 * value, [[100 * (value - low)], [100 * (high - value)]], fmt="o", capsize=3)
        axes.annotate(name, (size, 100 * value), (4, 4), textcoords="offset points", color=bar[0].get_color())
    axes.set_xscale("log")
    axes.set_xlabel("weights (MB)")
    axes.set_ylabel("exact cards, no rejects (%)")
    axes.grid(alpha=0.3, which="both")
    figure.savefig(path)
