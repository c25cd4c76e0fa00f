"""Publish everything to one user or organisation of a Hub: models, campaigns for raters, the Space, a collection.

    python -m training.publish_all --namespace you --dry-run    check all of it, send nothing
    python -m training.publish_all --namespace you --public

All of it is checked before anything is sent. Then each repository is made equal to its folder, one after the other;
what is equal already stays as it is. After a failure the same command goes on where it stopped. The models' commits are
written to `apps/hub_models.json`, from which the pages load them with `--models-from`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi

from training import phone_space
from training.cards import NAMESPACE, ROOT, render_card
from training.collection import list_in_collection
from training.figures import show_bytes
from training.pins import PINS, read_pins
from training.publish import DEFAULT_MAX_FILE_MB, PublishError, RepoType, explained, stage, upload
from training.rater_dataset import VOTES, stage_dataset
from training.space import stage_space

CAMPAIGNS = Path("apps/raters/campaigns")
DATASET, SPACE, COLLECTION = "planet-raters", "planet-hub", "Planet Hub"
PHONE_MODEL = "planet-card-ocr-compact"
DESCRIPTION = "Small models beside the traditional systems they replaced, with the pages to try them and to judge them."
VARIABLE = "PLANET_HUB_MODELS"
"""Where a Space reads from whom its pages load models: see `apps/hub_models.py`."""


@dataclass(frozen=True)
class Target:
    """A repository to publish.

    Attributes:
        name: its name under the namespace.
        repo_type: "model", "dataset" or "space".
        folder: what it is made from; the repository's root for the Space.
        staged: what goes there, file by file.
    """

    name: str
    repo_type: RepoType
    folder: Path
    staged: Path


@dataclass(frozen=True)
class Step:
    """What became of one repository, variable or collection.

    Attributes:
        name: with its namespace.
        kind: what it is.
        revision: its commit, or what else identifies it.
        changed: False if there was nothing to do.
    """

    name: str
    kind: str
    revision: str
    changed: bool


def plan(root: Path, namespace: str, staging: Path, max_file_mb: float = DEFAULT_MAX_FILE_MB) -> list[Target]:
    """Check everything and lay it out under `staging`, in the order in which it is published.

    Args:
        root: the repository.

    Raises:
        PublishError: listing everything that is wrong with any of it.
    """
    targets = [
        Target(folder.name, "model", folder, staging / folder.name)
        for folder in sorted((root / "hub_cards").glob("*"))
        if folder.is_dir()
    ]
    if not targets:
        raise PublishError(f"{root / 'hub_cards'} holds no models")
    problems = []
    if (root / CAMPAIGNS).is_dir():
        raw = staging / ".campaigns"
        targets.append(Target(DATASET, "dataset", raw, staging / DATASET))
        try:
            stage_dataset(root / CAMPAIGNS, raw, f"{namespace}/{DATASET}")
        except ValueError as error:
            problems.append(str(error))
    if site := phone_space.built_site(root):
        phone = Target(phone_space.NAME, "space", site, staging / phone_space.NAME)
        phone_space.stage_phone_space(site, phone.staged, f"{namespace}/{PHONE_MODEL}")
        done = [phone]
    else:
        print("The card reader in the browser is left out: “make phone” builds it.")
        done = []
    targets.append(Target(SPACE, "space", root, staging / ".space"))
    for target in targets:
        target.staged.mkdir()
        try:
            stage(target.folder, target.repo_type, target.staged, max_file_mb)
            if target.repo_type == "model":
                _name_owner(target, root, namespace)
        except (PublishError, ValueError) as error:
            problems.append(str(error))
    if problems:
        raise PublishError("\n".join(problems))
    return [*targets[:-1], *done, targets[-1]]


def _name_owner(target: Target, root: Path, namespace: str) -> None:
    """Cards say how to load a model by its name; under another namespace it has another name."""
    if namespace == NAMESPACE:
        return
    results = json.loads((target.folder / "results.json").read_text(encoding="utf-8"))
    card = render_card(target.folder, results, root / "requirements.txt", namespace)
    target.staged.joinpath("README.md").write_text(card, encoding="utf-8")


def publish(
    targets: list[Target], root: Path, namespace: str, private: bool = True, endpoint: str | None = None
) -> Iterator[Step]:
    """Publish what `plan` laid out, a step at a time; each step that was yielded is done for good.

    Raises:
        PublishError: as `training.publish.upload`.
    """
    pins = read_pins(root / PINS, namespace, [target.name for target in targets if target.repo_type == "model"])
    pins.write()
    for target in targets:
        repo_id = f"{namespace}/{target.name}"
        if target.name == SPACE:
            # Laid out again: it carries the pins, which are complete only now.
            stage_space(root, target.staged, _links(targets, namespace))
        keep = VOTES if target.repo_type == "dataset" else None
        published = upload(target.staged, repo_id, target.repo_type, private, endpoint, keep=keep)
        if target.repo_type == "model":
            pins.set(target.name, published.revision)
        yield Step(repo_id, target.repo_type, published.revision, published.changed)
    if not private:
        # A Space has no token of its own: of a private model it would get nothing.
        yield _point_space(f"{namespace}/{SPACE}", namespace, endpoint)
    items = [(f"{namespace}/{target.name}", target.repo_type) for target in targets]
    listed = list_in_collection(COLLECTION, namespace, items, DESCRIPTION, private, endpoint)
    yield Step(listed.slug, "collection", f"{len(items)} items", listed.changed)


def _links(targets: list[Target], namespace: str) -> dict[str, list[str]]:
    """What the Space's front matter says it shows."""
    return {
        f"{kind}s": [f"{namespace}/{target.name}" for target in targets if target.repo_type == kind]
        for kind in ("model", "dataset")
    }


