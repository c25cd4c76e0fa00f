"""Milvus gives the answers of faiss. The engine is Milvus Lite, which has everything of a server but binary vectors."""

import importlib.util

import numpy as np
import pytest

from modeling.fashion_search import FashionSearch, from_folder
from modeling.fashion_search.faiss_fashion_search import FaissIndex
from modeling.fashion_search.milvus_fashion_search import MilvusIndex, _Bits, _Signs
from modeling.fashion_search.vectors_fashion_search import MODES, hamming
from tests.modeling.fashion_fakes import DIMENSION, FakeExtractor, FakeEyes, gallery, unit_vectors

engine = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("pymilvus", "milvus_lite")),
    reason="pymilvus and milvus-lite are not installed: pip install pymilvus milvus-lite",
)
COUNT, WIDE = 211, 256


def test_both_ways_of_keeping_bits_give_the_same_shares():
    _, signatures = unit_vectors(np.random.default_rng(0), 31)
    expected = 1 - hamming(signatures[0], signatures) / DIMENSION
    bits, signs = _Bits(DIMENSION), _Signs(DIMENSION)
    assert bits.stored(signatures[3]) == signatures[3].tobytes()
    np.testing.assert_allclose(bits.shares(hamming(signatures[0], signatures)), expected)
    kept = np.array([signs.stored(one) for one in signatures])
    assert set(np.unique(kept)) == {-1, 1}
    np.testing.assert_allclose(signs.shares(kept @ kept[0]), expected)


@engine
def test_answers_are_those_of_faiss(tmp_path):
    rng = np.random.default_rng(2)
    features, signatures = unit_vectors(rng, COUNT, WIDE)
    ids = np.cumsum(rng.integers(1, 4, COUNT))
    milvus, near = MilvusIndex(str(tmp_path / "v.db"), WIDE, WIDE), FaissIndex(WIDE, WIDE)
    for index in (milvus, near):
        index.add(ids[:150], features[:150], signatures[:150])
        index.add(ids[150:], features[150:], signatures[150:])
        assert index.remove(np.array([*ids[5:9], 10**6])) == 4
        assert index.size == COUNT - 4
    np.testing.assert_array_equal(milvus.ids(), near.ids())
    with pytest.raises(ValueError, match="must be new"):
        milvus.add(ids[:1], features[:1], signatures[:1])
    for mode in MODES:
        for allowed in (None, ids[::3], ids[20:22], np.array([], np.int64)):
            ours = milvus.search(features[20], signatures[20], 7, allowed, mode)
            theirs = near.search(features[20], signatures[20], 7, allowed, mode)
            np.testing.assert_allclose(ours[1], theirs[1], atol=1e-5)
            if mode != "binary":  # equal Hamming distances come in any order
                np.testing.assert_array_equal(ours[0], theirs[0])
    with pytest.raises(ValueError, match="must have vectors of"):
        MilvusIndex(str(tmp_path / "v.db"), 32, WIDE)
    milvus.drop()
    milvus.close()


@engine
def test_a_search_on_milvus_catches_up_with_its_catalogue(tmp_path):
    pictures = gallery(tmp_path / "pictures", 13)
    options = {"dimension": DIMENSION, "bits": DIMENSION, "duplicate_bits": 0}
    query = pictures / "005.png"
    with FashionSearch.create(tmp_path / "near", FakeEyes(), FakeExtractor(), **options) as near:
        near.add(from_folder(pictures))
        expected = [(hit.item.uri, hit.score) for hit in near.search(query, guide="t-shirt").hits]
    milvus = {"backend": "milvus", "milvus_uri": "vectors.db"}
    with FashionSearch.create(tmp_path / "index", FakeEyes(), FakeExtractor(), **options, **milvus) as search:
        search.add(from_folder(pictures)[:11])
        # As after a crash between the catalogue and Milvus: one item only here, one only there.
        search.store.index.remove(search.catalogue.ids()[:1])
        search.catalogue.delete(search.catalogue.ids()[10:].tolist())
    with FashionSearch.open(tmp_path / "index", FakeEyes(), FakeExtractor()) as search:
        np.testing.assert_array_equal(search.store.index.ids(), search.catalogue.ids())
        assert len(search) == 10
        search.add(from_folder(pictures))
        found = [(hit.item.uri, hit.score) for hit in search.search(query, guide="t-shirt").hits]
        assert [one[0] for one in found] == [one[0] for one in expected]
        np.testing.assert_allclose([one[1] for one in found], [one[1] for one in expected], atol=1e-3)
