"""Every text exists in every language, with the same placeholders, and visitors get the language they ask for."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from apps.i18n import LOCALES, TABLES, Translations, negotiate, speak
from modeling.card_ocr.reading_card_ocr import Reason


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_key_is_in_every_locale(locale):
    assert TABLES[locale].keys() == TABLES["en"].keys()
    assert all(text.strip() for text in TABLES[locale].values())


@pytest.mark.parametrize("locale", LOCALES)
def test_placeholders_are_those_of_english(locale):
    wrong = [k for k, text in TABLES[locale].items() if _placeholders(text) != _placeholders(TABLES["en"][k])]
    assert wrong == []


@pytest.mark.parametrize(("locale", "script"), [("ko", r"[가-힣]"), ("zh-CN", r"[一-鿿]"), ("zh-TW", r"[一-鿿]")])
def test_translations_are_written_in_their_script(locale, script):
    same_everywhere = {"hub_name", "home_n"}
    missing = [
        key for key, text in TABLES[locale].items() if key not in same_everywhere and not re.search(script, text)
    ]
    assert missing == []


def test_traditional_chinese_is_not_simplified():
    simplified = set("卡号读取识别显示图片错误请试验码数据测量达")  # a few characters the two scripts write differently
    different = {c for c in simplified if c in "号读识别显图错误请试验码数据测达"} - set("别误码")
    wrong = [key for key, text in TABLES["zh-TW"].items() if different & set(text)]
    assert wrong == []


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reject_reason_has_words(reason):
    assert f"reason_{reason}" in TABLES["en"]


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "en"),
        ("", "en"),
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("fr-FR,zh-CN;q=0.7,ko;q=0.9", "ko"),
        ("zh", "zh-CN"),
        ("zh-Hans-SG", "zh-CN"),
        ("zh-Hant-TW", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("EN-gb", "en"),
        ("fr, de;q=0.5", "en"),
        ("ko;q=nonsense, zh-TW;q=0.1", "zh-TW"),
        ("*", "en"),
    ],
)
def test_negotiation(header, locale):
    assert negotiate(header) == locale


def test_unknown_locale_is_refused():
    with pytest.raises(ValueError, match="'tlh'"):
        speak("tlh")


def test_unknown_label_is_refused():
    with pytest.raises(ValueError, match="no_such_text"):
        Translations().label("no_such_text")


def test_html_survives_the_browsers_message_format():
    words = Translations()
    key = words.html("probe", lambda text: f"<p>it's {{x}} {text('nav_home')}</p>").key
    tables = words.gradio().translations_dict
    assert tables["ko"][key] == '<div lang="ko"><p>it&#39;s &#123;x&#125; 홈</p></div>'
    with pytest.raises(ValueError, match="probe"):
        words.html("probe", lambda text: "")
