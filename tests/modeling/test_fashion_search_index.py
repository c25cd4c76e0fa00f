"""Vector indexes against loops over all items, the cache, the lock, postings, and regions and colours."""

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modeling.fashion_search import Filters
from modeling.fashion_search.cache_fashion_search import load_vectors, save_vectors
from modeling.fashion_search.faiss_fashion_search import GATHERED, FaissIndex
from modeling.fashion_search.histogram_fashion_search import alike, colour_histogram
from modeling.fashion_search.locks_fashion_search import ReadWriteLock
from modeling.fashion_search.narrowing_fashion_search import as_filters, narrow
from modeling.fashion_search.postings_fashion_search import Postings
from modeling.fashion_search.regions_fashion_search import LEAST, clipped, cropped, likeliest
from modeling.fashion_search.results_fashion_search import Attribute, Detection, Item
from modeling.fashion_search.tree_fashion_search import at_or_below, path_to, upwards
from modeling.fashion_search.vectors_fashion_search import MODES, SHORTLIST, best, hamming
from tests.modeling.fashion_fakes import COLOURS, DIMENSION, TREE, unit_vectors

ITEMS = 311


def naive(ids, features, signatures, feature, signature, k, allowed, mode):
    """The answer by loops: scores of the k best, and what each id scores."""
    rows = [place for place, one in enumerate(ids) if allowed is None or one in set(allowed.tolist())]
    apart = {}
    for place in rows:
        bits = sum(bin(int(a) ^ int(b)).count("1") for a, b in zip(signatures[place], signature, strict=True))
        apart[place] = bits
    cosine = {
        place: float(sum(a * b for a, b in zip(features[place].astype(float), feature, strict=True))) for place in rows
    }
    equal = {place: 1 - bits / (8 * signatures.shape[1]) for place, bits in apart.items()}
    scores = equal if mode == "binary" else cosine
    if mode == "two-stage":
        rows = sorted(rows, key=lambda place: apart[place])[: max(k, SHORTLIST)]
    return sorted((scores[place] for place in rows), reverse=True)[:k], {ids[place]: scores[place] for place in rows}


@pytest.fixture
def filled():
    rng = np.random.default_rng(3)
    features, signatures = unit_vectors(rng, ITEMS)
    ids = np.cumsum(rng.integers(1, 4, ITEMS))
    index = FaissIndex(DIMENSION, DIMENSION)
    index.add(ids, features, signatures)
    return index, ids, features, signatures


