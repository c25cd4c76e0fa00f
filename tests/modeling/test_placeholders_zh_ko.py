"""Numbers read and written in Chinese and Korean, and what is protected by placeholders and comes back."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modeling.planet_nmt import processing_zh_ko as processing
from modeling.planet_nmt.numbers_zh_ko import chinese_amount, chinese_numeral, korean_amount, korean_numbers
from modeling.planet_nmt.processing_zh_ko import PostProcessor, PreProcessor, Steps
from modeling.planet_nmt.protecting_zh_ko import PLACEHOLDERS, protect, render_number
from tests.modeling.zh_ko_texts import MIXED, PROPERTY

PRE = PreProcessor()


def targets(text: str) -> list[str]:
    return [slot.target for slot in protect(text)[1]]


# --- numbers ---


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三十五", 35), ("两百", 200), ("一千零五十", 1050), ("十二", 12), ("一亿两千万", 120_000_000),
        ("三万五千", 35_000),
        ("两百零三", 203), ("一万亿", None), ("五六十", None), ("两万五", None), ("一百三", None),
        ("千万", None), ("零", None),
        ("一百零", None), ("十十", None), ("三五", None),
    ],
)  # fmt: skip
def test_chinese_numerals(text, value):
    assert chinese_numeral(text) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12000", "1만 2000"), ("120000000", "1억 2000만"), ("28800000000000", "28조 8000억"), ("9999", "9999"),
        ("0", "0"),
        ("10000", "1만"), ("12345.6", "1만 2345.6"), ("100000001", "1억 1"),
    ],
)  # fmt: skip
def test_korean_amounts(value, text):
    assert korean_amount(Decimal(value)) == text


@given(st.integers(0, 10**20 - 1))
@PROPERTY
def test_korean_amounts_are_read_back(value):
    text = korean_amount(Decimal(value))
    assert next(korean_numbers(text)) == (0, len(text), value)


@given(
    st.integers(1, 9999), st.sampled_from([("", 1), ("万", 10**4), ("亿", 10**8), ("万亿", 10**12), ("千万", 10**7)])
)
@PROPERTY
def test_scaled_numbers_keep_their_value(number, scale):
    word, factor = scale
    source = f"{number}{word}"
    assert chinese_amount(source) == number * factor
    assert next(value for _, _, value in korean_numbers(render_number(source))) == number * factor


def test_amounts_outside_the_range():
    for value in (-1, 10**20):
        with pytest.raises(ValueError, match="value must be"):
            korean_amount(Decimal(value))


@pytest.mark.parametrize(
    ("korean", "value"),
    [
        ("1만 2천 명", 12_000), ("1만2000", 12_000), ("12,000원", 12_000), ("3백만", 3_000_000),
        ("2천5백만", 25_000_000), ("1.5억", 150_000_000),
    ],
)  # fmt: skip
def test_korean_numbers(korean, value):
    assert next(korean_numbers(korean))[2] == value


# --- placeholders ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我来自7404年的NewYorkee .", ["7404", "NewYorkee"]),
        ("2024年3月5日14:30", ["2024", "3", "5", "14:30"]),
        ("1.2亿美元，3万人，28.8万亿韩元，17万7767人", ["1억 2000만", "3만", "28조 8000억", "17만 7767"]),
        ("优惠12%，100万%，10%-20%", ["12%", "100만%", "10%", "20%"]),
        ("¥500，$1,234.50，¥3万，500元", ["500위안", "1,234.50달러", "3만 위안", "500"]),
        ("¥1,299元起，¥3万元", ["1,299위안", "3만 위안"]),
        ("三十五家，两百多名，百分之三十五，三月份", ["35", "200", "35%", "3"]),
        ("一九九八年十二月三十一日", ["1998", "12", "31"]),
        ("5公里，8公斤，60平方米，36.5℃，3万吨，-5℃", ["5km", "8kg", "60㎡", "36.5℃", "3만 톤", "-5℃"]),
        ("5千克和5千人，3升和2升级，945百帕", ["5kg", "5000", "3L", "2", "945"]),
        ("AB-1234/X和X7 Pro，Wi-Fi，C++，7C1521航班", ["AB-1234/X", "X7 Pro", "Wi-Fi", "C++", "7C1521"]),
        ("5ml*4瓶，60×40，40x50cm，1:1，3/4", ["5ml", "4", "60×40", "40x50cm", "1:1", "3/4"]),
        ("7-10天，26—33码，3-5万元，20∼30%", ["7-10", "26—33", "3만-5만", "20~30%"]),
        ("2024-03-05，010-1234-5678，3.2.1", ["2024-03-05", "010-1234-5678", "3.2.1"]),
        (
            "https://a.com/b?x=1。www.b.cn/x foo.bar@baidu.com",
            ["https://a.com/b?x=1", "www.b.cn/x", "foo.bar@baidu.com"],
        ),
        (
            "%s {x} <b>粗</b> %(name)s &nbsp; #tag @me",
            ["%s", "{x}", "<b>", "</b>", "%(name)s", "&nbsp;", "#tag", "@me"],
        ),
        ("007和2.50和1,234", ["007", "2.50", "1,234"]),
        ("万一，十分，双十一，双11，三十而立，五六十人，千万不要，几十个", []),
        ("안녕하세요 여러분，😀，привет", ["안녕하세요 여러분", "😀", "привет"]),
    ],
)
def test_protected(text, expected):
    assert targets(text) == expected


def test_equal_things_share_a_placeholder():
    assert protect("3人3天5人")[0] == "⟦N0⟧人⟦N0⟧天⟦N1⟧人"


def test_the_eleventh_of_a_kind_stays():
    text = "，".join(f"{n}个" for n in range(1, 13))
    words, slots = protect(text)
    assert len(slots) == 10
    assert words.endswith("⟦N9⟧个，11个，12个")


def test_placeholders():
    assert len(PLACEHOLDERS) == len(set(PLACEHOLDERS)) == 30
    assert processing.PLACEHOLDERS is PLACEHOLDERS


@given(MIXED)
@PROPERTY
def test_every_placeholder_comes_back(text):
    prepared = PRE.prepare(text)
    source = re.sub(r"\s", "", "".join(prepared.words))
    restored, copied = PostProcessor(Steps(josa=False)).finish(source, prepared)
    expected = source
    for slot in prepared.slots:
        expected = expected.replace(slot.placeholder, slot.target)
    assert restored == expected.strip()
    assert not any(copy.lost for copy in copied)
    unprotected = PreProcessor(Steps(protect=False, names=False)).prepare(text)
    for slot in prepared.slots:
        source = source.replace(slot.placeholder, slot.source)
    assert re.sub(r"\s", "", source) == re.sub(r"\s", "", "".join(unprotected.words))


SAFE = st.from_regex(
    r"[A-Z][A-Za-z]{1,6}-[0-9]{1,4}(?:/[A-Z])?|https://[a-z]{2,8}\.com/[a-z0-9]{1,8}|[0-9]{1,6}", fullmatch=True
)


@given(st.lists(SAFE, min_size=1, max_size=6, unique=True))
@PROPERTY
def test_what_is_copied_is_exact(items):
    prepared = PRE.prepare("把" + "和".join(items) + "给我")
    text, copied = PostProcessor().finish(" ".join(slot.placeholder for slot in prepared.slots), prepared)
    assert text.split() == items
    assert [copy.source for copy in copied] == items
