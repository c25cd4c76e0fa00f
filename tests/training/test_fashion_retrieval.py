"""Retrieval figures against naive loops, and features that nobody trained."""

from __future__ import annotations

import math
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.fashion import choose_weights, measure_retrieval
from training.fashion.retrieval import cosine, equal, hamming_similarity, retrieval_figures
from training.fashion.retrieval_baselines import colour_histograms
from training.fashion.sets import Item


class TestRetrieval:
    @given(st.integers(0, 10_000))
    def test_figures_are_those_of_a_naive_loop(self, seed):
        draw = np.random.default_rng(seed)
        similarity = draw.integers(0, 6, (5, 13)).astype(float)  # many ties
        relevant, excluded = draw.random((5, 13)) < 0.3, draw.random((5, 13)) < 0.2
        relevant[0, 3], excluded[0, 3] = True, False
        figures, lists = retrieval_figures(similarity, relevant, excluded), []
        for row, wanted, out in zip(similarity, relevant, excluded, strict=True):
            ranked = sorted((n for n in range(13) if not out[n]), key=lambda n: (-row[n], n))
            if any(wanted[n] for n in ranked):
                lists.append([bool(wanted[n]) for n in ranked])
        for cut in (1, 5, 10):
            assert figures[f"hit@{cut}"] == pytest.approx(np.mean([any(line[:cut]) for line in lists]))
        averages = [np.mean([sum(line[: n + 1]) / (n + 1) for n in range(len(line)) if line[n]]) for line in lists]
        assert figures["map"] == pytest.approx(np.mean(averages))
        gains = [sum(hit / math.log2(n + 2) for n, hit in enumerate(line[:10])) for line in lists]
        best = [sum(1 / math.log2(n + 2) for n in range(min(sum(line), 10))) for line in lists]
        assert figures["ndcg@10"] == pytest.approx(np.mean(np.array(gains) / np.array(best)))
        assert figures["queries"] == len(lists)

    def test_an_empty_label_is_like_nothing(self):
        np.testing.assert_array_equal(equal(["a", ""], ["a", "", "b"]), [[True, False, False], [False] * 3])
        with pytest.raises(ValueError, match="No query"):
            retrieval_figures(np.zeros((2, 3)), np.zeros((2, 3), bool), np.zeros((2, 3), bool))

    def test_hamming_similarity_counts_equal_bits(self):
        draw = np.random.default_rng(0)
        one, other = draw.integers(0, 256, (3, 5), np.uint8), draw.integers(0, 256, (7, 5), np.uint8)
        for q, row in zip(one, hamming_similarity(one, other), strict=True):
            for g, value in zip(other, row, strict=True):
                assert value == pytest.approx(
                    1 - bin(int.from_bytes(q.tobytes()) ^ int.from_bytes(g.tobytes())).count("1") / 40
                )

    def test_half_a_signature_finds_what_differs_alike_in_both_halves_and_not_what_agrees_in_one(self):
        draw = np.random.default_rng(1)
        codes = draw.integers(0, 256, (640, 128), np.uint8)
        codes[600] = codes[0] ^ np.packbits(draw.random(1024) < 0.1)
        assert measure_retrieval.measure_sifting(codes, 1) == {
            "found": 1.0, "nearest": 1, "compared": 2, "gallery": 639, "n": 1,
        }  # fmt: skip
        codes[600, :64] = ~codes[0, :64]
        codes[600, 64:] = codes[0, 64:]  # 512 bits agree, as those of strangers do
        codes[600, :8] = codes[0, :8]
        assert measure_retrieval.measure_sifting(codes, 1)["found"] == 0.0

    def test_a_query_finds_neither_itself_nor_its_duplicates(self, tmp_path):
        items = [Item(tmp_path / str(n), ("cap",), {"category": "cap", "colour": "red"}, duplicates=d)
                 for n, d in enumerate(["g1", "g1", "", ""])]  # fmt: skip
        excluded = measure_retrieval.duplicates(items, items)
        np.testing.assert_array_equal(
            excluded, np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], bool)
        )
        features = np.random.default_rng(0).normal(size=(4, 16)).astype(np.float32)
        results = measure_retrieval.measure_features({"deep": features}, items[:3], items)
        assert results["binary"]["type"]["queries"] == 3
        assert results["deep"]["type_colour"]["hit@1"] == 1

    def test_colour_histograms_tell_colours_apart_and_ignore_white(self, tmp_path):
        items = []
        for number, (colour, rgb) in enumerate({"red": (220, 30, 30), "blue": (30, 40, 220)}.items()):
            for width in (7, 23):
                picture = np.full((31, 41, 3), 255, np.uint8)
                picture[5:20, 3 : 3 + width] = rgb
                path = tmp_path / f"{number}-{width}.png"
                cv2.imwrite(str(path), picture[..., ::-1])
                items.append(Item(path, ("cap",), {"colour": colour}))
        likeness = cosine(colour_histograms(items), colour_histograms(items))
        same = equal([i.attributes["colour"] for i in items], [i.attributes["colour"] for i in items])
        assert likeness[same].min() > 0.99
        assert likeness[~same].max() < 0.01


def _look(feature: list[float], histogram: list[float], leaf: str) -> SimpleNamespace:
    category = SimpleNamespace(leaf=leaf)
    return SimpleNamespace(feature=np.array(feature), histogram=np.array(histogram), category=category)


def test_weights_shift_what_comes_first(tmp_path):
    """Two caps and two shirts in two colours: features tell the colour here, histograms and words the type."""
    kinds = [("cap", "red"), ("cap", "blue"), ("shirt", "red"), ("shirt", "blue")]
    items = [Item(tmp_path / str(n), (kind,), {"category": kind, "colour": colour})
             for n, (kind, colour) in enumerate(kinds)]  # fmt: skip
    looks = [
        _look([1.0, 0.2] if colour == "red" else [0.2, 1.0], [1.0, 0.0] if kind == "cap" else [0.0, 1.0], kind)
        for kind, colour in kinds
    ]
    rows = choose_weights.grid(looks, items)
    found = {(row["colour_weight"], row["guide_weight"]): row for row in rows}
    assert len(rows) == len(choose_weights.COLOUR_WEIGHTS) * len(choose_weights.GUIDE_WEIGHTS)
    assert (found[0.0, 0.15]["type, unguided"], found[0.8, 0.15]["type, unguided"]) == (0, 1)
    assert (found[0.0, 0.15]["type, guided"], found[0.0, 0.5]["type, guided"]) == (0, 1)
    assert choose_weights.as_text(rows).count("\n") == len(rows) + 1


def test_weights_are_chosen_with_one_command(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "products"
    (folder / "images").mkdir(parents=True)
    lines = ["id,path,title,gender,articleType,baseColour,season,usage,pattern,split,near_duplicate_group"]
    for number, (kind, colour) in enumerate((("Tshirts", (30, 30, 200)), ("Caps", (200, 30, 30)))):
        for copy in range(2):
            picture = np.full((120, 90, 3), 250, np.uint8)
            cv2.rectangle(picture, (20, 20 + 5 * copy), (70, 90), colour, -1)
            name = f"images/{number}{copy}.jpg"
            cv2.imwrite(str(folder / name), picture)
            lines.append(f"{number}{copy},{name},,Men,{kind},Red,,,,val,")
    (folder / "products.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["choose_weights", "--data", str(tmp_path)])
    choose_weights.main()
    assert capsys.readouterr().out.count("| colour_weight |") == 3
