"""What a translation shows: copies marked, weights as numbers, and nothing a visitor typed as markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from apps.i18n import LOCALES, speak
from apps.translation import markup as html
from apps.translation.attention import LONGEST, WIDEST, blocks, fraction, heat_maps
from apps.translation.code_panel import api_call, model_call
from apps.translation.derivation import derivation, parsed, pieces
from apps.translation.engines import SYSTEMS
from apps.translation.examples import EXAMPLES
from apps.translation.service import TranslationService
from apps.translation.trace import differences, merged
from modeling.planet_rbmt.translation_zh_ko import Copied, Step, Translation
from tests.apps.fake_translator import FakeTranslator

ENGLISH = speak("en")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>我',
    "<b>我</b>&lt;i&gt;{x}' onclick='alert(1)",
    "</textarea></section><svg onload=alert(1)>我爱你",
    "⟦N0⟧⟦L9⟧我有3本书⟦",
    "| → X1 X2 S → S X ∅ ␣ ▁",
)
_ALLOWED = {
    "section",
    "div",
    "article",
    "header",
    "h2",
    "h3",
    "h4",
    "p",
    "span",
    "small",
    "b",
    "mark",
    "code",
    "button",
}
_ALLOWED |= {"dl", "dt", "dd", "ul", "ol", "li", "details", "summary", "table", "thead", "tbody", "tr", "th", "td"}


class _Checker(HTMLParser):
    """Collects what is not ours: foreign tags, event handlers, and whether every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.wrong += [tag] * (tag not in _ALLOWED)
        self.wrong += [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]

    def handle_endtag(self, tag):
        self.wrong += [] if self.open and self.open.pop() == tag else [f"/{tag}"]


def _complaints(page: str) -> list[str]:
    checker = _Checker()
    checker.feed(page)
    return checker.wrong + checker.open


def _answer(source, *models):
    service = TranslationService(models or [FakeTranslator(), FakeTranslator("planet-smt-zh-ko")])
    answer = service.awaited(source)
    for engine in service.engines:
        answer = answer.having(service.outcome(engine, source, ENGLISH))
    return answer


def _page(answer, reference="", text=ENGLISH):
    return html.columns(answer, reference, text) + html.details(answer, text)


def _words(page):
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_typed_becomes_markup(source):
    answer = _answer(source, FakeTranslator(unknown="我"), FakeTranslator("planet-smt-zh-ko", unknown="我"))
    page = _page(answer, reference=source)
    assert _complaints(page) == []
    assert "<script" not in page
    assert "<img" not in page


@pytest.mark.parametrize("locale", LOCALES)
def test_every_example_is_well_formed_in_every_language(locale):
    for example in EXAMPLES:
        assert _complaints(_page(_answer(example.source), example.reference, speak(locale))) == []


def test_failures_are_escaped():
    page = html.failure("<i>", "<b>")
    assert _complaints(page) == []
    assert 'role="alert"' in page


def test_columns_wait_one_by_one():
    service = TranslationService([FakeTranslator()])
    answer = service.awaited("我爱你")
    assert html.columns(answer, "", ENGLISH).count("Translating …") == 2
    assert 'aria-busy="true"' in html.columns(answer, "", ENGLISH)
    assert html.details(answer, ENGLISH) == ""
    answer = answer.having(service.outcome(service.engines[1], "我爱你", ENGLISH))
    page = html.columns(answer, "", ENGLISH)
    assert page.count("Translating …") == 1
    assert "저는 당신을 사랑합니다" in page


def test_a_column_says_why_there_is_no_translation():
    page = html.columns(_answer("我" * 1001), "", ENGLISH)
    assert "up to 1,000 characters here; this one has 1,001" in page


def test_copies_are_marked_where_they_stand():
    copied = (
        Copied("2", "2", "number", "placeholder"),
        Copied("2025", "2025", "number", "placeholder"),
        Copied("首尔", "서울", "name", "dictionary"),
        Copied("徒", "徒", "unknown", "attention"),
        Copied("NY", "", "latin", "placeholder"),
    )
    marked = html.highlighted(Translation("", "2025년 서울 2명 徒 서울", copied=copied), ENGLISH)
    assert re.findall(r'<mark class="ph-how-(\w+)" title="[^"]*">(.*?)</mark>', marked) == [
        ("placeholder", "2025"),
        ("dictionary", "서울"),
        ("placeholder", "2"),
        ("attention", "徒"),
    ]
    assert _words(marked) == "2025 년 서울 2 명 徒 서울"


def test_what_was_lost_is_said():
    found = Translation("", "가", copied=(Copied("NY-1", "", "latin", "placeholder"),))
    page = html._copied(found, ENGLISH)
    assert "left out" in page
    assert "NY-1" in page


def test_scores_come_with_a_reference_and_their_signatures():
    answer = _answer("我爱你")
    assert "chrF2|" not in html.columns(answer, " ", ENGLISH)
    page = html.columns(answer, "저는 당신을 사랑합니다", ENGLISH)
    assert page.count("<dt>BLEU</dt>") == page.count("<dt>chrF</dt>") == 3
    assert "chrF2|" in page
    assert "<dd>100.0</dd>" in page


@pytest.mark.parametrize("locale", LOCALES)
def test_warnings_are_in_the_visitors_language(locale):
    text = speak(locale)
    page = html.columns(_answer("hello"), "", text)
    assert page.count(text("translation_warning_not_chinese")) == 3
    odd = Translation("", "", warning="<odd>")
    assert html.warning(odd, text) == "&lt;odd&gt;"


