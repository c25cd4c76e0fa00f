"""The garment detector: its arithmetic against naive loops, its contract, and a toy problem it must learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from modeling.fashion_detector import FashionDetectorConfig, FashionDetectorModel
from modeling.fashion_detector.boxes_fashion_detector import clip, decode, encode, overlaps, suppress, vote
from modeling.fashion_detector.proposals_fashion_detector import anchors
from modeling.fashion_detector.pyramid_fashion_detector import Backbone
from modeling.fashion_detector.regions_fashion_detector import BINS, SAMPLES, align, level_of, read_regions

SIDES = st.integers(1, 40)
BOXES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), SIDES, SIDES), min_size=1, max_size=13)


def _boxes(drawn) -> torch.Tensor:
    boxes = torch.tensor(drawn, dtype=torch.float32)
    boxes[:, 2:] += boxes[:, :2]
    return boxes


@pytest.fixture(scope="module")
def model() -> FashionDetectorModel:
    torch.manual_seed(3)
    return FashionDetectorModel(FashionDetectorConfig(frame_side=128, classes=("bag", "hat", "tie"))).eval()


def _naive_overlap(a, b) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


@given(BOXES, BOXES)
@settings(max_examples=40, deadline=None)
def test_overlaps_are_those_of_a_loop(first, second):
    first, second = _boxes(first), _boxes(second)
    naive = [[_naive_overlap(a, b) for b in second.tolist()] for a in first.tolist()]
    np.testing.assert_allclose(overlaps(first, second).numpy(), naive, atol=1e-4)


def _naive_suppression(boxes, scores, limit, groups) -> list[int]:
    left = sorted(range(len(boxes)), key=lambda i: -scores[i])
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [i for i in left if groups[i] != groups[best] or _naive_overlap(boxes[i], boxes[best]) <= limit]
    return kept


@given(BOXES, st.integers(0, 2**16), st.sampled_from([0.0, 0.3, 0.5, 0.9]))
@settings(max_examples=60, deadline=None)
def test_suppression_is_that_of_a_loop(drawn, seed, limit):
    boxes = _boxes(drawn)
    rng = np.random.default_rng(seed)
    scores = rng.permutation(len(boxes)) / len(boxes)
    groups = rng.integers(0, 2, len(boxes))
    kept = suppress(boxes, torch.from_numpy(scores), limit, torch.from_numpy(groups))
    assert kept.tolist() == _naive_suppression(boxes.tolist(), scores, limit, groups)


def test_suppression_of_nothing():
    assert suppress(torch.zeros(0, 4), torch.zeros(0), 0.5).tolist() == []


def _naive_vote(boxes, scores, groups, one, limit) -> list[float]:
    rivals = [
        k for k in range(len(boxes)) if groups[k] == groups[one] and _naive_overlap(boxes[k], boxes[one]) >= limit
    ]
    return [sum(scores[k] * boxes[k][side] for k in rivals) / sum(scores[k] for k in rivals) for side in range(4)]


@given(BOXES, st.integers(0, 2**16), st.sampled_from([0.2, 0.5, 0.8]))
@settings(max_examples=60, deadline=None)
def test_a_vote_is_that_of_a_loop(drawn, seed, limit):
    boxes = _boxes(drawn)
    rng = np.random.default_rng(seed)
    scores, groups = rng.uniform(0.05, 1, len(boxes)), rng.integers(0, 2, len(boxes))
    kept = torch.from_numpy(rng.permutation(len(boxes))[:3])
    voted = vote(boxes, torch.from_numpy(scores).float(), torch.from_numpy(groups), kept, limit)
    naive = [_naive_vote(boxes.tolist(), scores, groups, one, limit) for one in kept.tolist()]
    np.testing.assert_allclose(voted.numpy(), naive, rtol=1e-4)


def test_a_vote_without_scores_keeps_the_box():
    boxes = _boxes([(3, 5, 7, 11)])
    torch.testing.assert_close(vote(boxes, torch.zeros(1), torch.zeros(1), torch.tensor([0]), 0.5), boxes)


@given(BOXES, st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_decode_undoes_encode(drawn, seed):
    boxes = _boxes(drawn)
    order = torch.from_numpy(np.random.default_rng(seed).permutation(len(boxes)))
    references = boxes[order]
    torch.testing.assert_close(decode(encode(boxes, references), references), boxes, atol=0.02, rtol=1e-3)


def test_decode_takes_a_box_per_class():
    references = _boxes([(3, 5, 7, 11), (13, 2, 5, 3)])
    deltas = torch.randn(2, 3, 4)
    for k in range(3):
        torch.testing.assert_close(decode(deltas, references)[:, k], decode(deltas[:, k], references))


def test_encode_golden():
    # Half a width to the right, twice as high: (0.5 / 0.1, 0, 0, ln 2 / 0.2) with the centre kept in y.
    reference, box = torch.tensor([[0.0, 10, 10, 30]]), torch.tensor([[5.0, 0, 15, 40]])
    torch.testing.assert_close(encode(box, reference), torch.tensor([[5.0, 0, 0, 3.4657]]), atol=1e-3, rtol=0)


def test_clip_cuts_to_height_and_width():
    assert clip(torch.tensor([[-3.0, -5, 70, 90]]), 50, 40).tolist() == [[0, 0, 40, 50]]


def test_anchors_have_their_size_shape_and_order():
    boxes = anchors([(3, 5), (2, 3), (1, 2), (1, 1)], [10, 20, 40, 80], [0.25, 4.0])
    assert [len(box) for box in boxes] == [30, 12, 4, 2]
    first = boxes[0]
    size = first[:, 2:] - first[:, :2]
    torch.testing.assert_close(size.prod(1), torch.full((30,), 100.0))
    torch.testing.assert_close(size[:2, 1] / size[:2, 0], torch.tensor([0.25, 4.0]))
    centre = (first[:, :2] + first[:, 2:]) / 2
    assert centre[2].tolist() == [12, 4]  # second cell of the first row
    assert centre[10].tolist() == [4, 12]  # first cell of the second row


def _naive_align(level: np.ndarray, box, stride: int) -> np.ndarray:
    """Bilinear samples one by one; cell i covers stride * i to stride * (i + 1), its value stands in the middle."""
    channels, height, width = level.shape
    out = np.zeros((channels, BINS, BINS))
    for row in range(BINS * SAMPLES):
        for column in range(BINS * SAMPLES):
            y = box[1] + (row + 0.5) / (BINS * SAMPLES) * (box[3] - box[1])
            x = box[0] + (column + 0.5) / (BINS * SAMPLES) * (box[2] - box[0])
            y, x = np.clip(y / stride - 0.5, 0, height - 1), np.clip(x / stride - 0.5, 0, width - 1)
            y0, x0 = min(int(y), height - 2), min(int(x), width - 2)
            dy, dx = y - y0, x - x0
            value = (
                level[:, y0, x0] * (1 - dy) * (1 - dx) + level[:, y0, x0 + 1] * (1 - dy) * dx
                + level[:, y0 + 1, x0] * dy * (1 - dx) + level[:, y0 + 1, x0 + 1] * dy * dx
            )  # fmt: skip
            out[:, row // SAMPLES, column // SAMPLES] += value / SAMPLES**2
    return out


def test_align_is_that_of_a_loop():
    rng = np.random.default_rng(5)
    level = torch.from_numpy(rng.normal(size=(2, 3, 7, 11)).astype(np.float32))
    boxes = torch.tensor([[3.0, 5, 61, 37], [0.5, 0.25, 87, 55], [40, 11, 47, 53]])
    picture = torch.tensor([1, 0, 1])
    got = align(level, boxes, picture, 8).numpy()
    for r in range(3):
        np.testing.assert_allclose(got[r], _naive_align(level[picture[r]].numpy(), boxes[r].tolist(), 8), atol=1e-4)


def test_regions_are_read_from_the_level_that_suits_them():
    boxes = torch.tensor([[0.0, 0, 20, 20], [0, 0, 112, 112], [0, 0, 300, 300], [0, 0, 111, 111]])
    assert level_of(boxes).tolist() == [0, 1, 2, 0]
    levels = [torch.full((1, 2, 64 // 2**i, 64 // 2**i), float(i)) for i in range(4)]
    assert read_regions(levels, [boxes]).mean((1, 2, 3)).tolist() == [0, 1, 2, 0]


def test_the_backbone_is_timms_up_to_stage_six():
    import timm

    torch.manual_seed(1)
    backbone = Backbone("tf_efficientnet_lite0").eval()
    network = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    own = backbone.state_dict()
    network.load_state_dict(dict(zip(list(network.state_dict())[: len(own)], own.values(), strict=True)), strict=False)
    pictures = torch.rand(1, 3, 64, 96) * 255
    with torch.no_grad():
        wanted = network.blocks[:6](network.bn1(network.conv_stem((pictures - 127.5) / 127.5)))
        torch.testing.assert_close(backbone(backbone.start(pictures))[2], wanted)


def test_padding_changes_no_padding_sized_thing(model):
    """A picture in a larger frame gives the same proposals' logits away from the border it gained."""
    pictures = torch.rand(1, 3, 128, 128) * 255
    wide = torch.nn.functional.pad(pictures, (0, 64), value=127.5)
    with torch.no_grad():
        narrow, padded = model(pictures=pictures), model(pictures=wide)
    assert padded.levels[0].shape[-1] == narrow.levels[0].shape[-1] + 8
    assert padded.levels[3].shape[-2:] == (2, 3)


