import json

import numpy as np
import pytest

from modeling.fashion_search.guide_fashion_search import GuideExtractor
from modeling.fashion_search.words_fashion_search import load_words
from training.fashion import measure_guide
from training.fashion.measure_guide import CATEGORIES, counts, judge, measure, pairs, scores
from training.fashion.taxonomy import TREE, garment_class


class TestTreeOfTheGuide:
    def test_holds_the_encoders_nodes_and_names_them_as_trained(self):
        words = load_words()
        assert set(TREE) - {"product"} == words.trained

    def test_agrees_on_the_detectors_class(self):
        words = load_words()
        for node in set(TREE) - {"product"}:
            own = garment_class(node)
            assert not own or words.garment_classes(node) == {own}, node


class TestScores:
    def test_are_those_of_counting_by_hand(self):
        table = np.array([[2, 3, 2], [0, 1, 0], [1, 1, 5]])
        assert scores(table) == {"precision": 0.6, "recall": 0.4286, "f1": 0.5, "wanted": 7}

    def test_nothing_asked_and_nothing_answered_is_right(self):
        assert scores(np.zeros((3, 3), int))["f1"] == 1.0

    def test_the_interval_holds_the_score(self):
        table = np.array([[1, 1, 1], [0, 1, 1], [2, 2, 3], [1, 2, 1], [0, 0, 1]])
        low, high = (result := scores(table, np.random.default_rng(3)))["f1_interval"]
        assert low <= result["f1"] <= high
        assert low < high

    def test_pairs_of_fields(self):
        label = {"category": "dress", "gender": None, "colours": ["red", "blue"], "material": [], "note": "x"}
        assert pairs(label) == {("category", "dress"), ("colours", "red"), ("colours", "blue")}


class TestMeasuring:
    def labelled(self, tmp_path):
        labels = [
            {"text": "red dress", "lang": "en", "kind": "query", "category": "dress", "colours": ["red"]},
            {"text": "wool muffler", "lang": "en", "kind": "title", "category": "scarf", "material": ["wool"]},
            {"text": "黑色靴子", "lang": "zh", "kind": "title", "category": "dress", "colours": ["black"]},
        ]
        path = tmp_path / "titles.jsonl"
        path.write_text("\n".join(json.dumps(label) for label in labels), "utf-8")
        return path

    def test_counts_right_found_and_wanted(self, tmp_path):
        judged = judge(self.labelled(tmp_path), GuideExtractor.load())
        assert counts(judged).tolist() == [[2, 2, 2], [2, 2, 2], [1, 2, 2]]
        assert counts(judged, ("colours",)).tolist() == [[1, 1, 1], [0, 0, 0], [1, 1, 1]]

    def test_by_language_and_field(self, tmp_path):
        result = measure(self.labelled(tmp_path))
        assert result["texts"] == 3
        assert result["micro"]["f1"] == pytest.approx(5 / 6, abs=1e-4)
        assert result["all_right"] == pytest.approx(2 / 3, abs=1e-4)
        assert result["by_language_and_field"]["zh"]["category"]["f1"] == 0.0
        assert result["by_language"]["en"]["f1"] == 1.0

    def test_a_missing_file_is_named(self, tmp_path):
        with pytest.raises(ValueError, match=r"none\.jsonl"):
            measure(tmp_path / "none.jsonl")

    def test_labels_are_categories_of_the_guide(self):
        assert set(load_words().tree) >= CATEGORIES

    def test_the_shipped_titles_use_known_categories(self):
        labels = [json.loads(line) for line in measure_guide.TITLES.read_text("utf-8").splitlines()]
        assert len(labels) >= 200
        assert {label["category"] for label in labels} <= {None, *CATEGORIES}
