"""The fashion encoder: what describe() promises, both backbones, saving and loading."""

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoModel

from modeling.fashion_encoder import FashionEncoderConfig, FashionEncoderModel
from modeling.fashion_encoder.backbone_fashion_encoder import EfficientNetLite0
from modeling.fashion_encoder.fitting_fashion_encoder import fit_picture, fitted_size, middle, to_pixels
from modeling.fashion_encoder.resception_fashion_encoder import Block, Branch, ResCeption

TREE = {
    "product": "", "clothing": "product", "top": "clothing", "shirt": "top", "vest": "top", "dress": "clothing",
    "shoes": "product", "boot": "shoes", "clog": "shoes",
}  # fmt: skip


def small_config(**changes) -> FashionEncoderConfig:
    settings = {
        "backbone": "resception", "width": 0.04, "image_height": 67, "image_width": 53, "feature_size": 104,
        "embedding": 5, "hidden": 7, "tree": TREE, "garment_class": {"boot": "footwear"},
        "garment_nodes": {"top": ["top"], "shoe": ["shoes"]},
        "attributes": {"parent": ["top", "shoes"], "category": ["shirt", "vest", "boot"], "colour": ["red", "blue"]},
    }  # fmt: skip
    return FashionEncoderConfig(**settings | changes)


@pytest.fixture(scope="module")
def model() -> FashionEncoderModel:
    torch.manual_seed(2)
    model = FashionEncoderModel(small_config())
    with torch.no_grad():
        for part in (model.category, model.heads, model.decoder):
            for parameter in part.parameters():
                torch.nn.init.normal_(parameter, std=0.3)
        for _ in range(5):
            model.features(torch.rand(8, 3, 67, 53) * 2 - 1)  # statistics of the normalisations
    return model.eval()


def pictures(count: int, seed: int = 0) -> list[np.ndarray]:
    """Coloured noise in various shapes."""
    draw = np.random.default_rng(seed)
    return [draw.integers(0, draw.integers(60, 256), (37 + 11 * i, 83 - 5 * i, 3), np.uint8) for i in range(count)]