def test_alternatives_are_listed():
    page = html.columns(_answer("我爱你", FakeTranslator()), "", ENGLISH)
    assert page.count("<li>말3 말2 말1 (") == 4


class TestAttention:
    def test_every_weight_is_a_number_in_its_cell(self):
        page = heat_maps(_answer("我爱你", FakeTranslator()).translation("neural"), ENGLISH)
        assert (
            re.findall(r'--w:(\d\.\d+)">(\.\d+)<', page)
            == [("0.17", ".17"), ("0.83", ".83")]
            + [
                ("0.83", ".83"),
                ("0.17", ".17"),
            ]
            * 2
        )
        assert page.count('tabindex="0"') == 1
        assert page.count('role="gridcell"') == 9

    def test_sentences_have_tables_of_their_own(self):
        forward = Translation(
            "", "", source_tokens=("我", "。", "他", "！"), target_tokens=("나", "너", "."),
            alignment=((1.0, 0, 0, 0), (0, 0, 1.0, 0), (0, 0, 0, 0)),
        )  # fmt: skip
        first, second = blocks(forward)
        assert (first.target, second.target) == (("나",), ("너", "."))
        assert second.weights == ((1.0, 0), (0, 0))
        assert heat_maps(forward, ENGLISH).count("<table") == 2

    def test_long_sentences_are_cut_and_it_is_said(self):
        page = heat_maps(_answer("我" * 90, FakeTranslator()).translation("neural"), ENGLISH)
        assert page.count('scope="col"') == WIDEST
        assert page.count('scope="row"') == LONGEST
        assert f"Shown are {WIDEST} of 90 Chinese" in page

    def test_no_alignment_is_no_table(self):
        assert heat_maps(Translation("我", "나"), ENGLISH) == ""

    @pytest.mark.parametrize(("weight", "shown"), [(1.0, "1"), (0.996, "1"), (0.83, ".83"), (0.006, ".01")])
    def test_fractions_are_short(self, weight, shown):
        assert fraction(weight) == shown


class TestTrace:
    def test_steps_of_sentences_are_joined(self):
        steps = (Step("clean", "一", ("a",)), Step("segment", "一"), Step("clean", "二", ("a", "b")))
        assert merged(steps) == [Step("clean", "一 二", ("a", "b")), Step("segment", "一")]

    def test_differences_are_marked(self):
        assert differences("我來自", "我来自") == '我<mark class="ph-new">来</mark>自'

    def test_conversion_protection_and_unknown_words_are_shown(self):
        page = html.details(_answer("我來自7404年", FakeTranslator(unknown="自")), ENGLISH)
        assert '<mark class="ph-new">来</mark>' in page
        assert '<mark class="ph-placeholder">⟦N0⟧</mark>' in page
        assert "⟦N0⟧ 7404" in page
        assert "來 → 来" in page
        assert "Neural 自" in _words(page)


class TestDerivation:
    TREE = (
        "S → S X", (0, 6),
        (
            ("S → X", (0, 4), (("X → 把 X1 X2 | X1 ▁을 X2", (0, 4), (
                ("X → | | ▁|", (1, 2), ()), ("X → 说 了 | ▁말했다", (2, 4), ()),
            )),)),
            ("X → 的 吗 | ", (4, 6), ()),
        ),
    )  # fmt: skip

    def test_rules_are_taken_apart_by_their_spans(self):
        first, second = pieces(self.TREE)
        assert (first.source, first.target) == (("把", "X1", "X2"), ("X1", "▁을", "X2"))
        assert [(child.source, child.target) for child in first.children] == [
            (("|",), ("▁|",)),
            (("说", "了"), ("▁말했다",)),
        ]
        assert second.source == ("的", "吗")
        assert second.span == (4, 6)
        assert parsed(("X → 我 | 나", (0, 1), ())).target == ("나",)

    def test_the_tree_is_nested_lists(self):
        page = derivation(Translation("", "", derivation=(self.TREE,)), ENGLISH)
        assert _complaints(page) == []
        assert page.count("<details open>") == 1
        assert "∅" in page
        assert _words(page).startswith("把 X1 X2 → becomes X1 을 X2 X1 | → becomes | X2 说 了 → becomes 말했다")

    def test_glue_of_a_long_text_does_not_exhaust_the_stack(self):
        tree = ("S → X", (0, 1), (("X → 我 | 나", (0, 1), ()),))
        for place in range(1, 5000):
            tree = ("S → S X", (0, place + 1), (tree, ("X → 我 | 나", (place, place + 1), ())))
        assert "more" in derivation(Translation("", "", derivation=(tree,)), ENGLISH)

    def test_pieces_of_a_cut_sentence_follow_each_other(self):
        tree = ("pieces", (0, 1), (("X → 我 | 나", (0, 1), ()), ("X → 你 | 너", (0, 1), ())))
        assert [rule.source for rule in pieces(tree)] == [("我",), ("你",)]


def test_code_examples_are_python_and_name_the_address():
    code = api_call({"host": "hub.example", "x-forwarded-proto": "https,http"}, "neural")
    assert 'Client("https://hub.example")' in code
    compile(code, "api", "exec")
    for name in SYSTEMS:
        compile(model_call(name), name, "exec")
        assert name in model_call(name)
