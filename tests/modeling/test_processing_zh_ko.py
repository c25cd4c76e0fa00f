"""The processors as a whole: Chinese text prepared and Korean finished, and both sides of training pairs."""

import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modeling.planet_nmt import processing_zh_ko as processing
from modeling.planet_nmt.cleaning_zh_ko import (
    normalise_korean,
)
from modeling.planet_nmt.processing_zh_ko import PostProcessor, PreProcessor, Steps, pair
from modeling.planet_nmt.protecting_zh_ko import PLACEHOLDERS
from tests.modeling.zh_ko_texts import PROPERTY

PRE = PreProcessor()


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
