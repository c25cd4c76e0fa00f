"""Makes pictures searchable: `python -m apps.fashion.index SOURCE --into DIR` indexes a folder or a CSV file."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from apps.models import HUB_CARDS, published
from modeling.fashion_search import DeepEyes, Eyes, FashionSearch, ModelEyes, NewItem, from_csv, from_folder
from modeling.fashion_search.building_fashion_search import again
from modeling.fashion_search.sources_fashion_search import COLUMNS
from modeling.fashion_search.store_fashion_search import Store, is_index

DETECTOR, ENCODER, CLASSIC = "planet-fashion-detector", "planet-fashion-encoder", "planet-fashion-classic"
SHOWN = 20
"""So many failures are printed; all of them are written to `failures.tsv` of the index folder."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns 0 if everything was added, 1 if some was not, 2 if nothing could be done."""
    options = _parser().parse_args(arguments)
    try:
        return _index(options)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. What was indexed is kept; the same command goes on from there.", file=sys.stderr)
        return 130


def load_eyes(kind: str = "deep", models: Path = HUB_CARDS) -> Eyes:
    """The published models as eyes.

    Args:
        kind: "deep" for detector and encoder, "classic" for the traditional rival.
        models: folder of the published models.

    Raises:
        ValueError: if one is not there.
    """
    found = published(models)
    for name in (CLASSIC,) if kind == "classic" else (DETECTOR, ENCODER):
        if name not in found:
            raise ValueError(f"There is no model {name!r} in {str(models)!r}")
    if kind == "classic":
        return ModelEyes(found[CLASSIC].load(), CLASSIC)
    return DeepEyes(found[DETECTOR].load(), found[ENCODER].load(), ENCODER)


def _index(options: argparse.Namespace) -> int:
    folder: Path = options.into
    columns = {field: getattr(options, f"{field}_column") for field in COLUMNS}
    columns = {field: name for field, name in columns.items() if name is not None}
    if options.source is None and not options.rebuild:
        raise ValueError("SOURCE is missing: a folder of pictures, or a CSV file that names them")
    items = [] if options.source is None else _items(options.source, columns, options.root)
    settings = {"backend": options.backend, "milvus_uri": options.milvus_uri, "postings": options.postings}
    settings = {name: value for name, value in settings.items() if value is not None}
    eyes = load_eyes(options.eyes, options.models)
    if options.rebuild:
        return _rebuilt(folder, eyes, items, settings)
    if is_index(folder) and settings:
        raise ValueError(f"{folder.name!r} is an index already; its settings can be changed with --rebuild")
    search = FashionSearch.open(folder, eyes) if is_index(folder) else FashionSearch.create(folder, eyes, **settings)
    with search:
        return _add(search, items)


def _items(source: Path, columns: dict[str, str], root: Path | None) -> list[NewItem]:
    if source.is_dir():
        if columns or root:
            raise ValueError(f"Columns and --root are for CSV files, but {str(source)!r} is a folder")
        return from_folder(source)
    return from_csv(source, columns, root)


def _add(search: FashionSearch, items: Sequence[NewItem]) -> int:
    with tqdm(total=len(items), unit="picture", desc="indexing") as bar:

        def told(done: int, total: int) -> None:
            bar.update(done - bar.n)

        report = search.add(items, told)
    threshold = search.calibrate()
    seconds = report.seconds / max(len(report.added), 1)
    print(
        f"{len(report.added):,} added ({1e3 * seconds:.0f} ms each), {report.duplicates:,} of them shown before, "
        f"{report.skipped:,} were there already, {len(report.failures):,} failed. The index has {len(search):,} items; "
        f"scores from {threshold:.2f} on are good matches."
    )
    log = search.store.folder / "failures.tsv"
    log.unlink(missing_ok=True)
    if report.failures:
        for failure in report.failures[:SHOWN]:
            print(f"  line {failure.row}: {failure.uri}: {failure.reason}" if failure.row else f"  {failure.reason}")
        lines = (f"{failure.row}\t{_flat(failure.uri)}\t{_flat(failure.reason)}\n" for failure in report.failures)
        log.write_text("line\tpicture\treason\n" + "".join(lines), encoding="utf-8")
        print(f"All that failed: {log}")
    return 1 if report.failures else 0


def _rebuilt(folder: Path, eyes: Eyes, items: Sequence[NewItem], settings: dict[str, Any]) -> int:
    """Looks at every picture of an index again, in a new folder beside it that takes its place when it is done.

    Keywords and what sellers said are kept. Items whose pictures are gone are left out, and reported.
    """
    fresh = folder.with_name(f"{folder.name}.rebuilding")
    old = Store.open(folder)
    try:
        kept = old.config
        if kept.backend == "milvus" and "milvus_uri" not in settings:
            settings = {"milvus_uri": kept.milvus_uri, **settings}
        settings = {"backend": kept.backend, "postings": kept.postings, **settings}
        known = [replace(one, row=0) for one in again(old.catalogue, old)]
    finally:
        old.close()
    # An earlier run that was stopped goes on, if the eyes are still the same.
    search = FashionSearch.open(fresh, eyes) if is_index(fresh) else FashionSearch.create(fresh, eyes, **settings)
    with search:
        result = _add(search, [*known, *items])
    retired = folder.with_name(f"{folder.name}.old")
    os.replace(folder, retired)
    os.replace(fresh, folder)
    shutil.rmtree(retired)
    return result


def _flat(text: str) -> str:
    return " ".join(text.split())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m apps.fashion.index",
        description="Makes pictures searchable. Can be stopped and run again: what is indexed is skipped.",
    )
    parser.add_argument("source", nargs="?", type=Path, metavar="SOURCE", help="a folder of pictures, or a CSV file")
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="the index folder, new or not")
    parser.add_argument("--models", type=Path, default=HUB_CARDS, metavar="DIR", help="folder of the published models")
    parser.add_argument("--eyes", choices=("deep", "classic"), default="deep", help="what looks at the pictures")
    parser.add_argument("--rebuild", action="store_true", help="look at every picture of the index again")
    parser.add_argument("--backend", choices=("faiss", "milvus"), help="where vectors are (faiss)")
    parser.add_argument("--milvus-uri", metavar="URI", help="server, or a file of Milvus Lite ending in .db")
    parser.add_argument("--postings", choices=("guide", "automatic", "off"), help="which words narrow a search (guide)")
    parser.add_argument("--root", type=Path, metavar="DIR", help="where paths of the CSV file start (beside it)")
    for field, names in COLUMNS.items():
        flags = [f"--{field}-column"] + (["--text-column"] if field == "title" else [])
        parser.add_argument(
            *flags, dest=f"{field}_column", metavar="NAME", help=f"column of the CSV file ({', '.join(names)})"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
