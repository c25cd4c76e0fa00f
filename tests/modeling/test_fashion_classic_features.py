"""What the traditional eyes measure: each step on drawn input whose answer is known or computed naively."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modeling.fashion_classic.colour_fashion_classic import BINS, colour_histogram
from modeling.fashion_classic.hog_fashion_classic import CELLS, ORIENTATIONS, SIDE, hog, window_of
from modeling.fashion_classic.pattern_fashion_classic import CODES, RADII, pattern_histogram
from modeling.fashion_classic.region_fashion_classic import clipped, cut_region, largest_parts
from modeling.fashion_classic.saliency_fashion_classic import centre_prior, spectral_residual
from modeling.fashion_classic.signature_fashion_classic import SIGNATURE_BITS, random_directions, signatures


def on_ground(height: int = 97, width: int = 73, box=(19, 23, 53, 71), colour=(190, 30, 40)) -> np.ndarray:
    """A rectangle of one colour on a grainy light ground."""
    ground = np.random.default_rng(5).normal(205, 4, (height, width, 3))
    ground[box[1] : box[3], box[0] : box[2]] = colour
    return np.clip(ground, 0, 255).astype(np.uint8)


def noise(*shape: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


class TestSaliency:
    def test_it_is_the_spectral_residual(self):
        lab = np.random.default_rng(3).uniform(0, 255, (13, 11, 3))
        rows = np.exp(-2j * np.pi * np.outer(range(13), range(13)) / 13)
        columns = np.exp(-2j * np.pi * np.outer(range(11), range(11)) / 11)
        total = np.zeros((13, 11))
        for channel in lab.transpose(2, 0, 1):
            spectrum = rows @ channel @ columns
            logarithm = np.log(abs(spectrum))
            around = sum(np.roll(logarithm, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)) / 9
            changed = np.exp(logarithm - around) * spectrum / abs(spectrum)
            response = abs(rows.conj() @ changed @ columns.conj() / 143) ** 2
            total += response / response.sum() * channel.std()
        total = cv2.GaussianBlur(total.astype(np.float32), (0, 0), 2.5, borderType=cv2.BORDER_REPLICATE)
        expected = (total - total.min()) / (total.max() - total.min())
        assert np.allclose(spectral_residual(lab), expected, atol=1e-3)

    def test_what_differs_stands_out(self):
        saliency = spectral_residual(cv2.cvtColor(on_ground(), cv2.COLOR_RGB2Lab))
        assert saliency.shape == (97, 73)
        assert saliency[15:79, 11:61].mean() > 2 * saliency[:, :8].mean()

    def test_one_colour_has_nothing_salient(self):
        assert not spectral_residual(np.full((31, 17, 3), 99, np.uint8)).any()

    def test_grey_pictures_are_refused(self):
        with pytest.raises(ValueError, match=r"\(31, 17\)"):
            spectral_residual(np.zeros((31, 17)))

    def test_the_middle_is_preferred(self):
        prior = centre_prior(17, 11, 0.5)
        assert prior[8, 5] == prior.max() == 1
        assert prior[8, 0] == pytest.approx(np.exp(-((1 / 11 - 1) ** 2) / 0.5))
        assert np.allclose(prior, prior[::-1, ::-1])


class TestRegion:
    def test_a_thing_on_a_plain_ground_is_cut_out(self):
        region = cut_region(on_ground())
        assert np.abs(np.subtract(region.box, (19, 23, 53, 71))).max() <= 2
        assert region.mask[30:65, 25:47].all()
        assert region.filled > 0.9

    def test_the_same_cut_whatever_ran_before(self):
        picture = cv2.GaussianBlur(noise(61, 83, 3), (0, 0), 3)
        first = cut_region(picture)
        cv2.setRNGSeed(12345)
        assert np.array_equal(cut_region(picture).mask, first.mask)

    def test_a_drawn_box_is_kept(self):
        region = cut_region(on_ground(), (11.5, 17.0, 61.0, 79.0))
        assert region.box == (11.5, 17.0, 61.0, 79.0)
        assert region.mask[30:65, 25:47].all()
        assert not region.mask[:, :11].any()
        assert not region.mask[79:].any()

    @pytest.mark.parametrize("picture", [np.full((41, 37, 3), 255, np.uint8), np.zeros((41, 37, 3), np.uint8)])
    def test_where_nothing_stands_out_the_whole_is_answered(self, picture):
        region = cut_region(picture)
        assert region.box == (0, 0, 37, 41)
        assert region.mask.all()

    def test_pairs_stay_and_specks_go(self):
        mask = np.zeros((43, 59), bool)
        mask[5:20, 3:20] = mask[22:37, 31:50] = mask[40:42, 1:3] = True
        kept = largest_parts(mask)
        assert kept[5:20, 3:20].all()
        assert kept[22:37, 31:50].all()
        assert not kept[40:].any()

    def test_boxes_are_cut_to_the_picture(self):
        assert clipped((-3, 5, 200, 40.5), 31, 47) == (0, 5, 47, 31)

    @pytest.mark.parametrize("box", [(50, 0, 60, 10), (5, 5, 5, 9), (0, 0, float("nan"), 9), (1, 2, 3)])
    def test_boxes_beside_the_picture_are_refused(self, box):
        with pytest.raises(ValueError, match="box"):
            clipped(box, 31, 47)


class TestShape:
    def test_a_flat_window_has_no_shape(self):
        assert np.abs(hog(np.full((SIDE, SIDE, 3), 77, np.uint8))).max() < 1e-3

    def test_votes_go_to_the_orientation_of_the_edges(self):
        stripes = np.tile(np.repeat([0, 255], 8), (SIDE, SIDE // 16)).astype(np.uint8)
        for window, orientation in ((stripes, {0, 8}), (stripes.T, {4})):
            cells = hog(np.repeat(window[..., None], 3, 2))[: CELLS[0] ** 2 * ORIENTATIONS].reshape(-1, ORIENTATIONS)
            squares = (cells**2).sum(0)
            assert squares[list(orientation)].sum() > 0.9 * squares.sum()

    def test_light_on_dark_is_like_dark_on_light(self):
        window = noise(SIDE, SIDE, 3)
        assert np.allclose(hog(window), hog(255 - window), atol=1e-3)

    def test_a_change_stays_in_its_cells(self):
        window = cv2.GaussianBlur(noise(SIDE, SIDE, 3), (0, 0), 2)
        changed = window.copy()
        changed[:8, :8] = 0
        fine = [hog(each)[: 12 * 12 * 9].reshape(12, 12, 9) for each in (window, changed)]
        differs = np.abs(fine[0] - fine[1]).max(2) > 0.02
        assert differs[0, 0]
        assert not differs[5:].any()
        assert not differs[:, 5:].any()

    def test_another_window_is_refused(self):
        with pytest.raises(ValueError, match="96"):
            hog(np.zeros((SIDE, SIDE + 1, 3), np.uint8))

    @pytest.mark.parametrize("size", [(211, 307), (1201, 907)])
    def test_the_window_holds_the_box_in_its_middle(self, size):
        picture = np.zeros((*size, 3), np.uint8)
        x0, y0, x1, y1 = (size[1] // 5, size[0] // 3, size[1] // 2, size[0] * 2 // 3)
        picture[y0:y1, x0:x1] = 255
        inside = window_of(picture, (x0, y0, x1, y1), margin=0.1)[..., 0] > 127
        scale = SIDE / (max(x1 - x0, y1 - y0) * 1.2)
        assert abs(inside.any(0).sum() - (x1 - x0) * scale) < 1.5
        assert abs(inside.any(1).sum() - (y1 - y0) * scale) < 1.5
        middle = np.argwhere(inside).mean(0)
        assert np.abs(middle - (SIDE - 1) / 2).max() < 1


class TestColour:
    def test_it_is_the_soft_joint_histogram(self):
        lab, weight = noise(7, 5, 3), np.random.default_rng(7).random((7, 5))
        expected = np.zeros((BINS, BINS, BINS))
        low, high = np.array([0, 78, 68]), np.array([255, 198, 208])
        for pixel, share in zip(lab.reshape(-1, 3), weight.ravel(), strict=True):
            place = np.clip((pixel - low) / (high - low) * BINS - 0.5, 0, BINS - 1)
            for index in np.ndindex(BINS, BINS, BINS):
                expected[index] += share * np.prod(np.maximum(1 - abs(place - index), 0))
        expected = np.sqrt(expected.ravel() / weight.sum())
        assert np.allclose(colour_histogram(lab, weight), expected, atol=1e-4)

    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, 2**31), st.floats(0.01, 1000, allow_subnormal=False))
    def test_length_one_whatever_the_weights_scale(self, seed, factor):
        lab, weight = noise(11, 3, 3, seed=seed), np.random.default_rng(seed).random((11, 3))
        histogram = colour_histogram(lab, weight)
        assert np.linalg.norm(histogram) == pytest.approx(1, abs=1e-5)
        assert np.allclose(colour_histogram(lab, weight * factor), histogram, atol=1e-5)

    def test_pixels_of_no_weight_do_not_count(self):
        lab, weight = noise(9, 4, 3), np.zeros((9, 4))
        assert not colour_histogram(lab, weight).any()
        weight[2, 3] = 1
        assert np.allclose(colour_histogram(lab, weight), colour_histogram(lab[2:3, 3:4], np.ones((1, 1))))

    def test_shapes_must_fit(self):
        with pytest.raises(ValueError, match="do not fit"):
            colour_histogram(noise(5, 7, 3), np.ones((7, 5)))


class TestPattern:
    def test_it_counts_uniform_codes(self):
        grey, weight = noise(13, 11), np.random.default_rng(2).random((13, 11))
        levels = grey.astype(int)
        padded = np.pad(levels, 1, mode="edge")
        circle = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]
        counts = {}
        for y, x in np.ndindex(13, 11):
            bits = [int(padded[y + 1 + dy, x + 1 + dx] > levels[y, x] + 2) for dy, dx in circle]
            changes = sum(bits[k] != bits[k - 1] for k in range(8))
            code = sum(bit << k for k, bit in enumerate(bits)) if changes <= 2 else "other"
            counts[code] = counts.get(code, 0) + weight[y, x]
        ours = pattern_histogram(grey, weight)[:CODES] ** 2 * len(RADII) * weight.sum()
        assert ours[-1] == pytest.approx(counts.pop("other"), rel=1e-4)
        assert np.allclose(np.sort(ours[:-1])[::-1][: len(counts)], sorted(counts.values(), reverse=True), rtol=1e-4)

    def test_light_does_not_matter_and_length_is_one(self):
        grey = noise(31, 23) // 2
        histogram = pattern_histogram(grey, np.ones(grey.shape))
        assert np.allclose(pattern_histogram(grey + 100, np.ones(grey.shape)), histogram, atol=0.02)
        assert np.linalg.norm(histogram) == pytest.approx(1, abs=1e-5)

    def test_stripes_and_plain_cloth_differ(self):
        stripes = np.tile(np.repeat([60, 180], 4), (67, 8)).astype(np.uint8)
        weight = np.ones(stripes.shape)
        along, across = pattern_histogram(stripes, weight), pattern_histogram(stripes.T.copy(), weight.T)
        plain = pattern_histogram(np.full_like(stripes, 90), weight)
        assert plain @ along < 0.8
        assert along @ across < 0.8
        assert not pattern_histogram(stripes, weight * 0).any()

    def test_shapes_must_fit(self):
        with pytest.raises(ValueError, match="do not fit"):
            pattern_histogram(noise(5, 7), np.ones((7, 5)))


class TestSignature:
    def test_bits_are_signs_of_projections(self):
        features, centre = np.random.default_rng(5).normal(size=(3, 13)), np.arange(13) / 10
        directions = random_directions(13, seed=3)
        bits = np.unpackbits(signatures(features, centre, directions), axis=1)
        assert bits.shape == (3, SIGNATURE_BITS)
        for vector, row in zip(features, bits, strict=True):
            for bit in range(0, SIGNATURE_BITS, 97):
                signs = [1 if directions[bit, k // 8] >> (7 - k % 8) & 1 else -1 for k in range(13)]
                assert row[bit] == (sum((vector - centre) * signs) > 0)

    def test_the_share_of_different_bits_is_the_angle(self):
        first, other = np.random.default_rng(7).normal(size=(2, 401))
        for mix in (0.0, 0.3, 1.0):
            second = first * (1 - mix) + other * mix
            angle = np.arccos(np.clip(first @ second / np.linalg.norm(first) / np.linalg.norm(second), -1, 1))
            pair = signatures(np.stack([first, second]), np.zeros(401), random_directions(401))
            share = np.unpackbits(pair[0] ^ pair[1]).mean()
            assert abs(share - angle / np.pi) < 0.05

    def test_sizes_must_fit(self):
        with pytest.raises(ValueError, match="do not fit"):
            signatures(np.zeros((2, 13)), np.zeros(11), random_directions(13))
