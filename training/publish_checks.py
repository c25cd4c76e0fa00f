"""What a folder must be before it may be published: a card, safe weights, code that runs away from home."""

from __future__ import annotations

import ast
import json
import re
import zipfile
from pathlib import Path

import yaml
from safetensors import SafetensorError, safe_open

PROJECT_PACKAGES = {"modeling", "training", "apps", "tests", "hub_cards"}
UNSAFE_SUFFIXES = {".bin", ".ckpt", ".h5", ".joblib", ".msgpack", ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pth"}
UNFINISHED = "[More Information Needed]"
MODEL_FIELDS = ("license", "library_name", "pipeline_tag", "tags")
DATASET_FIELDS = ("license", "pretty_name", "tags")
SPACE_FIELDS = ("title", "sdk", "sdk_version", "app_file")


def published_files(folder: Path) -> list[Path]:
    """The files of `folder` that go to the Hub, relative to it, sorted; caches and hidden files stay at home."""
    relative = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in relative if not any(p.startswith(".") or p == "__pycache__" for p in path.parts)]


def front_matter(text: str) -> dict | None:
    """The YAML between the two `---` lines that open a card; None if there is none.

    Raises:
        ValueError: if it is not YAML of the form `key: value`.
    """
    found = re.match(r"---\r?\n(.*?)\r?\n---\s*\r?\n", text, flags=re.DOTALL)
    if found is None:
        return None
    try:
        fields = yaml.safe_load(found.group(1))
    except yaml.YAMLError as error:
        raise ValueError(f"The front matter is not valid YAML: {error}") from error
    if not isinstance(fields, dict):
        raise ValueError(f"The front matter must be `key: value` lines, got a {type(fields).__name__}")
    return fields


def problems_of_model(folder: Path, max_file_bytes: int) -> list[str]:
    """Everything that keeps a model folder from being published, in words; empty if it is ready."""
    problems = problems_of_card(folder / "README.md", MODEL_FIELDS)
    problems += _problems_of_config(folder) + _problems_of_results(folder) + _problems_of_weights(folder)
    for path in published_files(folder):
        problems += problems_of_file(folder, path, max_file_bytes)
        if path.suffix == ".py":
            problems += _problems_of_code(folder, path)
    return problems


def problems_of_dataset(folder: Path, max_file_bytes: int) -> list[str]:
    """Everything that keeps a folder from being published as a dataset; empty if it is ready."""
    problems = problems_of_card(folder / "README.md", DATASET_FIELDS)
    for path in published_files(folder):
        problems += problems_of_file(folder, path, max_file_bytes)
    return problems


def problems_of_card(card: Path, fields: tuple[str, ...]) -> list[str]:
    """What a README.md lacks to be a card."""
    if not card.is_file():
        return ["README.md is missing: render it with `python -m training.cards`"]
    text = card.read_text(encoding="utf-8")
    problems = [f"README.md still says {UNFINISHED}"] if UNFINISHED in text else []
    try:
        found = front_matter(text)
    except ValueError as error:
        return [*problems, f"README.md: {error}"]
    if found is None:
        return [*problems, "README.md has no front matter (YAML between two lines of ---)"]
    return problems + [f"README.md: the front matter lacks {field}" for field in fields if not found.get(field)]


def problems_of_file(folder: Path, path: Path, max_file_bytes: int) -> list[str]:
    """What keeps one file, whatever it is, from being published: links, size, formats that run code when read."""
    full = folder / path
    if full.is_symlink():
        return [f"{path} is a link; put the file itself there"]
    problems = []
    size = full.stat().st_size
    if size > max_file_bytes:
        problems.append(f"{path} has {size:,} bytes, more than the {max_file_bytes:,} allowed")
    if path.suffix in UNSAFE_SUFFIXES:
        problems.append(f"{path} may run code when it is loaded; weights go into model.safetensors")
    elif _is_pickle(full):
        problems.append(f"{path} is a pickle in disguise; weights go into model.safetensors")
    return problems


def _is_pickle(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(2)
    if len(start) == 2 and start[0] == 0x80 and 2 <= start[1] <= 5:
        return True
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith(".pkl") for name in archive.namelist())


def _problems_of_config(folder: Path) -> list[str]:
    path = folder / "config.json"
    if not path.is_file():
        return ["config.json is missing"]
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        return [f"config.json is not JSON: {error}"]
    if "model_type" not in config:
        # A ModelHubMixin writes its constructor's arguments here; nothing is looked up by name.
        return []
    auto_map = config.get("auto_map")
    if not auto_map:
        return ["config.json has no auto_map: call register_for_auto_class before save_pretrained"]
    problems = [
        f"config.json: auto_map has no {start}"
        for start in ("AutoConfig", "AutoModel")
        if not any(name.startswith(start) for name in auto_map)
    ]
    for name, target in auto_map.items():
        for reference in [target] if isinstance(target, str) else [t for t in target if t]:
            module, _, class_name = reference.rpartition(".")
            if class_name not in _classes_of(folder / f"{module}.py"):
                problems.append(f"config.json: {name} is {reference}, but {module}.py defines no {class_name}")
    return problems


def _classes_of(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def _problems_of_results(folder: Path) -> list[str]:
    path = folder / "results.json"
    if not path.is_file():
        return ["results.json is missing: measure the model first"]
    try:
        headline = json.loads(path.read_text(encoding="utf-8"))["headline"]
    except (json.JSONDecodeError, KeyError) as error:
        return [f"results.json cannot be read: {error!r}"]
    return [] if headline else ["results.json has an empty headline"]


def _problems_of_weights(folder: Path) -> list[str]:
    """A neural model's weights are model.safetensors; others may keep what they learned under another name."""
    paths = sorted(folder.glob("*.safetensors"))
    if not paths:
        return ["model.safetensors is missing"]
    problems = []
    for path in paths:
        try:
            with safe_open(str(path), framework="np") as file:
                problems += [] if file.keys() else [f"{path.name} holds no tensors"]
        except SafetensorError as error:
            problems.append(f"{path.name} is damaged: {error}")
    return problems


def _problems_of_code(folder: Path, path: Path) -> list[str]:
    """Imports that work in this repository and break for everyone else."""
    if len(path.parts) > 1:
        return [f"{path}: code must lie flat in the folder, the Hub's loader does not look into subfolders"]
    try:
        tree = ast.parse((folder / path).read_text(encoding="utf-8"))
    except SyntaxError as error:
        return [f"{path}: {error}"]
    problems = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                if node.level > 1 or "." in name or not (folder / f"{name}.py").is_file():
                    problems.append(f"{path}:{node.lineno}: {'.' * node.level}{name} is not a file of this folder")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            for name in (name.split(".")[0] for name in names):
                if name in PROJECT_PACKAGES or (folder / f"{name}.py").is_file():
                    problems.append(f"{path}:{node.lineno}: import of {name} works only here; write `from .x import y`")
    return problems
