"""Attributes on catalogue photos: without a guide, with a right one, with a wrong one, and by independent softmaxes."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from modeling.fashion_encoder import FashionEncoderModel
from modeling.fashion_encoder.guiding_fashion_encoder import spell_out
from training.fashion.attribute_scores import set_scores
from training.fashion.sets import Item

GUIDES = {
    "unguided": (),
    "parent": ("parent",),
    "category": ("parent", "category"),
    "gender": ("parent", "category", "gender"),
}
"""Name of a guide -> the groups it tells."""


def words_found(
    model: FashionEncoderModel, features: Tensor, guides: Sequence[Mapping[str, str]], decoding: str = "sequence"
) -> list[dict[str, str]]:
    """Group -> word of each row of features, guided.

    Args:
        features: P x D.
        guides: P, empty where there is none.
        decoding: "sequence" or "softmax".
    """
    orders = [spell_out(guide, model.words, model.tree) for guide in guides]
    found = model.attributes_of(features.to(model.device), orders, decoding)
    return [{attribute.group: attribute.value for attribute in line} for line in found]


def right_guides(items: Sequence[Item], groups: Sequence[str]) -> list[dict[str, str]]:
    """What the catalogue says of each product in `groups`."""
    return [{group: item.attributes[group] for group in groups if group in item.attributes} for item in items]


def wrong_guides(model: FashionEncoderModel, items: Sequence[Item], seed: int = 7) -> list[dict[str, str]]:
    """For each product another category, drawn evenly from those the decoder knows."""
    draw, known = random.Random(seed), sorted(model.config.attributes["category"])
    return [{"category": draw.choice([word for word in known if word != item.category])} for item in items]


def measure(model: FashionEncoderModel, features: Tensor, items: Sequence[Item]) -> dict[str, Any]:
    """Set precision, recall and F1 of every way to describe the pictures.

    A guide's own words are counted in "all"; "free" leaves their groups out, and "unguided_free" is the unguided answer
    on the groups left: the guide's effect on what it does not say.

    Args:
        features: P x D, as `plain_features` gives them.
        items: P catalogue photos.

    Returns:
        Name of the variant -> {"all", "free", "unguided_free"}, each as `set_scores` gives it.
    """
    groups, wanted = list(model.words.groups), [item.attributes for item in items]
    alone = words_found(model, features, right_guides(items, ()))
    results = {
        "softmax": {"all": set_scores(words_found(model, features, [{}] * len(items), "softmax"), wanted, groups)}
    }
    variants = {name: (right_guides(items, told), told) for name, told in GUIDES.items()}
    variants["wrong"] = (wrong_guides(model, items), ("parent", "category"))
    for name, (guides, told) in variants.items():
        found, free = words_found(model, features, guides), [group for group in groups if group not in told]
        results[name] = {
            "all": set_scores(found, wanted, groups),
            "free": set_scores(found, wanted, free),
            "unguided_free": set_scores(alone, wanted, free),
        }
    guided = words_found(model, features, right_guides(items, GUIDES["gender"]), "softmax")
    results["softmax_gender"] = {"all": set_scores(guided, wanted, groups)}
    return results
