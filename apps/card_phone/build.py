"""Builds the card reader's site: one folder of static files, to be served by the hub or published as a static Space.

    python -m apps.card_phone.build runs/card_phone/site --models runs/card_ocr/onnx

The models' folder holds detector.onnx, recogniser.onnx and reader.json; the runtime comes from
`.ci/vendor_onnxruntime_web.sh`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "site"
WORK = Path(__file__).parents[2] / "runs" / "card_phone"
RUNTIME, SITE = WORK / "runtime", WORK / "site"
"""Where runtime and built site lie if nothing else is said; both are made, neither is kept in the repository."""

RUNTIME_FILES = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")
MODEL_FILES = ("detector.onnx", "recogniser.onnx", "reader.json")
SETTINGS = (
    "frame_side", "band_height", "digit_height", "line_threshold", "least_digit_height", "beyond_threshold",
    "temperature", "digit_threshold", "number_threshold",
)  # fmt: skip
"""Fields of `CardOcrConfig` the reader needs; reader.json may hold more."""

_LIST = "files.js"


@dataclass(frozen=True)
class Size:
    """Bytes of a part of the site, as they are and compressed with gzip."""

    plain: int
    gzip: int


def reader_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """What reader.json holds, from a model's configuration.

    Raises:
        ValueError: if a field is missing.
    """
    missing = [name for name in SETTINGS if name not in config]
    if missing:
        raise ValueError(f"The reader's settings lack {', '.join(missing)}.")
    return {name: config[name] for name in SETTINGS}


def build_site(target: Path, models: Path, runtime: Path = RUNTIME) -> Path:
    """Copies page, models and runtime into a folder, and lists them for the service worker that keeps them offline.

    Args:
        target: the folder; an earlier site in it is replaced.
        models: folder of `MODEL_FILES`.
        runtime: folder of `RUNTIME_FILES`.

    Returns:
        The folder.

    Raises:
        ValueError: if a file is missing, or if the target holds anything but an earlier site.
    """
    for folder, names, advice in (
        (models, MODEL_FILES, "Export the models first."),
        (runtime, RUNTIME_FILES, f"Run .ci/vendor_onnxruntime_web.sh {runtime} first."),
    ):
        missing = [name for name in names if not (folder / name).is_file()]
        if missing:
            raise ValueError(f"There is no {', '.join(missing)} in {folder}. {advice}")
    reader_settings(json.loads((models / "reader.json").read_text(encoding="utf-8")))
    _empty(target)
    shutil.copytree(SOURCE, target, dirs_exist_ok=True)
    for part, folder, names in (("models", models, MODEL_FILES), ("runtime", runtime, RUNTIME_FILES)):
        (target / part).mkdir()
        for name in names:
            shutil.copyfile(folder / name, target / part / name)
    for path in (target / "runtime" / RUNTIME_FILES[-1], *(target / "models").glob("*.onnx")):
        _pack(path)
    _list_files(target)
    return target


def _pack(path: Path) -> None:
    """Replaces a file by a compressed one; not called .gz, because some servers would unpack that on the way."""
    path.with_name(f"{path.name}.packed").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    path.unlink()


def _empty(target: Path) -> None:
    if target.exists():
        if any(target.iterdir()) and not (target / _LIST).is_file():
            raise ValueError(f"{target} holds something else than a site; choose a folder that is empty or new.")
        shutil.rmtree(target)
    target.mkdir(parents=True)


def _list_files(site: Path) -> None:
    """Writes the list of what is kept offline, with a version that changes with any byte of it."""
    names = [path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()]
    names = sorted(name for name in names if name != "service-worker.js")
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + hashlib.sha256((site / name).read_bytes()).digest())
    listed = json.dumps({"version": digest.hexdigest()[:16], "files": ["./", *names]}, indent=1)
    (site / _LIST).write_text(f"self.SITE = {listed};\n", encoding="utf-8")


def sizes(site: Path) -> dict[str, Size]:
    """Bytes of a built site by part: "page" (ours, with its example picture), "weights", "runtime" and "total"."""
    parts = {"page": Size(0, 0), "weights": Size(0, 0), "runtime": Size(0, 0), "total": Size(0, 0)}
    for path in (path for path in site.rglob("*") if path.is_file()):
        folder = path.relative_to(site).parts[0]
        data = path.read_bytes()
        for part in ({"models": "weights", "runtime": "runtime"}.get(folder, "page"), "total"):
            kept = parts[part]
            parts[part] = Size(kept.plain + len(data), kept.gzip + len(gzip.compress(data, mtime=0)))
    return parts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path, nargs="?", default=SITE, help=f"folder to build (default: {SITE})")
    parser.add_argument("--models", type=Path, required=True, help="folder of the two networks and reader.json")
    parser.add_argument("--runtime", type=Path, default=RUNTIME, help=f"folder of the runtime (default: {RUNTIME})")
    options = parser.parse_args()
    site = build_site(options.target, options.models, options.runtime)
    for part, size in sizes(site).items():
        print(f"{part:8} {size.plain / 1e6:7.3f} MB   gzip {size.gzip / 1e6:7.3f} MB")


if __name__ == "__main__":
    main()
