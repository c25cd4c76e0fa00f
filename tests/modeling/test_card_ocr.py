"""The card reader's networks, geometry and decoding, and the published weights on cards drawn here."""

import resource
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from modeling.card_ocr import CardOcrConfig, CardOcrModel
from modeling.card_ocr.detector_card_ocr import MAPS, NumberDetector, cell_centres
from modeling.card_ocr.geometry_card_ocr import NumberLine, group_sizes, plausible, rectify
from modeling.card_ocr.lines_card_ocr import fit_lines, guesses, regions
from modeling.card_ocr.looks_card_ocr import goes_on
from modeling.card_ocr.modeling_card_ocr import fit_frame
from modeling.card_ocr.recogniser_card_ocr import BLANK, DigitRecogniser, ReadDigit, read_digits
from training.card_ocr.frames import grid_targets
from training.card_ocr.photos import line_of
from training.card_ocr.render import draw

CARD = "hub_cards/planet-card-ocr"


def small_config(**changes) -> CardOcrConfig:
    return CardOcrConfig(detector_channels=(2, 3, 5, 7, 11), recogniser_channels=(3, 5, 7, 11, 13), **changes)


def perfect_maps(lines: list[NumberLine], width: int = 640, height: int = 480) -> torch.Tensor:
    """What a perfect detector would answer."""
    maps = torch.from_numpy(grid_targets(lines, width, height))
    maps[0] = torch.where(maps[0] == 1, 6.0, -6.0)
    return maps


class TestNetworks:
    def test_detector_answers_on_a_grid_of_stride_8(self):
        maps = NumberDetector((2, 3, 5, 7, 11)).eval()(torch.rand(3, 1, 96, 160) * 255)
        assert maps.shape == (3, len(MAPS), 12, 20)

    def test_recogniser_answers_every_second_column(self):
        logits, extents = DigitRecogniser((3, 5, 7, 11, 13), 20).eval()(torch.rand(3, 1, 32, 44) * 255)
        assert logits.shape == (3, 22, 11)
        assert extents.shape == (3, 22, 2)
        assert (extents >= 0).all()

    def test_a_picture_is_read_alike_alone_and_in_a_batch(self):
        net = NumberDetector((2, 3, 5, 7, 11)).eval()
        frames = torch.rand(3, 1, 64, 96) * 255
        torch.testing.assert_close(net(frames)[1:2], net(frames[1:2]))

    def test_brightness_and_contrast_hardly_matter(self):
        net = DigitRecogniser((3, 5, 7, 11, 13), 20).eval()
        band = torch.rand(1, 1, 32, 44) * 200
        torch.testing.assert_close(net(band)[0], net(band + 40)[0], atol=1e-4, rtol=1e-4)

    def test_forward_needs_something(self):
        with pytest.raises(ValueError, match="frames, bands or both"):
            CardOcrModel(small_config())()

    def test_bad_configuration_names_the_value(self):
        with pytest.raises(ValueError, match=r"digit_threshold.*1\.5"):
            CardOcrConfig(digit_threshold=1.5)
        with pytest.raises(ValueError, match="five positive widths"):
            CardOcrConfig(detector_channels=(2, 3))


