"""The report as a PDF: A4 pages of text, tables and plots, drawn with matplotlib."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from apps.raters.words import Section

A4 = (8.27, 11.69)
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.07, 0.93, 0.95, 0.05
_LINE = 0.0155
_INNER = 0.0115
"""Between the lines of one cell."""

_CHARACTERS = 115
_CELL = 26
"""Characters of a table's cell before it is wrapped."""


def write_pdf(path: Path, title: str, parts: Sequence[Section], plots: Sequence[Figure]) -> None:
    """Writes text and tables onto as many pages as they need, then one page a plot.

    Text is drawn with the fonts matplotlib is set to; see `fonts.drawing`.
    """
    with PdfPages(path, metadata={"Title": title, "Creator": "Planet Hub rater room"}) as pdf:
        page = _Page(pdf)
        page.text([title], size=15)
        for part in parts:
            page.section(part)
        page.finish()
        for plot in plots:
            pdf.savefig(plot)


class _Page:
    """The page being filled, and where on it the next line goes."""

    def __init__(self, pdf: PdfPages) -> None:
        self._pdf = pdf
        self._begin()

    def section(self, part: Section) -> None:
        """Heading, paragraphs, table; a heading never stands alone at the foot of a page."""
        lines = [line for text in part.paragraphs for line in textwrap.wrap(text, _CHARACTERS)]
        cells = [[_wrapped(cell) for cell in row] for row in part.rows]
        self._room(_LINE * (4 + len(lines) + (2 + max(map(_height, cells[:1]), default=0) if cells else 0)))
        self.text([part.title], size=11.5)
        self.text(lines)
        if cells:
            self._table([_wrapped(cell) for cell in part.head], cells)
        self._y -= _LINE

    def text(self, lines: Sequence[str], size: float = 8.5) -> None:
        """Lines, one below the other."""
        step = _LINE * size / 8.5
        for line in lines:
            self._room(step)
            self._write(_LEFT, self._y, line, size, size > 10)
            self._y -= step

    def finish(self) -> None:
        """Write the page."""
        self._pdf.savefig(self._figure)

    def _begin(self) -> None:
        self._figure = Figure(figsize=A4)
        self._y = _TOP

    def _room(self, height: float) -> None:
        if self._y - height < _BOTTOM:
            self.finish()
            self._begin()

    def _table(self, head: list[str], rows: list[list[str]]) -> None:
        widths = [max(_width(row[i]) for row in (head, *rows)) + 2 for i in range(len(head))]
        scale = (_RIGHT - _LEFT) / max(sum(widths), 90)
        edges = [_LEFT + scale * sum(widths[:i]) for i in range(len(widths))]
        for n, row in enumerate((head, *rows)):
            if not any(row):
                continue
            height = _LINE + _INNER * (_height(row) - 1)
            self._room(height)
            for x, cell in zip(edges, row, strict=True):
                for k, line in enumerate(cell.split("\n")):
                    self._write(x, self._y - k * _INNER, line, 7.5, n == 0)
            self._y -= height

    def _write(self, x: float, top: float, line: str, size: float, bold: bool) -> None:
        # On the baseline: lines of other letters would otherwise stand at other heights.
        baseline = top - 0.8 * _LINE * size / 8.5
        self._figure.text(x, baseline, line, size=size, va="baseline", weight="bold" if bold else "normal")


def _wrapped(cell: str) -> str:
    return "\n".join(textwrap.wrap(cell, _CELL)) or cell


def _height(row: list[str]) -> int:
    return max(cell.count("\n") + 1 for cell in row)


def _width(cell: str) -> int:
    return max((len(line) for line in cell.split("\n")), default=0)
