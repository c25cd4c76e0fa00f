"""The traditional eyes: the tree, the words, and the whole on drawn pictures."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from transformers import AutoModel

from modeling.fashion_classic import FashionClassicConfig, FashionClassicModel
from modeling.fashion_classic.colour_fashion_classic import COLOUR_FEATURES
from modeling.fashion_classic.describing_fashion_classic import describe, scaled, shrunk
from modeling.fashion_classic.hog_fashion_classic import HOG_FEATURES
from modeling.fashion_classic.pattern_fashion_classic import PATTERN_FEATURES
from modeling.fashion_classic.region_fashion_classic import cut_region, whole
from modeling.fashion_classic.tree_fashion_classic import Tree
from modeling.fashion_classic.wording_fashion_classic import allowed_leaves, guide_words
from modeling.fashion_search.eyes_fashion_search import ModelEyes

FOLDER = Path(__file__).parents[2] / "hub_cards" / "planet-fashion-classic"
PARENTS = {
    "product": "",
    "clothing": "product",
    "footwear": "product",
    "dress": "clothing",
    "top": "clothing",
    "shirt": "top",
    "t-shirt": "top",
    "heels": "footwear",
    "sandals": "footwear",
}


def on_ground(height: int = 97, width: int = 73, box=(19, 23, 53, 71), colour=(190, 30, 40)) -> np.ndarray:
    """A rectangle of one colour on a grainy light ground."""
    ground = np.random.default_rng(5).normal(205, 4, (height, width, 3))
    ground[box[1] : box[3], box[0] : box[2]] = colour
    return np.clip(ground, 0, 255).astype(np.uint8)


def noise(*shape: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.fixture
def eyes() -> FashionClassicModel:
    """Small eyes with random weights."""
    config = FashionClassicConfig(
        tree=PARENTS, labels=[["dress"], ["shirt"], ["t-shirt"], ["footwear"]], shape_size=5, hedging_lambda=1.0,
        garment_class={"dress": "dress", "shirt": "top", "t-shirt": "top", "heels": "footwear", "sandals": "footwear"},
        colours=["black", "red", "white"],
    )  # fmt: skip
    model = FashionClassicModel(config).eval()
    generator = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
    return model


class TestTree:
    def test_hedging_is_the_best_reward(self):
        tree, rng = Tree(PARENTS), np.random.default_rng(13)
        for strength in (0.0, 0.3, 2.0):
            leaves = rng.dirichlet(np.full(len(tree.leaves), 0.4), 23)
            for row, node in zip(leaves, tree.hedge(leaves, strength), strict=True):
                rewards = {}
                for name in PARENTS:
                    below = [leaf for leaf in tree.leaves if name in tree.path(leaf)]
                    chance = sum(row[tree.leaves.index(leaf)] for leaf in below)
                    rewards[name] = chance * (np.log2(len(tree.leaves) / len(below)) + strength)
                assert rewards[tree.nodes[node]] == pytest.approx(max(rewards.values()))

    def test_more_hedging_is_never_more_specific(self):
        tree = Tree(PARENTS)
        leaves = np.random.default_rng(17).dirichlet(np.full(len(tree.leaves), 0.5), 101)
        told = [tree.information[tree.hedge(leaves, strength)] for strength in (0, 0.5, 2, 10, 1e6)]
        assert all((after <= before + 1e-9).all() for before, after in pairwise(told))
        assert not told[-1].any()

    def test_vague_labels_are_spread_in_proportion(self):
        tree = Tree(PARENTS)
        labels = [["dress"], ["shirt"], ["t-shirt"], ["heels"], ["top"], ["footwear"], ["dress", "shirt"]]
        leaves = dict(
            zip(tree.leaves, tree.leaf_probabilities(labels, np.array([0.1, 0.3, 0.1, 0, 0.2, 0.2, 0.1])), strict=True)
        )
        assert sum(leaves.values()) == pytest.approx(1)
        assert leaves["shirt"] == pytest.approx(0.3 + 0.2 * 0.75 + 0.1 * 0.75)
        assert leaves["t-shirt"] == pytest.approx(0.1 + 0.2 * 0.25)
        assert leaves["heels"] == pytest.approx(0.1)  # no footwear was probable by itself: even shares

    def test_the_order_of_the_links_does_not_matter(self):
        turned = Tree(dict(reversed(PARENTS.items())))
        assert turned.leaves == Tree(PARENTS).leaves
        assert np.array_equal(turned.below, Tree(PARENTS).below)

    @pytest.mark.parametrize(
        ("parents", "said"),
        [
            ({"a": "", "b": ""}, "one root"),
            ({"a": "", "b": "c"}, "no nodes"),
            ({"a": "", "b": "c", "c": "b"}, "circle"),
        ],
    )
    def test_what_is_no_tree_is_refused(self, parents, said):
        with pytest.raises(ValueError, match=said):
            Tree(parents)

    def test_strangers_are_refused(self):
        with pytest.raises(ValueError, match="'hat'"):
            Tree(PARENTS).under(["hat"])


class TestWords:
    def test_a_guide_in_either_form(self):
        words = {"category": "dress", "gender": "women"}
        assert guide_words(words) == guide_words(SimpleNamespace(tokens=words)) == words
        assert guide_words(None) == {}
        with pytest.raises(ValueError, match="sleeve"):
            guide_words({"sleeve": "long"})

    def test_a_guide_narrows_the_leaves(self):
        tree = Tree(PARENTS)
        named = [
            {leaf for leaf, open_ in zip(tree.leaves, allowed_leaves(tree, words), strict=True) if open_}
            for words in ({}, {"category": "top"}, {"parent": "footwear"}, {"category": "shirt", "parent": "footwear"})
        ]
        assert named == [set(tree.leaves), {"shirt", "t-shirt"}, {"heels", "sandals"}, {"shirt"}]


class TestModel:
    def test_another_guide_gives_another_answer(self, eyes):
        picture = on_ground()
        seen = [eyes.look(picture, guide={"category": node}) for node in ("top", "sandals")]
        assert seen[0].category.leaf in ("shirt", "t-shirt")
        assert seen[0].garment == "top"
        assert [one.value for one in seen[1].attributes if one.forced] == ["sandals"]
        assert seen[1].category.confidence == pytest.approx(1)
        assert seen[1].detections[0].label == "footwear"
        assert seen[0].feature @ seen[1].feature < 0.999

    def test_words_of_the_guide_are_repeated(self, eyes):
        look = eyes.look(on_ground(), guide={"colour": "neon", "gender": "boys", "parent": "clothing"})
        assert [one.group for one in look.attributes][:2] == ["parent", "category"]
        assert look.attribute("gender") == "boys"
        forced = {one.group: one for one in look.attributes if one.forced}
        assert forced["colour"].value == "neon"
        assert forced["colour"].confidence == 1
        assert look.attribute("season") == ""

    def test_sizes_and_places(self, eyes):
        picture = cv2.resize(on_ground(), None, fx=7, fy=7, interpolation=cv2.INTER_NEAREST)
        look = eyes.look(picture)
        assert look.feature.shape == (eyes.feature_size,)
        assert look.feature.dtype == np.float32
        assert np.linalg.norm(look.feature) == pytest.approx(1, abs=1e-5)
        assert look.signature.shape == (128,)
        assert look.histogram.shape == (COLOUR_FEATURES,)
        assert np.abs(np.subtract(look.box, np.multiply((19, 23, 53, 71), 7))).max() < 22
        assert look.ms["total"] == pytest.approx(sum(v for name, v in look.ms.items() if name != "total"))
        assert eyes.feature_size == 5 + 512 + PATTERN_FEATURES + 5 + 3

    def test_a_box_is_described_alone(self, eyes):
        picture = np.full((151, 211, 3), 240, np.uint8)
        picture[31:113, 17:67] = (200, 20, 30)
        picture[29:109, 131:191] = (20, 40, 190)
        left, right = eyes.look(picture, box=(10, 20, 75, 125)), eyes.look(picture, box=(125, 20, 260, 125))
        assert left.verified
        assert right.box == pytest.approx((125, 20, 211, 125))
        assert left.histogram @ right.histogram < 0.5
        with pytest.raises(ValueError, match="211 x 151"):
            eyes.look(picture, box=(300, 300, 310, 310))

    def test_a_region_that_disagrees_is_dropped(self, eyes):
        picture = on_ground()
        frame = shrunk(picture, eyes.config.frame_side)
        seen, around = describe(picture, cut_region(frame)), describe(picture, whole(*frame.shape[:2]))
        with torch.no_grad():
            shapes = torch.from_numpy(np.stack([around.shape, seen.shape]))
            logits = eyes(shapes)
        agreement = float(logits[1].softmax(0)[logits[0].argmax()])
        assert 0 < agreement < 1
        for threshold, kept in ((agreement * 0.99, True), (min(agreement * 1.01, 1.0), False)):
            eyes.config.verify_threshold = threshold
            evidence = eyes.weigh(seen, around)
            assert evidence.verified is kept
            assert evidence.seen is (seen if kept else around)
            assert eyes.look(picture).verified is kept
        assert eyes.look(picture).box == (0, 0, 73, 97)

    def test_bad_input_is_a_value_error(self, eyes, tmp_path):
        with pytest.raises(ValueError, match="no picture file"):
            eyes.look(tmp_path / "none.jpg")
        with pytest.raises(ValueError, match="'hat'"):
            eyes.look(on_ground(), guide={"category": "hat"})

    @pytest.mark.parametrize("size", [(32, 700), (701, 33), (1031, 1447)])
    def test_any_size_is_looked_at(self, eyes, size):
        for picture in (np.full((*size, 3), 120, np.uint8), noise(*size, 3)):
            look = eyes.look(picture)
            x0, y0, x1, y1 = look.box
            assert 0 <= x0 < x1 <= size[1] + 1e-6
            assert 0 <= y0 < y1 <= size[0] + 1e-6
            assert np.isfinite(look.feature).all()

    def test_saved_and_loaded_by_a_stranger_s_call(self, eyes, tmp_path):
        eyes.save_pretrained(tmp_path / "card")
        loaded = AutoModel.from_pretrained(tmp_path / "card", trust_remote_code=True)
        state = loaded.state_dict()
        assert state.keys() == eyes.state_dict().keys()
        assert all(torch.equal(value, state[name]) for name, value in eyes.state_dict().items())
        assert np.array_equal(loaded.look(on_ground()).signature, eyes.look(on_ground()).signature)

    def test_the_search_takes_these_eyes(self, eyes):
        seen = ModelEyes(eyes, "small").look(on_ground(), guide=SimpleNamespace(tokens={"category": "top"}))
        assert seen.garment == "top"
        assert seen.category.path[0] == "product"

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"frame_side": 500}, "frame_side"),
            ({"verify_threshold": 1.5}, "verify_threshold"),
            ({"hedging_lambda": -1.0}, "hedging_lambda"),
            ({"weights": {"shape": 1.0}}, "weights"),
            ({"labels": [["hat"]]}, "hat"),
            ({"colours": []}, "colours"),
        ],
    )
    def test_wrong_values_are_named(self, changes, said):
        with pytest.raises(ValueError, match=said):
            FashionClassicConfig(tree=PARENTS, **changes)

    def test_boxes_follow_the_size(self):
        assert scaled((1, 2, 3, 5), np.zeros((11, 7)), np.zeros((22, 21))) == (3, 4, 9, 10)
        assert HOG_FEATURES == (144 + 36) * 9


@pytest.fixture(scope="module")
def published() -> FashionClassicModel:
    """The published weights."""
    return FashionClassicModel.from_pretrained(FOLDER)


class TestPublished:
    def test_colours_are_named(self, published):
        for colour, name in (((200, 20, 30), "red"), ((15, 15, 15), "black"), ((30, 140, 50), "green")):
            picture = np.full((307, 229, 3), 255, np.uint8)
            cv2.ellipse(picture, (113, 151), (71, 97), 0, 0, 360, colour, -1)
            assert published.look(picture, box=(42, 54, 185, 249)).attribute("colour") == name

    def test_a_bag_a_belt_and_a_watch_lie_in_different_places(self, published):
        looks = {node: published.look(on_ground(), guide={"category": node}) for node in ("bag", "belt", "watch")}
        assert {node: look.garment for node, look in looks.items()} == {"bag": "bag", "belt": "belt", "watch": ""}
        assert looks["bag"].feature @ looks["belt"].feature < 0.9

    def test_hedging_prefers_a_sure_node(self, published):
        category = published.look(on_ground()).category
        assert category.hedged in published.tree.path(category.leaf) or category.hedged_confidence > category.confidence
        assert category.path[0] == "product"
        assert category.path[-1] == category.hedged

    def test_it_is_small_and_quick(self, published):
        assert (FOLDER / "model.safetensors").stat().st_size < 1_500_000
        picture = cv2.resize(on_ground(), (480, 640))
        began = time.process_time()
        for _ in range(3):
            published.look(picture)
        assert (time.process_time() - began) / 3 < 0.4
