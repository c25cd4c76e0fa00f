"""The demo as a Hugging Face Space: which files go there, what they need installed, and its README's front matter."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from training.cards import requirements_of
from training.publish_checks import SPACE_FIELDS, front_matter, problems_of_file, published_files

SPACE_ENTRIES = ("app.py", "requirements.txt", "packages.txt", "README.md", "LICENSE", "apps", "modeling", "hub_cards")
RUNTIME = Path("runs/card_phone/runtime")
"""What the card reader in the browser runs on: fetched, not kept in the repository; a Space cannot fetch it."""

NOT_ON_A_SPACE = ("# Training", "# Tests")
"""Headings of requirements.txt under which a Space needs only what its own code imports."""


def space_files(root: Path) -> list[Path]:
    """The files of the repository that a Space runs on, relative to `root`."""
    return [path for path in published_files(root) if path.parts[0] in SPACE_ENTRIES]


def space_requirements(root: Path) -> str:
    """The repository's requirements.txt without what only trains or tests; every pin stays as it is."""
    path = root / "requirements.txt"
    folders = {file.parent for room in ("apps", "modeling") for file in (root / room).rglob("*.py")}
    imported = {_package(line) for folder in folders for line in requirements_of(folder, path)}
    kept = ["# What the pages run on, from the project's requirements.txt."]
    needed = True
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            needed = not line.startswith(NOT_ON_A_SPACE)
        elif needed or _package(line) in imported:
            kept.append(line)
    return "\n".join(filter(None, kept)) + "\n"


def _package(requirement: str) -> str:
    """The name a requirement begins with, as package indexes compare names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]*", requirement).group()).lower()


def space_readme(root: Path, links: Mapping[str, Sequence[str]] | None = None) -> str:
    """The repository's README with the Space's front matter before it, unless it brings its own.

    Args:
        links: `models` and `datasets` of the Hub that the Space's page names, by field.

    Raises:
        ValueError: if requirements.txt does not pin gradio, whose version a Space must name.
    """
    readme = root.joinpath("README.md").read_text(encoding="utf-8")
    if front_matter(readme) is not None:
        return readme
    pinned = re.search(r"^gradio(?:\[[^\]]*\])?==(\S+)", root.joinpath("requirements.txt").read_text("utf-8"), re.M)
    if pinned is None:
        raise ValueError("requirements.txt pins no gradio version (a line gradio==X.Y.Z)")
    title = re.search(r"^# +(.+)$", readme, re.M)
    fields = {
        "title": title.group(1).strip() if title else "Planet Hub",
        "emoji": "🪐",
        "colorFrom": "indigo",
        "colorTo": "blue",
        "sdk": "gradio",
        "sdk_version": pinned.group(1),
        "python_version": "3.11",
        "app_file": "app.py",
        "license": "apache-2.0",
        "short_description": "Small models beside their traditional rivals",
        # Raters may sign in with their account of the Hub.
        "hf_oauth": True,
        **{name: list(repo_ids) for name, repo_ids in (links or {}).items() if repo_ids},
    }
    return f"---\n{yaml.safe_dump(fields, sort_keys=False, allow_unicode=True)}---\n\n{readme}"


def problems_of_space(root: Path, max_file_bytes: int) -> list[str]:
    """Everything that keeps the repository from being published as a Space; empty if it is ready."""
    missing = [
        f"{name} is missing" for name in ("app.py", "requirements.txt", "README.md") if not (root / name).is_file()
    ]
    if missing:
        return missing
    problems = []
    for path in space_files(root):
        problems += problems_of_file(root, path, max_file_bytes)
    try:
        fields = front_matter(space_readme(root))
    except ValueError as error:
        return [*problems, str(error)]
    return problems + [f"README.md: the front matter lacks {name}" for name in SPACE_FIELDS if not fields.get(name)]


def stage_space(root: Path, target: Path, links: Mapping[str, Sequence[str]] | None = None) -> None:
    """Copy the Space's files into `target`: the README with its front matter, the requirements without training's."""
    for path in space_files(root):
        target.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, target / path)
    if root.joinpath(RUNTIME).is_dir():
        shutil.copytree(root / RUNTIME, target / RUNTIME, dirs_exist_ok=True)
    target.joinpath("README.md").write_text(space_readme(root, links), encoding="utf-8")
    target.joinpath("requirements.txt").write_text(space_requirements(root), encoding="utf-8")
