"""Trains the traditional eyes: descriptors of every picture -> SVMs, axes and names; settings chosen on validation.

    python -m training.fashion.train_classic --data FOLDER

FOLDER holds products/ and garments/. Writes config, weights and code to hub_cards/planet-fashion-classic.
`--limit 60` is a tiny run that shows it works.
"""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch

from modeling.fashion_classic import FashionClassicConfig, FashionClassicModel
from modeling.fashion_classic.describing_fashion_classic import Descriptors
from training.fashion.classic_choosing import (
    choose_hedging,
    choose_threshold,
    choose_weights,
    leaf_matrix,
    share_right,
    weigh_all,
)
from training.fashion.classic_descriptors import Measured, measure_pictures
from training.fashion.classic_fitting import calibrate, fit_axes, fit_categories, fit_names, labels_of
from training.fashion.classic_palette import patches
from training.fashion.sets import Item, frequent_words, read_garments, read_products
from training.fashion.taxonomy import GARMENT_NODES, TREE, garment_class
from training.weights import save_half


def joined(left: Measured, right: Measured) -> Measured:
    """The pictures of both, in order."""
    sides = []
    for first, second in ((left.around, right.around), (left.seen, right.seen)):
        pairs = ((getattr(first, one.name), getattr(second, one.name)) for one in fields(Descriptors))
        sides.append(Descriptors(*(np.concatenate(pair) for pair in pairs)))
    return Measured(*sides)


def make_model(items: list[Item]) -> tuple[FashionClassicModel, np.ndarray]:
    """An untrained model with the words of the training pictures, and the label of each picture, -1 for none."""
    label_of = labels_of(items, TREE)
    labels = sorted({label for label in label_of.values() if label is not None})
    words = frequent_words(items)
    leaves = [node for node in TREE if node not in TREE.values()]
    config = FashionClassicConfig(
        tree=TREE,
        labels=[list(label) for label in labels],
        garment_class={leaf: garment_class(leaf) for leaf in leaves if garment_class(leaf)},
        garment_nodes=GARMENT_NODES,
        colours=words["colour"] or ["black", "white"],
        patterns=words["pattern"] or ["solid", "print"],
        shape_size=max(len(labels) - 1, 1),
    )
    found = [label_of[item.nodes] for item in items]
    rows = np.array([-1 if label is None else labels.index(label) for label in found])
    return FashionClassicModel(config).eval(), rows


def fit_words(model: FashionClassicModel, measured: Measured, items: list[Item]) -> None:
    """Names of colours and patterns, from pictures whose seller says them; colours from plain patches as well."""
    plain, called = patches(model.config.colours)
    for group, layer, histograms, more, names in (
        ("colour", model.colours, np.concatenate([measured.seen.colour, plain]), called, model.config.colours),
        ("pattern", model.patterns, measured.seen.pattern, [], model.config.patterns),
    ):
        words = [item.attributes.get(group, "") for item in items] + more
        if len(set(words) & set(names)) > 1:
            fit_names(layer, histograms, words, list(names))


def choose(
    model: FashionClassicModel, catalogue: tuple[list[Item], Measured], phone: tuple[list[Item], Measured]
) -> None:
    """Calibrates and sets everything that validation pictures decide, and prints what came of it.

    Args:
        catalogue: the catalogue photos and what was measured of them.
        phone: the same of the phone photos.
    """
    items, measured = catalogue[0] + phone[0], joined(catalogue[1], phone[1])
    log_loss = calibrate(model, measured, items)
    share = choose_threshold(model, measured, items)
    print(f"validation: log-loss {log_loss:.3f}, {share:.4f} named rightly, from {model.config.verify_threshold}")
    evidence = weigh_all(model, catalogue[1])
    figures = choose_weights(model, evidence, catalogue[0])
    print("look-alikes:", {name: round(value, 4) for name, value in figures.items()}, model.config.weights)
    leaves = leaf_matrix(evidence)
    accuracy, specificity = choose_hedging(model, leaves, catalogue[0])
    named = share_right(model, leaves, catalogue[0])
    coarse = share_right(model, leaf_matrix(weigh_all(model, phone[1])), phone[0])
    print(f"leaf {named:.4f}, phone photos {coarse:.4f}, hedged {accuracy:.4f} at {specificity:.3f}")
    centre = np.mean([model.feature(each, each.leaves) for each in evidence], axis=0)
    with torch.no_grad():
        model.centre.copy_(torch.from_numpy(centre))


def main(arguments: list[str] | None = None) -> None:
    """Trains, chooses and saves; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of products/ and garments/")
    parser.add_argument("--out", type=Path, default=Path("hub_cards/planet-fashion-classic"))
    parser.add_argument("--cache", type=Path, default=Path("runs/fashion/classic"), help="folder for the descriptors")
    parser.add_argument("--epochs", type=int, default=3, help="passes of the SVMs over the pictures")
    parser.add_argument("--limit", type=int, help="at most this many pictures of each split: a tiny run, no cache")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args(arguments)

    def load(read, name: str, split: str) -> tuple[list[Item], Measured]:
        items = read(args.data / name, split)
        if args.limit:
            items = items[:: max(len(items) // args.limit, 1)][: args.limit]
        cache = None if args.limit else args.cache / f"{name}_{split}.npz"
        return items, measure_pictures(items, FashionClassicConfig(), cache)

    products, garments = load(read_products, "products", "train"), load(read_garments, "garments", "train")
    items, measured = products[0] + garments[0], joined(products[1], garments[1])
    model, rows = make_model(items)
    fit_categories(model, measured, rows, args.seed, args.epochs)
    fit_axes(model, measured, rows)
    fit_words(model, measured, items)
    del measured, products, garments
    choose(model, load(read_products, "products", "val"), load(read_garments, "garments", "validation"))
    print(f"{args.out}: {save_half(model, args.out) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