class TestGeometry:
    @pytest.mark.parametrize("degrees", [-20, 0, 7])
    def test_a_line_is_recovered_from_perfect_maps(self, degrees):
        turn = np.radians(degrees)
        half = 170 * np.array([np.cos(turn), np.sin(turn)])
        line = NumberLine(tuple(np.array([320, 240]) - half), tuple(np.array([320, 240]) + half), 19.0, 23.0)
        (found,) = fit_lines(perfect_maps([line]), 0.5)
        assert found.angle == pytest.approx(degrees, abs=0.3)
        assert found.height == pytest.approx(21, rel=0.03)
        np.testing.assert_allclose(found.left, line.left, atol=9)
        np.testing.assert_allclose(found.right, line.right, atol=9)

    def test_four_short_lines_come_in_reading_order(self):
        lines = [NumberLine((200.0, 100.0 + 34 * i), (270.0, 104.0 + 34 * i), 22.0, 22.0) for i in range(4)]
        stack = guesses(fit_lines(perfect_maps(lines), 0.5))[0]
        assert len(stack) == 4
        assert [line.left[1] for line in stack] == sorted(line.left[1] for line in stack)

    def test_a_date_below_the_block_is_told_apart(self):
        rows = [NumberLine((200.0, 100.0 + 34 * i), (270.0, 100.0 + 34 * i), 22.0, 22.0) for i in range(4)]
        date = NumberLine((205.0, 290.0), (290.0, 290.0), 17.0, 17.0)
        stack = guesses(fit_lines(perfect_maps([*rows, date]), 0.5))[0]
        assert [round(line.left[1] / 34 - 100 / 34) for line in stack] == [0, 1, 2, 3]

    def test_a_number_and_a_tilted_text_are_two_guesses(self):
        number = NumberLine((60.0, 240.0), (420.0, 300.0), 24.0, 24.0)
        text = NumberLine((300.0, 80.0), (560.0, 80.0), 24.0, 24.0)
        found = guesses(fit_lines(perfect_maps([number, text]), 0.5))
        assert sorted(round(lines[0].angle) for lines in found) == [0, 9]

    def test_a_broken_line_is_joined(self):
        maps = perfect_maps([NumberLine((100.0, 240.0), (500.0, 240.0), 24.0, 24.0)])
        maps[0, :, 30:35] = -6
        (line,) = fit_lines(maps, 0.5)
        assert line.length > 380

    def test_nothing_is_found_where_nothing_is(self):
        assert fit_lines(perfect_maps([]), 0.5) == []
        assert guesses([]) == []

    def test_regions_touch_at_corners_but_not_across_the_edges_of_the_grid(self):
        mask = np.array([[1, 0, 0, 0, 1], [0, 1, 0, 0, 1], [1, 0, 0, 0, 0]], bool)
        cells = np.flatnonzero(mask)
        found = [cells[region].tolist() for region in regions(cells, 5)]
        assert found == [[4, 9], [0, 6, 10]]

    def test_cell_centres_are_in_pixels(self):
        assert cell_centres(3, 5)[2, 4].tolist() == [36.0, 20.0]

    def test_rectified_columns_lead_back_to_the_picture(self):
        picture = torch.zeros(1, 1, 200, 400)
        picture[..., 90:110, 150:160] = 255  # a bar from x = 150 to 160, 20 tall
        line = NumberLine((100.0, 100.0), (300.0, 100.0), 20.0, 20.0)
        band, (segment,) = rectify(picture, [line], 32, 20)
        columns = torch.nonzero(band[0, 0, 16] > 128).flatten()
        corners = np.array(segment.corners(float(columns.min()), float(columns.max() + 1)))
        np.testing.assert_allclose(corners, [[150, 90], [160, 90], [160, 110], [150, 110]], atol=1.1)

    def test_lines_of_a_block_stand_side_by_side(self):
        lines = [NumberLine((50.0, 60.0 + 40 * i), (130.0, 60.0 + 40 * i), 20.0, 20.0) for i in range(4)]
        band, segments = rectify(torch.rand(1, 1, 240, 320) * 255, lines, 32, 20)
        assert [s.start for s in segments] == [0, 100, 200, 300]
        assert band.shape == (1, 1, 32, 400)

    def test_a_line_found_in_a_turned_picture_is_turned_back(self):
        picture = np.zeros((50, 80))
        picture[10, 20:60] = np.arange(40)  # brighter to the right
        turned = np.rot90(picture, -1)
        rows, columns = np.nonzero(turned)
        line = NumberLine((columns[0] + 0.5, rows[0] + 0.5), (columns[-1] + 0.5, rows[-1] + 0.5), 3.0, 3.0)
        back = line.turned_back(50)
        np.testing.assert_allclose(back.left, (21.5, 10.5))
        np.testing.assert_allclose(back.right, (59.5, 10.5))
        assert back.reversed.reversed == back

    def test_large_print_is_averaged_not_skipped(self):
        stripes = (torch.arange(600) % 2 * 255.0).expand(1, 1, 400, 600).contiguous()
        band, _ = rectify(stripes, [NumberLine((100.0, 200.0), (500.0, 200.0), 80.0, 80.0)], 32, 20)
        assert band.std() < 40

    def test_a_frame_is_shrunk_and_padded_to_whole_cells(self):
        frame, scale = fit_frame(torch.rand(1, 1, 1000, 1300) * 255, 640)
        assert frame.shape[-2:] == (512, 640)
        assert scale == pytest.approx(640 / 1300)

    @pytest.mark.parametrize("template", [(4, 4, 4, 4), (4, 6, 5), (4, 4, 4, 4, 3), (6, 13)])
    def test_groups_follow_the_gaps(self, template):
        spans, x = [], 0.0
        for group in template:
            for _ in range(group):
                spans.append((x, x + 12))
                x += 16
            x += 9
        assert group_sizes(spans, [0] * len(spans), 20) == template
        assert group_sizes([(16.0 * i, 16.0 * i + 12) for i in range(16)], [0] * 16, 20) == (16,)
        assert group_sizes(spans[:8], [0, 0, 0, 0, 1, 1, 1, 1], 20) == (4, 4)

    def test_a_lost_digit_shows_in_the_groups(self):
        """4-4-4-4 without its first digit has fifteen, as a 4-6-5 card has; the gaps tell them apart."""
        spans, x = [], 0.0
        for group in (3, 4, 4, 4):
            spans += [(x + 16 * i, x + 16 * i + 12) for i in range(group)]
            x += 16 * group + 9
        groups = group_sizes(spans, [0] * 15, 20)
        assert groups == (3, 4, 4, 4)
        assert not plausible(groups)
        assert plausible((4, 6, 5))
        assert not plausible((15,))
        assert not plausible((4, 4, 4, 3))
        assert not plausible((4, 4, 4, 2))