class TestVectors:
    @given(
        st.integers(0, 2**32 - 1), st.integers(1, 40), st.sampled_from(MODES), st.sampled_from(["all", "some", "few"])
    )
    @settings(max_examples=30, deadline=None)
    def test_answers_are_those_of_a_loop(self, seed, k, mode, whom):
        rng = np.random.default_rng(seed)
        count = int(rng.integers(1, 151))  # below SHORTLIST, so that no tie decides who is on it
        features, signatures = unit_vectors(rng, count, 24)
        ids = rng.permutation(1000)[:count]
        index = FaissIndex(24, 24)
        index.add(ids, features, signatures)
        allowed = {"all": None, "some": np.arange(0, 1000, 3), "few": ids[:5]}[whom]
        feature, signature = (rows[0] for rows in unit_vectors(rng, 1, 24))
        found, scores = index.search(feature, signature, k, allowed, mode)
        expected, by_id = naive(ids.tolist(), features, signatures, feature, signature, k, allowed, mode)
        np.testing.assert_allclose(scores, expected, atol=2e-6)
        np.testing.assert_allclose(scores, [by_id[one] for one in found.tolist()], atol=2e-6)
        assert len(set(found.tolist())) == len(found)

    def test_two_stages_compare_only_the_shortlist(self, filled):
        index, ids, features, signatures = filled
        found, _ = index.search(features[7], signatures[7], ITEMS, mode="two-stage")
        assert len(found) == ITEMS  # k beyond the shortlist widens it
        found, _ = index.search(features[7], signatures[7], 5, mode="two-stage")
        near = ids[np.argsort(hamming(signatures[7], signatures), kind="stable")[: SHORTLIST + 20]]
        assert found[0] == ids[7]
        assert set(found) <= set(near)

    @pytest.mark.parametrize("mode", MODES)
    def test_skipping_inside_faiss_and_gathering_agree(self, filled, mode, monkeypatch):
        index, ids, features, signatures = filled
        allowed = ids[::2]
        gathered = index.search(features[1], signatures[1], 19, allowed, mode)
        monkeypatch.setattr("modeling.fashion_search.faiss_fashion_search.GATHERED", 0)
        skipped = index.search(features[1], signatures[1], 19, allowed, mode)
        np.testing.assert_allclose(gathered[1], skipped[1], atol=1e-6)
        assert set(skipped[0]) <= set(allowed)
        assert GATHERED > 0

    def test_removed_items_are_gone_and_the_others_keep_their_vectors(self, filled):
        index, ids, features, signatures = filled
        assert index.remove(np.array([*ids[10:20], 10**6])) == 10
        assert index.size == ITEMS - 10
        assert index.search(features[15], signatures[15], 1, mode="float")[0][0] != ids[15]
        for place in (0, 9, 20, ITEMS - 1):
            assert index.search(features[place], signatures[place], 1)[0][0] == ids[place]
        index.add(ids[10:20], features[10:20], signatures[10:20])  # now the ids are in no order
        assert index.search(features[15], signatures[15], 1)[0][0] == ids[15]
        np.testing.assert_array_equal(index.ids(), ids)
        only = index.search(features[15], signatures[15], 9, ids[12:14])[0]
        assert set(only) == set(ids[12:14])

    def test_nothing_is_found_where_nothing_is(self, filled):
        index, _, features, signatures = filled
        assert len(index.search(features[0], signatures[0], 3, np.array([10**6]))[0]) == 0
        assert len(FaissIndex(DIMENSION, DIMENSION).search(features[0], signatures[0], 3)[0]) == 0

    def test_equal_scores_come_by_id(self):
        ids, scores = best(np.array([9, 4, 7, 2]), np.array([1.0, 1.0, 2.0, 1.0]), 3)
        assert ids.tolist() == [7, 2, 4]
        assert scores.tolist() == [2.0, 1.0, 1.0]

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"k": 0}, "k must be at least 1"),
            ({"mode": "exact"}, "two-stage, binary, float; got|two-stage, binary, float, got"),
            ({"feature": np.zeros(3, np.float32)}, "feature of 64 values"),
            ({"signature": np.zeros(3, np.uint8)}, "signature of 8 bytes"),
        ],
    )
    def test_bad_queries_name_the_value(self, filled, changes, message):
        index, _, features, signatures = filled
        query = {"feature": features[0], "signature": signatures[0], "k": 3, "mode": "two-stage"} | changes
        with pytest.raises(ValueError, match=message):
            index.search(query["feature"], query["signature"], query["k"], mode=query["mode"])

    def test_bad_items_are_refused_whole(self, filled):
        index, ids, features, signatures = filled
        with pytest.raises(ValueError, match="must be new"):
            index.add(ids[:2], features[:2], signatures[:2])
        with pytest.raises(ValueError, match="without repetitions"):
            index.add(np.array([5000, 5000]), features[:2], signatures[:2])
        with pytest.raises(ValueError, match="finite"):
            index.add(np.array([5000]), features[:1] * np.nan, signatures[:1])
        with pytest.raises(ValueError, match="1 x 64"):
            index.add(np.array([5000]), features[:1, :5], signatures[:1])
        assert index.size == ITEMS


