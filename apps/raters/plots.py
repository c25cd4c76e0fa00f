"""The figures of a campaign as pictures: points by domain, and differences with their intervals."""

from __future__ import annotations

from matplotlib.figure import Figure

from apps.raters.figures import Estimate, Figures

COLOURS = ("#3949ab", "#c2410c", "#15803d", "#7e22ce", "#0e7490", "#a16207")
MARKS = ("o", "s", "^", "D", "v", "P")
_GREY = "#6b7280"


def points_plot(figures: Figures) -> Figure | None:
    """Share of the points by domain and in total, one mark a system; None while nothing is judged."""
    if figures.total is None:
        return None
    rows = (figures.total, *reversed(figures.rows))
    figure = Figure(figsize=(7.5, 1.4 + 0.55 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    spread = 0.5 / len(figures.systems)
    for s, system in enumerate(figures.systems):
        offset = spread * ((len(figures.systems) - 1) / 2 - s)
        for y, row in enumerate(rows):
            _mark(axes, row.points[s], 100 / row.out_of, y + offset, s, system if y == 0 else None)
    axes.set_yticks(range(len(rows)), [f"{row.name or 'all domains'} (n = {row.items})" for row in rows])
    axes.axhline(0.5, color=_GREY, linewidth=0.6)
    axes.set_xlim(0, 100)
    axes.set_xlabel("per cent of the points, with 95 % intervals")
    columns = 1 if len(figures.systems) > 3 else len(figures.systems)
    figure.legend(loc="outside upper center", ncols=columns, frameon=False)
    return figure


def differences_plot(figures: Figures) -> Figure | None:
    """Differences in points between every two systems; None where nothing is compared."""
    if not figures.comparisons:
        return None
    rows = figures.comparisons[::-1]
    figure = Figure(figsize=(7.5, 1.2 + 0.55 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    for y, row in enumerate(rows):
        _mark(axes, row.difference, 1.0, y, 0 if row.found else None, None)
    axes.axvline(0, color=_GREY, linewidth=0.8)
    axes.set_yticks(range(len(rows)), [f"{row.a}\nminus {row.b}" for row in rows])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel("points, with 95 % intervals; grey: not told apart")
    return figure


def _mark(axes, estimate: Estimate, scale: float, y: float, style: int | None, label: str | None) -> None:
    low, high = (scale * bound for bound in estimate.ci95)
    colour = _GREY if style is None else COLOURS[style]
    axes.plot([low, high], [y, y], color=colour, linewidth=1.6)
    axes.plot([scale * estimate.value], [y], MARKS[style or 0], color=colour, markersize=6, label=label)