def test_guided_answers_hold_only_the_guide(model):
    picture = np.random.default_rng(7).integers(0, 255, (97, 61, 3), dtype=np.uint8)
    everything = model.detect(picture, threshold=0.0)
    assert {one.label for one in everything} <= {"bag", "hat", "tie"}
    guided = model.detect(picture, ["hat"], threshold=0.0)
    assert guided
    assert {one.label for one in guided} == {"hat"}
    for one in everything:
        x0, y0, x1, y1 = one.box
        assert 0 <= x0 <= x1 <= 61.01
        assert 0 <= y0 <= y1 <= 97.01
    assert list(everything) == sorted(everything, key=lambda one: -one.score)


def test_the_guide_lowers_the_threshold(model):
    model.config.threshold, model.config.guided_threshold = 1.0, 0.0
    try:
        picture = Image.new("RGB", (64, 83), "grey")
        assert model.detect(picture) == ()
        assert model.detect(picture, {"bag"})
    finally:
        model.config.threshold, model.config.guided_threshold = 0.5, 0.2


def test_what_is_found_is_judged_once_more_where_it_was_found(model, monkeypatch):
    first, second = _boxes([(3, 5, 20, 30), (40, 50, 11, 13)]), _boxes([(4, 7, 19, 29)])
    answers = [
        (torch.tensor([[0.1, 0.8, 0.0], [0.05, 0.03, 0.02]]), first[:, None].expand(-1, 3, -1)),
        (torch.tensor([[0.2, 0.4, 0.0]]), second[:, None].expand(-1, 3, -1)),
    ]
    asked = []

    def likely(seen, regions, size, wanted):
        asked.append(regions)
        return answers[len(asked) - 1]

    monkeypatch.setattr(model, "_likely", likely)
    (found,) = model.detect(np.zeros((128, 128, 3), np.uint8), threshold=0.5)
    assert asked[1].tolist() == first[:1].tolist()
    assert (found.label, found.box) == ("hat", tuple(second[0].tolist()))
    assert found.score == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("classes", "threshold", "said"),
    [
        (["sock"], None, "got sock"),
        ([], None, "got none"),
        ("hat", None, "write \\['hat'\\]"),
        (None, 1.5, "between 0 and 1"),
    ],
)
def test_bad_questions_are_told_what_to_ask(model, classes, threshold, said):
    with pytest.raises(ValueError, match=said):
        model.detect(Image.new("RGB", (64, 64)), classes, threshold)


