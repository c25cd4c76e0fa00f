"""The labelled sets and the category tree that the fashion encoder learns from."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import torch

from modeling.fashion_encoder import FashionEncoderModel
from tests.training.fashion_toys import small_config
from training.fashion.sets import Item, frequent_words, read_garments, read_products, slug
from training.fashion.taxonomy import ARTICLE_NODES, GARMENT_CLASSES, GARMENT_NODES, TREE, garment_class


class TestSets:
    def test_every_article_type_and_garment_label_is_in_the_tree(self):
        assert set(ARTICLE_NODES.values()) <= set(TREE)
        leaves = [node for node in TREE if node not in TREE.values()]
        assert all(garment_class(leaf) in (*GARMENT_CLASSES, "") for leaf in leaves)
        assert {garment_class(leaf) for leaf in leaves} == {*GARMENT_CLASSES, ""}

    def test_no_two_garment_labels_share_a_leaf(self):
        model = FashionEncoderModel(small_config([], attributes={}))
        masks = torch.stack([model.tree.leaf_mask(nodes) for nodes in GARMENT_NODES.values()])
        assert masks.sum(0).max() == 1
        assert masks.any(1).all()

    def test_products_are_read_into_the_shared_words(self, tmp_path):
        header = ["id", "path", "title", "gender", "articleType", "baseColour", "season", "usage", "pattern", "split"]
        rows = [
            ["7", "images/7.jpg", "A", "Men", "Tshirts", "Navy Blue", "Fall", "Smart Casual", "polka_dot", "train"],
            ["11", "images/11.jpg", "B", "Women", "Sarees", "", "", "", "", "train"],
            ["13", "images/13.jpg", "C", "Women", "Heels", "Red", "", "", "", "val"],
        ]
        with (tmp_path / "products.csv").open("w", newline="") as file:
            csv.writer(file).writerows([[*header, "near_duplicate_group"], *([*row, "g5"] for row in rows)])
        shirt, saree = read_products(tmp_path, "train")
        assert shirt.attributes == {
            "parent": "top", "category": "t-shirt", "gender": "men", "colour": "navy-blue", "pattern": "polka-dot",
            "usage": "smart-casual", "season": "fall",
        }  # fmt: skip
        assert saree.nodes == ("clothing",)
        assert saree.attributes == {"parent": "clothing", "gender": "women"}
        assert saree.category == ""
        assert shirt.duplicates == "g5"
        with pytest.raises(ValueError, match="'validation'"):
            read_products(tmp_path, "validation")
        (tmp_path / "products.csv").write_text((tmp_path / "products.csv").read_text().replace("Heels", "Stilts"))
        with pytest.raises(ValueError, match="Product 13 has the unknown article type 'Stilts'"):
            read_products(tmp_path, "val")

    def test_garments_are_read_by_folder(self, tmp_path):
        for name in ("shoes/b.jpg", "shoes/a.jpg", "hat/c.jpg"):
            (tmp_path / "test" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "test" / name).touch()
        items = read_garments(tmp_path, "test")
        assert [(item.label, item.path.name) for item in items] == [
            ("hat", "c.jpg"),
            ("shoes", "a.jpg"),
            ("shoes", "b.jpg"),
        ]
        assert items[0].nodes == ("headwear",)
        with pytest.raises(ValueError, match="No garments"):
            read_garments(tmp_path, "train")

    def test_rare_words_are_left_out(self):
        items = [Item(Path(), ("cap",), {"colour": colour}) for colour in ["red"] * 5 + ["blue"] * 7 + ["teal"] * 2]
        assert frequent_words(items, more_than=4)["colour"] == ["blue", "red"]
        assert slug(" Navy Blue") == "navy-blue"
