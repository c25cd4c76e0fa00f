"""The traditional rival: each step on drawn input whose answer is known, then the whole on drawn cards."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from transformers import AutoModel

from modeling.card_ocr_classic import CardOcrClassicConfig, CardOcrClassicModel
from modeling.card_ocr_classic.candidates_card_ocr_classic import Row, centred, log_odds
from modeling.card_ocr_classic.features_card_ocr_classic import FEATURES, PITCH, STRIDE, descriptors
from modeling.card_ocr_classic.fitting_card_ocr_classic import LAYOUTS, Chain, best_chain
from modeling.card_ocr_classic.levelling_card_ocr_classic import level
from modeling.card_ocr_classic.locating_card_ocr_classic import find_blocks, find_lines, views_of
from modeling.card_ocr_classic.rectifying_card_ocr_classic import Line, band_map, build_pyramid, corners_of, cut_band
from training.card_ocr.photos import read_photographs
from training.card_ocr.render import render
from training.card_ocr.train_classic import (
    Attempt,
    choose_thresholds,
    collect,
    fit_classifier,
    fit_mix,
    main,
)

FOLDER = Path(__file__).parents[2] / "hub_cards" / "planet-card-ocr-classic"
NUMBER = "4000123456789017"
GROUPED = "4000 1234 5678 9017"


def drawn(text: str, slope: float = 0.0, scale: float = 1.1) -> tuple[np.ndarray, Line]:
    """A 480 x 640 grey picture with a line of text through its middle, and where that line is."""
    ink = np.zeros((480, 640), np.uint8)
    cv2.putText(ink, text, (60, 200), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 2, cv2.LINE_AA)
    left, top, width, height = cv2.boundingRect((ink > 127).astype(np.uint8))
    turn = cv2.getRotationMatrix2D((left + (width - 1) / 2, top + (height - 1) / 2), -np.rad2deg(slope), 1.0)
    turn[:, 2] += (320 - left - (width - 1) / 2, 240 - top - (height - 1) / 2)
    ink = cv2.warpAffine(ink, turn, (640, 480))
    return np.rint(190 - ink * (150 / 255)).astype(np.uint8), Line(320, 240, slope, height)


def evidence_for(
    layout: tuple[int, ...], start: int = 23, gap: int = 15, length: int = 347
) -> tuple[np.ndarray, list[int]]:
    """Log-odds with a peak at every digit of a layout, and the positions of the peaks."""
    ends = np.cumsum(layout)
    positions = [start]
    for index in range(1, sum(layout)):
        positions.append(positions[-1] + (gap if index in ends else PITCH // STRIDE))
    evidence = np.full(length, -3.0)
    evidence[positions] = 5.0
    return evidence, positions


class TestFeatures:
    def test_one_descriptor_for_every_second_column(self):
        assert descriptors(np.zeros((32, 101), np.uint8)).shape == (51, FEATURES)

    def test_a_flat_band_has_no_gradients(self):
        assert np.abs(descriptors(np.full((32, 61), 123, np.uint8))).max() < 1e-6

    def test_moving_the_band_by_a_stride_moves_the_descriptors_by_one(self):
        band = np.random.default_rng(3).integers(0, 256, (32, 151), np.uint8)
        moved = descriptors(band[:, STRIDE:])
        assert np.allclose(descriptors(band)[21:51], moved[20:50], atol=1e-5)

    def test_dark_on_light_looks_like_light_on_dark(self):
        band = np.random.default_rng(5).integers(0, 256, (32, 73), np.uint8)
        assert np.allclose(descriptors(band), descriptors(255 - band), atol=1e-4)

    def test_votes_go_to_the_orientation_of_the_edges(self):
        stripes = np.tile(np.repeat([0, 255], 8), (32, 8)).astype(np.uint8)
        upright = descriptors(stripes).reshape(-1, 48, 9).sum((0, 1))
        lying = descriptors(np.tile(np.repeat([0, 255], 8), 2)[:, None].repeat(128, 1).astype(np.uint8))
        lying = lying.reshape(-1, 48, 9).sum((0, 1))
        assert upright[[0, 8]].sum() > 0.9 * upright.sum()
        assert lying[4] > 0.9 * lying.sum()

    @pytest.mark.parametrize("shape", [(31, 50), (32, 50, 3)])
    def test_other_shapes_are_refused(self, shape):
        with pytest.raises(ValueError, match="32 rows"):
            descriptors(np.zeros(shape, np.uint8))


class TestRectifying:
    def test_the_middle_of_the_band_is_the_point_of_the_line(self):
        line = Line(101.0, 67.0, 0.3, 17.0)
        matrix = band_map(line, 0.83, 211)
        assert np.allclose(matrix @ np.array([105, 15.5, 1]), (101, 67))

    def test_a_pitch_in_the_band_is_a_pitch_in_the_frame(self):
        line = Line(101.0, 67.0, 0.3, 17.0)
        matrix = band_map(line, 0.83, 211)
        step = matrix[:, :2] @ np.array([PITCH, 0])
        assert np.allclose(step, 17 * 0.83 * np.array([np.cos(0.3), np.sin(0.3)]))

    def test_corners_are_clockwise_from_the_upper_left_and_as_high_as_the_digits(self):
        corners = np.array(corners_of(band_map(Line(50, 50, 0.0, 24.0), 20 / 24, 101), 40, 60))
        assert np.allclose(corners, [[40, 38], [60, 38], [60, 62], [40, 62]])

    @pytest.mark.parametrize("slope", [-0.3, 0.0, 0.3])
    def test_turned_text_comes_out_level(self, slope):
        level_picture, line = drawn(GROUPED)
        turned_picture, turned = drawn(GROUPED, slope)
        straight = cut_band([level_picture], line, 0.8, 400).astype(int)
        assert np.abs(cut_band([turned_picture], turned, 0.8, 400) - straight).mean() < 6
        assert straight[4:28].min() < 80

    def test_large_digits_are_cut_from_a_smaller_copy(self):
        picture = np.zeros((1283, 1601), np.uint8)
        pyramid = build_pyramid(picture)
        assert [level.shape for level in pyramid] == [(1283, 1601), (641, 800), (320, 400)]
        pyramid[1][:] = 77
        assert cut_band(pyramid, Line(800, 640, 0.0, 60.0), 0.8, 101).mean() == 77

    def test_scaled_and_moved(self):
        line = Line(10.0, 20.0, np.pi / 2, 8.0)
        assert np.allclose([line.scaled(2).x, line.scaled(2).y, line.scaled(2).height], [20.5, 40.5, 16])
        moved = line.moved(1, 0.5)
        assert np.allclose([moved.x, moved.y], [10 - 4, 20 + 8])


class TestFitting:
    @pytest.mark.parametrize("layout", LAYOUTS, ids=str)
    @pytest.mark.parametrize("gap", [12, 15, 21])
    def test_every_layout_is_found_where_it_is(self, layout, gap):
        evidence, positions = evidence_for(layout, gap=gap)
        chain = best_chain(evidence)
        assert chain.groups == layout
        assert list(chain.positions) == positions

    def test_a_digit_too_many_beyond_the_end_lowers_the_score(self):
        evidence, positions = evidence_for((4, 4, 4, 4))
        alone = best_chain(evidence, ((4, 4, 4, 4),)).score
        evidence[positions[-1] + PITCH // STRIDE + 1] = 5.0
        assert best_chain(evidence, ((4, 4, 4, 4),)).score < alone - 2

    def test_a_missing_digit_is_bridged(self):
        evidence, positions = evidence_for((4, 4, 4, 4))
        evidence[positions[6]] = -1.0
        assert list(best_chain(evidence, ((4, 4, 4, 4),)).positions) == positions

    def test_a_band_too_short_for_every_layout(self):
        assert best_chain(np.zeros(100)) is None

    def test_centred_keeps_the_digits_where_they_are_in_the_frame(self):
        line = Line(200.0, 100.0, 0.2, 15.0)
        row = Row(line, 0.8, 600, Chain(9.0, tuple(range(40, 200, 10)), (4, 4, 4, 4)))
        again = centred(row)
        for one, other in zip(row.chain.positions, again.chain.positions, strict=True):
            left = row.matrix @ np.array([one * STRIDE, 15.5, 1])
            assert np.allclose(left, again.matrix @ np.array([other * STRIDE, 15.5, 1]))
        middle = (again.chain.positions[0] + again.chain.positions[-1]) / 2 * STRIDE
        assert abs(middle - (row.columns - 1) / 2) <= STRIDE

    def test_log_odds(self):
        logits = np.zeros((3, 11), np.float32)
        logits[1, 10] = 50
        logits[2, 3] = 50
        assert np.allclose(log_odds(logits), [np.log(10), -4, 6])


class TestLocating:
    @pytest.mark.parametrize("slope", [-0.26, 0.0, 0.17])
    @pytest.mark.parametrize("light", [False, True])
    def test_a_line_of_print_is_found(self, slope, light):
        picture, line = drawn(GROUPED, slope)
        picture = 255 - picture if light else picture
        config = CardOcrClassicConfig()
        best = find_lines(views_of(picture, config.line_heights, config.line_angles))[0]
        off = np.array([best.x - line.x, best.y - line.y])
        assert abs(off @ [-np.sin(slope), np.cos(slope)]) < 0.4 * line.height
        assert abs(best.angle - slope) < np.deg2rad(3)
        assert 0.7 < best.height / line.height < 1.45

    def test_a_block_of_four_rows_is_found(self):
        picture = np.full((480, 640), 190, np.uint8)
        for row in range(4):
            text = NUMBER[4 * row : 4 * row + 4]
            cv2.putText(picture, text, (400, 200 + 36 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 40, 2, cv2.LINE_AA)
        middle = find_blocks(views_of(picture, (20.1, 25.8), (-10.0, 0.0, 10.0)), 1.7)[0]
        assert abs(middle.x - 437) < 20
        assert abs(middle.y - 243) < 12
        assert middle.angle == 0

    def test_an_empty_frame_has_no_lines(self):
        assert find_lines(views_of(np.full((200, 300), 99, np.uint8), (12.0, 20.0), (0.0,))) == []

    def test_levelling_corrects_slope_height_and_offset(self):
        picture, line = drawn(GROUPED, 0.1)
        rough = Line(line.x + 2, line.y + 5, 0.14, line.height * 1.28)
        found = level(picture, rough)
        assert abs(found.angle - 0.1) < 0.02
        assert abs(found.y - line.y) < 2.5
        assert abs(found.height / line.height - 1) < 0.2


class TestConfiguration:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"number_threshold": 1.5}, "number_threshold"),
            ({"line_angles": []}, "line_angles"),
            ({"line_heights": [2.0]}, "line_heights"),
            ({"hidden": 0}, "hidden"),
        ],
    )
    def test_wrong_values_are_named(self, changes, said):
        with pytest.raises(ValueError, match=said):
            CardOcrClassicConfig(**changes)


class TestModel:
    def test_an_untrained_reader_rejects(self):
        model = CardOcrClassicModel(CardOcrClassicConfig(hidden=5)).eval()
        reading = model.read(drawn(GROUPED)[0])
        assert reading.decision == "rejected"
        assert reading.number is None

    @pytest.mark.parametrize("size", [(32, 32), (33, 700), (480, 640)])
    def test_pictures_without_a_card(self, size):
        model = CardOcrClassicModel(CardOcrClassicConfig(hidden=5)).eval()
        for picture in (np.full(size, 120, np.uint8), np.random.default_rng(7).integers(0, 256, size, np.uint8)):
            reading = model.read(picture)
            assert reading.decision == "rejected"
            assert [stage.name for stage in reading.stages] == ["locate", "rectify", "recognise", "decide"]

    def test_bad_input_is_a_value_error(self, tmp_path):
        model = CardOcrClassicModel(CardOcrClassicConfig(hidden=5)).eval()
        with pytest.raises(ValueError, match="no picture file"):
            model.read(tmp_path / "none.jpg")

    def test_saved_and_loaded_by_a_stranger_s_call(self, tmp_path):
        model = CardOcrClassicModel(CardOcrClassicConfig(hidden=7)).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(torch.randn_like(parameter))
        model.save_pretrained(tmp_path / "card")
        loaded = AutoModel.from_pretrained(tmp_path / "card", trust_remote_code=True)
        assert loaded.config.hidden == 7
        state = loaded.state_dict()
        assert state.keys() == model.state_dict().keys()
        assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """A folder with a small training and validation split."""
    folder = tmp_path_factory.mktemp("cards")
    for split, count in (("train", 40), ("validation", 12)):
        render(folder / split, split, count)
    return folder


@pytest.fixture(scope="module")
def model() -> CardOcrClassicModel:
    """The published weights."""
    return CardOcrClassicModel.from_pretrained(FOLDER)


class TestTraining:
    def test_it_learns_digits_from_forty_pictures(self, data):
        model = CardOcrClassicModel(CardOcrClassicConfig(hidden=31)).eval()
        fit_classifier(model, *collect(read_photographs(data / "train"), 3), 3)
        features, classes = collect(read_photographs(data / "validation"), 5)
        log_loss = fit_mix(model, features, classes)
        with torch.no_grad():
            right = (model(torch.from_numpy(features)).argmax(1).numpy() == classes).mean()
        assert right > 0.75  # chance: one half are no digits
        assert log_loss < 1.0

    def test_a_tiny_run_leaves_a_folder_that_reads(self, data, tmp_path, capsys):
        main(["--data", str(data), "--out", str(tmp_path / "card"), "--limit", "7", "--hidden", "11"])
        assert "validation crops" in capsys.readouterr().out
        model = AutoModel.from_pretrained(tmp_path / "card", trust_remote_code=True)
        assert model.read(read_photographs(data / "validation")[0].path).ms > 0

    def test_a_folder_without_labels(self, tmp_path):
        with pytest.raises(ValueError, match="labels"):
            main(["--data", str(tmp_path), "--out", str(tmp_path / "card")])

    def test_thresholds_accept_no_wrong_number(self):
        rng = np.random.default_rng(11)
        attempts = []
        for _ in range(300):
            confidence = float(rng.random())
            right = bool(rng.random() < confidence)
            attempts.append(Attempt(NUMBER, right, float(rng.uniform(0.3, 1)), confidence, np.zeros(4)))
        digit, number, accepted = choose_thresholds(attempts)
        passed = [one for one in attempts if one.weakest >= digit and one.confidence >= number]
        assert len(passed) == accepted > 0
        assert all(one.right for one in passed)

    def test_numbers_failing_the_checksum_need_no_threshold(self):
        wrong = Attempt("4000123456789016", False, 0.99, 0.99, np.zeros(4))
        right = Attempt(NUMBER, True, 0.9, 0.6, np.zeros(4))
        assert choose_thresholds([wrong, right])[2] == 1


class TestPublished:
    @pytest.mark.parametrize("slope", [-0.12, 0.0, 0.12])
    def test_a_clean_number_is_read(self, model, slope):
        picture, line = drawn(GROUPED, slope)
        reading = model.read(picture)
        assert reading.raw == NUMBER
        assert reading.groups == (4, 4, 4, 4)
        region = np.array(reading.stages[0].regions[0])
        assert abs(region.mean(0) - (line.x, line.y)).max() < line.height
        band = reading.stages[1].picture
        assert band.shape[0] == 32
        assert all(0 <= digit.span[0] < digit.span[1] <= band.shape[1] for digit in reading.digits)

    def test_corners_follow_the_digits(self, model):
        reading = model.read(drawn(GROUPED)[0])
        middles = np.array([np.mean(digit.corners, axis=0) for digit in reading.digits])
        assert (np.diff(middles[:, 0]) > 0).all()
        assert np.abs(middles[:, 1] - 240).max() < 5

    def test_a_wrong_checksum_is_never_accepted(self, model):
        reading = model.read(drawn("4000 1234 5678 9018")[0])
        assert reading.decision == "rejected"

    def test_a_batch_gives_the_same_answers(self, model):
        pictures = [drawn(GROUPED)[0], np.full((100, 100), 7, np.uint8)]
        assert [r.raw for r in model.read_batch(pictures)] == [model.read(picture).raw for picture in pictures]