class TestDecoding:
    def steps(self, classes: list[int], margin: float = 6.0) -> torch.Tensor:
        return margin * nn.functional.one_hot(torch.tensor(classes), 11).float()

    def test_runs_collapse_and_blanks_separate_equal_digits(self):
        gap = [BLANK] * 3
        logits = self.steps([*gap, 4, 4, *gap, 4, *gap, 1, 1, 1, *gap, 9, *gap])
        digits, confidence = read_digits(logits, torch.full((len(logits), 2), 2.5), 1.0)
        assert [d.value for d in digits] == [4, 4, 1, 9]
        assert 0.5 < confidence <= 1
        assert all(sum(d.probabilities) == pytest.approx(1) for d in digits)
        assert digits[0].left == pytest.approx(8 - 2.5, abs=1.01)

    def test_clutter_beyond_the_ends_does_not_lower_the_confidence(self):
        logits = self.steps([BLANK] * 12 + [4, 4, BLANK, BLANK, 7, 7] + [BLANK] * 12)
        extents = torch.full((len(logits), 2), 2.5)
        clean = read_digits(logits, extents, 1.0)[1]
        logits[1, 3] = 5.9  # almost a digit, far to the left
        assert read_digits(logits, extents, 1.0)[1] == pytest.approx(clean, rel=1e-3)

    def test_confidence_sums_over_alignments(self):
        """The golden value: two steps, P(only '7') = p7*p7 + p7*pb + pb*p7."""
        probabilities = torch.full((2, 11), 0.1 / 9)
        probabilities[:, 7], probabilities[:, BLANK] = 0.6, 0.3
        probabilities /= probabilities.sum(-1, keepdim=True)
        p7, blank = float(probabilities[0, 7]), float(probabilities[0, BLANK])
        _, confidence = read_digits(probabilities.log(), torch.ones(2, 2), 1.0)
        assert confidence == pytest.approx(p7 * p7 + 2 * p7 * blank, rel=1e-4)

    def test_a_higher_temperature_is_less_sure(self):
        logits, extents = self.steps([3, BLANK, BLANK, BLANK, 8]), torch.ones(5, 2)
        assert read_digits(logits, extents, 2.0)[1] < read_digits(logits, extents, 1.0)[1]

    def test_two_digits_cannot_share_a_place(self):
        logits, extents = self.steps([BLANK, 4, 4, 7, BLANK, BLANK, BLANK, 2, BLANK]), torch.full((9, 2), 5.0)
        logits[3] *= 0.6
        digits, confidence = read_digits(logits, extents, 1.0)
        assert [d.value for d in digits] == [4, 2]
        assert confidence < 0.5

    def test_an_empty_band_has_no_number(self):
        assert read_digits(self.steps([BLANK] * 5), torch.ones(5, 2), 1.0) == ([], 0.0)


def digit_at(column: float, confidence: float = 0.99) -> ReadDigit:
    """A digit 12 columns wide, its middle at `column`."""
    return ReadDigit((0.1,) * 10, confidence, column - 6, column + 6)


class TestReading:
    @pytest.mark.parametrize(("place", "confidence", "expected"), [
        (25, 0.95, True), (235, 0.95, True), (235, 0.85, False), (45, 0.95, False), (130, 0.95, False),
    ])  # fmt: skip
    def test_only_a_sure_digit_beyond_an_end_means_that_a_line_goes_on(self, place, confidence, expected):
        read = [digit_at(10 + 16 * i) for i in range(12)]
        seen = [digit_at(digit.middle + 31) for digit in read]
        assert not goes_on(read, seen, 30, 20, 0.9)
        assert goes_on(read, [*seen, digit_at(place, confidence)], 30, 20, 0.9) is expected

    def test_training_mode_is_refused(self):
        with pytest.raises(ValueError, match="eval"):
            CardOcrModel(small_config()).train().read(np.zeros((64, 64, 3), np.uint8))

    def test_an_untrained_model_answers_without_a_number(self):
        reading = CardOcrModel(small_config()).eval().read(np.full((240, 320), 127, np.uint8))
        assert reading.decision == "rejected"
        assert reading.number is None
        assert [stage.name for stage in reading.stages] == ["locate", "rectify", "recognise", "decide"]


