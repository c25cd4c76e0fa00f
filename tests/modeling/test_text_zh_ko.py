"""Chinese text to words and back: cleaning, names, words, particles, and training pairs."""

import pickle
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
from modeling.planet_nmt.processing_zh_ko import PostProcessor, PreProcessor, Steps, pair
from modeling.planet_nmt.protecting_zh_ko import PLACEHOLDERS
from modeling.planet_nmt.segmenting_zh_ko import Segmenter, features, join_units, units
from modeling.planet_nmt.sentences_zh_ko import join_sentences, split_sentences, warning_for

PRE = PreProcessor()
PROPERTY = settings(max_examples=100, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
MIXED = st.text(
    st.one_of(
        st.sampled_from("中国人在北京買了三百五十萬元的東西，。！？：（）《》「」年月日％１２Ａｂ　￥～⟦⟧N0L1P2"),
        st.sampled_from("0123456789.,%-:/~xABCabc@#{}<>& \t\n가나다은는"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


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


# --- the whole way ---


def test_twins_give_identical_words():
    for traditional, simplified in (
        ("「韓國」的１２００名學生來自臺北。", "“韩国”的1200名学生来自台北。"),
        ("我來自7404年的NewYorkee .", "我来自7404年的NewYorkee ."),
        ("資訊與後面的隨身聽，賣了三萬五千元", "资讯与后面的随身听，卖了三万五千元"),
    ):
        a, b = PRE.prepare(traditional), PRE.prepare(simplified)
        assert a.words == b.words
        assert a.slots == b.slots


def test_the_trace_names_every_step_taken():
    names = [step.name for step in PRE.prepare("中國１２人").trace]
    assert names == ["clean", "halfwidth", "simplify", "protect", "segment", "names"]
    assert "國 → 国" in PRE.prepare("中國").trace[2].notes[0]
    off = Steps(clean=False, simplify=False, halfwidth=False, protect=False, names=False, segment=False)
    prepared = PreProcessor(off).prepare("中國１２人")
    assert prepared.words == ("中", "國", "１", "２", "人")
    assert prepared.trace == ()


def test_finishing():
    prepared = PRE.prepare("我来自7404年的NewYorkee .")
    text, copied = PostProcessor().finish("저는 ⟦N0⟧년의 ⟦L0⟧에서 왔습니다.", prepared)
    assert text == "저는 7404년의 NewYorkee에서 왔습니다."
    assert [(copy.source, copy.target, copy.kind, copy.how) for copy in copied] == [
        ("7404", "7404", "number", "placeholder"),
        ("NewYorkee", "NewYorkee", "latin", "placeholder"),
    ]


def test_lost_and_invented_placeholders():
    prepared = PRE.prepare("买3个5元的")
    text, copied = PostProcessor().finish("⟦N1⟧을 ⟦N7⟧ 샀다 ⟦L0⟧", prepared)
    assert text == "5를 샀다"
    assert [(copy.source, copy.lost) for copy in copied] == [("5", False), ("3", True)]


def test_a_placeholder_in_the_source_is_no_placeholder():
    prepared = PRE.prepare("⟦N0⟧是5")
    assert not any("⟦" in slot.source for slot in prepared.slots)
    assert "〔" in prepared.words
    without = PreProcessor(Steps(clean=False, protect=False, names=False)).prepare("⟦N0⟧")
    assert "⟦N0⟧" not in without.words


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "\x00\u200b",
        "한국어 문장입니다.",
        "An English sentence, really.",
        "😀🎉",
        "⟦⟦",
        "国" * 10_000,
        "3" * 10_000,
        "a." * 5_000,
        "%" * 10_000,
        "<" * 10_000,
        "1,2" * 4_000,
        "十万" * 5_000,
        "{" * 10_000,
    ],
)
def test_odd_input(text):
    prepared = PRE.prepare(text)
    restored, _ = PostProcessor().finish(" ".join(prepared.words), prepared)
    assert "⟦" not in restored


def test_wrong_types():
    with pytest.raises(ValueError, match="int"):
        PRE.prepare(3)
    with pytest.raises(ValueError, match="josa"):
        Steps(josa=1)


def test_a_pre_processor_goes_to_other_processes():
    again = pickle.loads(pickle.dumps(PRE))
    assert again.prepare("我在北京买3个") == PRE.prepare("我在北京买3个")


# --- training pairs and Korean ---


@pytest.mark.parametrize(
    ("zh", "ko", "expected"),
    [
        ("售价1.2万元", "가격은 12,000위안이다", "가격은 ⟦N0⟧위안이다"),
        ("售价1.2万元", "가격은 1만2천 위안이다", "가격은 ⟦N0⟧ 위안이다"),
        ("增长１２％", "12퍼센트 늘었다", "⟦N0⟧ 늘었다"),
        ("跑5公里", "5킬로미터를 뛴다", "⟦N0⟧를 뛴다"),
        ("3人3天", "3명이 3일간", "⟦N0⟧명이 ⟦N0⟧일간"),
        ("3人3天", "세 명이 3일간", "세 명이 3일간"),
        ("需要7-10天", "7~10일이 걸린다", "⟦N0⟧일이 걸린다"),
        ("用app支付", "APP으로 결제", "⟦L0⟧으로 결제"),
        ("花了¥500", "500위안을 썼다", "⟦N0⟧을 썼다"),
        ("第35届", "제35회", "제⟦N0⟧회"),
        ("有13个和3个", "13개와 3개", "⟦N0⟧개와 ⟦N1⟧개"),
        ("有3.5个", "35개", "35개"),
    ],
)
def test_pairs(zh, ko, expected):
    prepared, korean = pair(zh, ko, PRE)
    assert korean == expected
    assert set(prepared.words) & set(PLACEHOLDERS) == set(re.findall(r"⟦..⟧", expected))


def test_what_is_not_on_both_sides_is_protected_on_neither():
    prepared, korean = pair("AI公司有12名员工和5个国家", "AI 회사는 직원이 열두 명이고 5개국", PRE)
    assert {slot.source for slot in prepared.slots} == {"5", "AI"}
    assert "12" in prepared.words
    assert korean == "⟦L0⟧ 회사는 직원이 열두 명이고 ⟦N0⟧개국"
    assert pair("", "가", PRE) is None
    assert pair("好", " ", PRE) is None


@given(
    st.text(
        st.one_of(st.sampled_from("가나다했간은는을 를이. ,!?⟦⟧N0L1 ▁a1"), st.characters(exclude_categories=["Cs"])),
        max_size=40,
    )
)
@PROPERTY
def test_korean_is_joined_as_it_was(text):
    assert processing.join_korean(processing.split_korean(text)) == normalise_korean(text)


def test_korean_pieces():
    assert processing.split_korean("그는 3년 전에 서울에 갔다.") == [
        "그",
        "는",
        "▁3",
        "년",
        "▁전",
        "에",
        "▁서울",
        "에",
        "▁갔",
        "다",
        ".",
    ]


def test_placeholders_in_korean_stay_whole():
    _, korean = pair("来自7404年的NewYorkee", "7404년의 NewYorkee에서", PRE)
    tokens = processing.split_korean(korean)
    assert tokens == ["⟦N0⟧", "년", "의", "▁⟦L0⟧", "에서"]
    assert processing.join_korean(tokens) == korean


def test_empty_placeholder_text():
    assert PostProcessor().finish("", PRE.prepare("")) == ("", ())


# --- copies ---


@pytest.mark.parametrize("folder", ["planet_smt", "planet_rbmt"])
def test_every_translator_has_the_same_text_modules(folder):
    """Each folder is published or used by itself, so each carries its own copy."""
    master = Path(processing.__file__).parent
    names = {path.name for path in master.glob("*_zh_ko.*")}
    assert "processing_zh_ko.py" in names
    copies = {path.name: path.read_bytes() for path in (master.parent / folder).glob("*_zh_ko.*")}
    assert copies == {name: (master / name).read_bytes() for name in names}
