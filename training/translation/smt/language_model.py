"""Estimates the Korean 5-gram model.

    python -m training.translation.smt.language_model --data prepared/train.jsonl more_korean.txt --out runs/smt

The KenLM package reads ARPA files, compressed ones too, but cannot build its binary; where `build_binary` of KenLM is
installed, `build_binary -q 8 -b 8 -a 22 trie language_model.arpa.gz language_model.binary` makes loading instant, and
the published folder may hold either.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from training.translation.prepared import read_rows
from training.translation.smt.kneser_ney import estimate, write_arpa


def read_korean(paths: Sequence[Path], limit: int | None = None) -> Iterator[list[str]]:
    """Korean sides of .jsonl files, and lines of space-separated tokens of all others."""
    for path in paths:
        if path.suffix == ".jsonl":
            yield from (row["ko"] for row in read_rows(path, limit))
        else:
            with open(path, encoding="utf-8") as lines:
                yield from (line.split() for line in lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes language_model.arpa.gz to the run's folder, unless it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True, help="the run's folder")
    parser.add_argument("--limit", type=int, help="take the first pairs of each .jsonl only")
    parser.add_argument("--order", type=int, default=5)
    parser.add_argument("--prune", type=int, nargs="+", default=[0, 0, 1, 1, 2], help="one number an order")
    parser.add_argument("--decimals", type=int, default=2, help="of the logarithms; fewer compress better")
    options = parser.parse_args(arguments)
    path = options.out / "language_model.arpa.gz"
    if path.is_file():
        print(f"{path} is there already")
        return
    options.out.mkdir(parents=True, exist_ok=True)
    model = estimate(read_korean(options.data, options.limit), options.order, options.prune)
    write_arpa(model, path, options.decimals)
    print(json.dumps({"ngrams": model.sizes, "bytes": path.stat().st_size}))


if __name__ == "__main__":
    main()