@pytest.fixture(scope="module")
def shipped() -> CardOcrModel:
    return CardOcrModel.from_pretrained(CARD).eval()


class TestShippedWeights:
    @pytest.mark.parametrize("kind", ["flat", "embossed", "scene", "odd"])
    def test_drawn_cards_are_read_and_never_misread(self, shipped, kind):
        right = 0
        for index in range(40):
            label, photo = draw("test", 100_000 + index, kind)
            reading = shipped.read(photo.picture)
            assert reading.number in (None, label["number"])
            right += reading.raw == label["number"]
        assert right >= 33

    def test_digits_are_where_they_are_printed(self, shipped):
        label, photo = draw("test", 200_003, "flat")
        reading = shipped.read(photo.picture)
        assert reading.number == label["number"]
        assert reading.groups == tuple(label["groups"])
        found = np.array([digit.corners for digit in reading.digits]).mean(1)
        wanted = np.array(label["digits"]).mean(1)
        assert np.abs(found - wanted).max() < 6

    @pytest.mark.parametrize("quarters", [1, 2, 3])
    def test_a_turned_picture_is_never_misread(self, shipped, quarters):
        for index in range(16):
            label, photo = draw("test", 600_000 + index, "flat")
            reading = shipped.read(np.ascontiguousarray(np.rot90(photo.picture, quarters)))
            assert reading.number in (None, label["number"])

    def test_a_small_number_is_looked_at_closely(self, shipped, monkeypatch):
        """Cards far away are read more often with the closer look than without it."""
        far = [draw("test", 700_000 + index, "scene") for index in range(60)]
        far = [(label["number"], photo.picture) for label, photo in far if label["conditions"]["digit_height"] < 11]
        assert len(far) >= 10
        with_it = sum(shipped.read(picture).raw == number for number, picture in far)
        monkeypatch.setattr(shipped, "_locate_close", lambda grey, lines: [])
        assert with_it > sum(shipped.read(picture).raw == number for number, picture in far)

    def test_sixteen_of_nineteen_digits_are_never_taken_for_the_number(self, shipped, monkeypatch):
        """A line found too short ends at a gap; what is left is printed like a number, and one in ten passes Luhn."""
        for name in ("_locate_close", "_locate_turned"):
            monkeypatch.setattr(shipped, name, lambda grey, lines: [])
        cards = [draw("test", 800_000 + index, "odd") for index in range(50)]
        cards = [(label, photo.picture) for label, photo in cards if label["layout"] == "4-4-4-4-3"]
        assert len(cards) >= 5
        whole = 0
        for label, picture in cards:
            line = line_of(np.array(label["lines"][0], float))
            # as long as sixteen digits and the gap after them
            end = np.linalg.norm(np.mean(label["digits"][15], axis=0) - line.left) + 0.4 * line.height
            cut = line.extended(0, end / line.length - 1)
            monkeypatch.setattr(shipped, "_locate", lambda grey, cut=cut: [[cut]])
            raw = shipped.read(picture).raw
            assert raw != label["number"][:16]
            whole += raw == label["number"]
        assert whole >= 2

    @pytest.mark.parametrize("kind", ["bad_checksum", "negative", "illegible"])
    def test_what_must_be_rejected_is(self, shipped, kind):
        answers = [shipped.read(draw("test", 300_000 + index, kind)[1].picture) for index in range(10)]
        assert all(answer.decision == "rejected" and answer.number is None for answer in answers)
        if kind == "bad_checksum":
            assert sum(answer.reason == "checksum" for answer in answers) >= 7

    def test_memory_does_not_grow(self, shipped):
        small = np.ascontiguousarray(draw("test", 400_000, "flat")[1].picture[::2, ::2])
        for _ in range(100):
            shipped.read(small)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(900):
            shipped.read(small)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes

    def test_weights_are_small(self, shipped):
        assert (Path(CARD) / "model.safetensors").stat().st_size < 1.5e6
        assert next(shipped.parameters()).dtype == torch.float32
