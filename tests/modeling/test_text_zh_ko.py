"""Chinese and Korean text cleaned, names protected, words cut, and particles repaired."""

import re
from pathlib import Path

import pytest
from hypothesis import given

from modeling.planet_nmt import processing_zh_ko as processing
from modeling.planet_nmt.cleaning_zh_ko import (
    clean,
    looks_chinese,
    normalise_korean,
    to_half_width,
    to_simplified,
)
from modeling.planet_nmt.josa_zh_ko import LIEUL, NONE, OTHER, choose, last_sound, repair_josa
from modeling.planet_nmt.names_zh_ko import load_names, protect_names
from modeling.planet_nmt.processing_zh_ko import PreProcessor
from modeling.planet_nmt.segmenting_zh_ko import Segmenter, features, join_units, units
from modeling.planet_nmt.sentences_zh_ko import join_sentences, split_sentences, warning_for
from tests.modeling.zh_ko_texts import MIXED, PROPERTY

PRE = PreProcessor()


# --- cleaning ---


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("你\u200b好\x00\ufeff吗", "你好吗"),
        ("一\r\n二\u2028三\x0b四", "一\n二\n三\n四"),
        ("  多  个\t空格 ", "多 个 空格"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("③①㎏", "③①㎏"),
        ("「引」『号』", "“引”‘号’"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("", ""),
    ],
)
def test_clean(text, cleaned):
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("Ａｂ１２％＋－＝＠～￥　", "Ab12%+-=@~¥ "),
        ("好，好！好？好；好：（好）《好》。", "好，好！好？好；好：（好）《好》。"),
        ("１，２３４元，１０：３０", "1,234元，10:30"),
        ("１，２，３", "1，2，3"),
    ],
)
def test_half_width(text, half):
    assert to_half_width(text) == half


@given(MIXED)
@PROPERTY
def test_normalising_twice_changes_nothing(text):
    for change in (clean, to_half_width, to_simplified, normalise_korean):
        once = change(text)
        assert change(once) == once


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("我來自韓國，後天去臺灣。", "我来自韩国，后天去台湾。"),
        ("著名的著作，隨著時間", "著名的著作，随着时间"),
        ("乾隆皇帝的餅乾", "乾隆皇帝的饼干"),
        ("裏面和裡面都有檔案與文件", "里面和里面都有档案与文件"),
    ],
)
def test_simplified(traditional, simplified):
    assert to_simplified(traditional) == simplified
    assert to_simplified(simplified) == simplified


def test_vocabulary_that_both_scripts_share_stays():
    for text in ("文件建立程序使用者影片支援新增", "皇后在后面，乾坤，瞭望塔"):
        assert to_simplified(text) == text


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("我爱北京", True),
        ("DEKAMAX 12V USB 充电器 快充", True),
        ("저는 한국 사람입니다", False),
        ("Where is the station?", False),
        ("これは日本語の文章です", False),
        ("中国의 經濟는 成長했다", False),
        ("12345 😀", True),
        ("", True),
    ],
)
def test_looks_chinese(text, answer):
    assert looks_chinese(text) is answer


class TestSentences:
    def test_cut_and_joined(self):
        sentences = split_sentences("今天好。“明天呢？”我问！\n好 http://a.cn/?b=1 看", 50)
        assert [one.text for one in sentences] == ["今天好。", "“明天呢？”", "我问！", "好 http://a.cn/?b=1 看"]
        assert join_sentences(["a", "b", "c", "d"], sentences) == "a b c\nd"

    @pytest.mark.parametrize(
        "text", ["", " \n ", "。", "a" * 701, "中" * 701, "中，" * 351, "👍🏽\n\n\x00", "1,000 元" * 77]
    )
    def test_no_character_is_lost(self, text):
        sentences = split_sentences(text, 50)
        assert all(0 < len(one.text) <= 50 for one in sentences)
        assert "".join("".join(one.text for one in sentences).split()) == "".join(text.split())

    def test_numbers_are_not_torn(self):
        parts = [one.text for one in split_sentences("价格1234567890元" * 20, 50)]
        assert all(part.count("1234567890") * 10 == sum(map(str.isdigit, part)) for part in parts)

    def test_too_short_a_limit(self):
        with pytest.raises(ValueError, match="got 0"):
            split_sentences("好", longest=0)

    def test_warnings(self):
        assert warning_for("我在北京。") == ""
        assert "Chinese" in warning_for("안녕하세요")
        assert "Chinese" in warning_for("Hello there")
        assert "no words" in warning_for("👍 123")
        assert "very long" in warning_for("中" * 2001)


# --- names ---


def test_names():
    names = load_names()
    assert len(names) >= 300
    assert names["北京"] == "베이징"
    assert all(re.fullmatch(r"[가-힣]+|[A-Z]+", korean) for korean in names.values())
    assert all(to_simplified(chinese) == chinese for chinese in names)


