"""The scan of signatures against loops over all of them, and what it finds where most are compared by half."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modeling.fashion_search.hamming_fashion_search import WHOLE, HammingScan, nearest
from modeling.fashion_search.vectors_fashion_search import hamming


class TestHammingScan:
    @pytest.mark.parametrize("width", [1, 8, 12, 64, 100, 128, 200])
    def test_counts_like_a_loop(self, width):
        rng = np.random.default_rng(width)
        codes = rng.integers(0, 256, (40, width), np.uint8)
        scan = HammingScan(width)
        scan.add(codes[:25])
        scan.add(codes[25:])
        scan.remove(np.array([0, 7, 39]))
        kept = np.delete(codes, [0, 7, 39], axis=0)
        np.testing.assert_array_equal(scan.signatures(), kept)
        for query in codes[:3].tolist():
            wanted = [sum((a ^ b).bit_count() for a, b in zip(query, one, strict=True)) for one in kept.tolist()]
            assert scan.distances(np.array(query, np.uint8)).tolist() == wanted

    def test_answers_of_one_thread_stay_when_another_asks(self):
        codes = np.random.default_rng(5).integers(0, 256, (50, 16), np.uint8)
        scan = HammingScan(16)
        scan.add(codes)
        mine = scan.distances(codes[0])
        before = mine.copy()
        other = threading.Thread(target=scan.distances, args=(codes[1],))
        other.start()
        other.join()
        np.testing.assert_array_equal(mine, before)

    @given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(301, 20_000), st.sampled_from([1, 9, 1024]))
    @settings(max_examples=60, deadline=None)
    def test_the_nearest_are_among_the_near(self, seed, k, count, most):
        distances = np.random.default_rng(seed).integers(0, most, count).astype(np.int32)
        near = nearest(distances, k)
        assert len(near) >= k
        assert np.sort(distances[near])[:k].tolist() == np.sort(distances)[:k].tolist()

    @pytest.mark.parametrize("count", [WHOLE, WHOLE + 4_000])
    def test_the_nearest_of_many_are_found_though_most_are_compared_by_half(self, count):
        rng = np.random.default_rng(6)
        codes = rng.integers(0, 256, (count, 128), np.uint8)
        query = codes[0].copy()
        places = np.sort(rng.permutation(count)[:40])
        flips = np.packbits(rng.random((40, 1024)) < np.linspace(0.05, 0.3, 40)[:, None], axis=1)
        codes[places] = query ^ flips  # forty of the query's own kind among strangers, half of whose bits differ
        scan = HammingScan(128)
        scan.add(codes)
        near, distances = scan.near(query, 40)
        np.testing.assert_array_equal(distances, hamming(query, codes[near]))
        exact = np.sort(hamming(query, codes))[:40]
        assert np.sort(distances)[:40].tolist() == exact.tolist()

    def test_as_many_as_asked_for_are_found_whatever_the_order(self):
        codes = np.random.default_rng(7).integers(0, 256, (WHOLE + 100, 128), np.uint8)
        codes[::16] = codes[0]  # what the bound is sampled from is all alike
        scan = HammingScan(128)
        scan.add(codes)
        for k in (1, 500, 2_000, WHOLE):
            assert len(scan.near(codes[0], k)[0]) >= k
