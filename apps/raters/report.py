"""Computes every figure of a campaign again from its export, and writes the report.

    python -m apps.raters.report EXPORT.jsonl --out DIR

DIR then holds report.md, report.json, report.pdf and the plots (PNG).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from matplotlib.figure import Figure

from apps.raters.export import read_export
from apps.raters.figures import Figures, figures_of
from apps.raters.fonts import drawing, needs_cjk
from apps.raters.pdf import write_pdf
from apps.raters.plots import differences_plot, points_plot
from apps.raters.records import Export
from apps.raters.resampling import RESAMPLES
from apps.raters.words import Section, sections

_NO_FONT = "Korean and Chinese characters are missing from plots and PDF: this system has no font for them."


def write_report(export: Export, out: Path, seed: int = 0, resamples: int = RESAMPLES) -> Figures:
    """Writes report.md, report.json, report.pdf and the plots into a folder.

    Args:
        export: the votes.
        out: the folder; made where it is missing.
        seed: of the resampling.
        resamples: of the bootstrap and of the sign-flip test.

    Returns:
        The figures written.
    """
    figures = figures_of(export, seed, resamples)
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures.to_json(), ensure_ascii=False, indent=2)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    with drawing() as font:
        plots = {name: plot for name, plot in _plots(figures).items() if plot is not None}
        parts = sections(figures)
        if font is None and needs_cjk(text):
            parts += (Section("Note", (_NO_FONT,)),)
        for name, plot in plots.items():
            plot.savefig(out / f"{name}.png", dpi=150)
        write_pdf(out / "report.pdf", figures.settings.title, parts, list(plots.values()))
    (out / "report.md").write_text(markdown(figures.settings.title, parts, tuple(plots)), encoding="utf-8")
    return figures


def markdown(title: str, parts: tuple[Section, ...], plots: tuple[str, ...] = ()) -> str:
    """The report as Markdown, the pictures beside it."""
    blocks = [f"# {title}"]
    for part in parts:
        blocks += [f"## {part.title}", *part.paragraphs]
        if part.rows:
            lines = (part.head, ("---",) * len(part.head), *part.rows)
            blocks.append("\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines))
    blocks += [f"![{name}]({name}.png)" for name in plots]
    return "\n\n".join(blocks) + "\n"


def _plots(figures: Figures) -> dict[str, Figure | None]:
    return {"points": points_plot(figures), "differences": differences_plot(figures)}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path, help="votes exported as JSONL")
    parser.add_argument("--out", type=Path, required=True, help="folder for the report")
    parser.add_argument("--seed", type=int, default=0, help="of the resampling")
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    args = parser.parse_args(arguments)
    try:
        export = read_export(args.export)
    except (OSError, ValueError) as error:
        parser.exit(1, f"{error}\n")
    write_report(export, args.out, args.seed, args.resamples)
    print(args.out / "report.md")


if __name__ == "__main__":
    main()
