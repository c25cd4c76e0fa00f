"""Fitting the traditional eyes: on drawn products they learn, choose and save in seconds."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import nn
from transformers import AutoModel

from modeling.fashion_classic import FashionClassicModel
from modeling.fashion_classic.colour_fashion_classic import colour_histogram
from modeling.fashion_classic.hog_fashion_classic import SIDE, hog
from modeling.fashion_classic.tree_fashion_classic import Tree
from training.fashion.classic_choosing import (
    choose_hedging,
    choose_threshold,
    choose_weights,
    garments_named,
    hedging,
    leaf_matrix,
    share_right,
    weigh_all,
)
from training.fashion.classic_descriptors import Measured, measure_pictures
from training.fashion.classic_fitting import calibrate, fit_axes, fit_categories, fit_names, labels_of, mirrored
from training.fashion.classic_palette import patches
from training.fashion.sets import Item, read_products
from training.fashion.taxonomy import TREE
from training.fashion.train_classic import fit_words, main, make_model

COLOURS = {"Red": (200, 30, 40), "Blue": (30, 50, 200), "Black": (20, 20, 20)}
TYPES = {"Ties": "tie", "Wallets": "wallet", "Watches": "watch"}


def draw(path: Path, kind: str, colour: tuple[int, int, int], rng: np.random.Generator) -> None:
    """A long, a wide or a round thing somewhere near the middle of a light ground."""
    picture = np.clip(rng.normal(235, 3, (131, 97, 3)), 0, 255).astype(np.uint8)
    x, y = int(rng.integers(42, 56)), int(rng.integers(58, 74))
    if kind == "tie":
        cv2.rectangle(picture, (x - 6, y - 45), (x + 6, y + 45), colour, -1)
    elif kind == "wallet":
        cv2.rectangle(picture, (x - 34, y - 16), (x + 34, y + 16), colour, -1)
    else:
        cv2.circle(picture, (x, y), int(rng.integers(20, 28)), colour, 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture[..., ::-1])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders like products/ and garments/."""
    folder, rng, rows = tmp_path_factory.mktemp("fashion"), np.random.default_rng(3), []
    for split, copies in (("train", 8), ("val", 3)):
        for article, kind in TYPES.items():
            for colour in COLOURS:
                for _ in range(copies):
                    path = f"images/{len(rows)}.png"
                    draw(folder / "products" / path, kind, COLOURS[colour], rng)
                    rows.append({"id": len(rows), "path": path, "title": "", "gender": "Men", "articleType": article,
                                 "baseColour": colour, "season": "", "usage": "", "pattern": "", "split": split,
                                 "near_duplicate_group": ""})  # fmt: skip
    with (folder / "products" / "products.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    for split in ("train", "validation"):
        for label, kind in (("hat", "watch"), ("shirt", "wallet")):
            for index in range(9):
                path = folder / "garments" / split / label / f"{index}.png"
                draw(path, kind, COLOURS["Blue"], rng)
                path.rename(path.with_suffix(".jpg"))
    return folder


def items_of(data: Path, split: str) -> list[Item]:
    return read_products(data / "products", split)


@pytest.fixture(scope="module")
def trained(data: Path) -> tuple[FashionClassicModel, list[Item], Measured]:
    """Eyes fitted to the training pictures; the validation pictures."""
    train, val = items_of(data, "train"), items_of(data, "val")
    model, rows = make_model(train)
    model.config.colours = ["black", "red", "blue"]
    model.colours = nn.Linear(model.colours.in_features, 3)
    measured = measure_pictures(train, model.config)
    fit_categories(model, measured, rows, seed=3, epochs=20)
    fit_axes(model, measured, rows)
    fit_words(model, measured, train)
    return model, val, measure_pictures(val, model.config)


class TestFitting:
    def test_it_learns_shapes_and_colours(self, trained):
        model, val, unseen = trained
        assert calibrate(model, unseen, val) < 0.3
        assert choose_threshold(model, unseen, val) > 0.9
        evidence = weigh_all(model, unseen)
        colours = [model.config.colours[int(each.colours.argmax())] for each in evidence]
        assert np.mean([name == item.attributes["colour"] for name, item in zip(colours, val, strict=True)]) > 0.9
        assert share_right(model, leaf_matrix(evidence), val) > 0.9

    def test_weights_that_find_the_same_type_and_colour(self, trained):
        model, val, unseen = trained
        figures = choose_weights(model, weigh_all(model, unseen), val)
        assert figures["hit@1"] > 0.9
        assert set(model.config.weights) == {"shape", "colour", "pattern", "category", "name"}

    def test_a_cache_of_other_pictures_is_refused(self, data, tmp_path):
        val = items_of(data, "val")[:5]
        model, _ = make_model(val)
        first = measure_pictures(val, model.config, tmp_path / "kept.npz")
        again = measure_pictures(val, model.config, tmp_path / "kept.npz")
        assert np.array_equal(first.seen.shape, again.seen.shape)
        with pytest.raises(ValueError, match=r"kept\.npz"):
            measure_pictures(val[1:], model.config, tmp_path / "kept.npz")

    def test_mirroring_descriptors_is_mirroring_the_window(self):
        window = cv2.GaussianBlur(np.random.default_rng(5).integers(0, 256, (SIDE, SIDE, 3), np.uint8), (0, 0), 2)
        flipped = hog(np.ascontiguousarray(window[:, ::-1]))
        assert np.abs(mirrored(hog(window)[None])[0] - flipped).max() < 0.02

    def test_two_names_are_told_apart(self):
        layer = nn.Linear(7, 3)
        histograms = np.random.default_rng(3).random((40, 7)).astype(np.float32)
        words = ["b" if row[2] > 0.5 else "a" for row in histograms]
        fit_names(layer, histograms, [*words[:-1], "stranger"], ["a", "b", "never"])
        with torch.no_grad():
            answers = layer(torch.from_numpy(histograms)).argmax(1).tolist()
        assert np.mean([("a", "b", "never")[k] == word for k, word in zip(answers, words, strict=True)]) > 0.9

    def test_plain_patches_are_called_what_people_call_them(self):
        histograms, words = patches(["red", "grey", "blue", "heliotrope"], copies=1)
        assert set(words) == {"red", "grey", "blue"}
        assert len(histograms) == len(words) == 8**3
        glaring = np.full((3, 3, 3), (222, 16, 16), np.uint8)
        seen = colour_histogram(cv2.cvtColor(glaring, cv2.COLOR_RGB2Lab), np.ones((3, 3)))
        assert words[int((histograms @ seen).argmax())] == "red"
        assert patches(["heliotrope"])[1] == []

    def test_rare_labels_are_learned_as_what_is_above_them(self):
        counts = {("tie",): 9, ("cap",): 3, ("jeans", "trousers"): 2, ("umbrella",): 1, ("clothing",): 1}
        items = [Item(Path("x"), nodes, {}) for nodes, count in counts.items() for _ in range(count)]
        assert labels_of(items, TREE, fewest=8) == {
            ("tie",): ("tie",),
            ("cap",): None,
            ("jeans", "trousers"): ("jeans", "trousers"),
            ("umbrella",): None,
            ("clothing",): None,
        }
        shared = [Item(Path("x"), ("headwear",), {})] * 8
        assert labels_of(items + shared, TREE, fewest=8)[("cap",)] == ("headwear",)


class TestChoosing:
    def test_hedging_is_as_weak_as_the_accuracy_allows(self, data):
        model, _ = make_model(items_of(data, "val"))
        tree = Tree(TREE)
        rng = np.random.default_rng(7)
        leaves = rng.dirichlet(np.full(len(tree.leaves), 0.05), 300)
        wanted = [tree.leaves[rng.choice(len(tree.leaves), p=row)] for row in leaves]
        items = [Item(Path("x"), (leaf,), {"category": leaf}) for leaf in wanted]
        accuracy, specificity = choose_hedging(model, leaves, items, 0.9)
        assert accuracy >= 0.9
        assert 0 < specificity < 1
        assert (accuracy, specificity) == hedging(tree, leaves, wanted, model.config.hedging_lambda)
        assert hedging(tree, leaves, wanted, 0.0)[0] < 0.9

    def test_coarse_classes_are_sums_of_leaves(self, data):
        model, _ = make_model(items_of(data, "val"))
        leaves = np.zeros((2, len(model.tree.leaves)))
        for leaf, share in (("jeans", 0.3), ("trousers", 0.3), ("shirt", 0.4)):
            leaves[0, model.tree.leaves.index(leaf)] = share
        leaves[1, model.tree.leaves.index("heels")] = 1
        assert garments_named(model, leaves) == ["pants", "shoes"]


def test_a_tiny_run_leaves_a_folder_that_looks(data, tmp_path, capsys):
    main(["--data", str(data), "--out", str(tmp_path / "card"), "--limit", "31"])
    assert "look-alikes" in capsys.readouterr().out
    model = AutoModel.from_pretrained(tmp_path / "card", trust_remote_code=True)
    look = model.look(items_of(data, "val")[0].path)
    assert look.category.leaf in model.tree.leaves
    assert look.feature.shape == (model.feature_size,)


def test_a_folder_without_products(tmp_path):
    with pytest.raises(ValueError, match="products"):
        main(["--data", str(tmp_path), "--out", str(tmp_path / "card")])