def test_longest_name_on_whole_words():
    names = {"三星": "삼성", "三星电子": "삼성전자", "大邱": "대구"}
    words, slots = protect_names(["三星", "电子", "和", "三星", "在", "东大邱", "，", "三星"], names)
    assert words == ["⟦P0⟧", "和", "⟦P1⟧", "在", "东大邱", "，", "⟦P1⟧"]
    assert [(slot.source, slot.target) for slot in slots] == [("三星电子", "삼성전자"), ("三星", "삼성")]


def test_bad_dictionary(tmp_path):
    (tmp_path / "names_zh_ko.json").write_text('{"北京": 3}', encoding="utf-8")
    with pytest.raises(ValueError, match="one object"):
        load_names(tmp_path)


# --- words ---


def test_without_a_model_characters_are_words(tmp_path, monkeypatch):
    monkeypatch.setattr("modeling.planet_nmt.segmenting_zh_ko.FILE", "missing.crfsuite")
    segmenter = Segmenter(tmp_path)
    assert "every character" in segmenter.note
    assert segmenter.segment("我爱⟦N0⟧个 iPhone，") == ["我", "爱", "⟦N0⟧", "个", "iPhone", "，"]
    assert "every character" in PreProcessor(segmenter=segmenter).prepare("好").trace[-2].notes[0]


def test_units_stay_whole_whatever_the_tags():
    assert join_units(["我", "⟦N0⟧", "们", "好", "A1"], "BMMES"[:5]) == ["我", "⟦N0⟧", "们好", "A1"]


def test_features_hide_what_a_placeholder_holds():
    assert features(units("我⟦N0⟧个")) == features(units("我⟦N7⟧个"))
    assert len(features(units("一二三四五"))) == 5


# --- particles ---


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("서울", LIEUL), ("부산", OTHER), ("제주", NONE), ("0", OTHER), ("1", LIEUL), ("2", NONE), ("3", OTHER),
        ("4", NONE),
        ("5", NONE), ("6", OTHER), ("7", LIEUL), ("8", LIEUL), ("9", NONE), ("10", OTHER), ("100", OTHER),
        ("1,000", OTHER),
        ("1만", OTHER), ("2억", OTHER), ("3조", NONE), ("12%", NONE), ("2.50", OTHER), ("1000000000000", NONE),
        ("5km", NONE),
        ("5kg", OTHER), ("3톤", OTHER), ("36℃", NONE), ("LG", NONE), ("KTX", NONE), ("SNS", NONE), ("LED", NONE),
        ("VR", LIEUL),
        ("FTA", NONE), ("DSLM", OTHER), ("Google", LIEUL), ("Apple", LIEUL), ("iPhone", OTHER), ("Facebook", OTHER),
        ("Mac", OTHER), ("Chrome", OTHER), ("Nike", NONE), ("Amazon", OTHER), ("TikTok", OTHER), ("Samsung", OTHER),
        ("(LED)", NONE), ("C++", NONE), ("😀", None), ("", None),
    ],
)  # fmt: skip
def test_last_sound(text, sound):
    assert last_sound(text) == sound


@pytest.mark.parametrize(
    ("token", "before", "after"),
    [
        ("3", "는 ", "은 "), ("2", "은 ", "는 "), ("LED", "이 ", "가 "), ("iPhone", "를 ", "을 "),
        ("1", "으로 ", "로 "),
        ("3", "로 ", "으로 "), ("2", "으로 ", "로 "), ("서울", "으로부터 ", "로부터 "), ("부산", "와 ", "과 "),
        ("KTX", "과의 ", "와의 "),
        ("5kg", "나 ", "이나 "), ("SNS", "이라고 ", "라고 "), ("VR", "예요.", "이에요."), ("3", "을(를) ", "을 "),
        ("2", "은(는) ", "는 "), ("LG", "(으)로 ", "로 "), ("12%", "이란 ", "란 "), ("10", "를.", "을."),
        ("3", "가지 ", "가지 "), ("2", "이상 ", "이상 "), ("3", "개 ", "개 "), ("😀", "은 ", "은 "),
        ("ABC", "은행 ", "은행 "),
        ("2", "였다", "였다"), ("3", "였다", "이었다"),
    ],
)  # fmt: skip
def test_josa(token, before, after):
    text = f"나는 {token}{before}끝"
    assert repair_josa(text, [(3, 3 + len(token))]) == f"나는 {token}{after}끝"


def test_josa_elsewhere_is_left_alone():
    assert repair_josa("3는 3는", [(0, 1)]) == "3은 3는"
    with pytest.raises(ValueError, match="까지"):
        choose("까지", OTHER)


# --- copies ---


@pytest.mark.parametrize("folder", ["planet_smt", "planet_rbmt"])
def test_every_translator_has_the_same_text_modules(folder):
    """Each folder is published or used by itself, so each carries its own copy."""
    master = Path(processing.__file__).parent
    names = {path.name for path in master.glob("*_zh_ko.*")}
    assert "processing_zh_ko.py" in names
    copies = {path.name: path.read_bytes() for path in (master.parent / folder).glob("*_zh_ko.*")}
    assert copies == {name: (master / name).read_bytes() for name in names}
