"""Published models from a Hub organisation, each at the commit that `hub_models.json` pins, instead of local folders.

A model's code runs on this machine, so it is never taken from a moving branch. A commit never changes either: what was
downloaded whole once is used again without asking the Hub.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from apps.models import Model, is_whole

PINS = Path(__file__).with_name("hub_models.json")
VARIABLE = "PLANET_HUB_MODELS"
SECONDS = 10.0
"""How long the Hub may take to say whether it has a commit; the client alone would try for half a minute a model."""

_LOG = logging.getLogger(__name__)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_ORGANISATION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?")


class NotFromHub(RuntimeError):
    """A model could not be had from the Hub; the text says why and what to do."""


class HubOutOfReach(NotFromHub):
    """The Hub itself does not answer, so there is no use in asking it for other models."""


@dataclass(frozen=True)
class Pins:
    """What `python -m training.publish_all` published.

    Attributes:
        namespace: the user or organisation it was published under.
        models: the commit of each model by name, 40 hexadecimal digits; None if it is not published yet.
    """

    namespace: str
    models: Mapping[str, str | None]


def read_pins(path: Path = PINS) -> Pins:
    """The pins in a file.

    Raises:
        ValueError: if a commit is not 40 hexadecimal digits: a branch or a tag may be moved to other code.
    """
    fields = json.loads(path.read_text(encoding="utf-8"))
    for name, commit in fields["models"].items():
        if commit is not None and not _COMMIT.fullmatch(str(commit)):
            raise ValueError(f"{path.name}: {name} is pinned by 40 hexadecimal digits or null, got {commit!r}")
    return Pins(fields["namespace"], fields["models"])


def organisation(name: str) -> str:
    """The name itself, if the Hub allows it.

    Raises:
        ValueError: if it does not.
    """
    if not _ORGANISATION.fullmatch(name):
        raise ValueError(f"an organisation is letters, digits, '-', '_' and '.', got {name!r}")
    return name


def from_hub(owner: str, local: Mapping[str, Model], pins: Pins | None = None) -> dict[str, Model]:
    """The pinned models of an organisation; where one cannot be had, a warning and the local folder in its place.

    Args:
        owner: a user or an organisation of the Hub at `HF_ENDPOINT`.
        local: models by name, from `apps.models.published`.
        pins: those of `hub_models.json` by default.

    Returns:
        Models by name: the local ones and the pinned ones.

    Raises:
        ValueError: if `owner` is no name the Hub allows.
    """
    organisation(owner)
    pins = pins or read_pins()
    models = dict(local)
    reachable = True
    for name in sorted(pins.models.keys() | local.keys()):
        try:
            models[name] = _model(owner, name, pins, reachable)
        except NotFromHub as problem:
            reachable = reachable and not isinstance(problem, HubOutOfReach)
            instead = f"using {local[name].folder}" if name in local else "and there is no local folder: it is left out"
            _LOG.warning("%s: not from the Hub, %s. %s", name, instead, problem)
    return models


def _model(owner: str, name: str, pins: Pins, reachable: bool) -> Model:
    commit = pins.models.get(name)
    if commit is None:
        raise NotFromHub(f"{PINS.name} pins no revision of it; `python -m training.publish_all` writes one.")
    repo_id = f"{owner}/{name}"
    folder = _cached(repo_id, commit)
    if folder is None and not reachable:
        raise NotFromHub("It was not downloaded before.")
    model = Model(name, folder or _download(repo_id, commit, pins.namespace), commit)
    if not is_whole(model.folder):
        raise NotFromHub(f"{repo_id} has no config.json or no weights at {commit}: publish it again.")
    return model


def _cached(repo_id: str, commit: str) -> Path | None:
    """The folder of an earlier download, if nothing of it is missing."""
    from huggingface_hub import get_cached_repo_tree, snapshot_download
    from huggingface_hub.errors import CachedRepoTreeNotFoundError, LocalEntryNotFoundError

    try:
        # Without the listing an unfinished download would pass for a whole one.
        get_cached_repo_tree(repo_id, revision=commit)
        return Path(snapshot_download(repo_id, revision=commit, local_files_only=True))
    except (CachedRepoTreeNotFoundError, LocalEntryNotFoundError):
        return None


def _download(repo_id: str, commit: str, namespace: str) -> Path:
    # Imported here: local folders need no client.
    from httpx2 import HTTPError
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import (
        HfHubHTTPError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    api = HfApi()
    try:
        api.model_info(repo_id, revision=commit, timeout=SECONDS)
        return Path(snapshot_download(repo_id, revision=commit))
    except OfflineModeIsEnabled as error:
        raise HubOutOfReach("HF_HUB_OFFLINE is set; unset it to download.") from error
    except RevisionNotFoundError as error:
        raise NotFromHub(f"{repo_id} has no revision {commit}: {PINS.name} pins those of {namespace}.") from error
    except RepositoryNotFoundError as error:
        raise NotFromHub(f"{api.endpoint} shows no {repo_id}; if it is private, set HF_TOKEN.") from error
    except HfHubHTTPError as error:
        raise NotFromHub(f"{api.endpoint} answered {error.response.status_code} for {repo_id}.") from error
    except HTTPError as error:
        raise HubOutOfReach(f"{api.endpoint} cannot be reached: {error}.") from error
    except OSError as error:
        raise NotFromHub(f"{repo_id} could not be downloaded whole: {error}") from error
