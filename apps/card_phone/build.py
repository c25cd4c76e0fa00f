"""Builds the card reader's site: one folder of static files, to be served by the hub or published as a static Space.

The models' folder holds detector.onnx, recogniser.onnx and reader.json; the runtime comes from
`.ci/vendor_onnxruntime_web.sh`. `prepare.py` calls it for the published model.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "site"
WORK = Path(__file__).parents[2] / "runs" / "card_phone"
RUNTIME = WORK / "runtime"
"""Where the runtime lies if nothing else is said; it is fetched, not kept in the repository."""

RUNTIME_FILES = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")
MODEL_FILES = ("detector.onnx", "recogniser.onnx", "reader.json")
SETTINGS = (
    "frame_side", "band_height", "digit_height", "line_threshold", "least_digit_height", "beyond_threshold",
    "temperature", "digit_threshold", "number_threshold",
)  # fmt: skip
"""Fields of `CardOcrConfig` the reader needs; reader.json may hold more."""

_LIST = "files.js"


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
