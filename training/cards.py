"""Render the model cards and the README's table of demos from the measured numbers in `hub_cards/*/results.json`.

    python -m training.cards            write hub_cards/*/README.md and the table in README.md
    python -m training.cards --check    write nothing; status 1 if a file differs from a fresh render

Words come from `training/templates/<model>.md.j2`, numbers from results.json and nowhere else.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from training.figures import evaluation_table, markdown_table, show_bytes, show_interval, show_value

ROOT = Path(__file__).parents[1]
TEMPLATES = Path(__file__).parent / "templates"
NAMESPACE = "planet-hub"
START, END = "<!-- demos:start -->", "<!-- demos:end -->"
PACKAGES = {
    "cv2": "opencv-python-headless",
    "PIL": "pillow",
    "pycrfsuite": "python-crfsuite",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}


def render_all(root: Path, namespace: str = NAMESPACE) -> dict[Path, str]:
    """Every file that is rendered, as {path: text}; nothing is written.

    Raises:
        ValueError: if a results.json or a template is missing or wrong, or README.md has no markers for its table.
    """
    results = all_results(root / "hub_cards")
    rendered = {}
    for name, measured in results.items():
        folder = root / "hub_cards" / name
        rendered[folder / "README.md"] = render_card(folder, measured, root / "requirements.txt", namespace)
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    replaced = replace_demos(text, demos_table(results))
    if replaced is None:
        raise ValueError(f"{readme} must hold the lines {START} and {END}, between which the table of demos goes")
    rendered[readme] = replaced
    return rendered


def all_results(hub_cards: Path) -> dict[str, dict]:
    """The results of every model folder, by name.

    Raises:
        ValueError: if a folder has no results, or those of another model.
    """
    found = {}
    for folder in sorted(path for path in hub_cards.glob("*") if path.is_dir()):
        path = folder / "results.json"
        if not path.is_file():
            raise ValueError(f"{folder} has no results.json: run the evaluation that measures {folder.name}")
        found[folder.name] = json.loads(path.read_text(encoding="utf-8"))
        if found[folder.name].get("model") != folder.name:
            raise ValueError(f"{path}: model is {found[folder.name].get('model')!r}, it must be {folder.name!r}")
    return found


def render_card(folder: Path, results: dict, requirements: Path, namespace: str = NAMESPACE) -> str:
    """The text of a model card.

    Args:
        folder: `hub_cards/<model>`; its code says what must be installed, its files what can be downloaded.

    Raises:
        ValueError: if there is no template for this model.
    """
    template = TEMPLATES / f"{folder.name}.md.j2"
    if not template.is_file():
        raise ValueError(f"No card template for {folder.name}: write {template.relative_to(ROOT)}")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # The output is Markdown.
    )
    environment.filters |= {"section": section, "show_bytes": show_bytes}
    text = environment.get_template(template.name).render(
        model=folder.name,
        repo_id=f"{namespace}/{folder.name}",
        namespace=namespace,
        results=results,
        entries={entry["key"]: entry for entry in results["headline"]},
        value=lambda key: headline_value(results, key),
        evaluation=evaluation_table(results),
        markdown_table=markdown_table,
        show_value=show_value,
        example=next((path.name for path in sorted(folder.glob("example.*"))), None),
        plots=sorted(path.name for path in folder.glob("*.png") if not path.name.startswith("example.")),
        install=" ".join(requirements_of(folder, requirements)),
        model_index=lambda task: model_index(results, task),
    )
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def section(text: str, title: str) -> str:
    """A section of the card; nothing at all if it has no text."""
    return f"## {title}\n\n{text.strip()}\n\n" if text.strip() else ""


def headline_value(results: dict, key: str) -> str | None:
    """A measured number as text; None if it was not measured."""
    return next((show_value(e["value"], e["unit"]) for e in results["headline"] if e["key"] == key), None)


def model_index(results: dict, task: str) -> str:
    """The headline as the Hub's `model-index` metadata, in YAML; per cent as numbers from 0 to 100."""
    dataset = results["dataset"]
    metrics = []
    for entry in results["headline"]:
        percent = entry["unit"] == "%"
        metric: dict[str, Any] = {
            "type": entry["key"],
            "name": f"{entry['label']} ({entry['unit']})",
            "value": round(100 * entry["value"], 3) if percent else entry["value"],
        }
        if entry.get("signature"):
            metric["args"] = {"signature": entry["signature"]}
        metrics.append(metric)
    result = {
        "task": {"type": task, "name": results["task"]},
        "dataset": {"type": dataset.get("type", "generated"), "name": dataset["name"], "revision": dataset["sha256"]},
        "metrics": metrics,
    }
    index = {"model-index": [{"name": results["model"], "results": [result]}]}
    return yaml.safe_dump(index, sort_keys=False, allow_unicode=True, width=1000).rstrip()


def requirements_of(folder: Path, requirements: Path) -> list[str]:
    """The packages that the code in `folder` imports, with the versions pinned in `requirements`."""
    names = {"torch", "transformers"}
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module.split(".")[0])
    pinned = dict(re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?(==\S+)", requirements.read_text(encoding="utf-8"), re.M))
    packages = sorted(PACKAGES.get(name, name) for name in names - set(sys.stdlib_module_names))
    return [package + pinned.get(package, "") for package in packages]


def demos_table(results: dict[str, dict]) -> str:
    """The README's table: one row per model that is not merely another's rival."""
    rivals = {entry["rival_name"] for measured in results.values() for entry in measured["headline"]}
    rows = []
    for name, measured in results.items():
        if name in rivals:
            continue
        entry = next((e for e in measured["headline"] if e.get("rival") is not None), measured["headline"][0])
        interval = show_interval(entry)
        has_rival = entry.get("rival") is not None
        against = f"{show_value(entry['rival'], entry['unit'])} ({entry['rival_name']})" if has_rival else ""
        rows.append(
            [
                measured["task"],
                f"[{name}](hub_cards/{name}/README.md)",
                f"{entry['label']}: **{show_value(entry['value'], entry['unit'])}**"
                + (f" ({interval})" if interval else ""),
                against,
                show_bytes(measured["weights_bytes"]) if measured.get("weights_bytes") else "",
            ]
        )
    return markdown_table(["Task", "Model", "Measured", "Traditional rival", "Weights"], rows) if rows else ""


def replace_demos(readme: str, table: str) -> str | None:
    """`readme` with `table` between its markers; None if it has no markers."""
    start, end = readme.find(START), readme.find(END)
    if start < 0 or end < start:
        return None
    return f"{readme[: start + len(START)]}\n{table}\n{readme[end:]}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.cards", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, status 1 if a file is out of date")
    parser.add_argument("--namespace", default=NAMESPACE, help="user or organisation the models are published under")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        rendered = render_all(options.root, options.namespace)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    stale = [path for path, text in rendered.items() if not path.is_file() or path.read_text("utf-8") != text]
    for path in stale:
        print(f"{'out of date' if options.check else 'written'}: {path.relative_to(options.root)}")
        if not options.check:
            path.write_text(rendered[path], encoding="utf-8")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
