"""Push a `hub_cards/` folder, a dataset, or the whole demo as a Space, to a Hugging Face Hub.

    python -m training.publish hub_cards/planet-card-ocr --repo-id user/planet-card-ocr --dry-run
    python -m training.publish hub_cards/planet-card-ocr --repo-id user/planet-card-ocr --public
    python -m training.publish . --repo-type space --repo-id user/planet-hub

The folder is checked first, then uploaded as one commit that makes the repository equal to the folder. The revision
printed at the end is what to pin with `from_pretrained(..., revision=...)`. `training.publish_all` publishes all.
"""

from __future__ import annotations

import argparse
import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import httpx2
from huggingface_hub import HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled

from training.publish_checks import problems_of_dataset, problems_of_model, published_files
from training.space import problems_of_space, stage_space

DEFAULT_MAX_FILE_MB = 64
RepoType = Literal["model", "dataset", "space"]
_PROBLEMS = {"model": problems_of_model, "dataset": problems_of_dataset, "space": problems_of_space}


class PublishError(RuntimeError):
    """Publishing did not happen; the text says why and what to do."""


@dataclass(frozen=True)
class Published:
    """Where something now is.

    Attributes:
        url: the repository's page.
        revision: the 40 hexadecimal digits of the commit.
        changed: whether that commit is new; False if the repository was equal to the folder already.
    """

    url: str
    revision: str
    changed: bool


def stage(folder: Path, repo_type: RepoType, target: Path, max_file_mb: float) -> list[Path]:
    """Check `folder` and copy what will be published into the empty folder `target`.

    Returns:
        The files, relative to `target`.

    Raises:
        PublishError: listing everything that is wrong.
    """
    if not folder.is_dir():
        raise PublishError(f"{folder} is not a folder")
    problems = _PROBLEMS[repo_type](folder, int(max_file_mb * 1e6))
    if problems:
        raise PublishError(f"{folder} cannot be published yet:\n" + "\n".join(f"- {text}" for text in problems))
    if repo_type == "space":
        stage_space(folder, target)
    else:
        for path in published_files(folder):
            target.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / path, target / path)
    return published_files(target)


def upload(
    staged: Path,
    repo_id: str,
    repo_type: RepoType = "model",
    private: bool = True,
    endpoint: str | None = None,
    message: str | None = None,
    keep: str | None = None,
) -> Published:
    """Make the Hub repository `repo_id` equal to the folder `staged`, creating it if need be.

    Args:
        private: visibility of a new repository; an existing one must already have it.
        endpoint: the Hub's address; `HF_ENDPOINT` or the public Hub by default.
        keep: start of paths that others write in the repository, which stay though `staged` has none of them.

    Raises:
        PublishError: without a token or the right to write, offline, or if the visibility is another.
    """
    api = writing_api(endpoint)
    with explained(repo_id, api.endpoint):
        url = api.create_repo(
            repo_id,
            repo_type=repo_type,
            private=private,
            exist_ok=True,
            space_sdk="gradio" if repo_type == "space" else None,
        )
        before = api.repo_info(repo_id, repo_type=repo_type)
        check_visibility(repo_id, bool(before.private), private)
        commit = api.upload_folder(
            repo_id=repo_id,
            repo_type=repo_type,
            folder_path=staged,
            commit_message=message or f"Publish {repo_id.split('/')[-1]}",
            delete_patterns=["*"] if keep is None else _others(api, repo_id, repo_type, keep),
        )
    return Published(url=str(url), revision=commit.oid, changed=commit.oid != before.sha)


def _others(api: HfApi, repo_id: str, repo_type: RepoType, keep: str) -> list[str]:
    """A pattern for each file of the repository that does not start with `keep`."""
    paths = api.list_repo_files(repo_id, repo_type=repo_type)
    return [glob.escape(path) for path in paths if not path.startswith(keep)]


def writing_api(endpoint: str | None) -> HfApi:
    """The client of the Hub at `endpoint`.

    Raises:
        PublishError: without a token.
    """
    if get_token() is None:
        raise PublishError("No token found. Run `hf auth login`, or set HF_TOKEN to a token that may write.")
    return HfApi(endpoint=endpoint)


def check_visibility(name: str, is_private: bool, private: bool) -> None:
    """Raises PublishError if something that exists is not as private as it is wanted."""
    if is_private != private:
        now, wanted = ("private", "public") if is_private else ("public", "private")
        raise PublishError(
            f"{name} exists and is {now}, you asked for {wanted}. Nothing was uploaded. "
            f"Change its visibility in its settings, or publish with --{now}."
        )


@contextmanager
def explained(repo_id: str, endpoint: str) -> Iterator[None]:
    """Turns what the client raises inside into a PublishError that says what to do."""
    try:
        yield
    except HFValidationError as error:
        raise PublishError(f"{repo_id!r} is no repository name; write user/name") from error
    except OfflineModeIsEnabled as error:
        raise PublishError("HF_HUB_OFFLINE is set, so nothing can be uploaded. Unset it and try again.") from error
    except HfHubHTTPError as error:
        raise PublishError(_explain(error, repo_id, endpoint)) from error
    except httpx2.TransportError as error:
        raise PublishError(f"{endpoint} cannot be reached: {error}") from error


def _explain(error: HfHubHTTPError, repo_id: str, endpoint: str) -> str:
    status = error.response.status_code
    if status == 401:
        return f"{endpoint} does not accept the token. Make a new one that may write, and run `hf auth login`."
    if status == 403:
        return f"The token may not write to {repo_id}. Use a token with write access to {repo_id.split('/')[0]}."
    return f"{endpoint} answered {status}: {error.server_message or error}"


def print_files(folder: Path, files: list[Path]) -> None:
    """One line per file with its size in bytes, and the total."""
    sizes = [(folder / path).stat().st_size for path in files]
    for path, size in zip(files, sizes, strict=True):
        print(f"{size:>12,}  {path.as_posix()}")
    print(f"{sum(sizes):>12,}  in {len(files)} files")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.publish", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a folder of hub_cards/, of data, or the repository for a Space")
    parser.add_argument("--repo-id", required=True, help="user/name or organisation/name")
    parser.add_argument("--repo-type", choices=get_args(RepoType), default="model")
    visibility = parser.add_mutually_exclusive_group()
    visibility.add_argument("--private", action="store_true", default=True, help="seen by you alone (default)")
    visibility.add_argument("--public", dest="private", action="store_false", help="seen by everyone")
    parser.add_argument("--endpoint", help="address of the Hub (default: HF_ENDPOINT, or the public Hub)")
    parser.add_argument("--message", help="commit message")
    parser.add_argument("--max-file-mb", type=float, default=DEFAULT_MAX_FILE_MB, help="refuse files above this size")
    parser.add_argument("--dry-run", action="store_true", help="check, list what would go, upload nothing")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    # Progress bars of the upload would bury the few lines that matter.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        with tempfile.TemporaryDirectory(prefix="planet-hub-") as staging:
            files = stage(options.folder, options.repo_type, Path(staging), options.max_file_mb)
            print_files(Path(staging), files)
            if options.dry_run:
                print(f"Dry run: nothing was sent to {options.repo_id}.")
                return 0
            published = upload(
                Path(staging), options.repo_id, options.repo_type, options.private, options.endpoint, options.message
            )
    except PublishError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{'published' if published.changed else 'unchanged'}: {published.url}\nrevision: {published.revision}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