class TestCache:
    def test_what_was_saved_comes_back(self, tmp_path):
        features, signatures = unit_vectors(np.random.default_rng(1), 13)
        save_vectors(tmp_path / "v", "a:3", np.arange(13), features, signatures)
        ids, loaded, bits = load_vectors(tmp_path / "v", "a:3")
        np.testing.assert_array_equal(ids, np.arange(13))
        np.testing.assert_array_equal(loaded.astype(np.float32), features)
        np.testing.assert_array_equal(bits, signatures)

    def test_what_cannot_be_trusted_is_no_cache(self, tmp_path):
        path = tmp_path / "v"
        assert load_vectors(path, "a:3") is None
        features, signatures = unit_vectors(np.random.default_rng(1), 13)
        save_vectors(path, "a:3", np.arange(13), features, signatures)
        assert load_vectors(path, "a:4") is None
        whole = path.read_bytes()
        for damaged in (whole[: len(whole) // 2], b"", b"nonsense", whole[:-7] + bytes([whole[-7] ^ 1]) + whole[-6:]):
            path.write_bytes(damaged)
            assert load_vectors(path, "a:3") is None


class TestLock:
    def test_readers_share_and_a_writer_is_alone(self):
        lock, inside, seen = ReadWriteLock(), [], []

        def read():
            with lock.reading():
                inside.append("r")
                both.wait(5)
                inside.remove("r")

        def write():
            with lock.writing():
                seen.append(list(inside))

        both = threading.Barrier(3)
        threads = [threading.Thread(target=read) for _ in range(2)]
        for thread in threads:
            thread.start()
        while len(inside) < 2:  # both readers hold the lock at once
            time.sleep(0.001)
        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(0.02)
        assert not seen
        both.wait(5)
        for thread in [*threads, writer]:
            thread.join(5)
        assert seen == [[]]

    def test_an_error_gives_the_lock_back(self):
        lock = ReadWriteLock()
        for held in (lock.reading, lock.writing):
            with pytest.raises(KeyError), held():
                raise KeyError
        with lock.writing():
            pass


def item(number: int, category="t-shirt", colour="red", gender="men", price=None, **more) -> Item:
    words = (Attribute("category", category), Attribute("colour", colour), Attribute("gender", gender))
    return Item(
        number, f"{number}.jpg", category=category, colour=colour, gender=gender, price=price, attributes=words, **more
    )


class TestPostings:
    @given(st.integers(0, 2**32 - 1))
    @settings(max_examples=40, deadline=None)
    def test_filters_are_those_of_a_loop(self, seed):
        rng = np.random.default_rng(seed)
        genders = ["men", "women", "unisex", ""]
        leaves = ["t-shirt", "shirt", "dress", "heels", "top"]
        items = [
            item(
                int(number),
                str(rng.choice(leaves)),
                str(rng.choice(list(COLOURS))),
                str(rng.choice(genders)),
                price=None if rng.random() < 0.2 else float(rng.integers(1, 30)),
            )
            for number in rng.permutation(500)[:53]
        ]
        postings = Postings(TREE, items[:40])
        postings.add(items[40:])
        gone = [one.id for one in items[::7]]
        postings.remove([*gone, 10**6])
        kept = [one for one in items if one.id not in gone]
        filters = Filters(
            category=str(rng.choice(["", "clothing", "top", "dress", "footwear"])),
            colour=tuple(rng.choice(list(COLOURS), int(rng.integers(0, 3)), replace=False).tolist()),
            gender=str(rng.choice(["", "men", "unisex"])),
            price_min=5.0 if rng.random() < 0.5 else None,
            price_max=20.0 if rng.random() < 0.5 else None,
        )
        expected = [
            one.id
            for one in kept
            if (not filters.category or at_or_below(filters.category, one.category, TREE))
            and (not filters.colour or one.colour in filters.colour)
            and (not filters.gender or one.gender in ({"men", "unisex"} if filters.gender == "men" else {"unisex"}))
            and (filters.price_min is None or (one.price is not None and one.price >= filters.price_min))
            and (filters.price_max is None or (one.price is not None and one.price <= filters.price_max))
        ]
        found = filters.ids(postings, TREE)
        if found is None:
            assert filters == Filters()
            found = postings.all
        assert found.tolist() == sorted(expected)
        assert postings.counts("colour") == {
            colour: count
            for colour in postings.counts("colour")
            if (count := sum(one.colour == colour for one in kept))
        }

    def test_a_category_without_items_widens_upwards(self):
        postings = Postings(TREE, [item(1, "shirt"), item(2, "dress"), item(3, "heels")])
        ids, notes = narrow(postings, TREE, None, "shirt")
        assert (ids.tolist(), notes) == ([1], [])
        ids, (note,) = narrow(postings, TREE, None, "t-shirt")
        assert ids.tolist() == [1]
        assert note.key == "widened"
        assert note == "There is no t-shirt here; top is shown instead."
        ids, (note,) = narrow(postings, TREE, None, "watch")
        assert ids is None
        assert note.key == "not_narrowed"

    def test_filters_hold_and_the_guide_gives_way(self):
        postings = Postings(TREE, [item(1, "shirt", "red"), item(2, "dress", "blue")])
        ids, (note,) = narrow(postings, TREE, np.array([2]), "shirt")
        assert ids.tolist() == [2]
        assert note.values == {"wanted": "shirt", "shown": "clothing"}
        ids, (note,) = narrow(postings, TREE, np.array([], np.int64), "shirt")
        assert not len(ids)
        assert note.key == "nothing_left"

    def test_filters_as_people_write_them(self):
        given = {"colour": "red", "price": (None, 9), "gender": "", "category": None}
        assert as_filters(given) == Filters(colour=("red",), price_max=9)
        with pytest.raises(ValueError, match="got brand"):
            as_filters({"brand": "x"})
        with pytest.raises(ValueError, match="must not be above"):
            Filters(price_min=3, price_max=2)
        with pytest.raises(ValueError, match="price_min must be a number, got nan"):
            Filters(price_min=float("nan"))
        with pytest.raises(ValueError, match="got 'trousers'"):
            Filters(category="trousers").ids(Postings(TREE), TREE)

    def test_tree(self):
        assert path_to("shirt", TREE) == ("product", "clothing", "top", "shirt")
        assert path_to("kilt", TREE) == ("kilt",)
        assert path_to("", TREE) == ()
        assert upwards("shirt", TREE) == ("shirt", "top", "clothing")
        with pytest.raises(ValueError, match="circle"):
            path_to("a", {"a": "b", "b": "a"})


class TestRegions:
    def test_a_large_garment_wins_over_a_small_sure_one(self):
        bag, dress = Detection("bag", 0.99, (0, 0, 11, 11)), Detection("dress", 0.7, (0, 0, 61, 97))
        assert likeliest([bag, dress], 67, 101) == dress

    def test_boxes_are_cut_to_the_picture(self):
        assert clipped((-3, 5, 200, 43), 101, 47) == (0.0, 5.0, 101.0, 43.0)
        for box in [(5, 5, 5, 9), (200, 5, 300, 9), (1, 2, 3), (0, 0, float("nan"), 5)]:
            with pytest.raises(ValueError, match="box"):
                clipped(box, 101, 47)

    def test_small_regions_grow_within_the_picture(self):
        picture = np.arange(47 * 101 * 3, dtype=np.uint8).reshape(47, 101, 3)
        region = cropped(picture, (95.0, 20.0, 99.0, 22.0))
        assert region.shape == (LEAST, LEAST, 3)
        np.testing.assert_array_equal(region[:, -1], picture[5:37, 100])
        assert cropped(picture, (0.0, 0.0, 101.0, 47.0)).shape == picture.shape


class TestColours:
    def test_a_histogram_has_length_one_and_does_not_depend_on_size(self):
        region = np.random.default_rng(0).integers(0, 256, (96, 160, 3), dtype=np.uint8)
        histogram = colour_histogram(region)
        assert histogram.shape == (512,)
        assert np.linalg.norm(histogram) == pytest.approx(1, abs=1e-5)
        plain = np.full((37, 53, 3), (200, 30, 40), np.uint8)
        assert alike(colour_histogram(plain), colour_histogram(plain.repeat(2, 0))[None])[0] == pytest.approx(
            1, abs=1e-5
        )

    def test_near_colours_are_alike_and_far_ones_are_not(self, tmp_path):
        reds = [np.full((41, 41, 3), colour, np.uint8) for colour in [(200, 30, 40), (190, 40, 45), (30, 60, 200)]]
        red, near, blue = map(colour_histogram, reds)
        assert alike(red, near[None])[0] > 0.8
        assert alike(red, blue[None])[0] < 0.1

    def test_an_even_border_hardly_counts(self):
        pictures = []
        for ground in ((250, 250, 250), (10, 80, 10)):
            picture = np.full((61, 61, 3), ground, np.uint8)
            picture[15:46, 15:46] = (200, 30, 40)
            pictures.append(colour_histogram(picture))
        assert alike(pictures[0], pictures[1][None])[0] > 0.85  # the garment fills a quarter, and its edges blend

    def test_empty_regions_are_refused(self):
        with pytest.raises(ValueError, match="not empty"):
            colour_histogram(np.zeros((0, 5, 3), np.uint8))