def test_training_mode_and_bad_pictures_are_refused(model, tmp_path):
    (tmp_path / "not.jpg").write_text("no picture")
    with pytest.raises(ValueError, match="not a picture"):
        model.detect(tmp_path / "not.jpg")
    with pytest.raises(ValueError, match=r"model.eval\(\)"):
        model.train().detect(Image.new("RGB", (64, 64)))
    model.eval()
    with pytest.raises(ValueError, match="needs pictures or started"):
        model()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"classes": ()}, "classes"),
        ({"classes": ("a", "a")}, "classes"),
        ({"anchor_sides": (1.0, 2.0)}, "anchor_sides"),
        ({"threshold": 1.2}, "threshold"),
        ({"frame_side": 100}, "frame_side"),
    ],
)
def test_configurations_that_cannot_be(fields, said):
    with pytest.raises(ValueError, match=said):
        FashionDetectorConfig(**fields)


def test_save_and_load_keep_every_answer(model, tmp_path):
    model.save_pretrained(tmp_path)
    again = FashionDetectorModel.from_pretrained(tmp_path).eval()
    picture = np.random.default_rng(2).integers(0, 255, (83, 71, 3), dtype=np.uint8)
    assert again.detect(picture, threshold=0.1) == model.detect(picture, threshold=0.1)