def _point_space(space: str, namespace: str, endpoint: str | None) -> Step:
    """Have the Space load the published models, so that the revision shown beside an answer is one to pin."""
    api = HfApi(endpoint=endpoint)
    with explained(space, api.endpoint):
        present = api.get_space_variables(space).get(VARIABLE)
        changed = present is None or present.value != namespace
        if changed:
            api.add_space_variable(space, VARIABLE, namespace)
    return Step(space, "variable", f"{VARIABLE}={namespace}", changed)


def print_plan(targets: list[Target], namespace: str) -> None:
    """One line for each repository: its name, its type, how many files go there and how large they are."""
    for target in targets:
        sizes = [path.stat().st_size for path in target.staged.rglob("*") if path.is_file()]
        print(f"{namespace}/{target.name:<28} {target.repo_type:<10} {len(sizes):>5} files  {show_bytes(sum(sizes))}")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.publish_all", description=__doc__.splitlines()[0])
    parser.add_argument("--namespace", required=True, help="the user or organisation to publish under")
    visibility = parser.add_mutually_exclusive_group()
    visibility.add_argument("--private", action="store_true", default=True, help="seen by you alone (default)")
    visibility.add_argument("--public", dest="private", action="store_false", help="seen by everyone")
    parser.add_argument("--endpoint", help="address of the Hub (default: HF_ENDPOINT, or the public Hub)")
    parser.add_argument("--max-file-mb", type=float, default=DEFAULT_MAX_FILE_MB, help="refuse files above this size")
    parser.add_argument("--dry-run", action="store_true", help="check, list what would go, upload nothing")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    # Progress bars of the uploads would bury the few lines that matter.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    steps: list[Step] = []
    try:
        with tempfile.TemporaryDirectory(prefix="planet-hub-") as staging:
            targets = plan(options.root, options.namespace, Path(staging), options.max_file_mb)
            print_plan(targets, options.namespace)
            if options.dry_run:
                print(f"Dry run: nothing was sent to {options.namespace}.")
                return 0
            print()
            for step in publish(targets, options.root, options.namespace, options.private, options.endpoint):
                steps.append(step)
                state = "published" if step.changed else "unchanged"
                print(f"{state}  {step.kind:<10}  {step.name:<40}  {step.revision}", flush=True)
    except PublishError as error:
        print(f"error: {error}", file=sys.stderr)
        if steps:
            print("What is listed above is done; the same command goes on from here.", file=sys.stderr)
        return 1
    changes = sum(step.changed for step in steps)
    print(f"{changes} changed. Pinned in {PINS}." if changes else "Nothing changed: all of it was there already.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
