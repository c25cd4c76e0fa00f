"""Keeps a built site at hand for the published model: built once, again only when model, page or runtime change.

    python -m apps.card_phone.prepare

prints the folder. Without the runtime, which `make phone` fetches, there is no site.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

from apps.card_phone.build import MODEL_FILES, RUNTIME, RUNTIME_FILES, SOURCE, WORK, build_site, reader_settings
from apps.models import HUB_CARDS

MODEL = "planet-card-ocr-compact"


@cache
def site_of(folder: Path = HUB_CARDS / MODEL, runtime: Path = RUNTIME, work: Path = WORK) -> Path | None:
    """The built site around a published model; None where the model or the runtime is missing.

    Args:
        folder: of the model: its networks in ONNX and its config.json.
        runtime: folder the runtime was fetched into.
        work: where sites are kept, one folder for each state of what they are made of.
    """
    needed = [folder / name for name in ("config.json", *MODEL_FILES[:2])] + [runtime / name for name in RUNTIME_FILES]
    if not all(path.is_file() for path in needed):
        return None
    made_of = needed + sorted(path for path in SOURCE.rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in made_of:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    site = work / f"site-{digest.hexdigest()[:16]}"
    if not site.is_dir():
        _build(site, folder, runtime)
    return site


def _build(site: Path, folder: Path, runtime: Path) -> None:
    """Builds beside and renames, so that no other process ever sees half a site."""
    site.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=site.parent, prefix="building-") as scratch:
        models = Path(scratch) / "models"
        write_models(folder, models)
        built = build_site(Path(scratch) / "site", models, runtime)
        try:
            built.rename(site)
        except OSError:
            if not site.is_dir():  # another process was faster
                raise


def write_models(folder: Path, target: Path) -> Path:
    """The models' folder that `build_site` takes, from a published one: the networks and the reader's settings."""
    target.mkdir(parents=True)
    for name in MODEL_FILES[:2]:
        shutil.copyfile(folder / name, target / name)
    settings = reader_settings(json.loads((folder / "config.json").read_text(encoding="utf-8")))
    (target / MODEL_FILES[2]).write_text(json.dumps(settings), encoding="utf-8")
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=HUB_CARDS / MODEL, help="folder of the published model")
    site = site_of(parser.parse_args().model)
    if site is None:
        sys.exit(
            "The runtime or the model is missing. “make phone” fetches the runtime; it needs npm and a network once."
        )
    print(site)


if __name__ == "__main__":
    main()