class TestDescribe:
    def test_what_is_promised_is_there(self, model):
        for one in model.describe(pictures(3)):
            assert one.feature.shape == (104,)
            assert one.feature.dtype == np.float32
            assert np.linalg.norm(one.feature) == pytest.approx(1, abs=1e-5)
            np.testing.assert_array_equal(np.unpackbits(one.signature).astype(bool), one.feature > 0)
            assert one.signature.dtype == np.uint8
            assert one.category.leaf in model.tree.leaves
            assert one.category.path == model.tree.path(one.category.hedged)
            assert one.category.hedged_confidence >= one.category.confidence - 1e-6
            groups = [attribute.group for attribute in one.attributes]
            assert groups == [group for group in model.config.attributes if group in groups]
            assert all(0 <= attribute.confidence <= 1 and not attribute.forced for attribute in one.attributes)
            assert one.ms > 0

    def test_a_picture_is_described_alike_alone_and_among_others(self, model):
        several = pictures(5)
        guides = [None, {"category": "boot"}, {"colour": "red"}, {}, {"category": "clothing"}]
        for picture, guide, other in zip(several, guides, model.describe(several, guides), strict=True):
            (alone,) = model.describe([picture], [guide])
            np.testing.assert_allclose(alone.feature, other.feature, atol=1e-5)
            assert [a.value for a in alone.attributes] == [a.value for a in other.attributes]
            assert alone.category.path == other.category.path

    @pytest.mark.parametrize("decoding", ["sequence", "softmax"])
    def test_a_guide_is_followed(self, model, decoding):
        guide = {"category": "boot", "colour": "blue"}
        for one in model.describe(pictures(5), [guide] * 5, attributes=decoding):
            said = {attribute.group: attribute for attribute in one.attributes}
            assert {group: attribute.value for group, attribute in said.items()} == guide | {"parent": "shoes"}
            assert all(attribute.forced for attribute in said.values())
            assert one.category.leaf == one.category.hedged == "boot"
            assert one.category.confidence == pytest.approx(1)

    def test_a_vague_guide_leaves_the_rest_to_the_picture(self, model):
        for one in model.describe(pictures(5), [{"category": "clothing"}] * 5):
            assert one.category.leaf in ("shirt", "vest", "dress")
            assert "clothing" in one.category.path
            assert one.category.hedged_confidence >= one.category.confidence

    def test_a_word_never_learnt_is_repeated_without_confidence(self, model):
        (one,) = model.describe(pictures(1), [{"category": "dress", "colour": "khaki"}])
        said = {
            attribute.group: (attribute.value, attribute.confidence, attribute.forced) for attribute in one.attributes
        }
        assert said["category"] == ("dress", 0.0, True)
        assert said["colour"] == ("khaki", 0.0, True)

    def test_a_mirror_image_is_described_alike(self, model):
        picture = pictures(1)[0]
        one, other = model.describe([picture, picture[:, ::-1]])
        np.testing.assert_allclose(one.feature, other.feature, atol=1e-4)

    def test_the_middle_counts_where_so_configured(self, model):
        picture = pictures(1)[0]
        with torch.inference_mode():
            whole, inner = model.look([picture]), model.look([middle(picture, 0.7)])
            model.config.middle = 0.7
            both = model.look([picture])
            model.config.middle = 0.0
        torch.testing.assert_close(both, (whole + inner) / 2)
        assert not torch.allclose(whole, inner)

    def test_files_images_and_arrays_agree(self, model, tmp_path):
        picture = pictures(1)[0]
        Image.fromarray(picture).save(tmp_path / "picture.png")
        described = model.describe([picture, Image.fromarray(picture), tmp_path / "picture.png"])
        for other in described[1:]:
            np.testing.assert_allclose(other.feature, described[0].feature, atol=1e-6)

    def test_a_region_may_be_smaller_than_a_picture(self, model):
        assert len(model.describe([np.full((3, 200, 3), 90, np.uint8)])) == 1

    def test_nothing_is_described_as_nothing(self, model):
        assert model.describe([]) == []
        assert model.classify([]) == []

    def test_more_pictures_than_go_through_at_once(self, model, monkeypatch):
        monkeypatch.setattr("modeling.fashion_encoder.modeling_fashion_encoder.AT_ONCE", 2)
        several = pictures(5)
        described = model.describe(several, [{"colour": "red"}] * 5)
        np.testing.assert_allclose(described[4].feature, model.describe(several[4:])[0].feature, atol=1e-5)

    def test_wrong_calls_are_refused(self, model):
        with pytest.raises(ValueError, match="one guide per picture"):
            model.describe(pictures(2), [None])
        with pytest.raises(ValueError, match="'collar'"):
            model.describe(pictures(1), [{"collar": "round"}])
        with pytest.raises(ValueError, match="'guesses'"):
            model.describe(pictures(1), attributes="guesses")
        with pytest.raises(ValueError, match="no picture file"):
            model.describe(["nowhere.jpg"])
        with pytest.raises(ValueError, match="eval"):
            FashionEncoderModel(small_config()).train().describe(pictures(1))


class TestLabels:
    def test_the_nodes_of_a_label_are_summed(self, model):
        probabilities = torch.rand(5, len(model.tree.leaves)).softmax(1)
        for row, (label, share) in zip(probabilities.tolist(), model.labels_of(probabilities), strict=True):
            sums = dict.fromkeys(("top", "shoe"), 0.0)
            for leaf, probability in zip(model.tree.leaves, row, strict=True):
                for name, node in (("top", "top"), ("shoe", "shoes")):
                    sums[name] += probability if node in model.tree.path(leaf) else 0
            assert sums[label] == max(sums.values())
            assert share == pytest.approx(sums[label] / sum(sums.values()), abs=1e-5)


class TestSaving:
    def test_loaded_weights_answer_the_same(self, model, tmp_path):
        model.save_pretrained(tmp_path)
        loaded = AutoModel.from_pretrained(tmp_path, trust_remote_code=True).eval()
        for one, other in zip(model.describe(pictures(3)), loaded.describe(pictures(3)), strict=True):
            np.testing.assert_array_equal(one.feature, other.feature)
            assert one.attributes == tuple(type(one.attributes[0])(**vars(a)) for a in other.attributes)
            assert one.category.path == other.category.path

    def test_efficientnet_s_statistics_survive(self, tmp_path):
        torch.manual_seed(0)
        model = FashionEncoderModel(small_config(backbone="efficientnet_lite0"))
        model.features(torch.rand(2, 3, 67, 53))
        model.save_pretrained(tmp_path)
        loaded = FashionEncoderModel.from_pretrained(tmp_path)
        for (name, one), other in zip(model.state_dict().items(), loaded.state_dict().values(), strict=True):
            assert torch.equal(one, other), name

    def test_words_keep_their_order_in_a_file(self, tmp_path):
        config = small_config()
        config.save_pretrained(tmp_path)
        loaded = FashionEncoderConfig.from_pretrained(tmp_path)
        assert list(loaded.attributes.items()) == list(config.attributes.items())
        assert list(loaded.attributes) != sorted(loaded.attributes)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"backbone": "vgg"}, "'vgg'"),
            ({"feature_size": 13}, "multiple of 8, got 13"),
            ({"dropout": 1.0}, "below 1, got 1.0"),
            ({"middle": 1.2}, "got 1.2"),
            ({"garment_nodes": {"sock": ["socks"]}}, "'socks'"),
            ({"attributes": {"category": ["sock"]}}, "'sock'"),
            ({"hedging_lambda": -1.0}, "-1.0"),
            ({"groups": ["colour"]}, "got \\['colour'\\]"),
        ],
    )
    def test_bad_configuration_names_the_value(self, changes, message):
        with pytest.raises(ValueError, match=message):
            small_config(**changes)


