"""A collection on the Hub that lists what was published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from huggingface_hub import Collection, HfApi

from training.publish import RepoType, check_visibility, explained, writing_api

LONGEST_DESCRIPTION = 150


@dataclass(frozen=True)
class Listed:
    """Attributes: slug: the collection's name on the Hub. changed: whether it was made or got new items."""

    slug: str
    changed: bool


def list_in_collection(
    title: str,
    namespace: str,
    items: Sequence[tuple[str, RepoType]],
    description: str,
    private: bool = True,
    endpoint: str | None = None,
) -> Listed:
    """Have the collection `title` of `namespace` hold `items`; what else is in it stays.

    Args:
        items: (repository name, type), in the order in which they are added.
        private: visibility of a new collection; an existing one must already have it.

    Raises:
        ValueError: if the description is longer than the Hub takes.
        PublishError: as `training.publish.upload`.
    """
    if len(description) > LONGEST_DESCRIPTION:
        raise ValueError(f"a description has {LONGEST_DESCRIPTION} characters at most, got {len(description)}")
    api = writing_api(endpoint)
    with explained(f"{namespace}/{title}", api.endpoint):
        collection = _find(api, title, namespace)
        made = collection is None
        if collection is None:
            # It may exist all the same: the Hub does not list everything at once.
            collection = api.create_collection(
                title, namespace=namespace, description=description, private=private, exists_ok=True
            )
        check_visibility(collection.slug, collection.private, private)
        present = {(item.item_id, item.item_type) for item in collection.items}
        missing = [item for item in items if item not in present]
        for repo_id, repo_type in missing:
            api.add_collection_item(collection.slug, repo_id, repo_type, exists_ok=True)
    return Listed(collection.slug, made or bool(missing))


def _find(api: HfApi, title: str, namespace: str) -> Collection | None:
    slugs = [found.slug for found in api.list_collections(owner=namespace) if found.title == title]
    # The listing shows four items of each; asked for by name it comes whole.
    return api.get_collection(slugs[0]) if slugs else None
