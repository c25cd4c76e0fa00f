"""A fresh Python environment that has what a requirements.txt asks for, and nothing else this machine has.

Nothing is downloaded: the packages of the running interpreter are linked into an empty virtual environment, those that
are asked for and those that they ask for. What is pinned to another version, or not installed, is an error.
"""

from __future__ import annotations

import re
import sysconfig
import venv
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement


def closure(requirements: str) -> dict[str, Distribution]:
    """The distributions that `pip install` would bring, by name.

    Raises:
        ValueError: if one that is asked for is not here, or here in another version.
    """
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    asked = [(Requirement(line), "") for line in requirements.splitlines() if line and not line.startswith("#")]
    while asked:
        wanted, by = asked.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        try:
            here = distribution(wanted.name)
        except PackageNotFoundError:
            if by:
                # On this machine pip left it out for a reason of its own, such as a CPU-only build of its parent.
                continue
            raise ValueError(f"{wanted} is not installed") from None
        if not by and not wanted.specifier.contains(here.version, prereleases=True):
            raise ValueError(f"{wanted} is installed as {here.version}")
        found[name] = here
        for extra in ("", *wanted.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                asked += [(needed, name) for needed in _needed(here, extra)]
    return found


def _needed(here: Distribution, extra: str) -> list[Requirement]:
    needed = [Requirement(line) for line in here.requires or ()]
    chosen = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": extra})]
    for one in chosen:
        one.marker = None
    return chosen


def fresh_python(folder: Path, requirements: str) -> Path:
    """The interpreter of a new environment in `folder` with the `requirements` and this machine's torchvision guard."""
    venv.create(folder, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    for here in closure(requirements).values():
        # The first piece of each path in the list of installed files.
        for name in set(re.findall(r'^"?([^/,]+)', here.read_text("RECORD") or "", re.M)) - {"..", "__pycache__"}:
            source = Path(here.locate_file(name))
            if source.exists() and not (packages / name).exists():
                (packages / name).symlink_to(source)
    for name in ("torchvision_guard.py", "torchvision_guard.pth"):
        guard = Path(sysconfig.get_path("purelib")) / name
        if guard.exists():
            (packages / name).symlink_to(guard)
    return folder / "bin" / "python"
