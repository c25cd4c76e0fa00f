"""What of numbers, must-keep tokens and placeholders comes through a translation: values worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from modeling.planet_nmt.processing_zh_ko import PreProcessor
from modeling.planet_nmt.translation_zh_ko import Copied, Translation
from training.translation.answers import answer_of
from training.translation.keeping import (
    checks_figure,
    kept_numbers,
    raw_symbols,
    round_trip,
    slots_figure,
    source_numbers,
)
from training.translation.testsets import Pair


class TestKeeping:
    @pytest.mark.parametrize(
        ("chinese", "numbers"),
        [
            ("１．２万元", [12000]),
            ("20多万人", [200_000]),
            ("3.4 亿和 1,000 万", [340_000_000, 10_000_000]),
            ("3亿5000万元", [350_000_000]),
            ("2019年3月4日", [2019, 3, 4]),
            ("增长0.85%，共1,234件", ["0.85", 1234]),
            ("USB3和A4纸5张", [5]),
            ("没有", []),
        ],
    )
    def test_numbers_of_a_source_by_value(self, chinese, numbers):
        assert source_numbers(chinese) == [Decimal(str(number)) for number in numbers]

    def test_a_version_is_no_value(self):
        assert source_numbers("版本 1.2.30") == ["1.2.30"]
        assert kept_numbers("版本 1.2.30", "버전 1.2.30") == (1, 1)
        assert kept_numbers("版本 1.2.30", "버전 1.2.3") == (0, 1)

    @pytest.mark.parametrize(
        ("chinese", "korean", "kept"),
        [
            ("1.2万人", "1만 2천 명", (1, 1)),
            ("1.2万人", "12,000명", (1, 1)),
            ("1.2万人", "1.2억 명", (0, 1)),
            ("3个苹果和3个梨", "사과 3개와 배", (1, 2)),
            ("4月11日", "4월 11일", (2, 2)),
            ("4月", "14월", (0, 1)),
            ("2.50元", "2.5위안", (1, 1)),
        ],
    )
    def test_numbers_that_came_through(self, chinese, korean, kept):
        assert kept_numbers(chinese, korean) == kept

    def test_must_keep_tokens(self):
        pairs = [Pair("", "", checks=("4", "NewYorkee", "10000")), Pair("", "", checks=("서울",)), Pair("", "")]
        assert checks_figure(pairs, ["14 NewYorkee 1만", "서울시", ""])["value"] == 0.75
        assert checks_figure(pairs[2:], [""])["n"] == 0

    def test_raw_symbols_count_only_what_the_source_lacks(self):
        found = raw_symbols(["가 <unk> 나", "가 ⟦N0⟧", "<s> 태그", "좋다"], ["", "", "<s>标签", ""])
        assert found == {"count": 2, "examples": ["가 <unk> 나", "가 ⟦N0⟧"]}

    def test_placeholders_come_back_through_the_processors(self):
        texts = ["我来自7404年的NewYorkee。", "请访问 https://www.a.com/b?c=1 ，１２％", "3亿5000万元和3个"]
        trip = round_trip(texts, PreProcessor())
        assert trip["value"] == 1
        assert trip["n"] >= 6

    def test_lost_placeholders_are_counted(self):
        copied = (
            Copied("12", "12", "number", "placeholder"),
            Copied("北京", "", "name", "dictionary"),
            Copied("龘", "龘", "unknown", "attention"),
        )
        answer = answer_of("x", Translation("x", "y", copied=copied), 3.0)
        assert (answer.slots, answer.lost) == (2, ("北京",))
        assert slots_figure([answer])["value"] == 0.5