class TestFitting:
    @pytest.mark.parametrize(
        ("size", "rows", "columns"),
        [((200, 150), 192, 144), ((200, 200), 192, 144), ((100, 400), 48, 144), ((400, 100), 192, 64)],
    )
    def test_a_picture_is_stretched_by_a_third_at_most(self, size, rows, columns):
        assert fitted_size(size, (192, 144)) == pytest.approx((rows, columns))

    def test_the_space_beside_it_repeats_its_edges(self):
        picture = np.zeros((20, 80, 3), np.uint8)
        picture[0], picture[-1] = (200, 10, 10), (10, 10, 200)
        canvas = fit_picture(picture, (60, 45))
        assert canvas.shape == (60, 45, 3)
        assert (canvas[:20, :, 0] > canvas[:20, :, 2]).all()
        assert (canvas[-20:, :, 2] > canvas[-20:, :, 0]).all()

    @pytest.mark.parametrize(("side", "share", "left"), [(10, 0.7, 8), (10, 1.0, 10), (1, 0.7, 1), (2, 0.01, 2)])
    def test_the_middle_is_as_far_from_every_edge(self, side, share, left):
        picture = np.arange(side, dtype=np.uint8)[:, None, None].repeat(side, 1).repeat(3, 2)
        cut = middle(picture, share)
        assert cut.shape == (left, left, 3)
        assert cut[0, 0, 0] + cut[-1, 0, 0] == side - 1

    def test_pixels_run_from_minus_one_to_one(self):
        canvases = np.zeros((2, 3, 5, 3), np.uint8)
        canvases[1, 2, 4, 0] = 255
        pixels = to_pixels(canvases)
        assert pixels.shape == (2, 3, 3, 5)
        assert pixels[1, 0, 2, 4] == 1
        assert pixels[0].unique().tolist() == [-1]


class TestBackbones:
    @pytest.mark.parametrize("backbone", [EfficientNetLite0(24), ResCeption(24, 0.04)])
    def test_maps_are_a_thirty_second_and_never_negative(self, backbone):
        maps = backbone.eval()(torch.rand(2, 3, 96, 67) * 2 - 1)
        assert maps.shape == (2, 24, 3, 3)
        assert (maps >= 0).all()

    def test_resception_at_full_width_has_the_layout_of_inception_v3(self):
        with torch.device("meta"):
            net = ResCeption(1024)
        outputs = [block.channels for block in net.blocks]
        assert outputs == [256, 288, 288, 768, 768, 768, 768, 768, 1280, 2048, 2048]

    def test_every_branch_of_several_convolutions_learns_a_residual(self):
        """With its convolutions silenced, a branch gives the projection of its input."""
        for module in ResCeption(24, 0.04).modules():
            if isinstance(module, Branch):
                assert len(module.layers) > 1
        branch = Branch(3, [(5, 1, 1), (7, 3, 3)]).eval()
        for parameter in branch.layers.parameters():
            torch.nn.init.zeros_(parameter)
        x = torch.randn(2, 3, 5, 7)
        torch.testing.assert_close(branch(x), branch.shortcut(x).relu())

    def test_blocks_that_halve_do_so_in_every_branch(self):
        block = Block(3, [[(5, 1, 1), (7, 3, 3, 2)]], (11, 3, 3, 2)).eval()
        assert block(torch.randn(2, 3, 13, 7)).shape == (2, block.channels, 7, 4)
        assert block.channels == 7 + 11 + 3
