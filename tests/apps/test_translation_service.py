"""What translators are asked, in which order and how much; files of lines; scores."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from apps.i18n import speak
from apps.translation import file as files
from apps.translation.cutting import LONGEST_PART, Part, cut
from apps.translation.engines import Engine, Limits, RuleModel, engines
from apps.translation.examples import EXAMPLES
from apps.translation.scores import compare, signatures, tokenizer
from apps.translation.service import KEPT_TOKENS, TranslationService, checked
from tests.apps.fake_translator import FakeTranslator

ENGLISH = speak("en")


@pytest.fixture
def service():
    return TranslationService([FakeTranslator(), FakeTranslator("planet-smt-zh-ko")])


class TestEngines:
    def test_rules_stand_beside_what_is_published(self):
        assert [engine.key for engine in engines([FakeTranslator()])] == ["neural", "rules"]
        both = engines([FakeTranslator(), FakeTranslator("planet-smt-zh-ko")])
        assert [engine.key for engine in both] == ["neural", "statistical", "rules"]

    def test_models_of_other_names_are_refused(self):
        with pytest.raises(ValueError, match="planet-nmt-zh-ko"):
            engines([])
        with pytest.raises(ValueError, match="planet-card-ocr"):
            engines([FakeTranslator("planet-card-ocr")])

    def test_the_first_text_finds_a_warm_model(self):
        fake = FakeTranslator()
        engine = Engine("neural", fake)
        engine.translate(["我"])
        engine.translate(["你"])
        assert fake.calls == [["你好。"], ["我"], ["你"]]

    def test_rules_translate_for_real(self):
        engine = Engine("rules", RuleModel(Path("no-such-folder")))
        (found,) = engine.translate(["我来自7404年的NewYorkee。"])
        assert "7404년" in found.text
        assert "NewYorkee" in found.text
        assert len(engine.model.revision) == 12

    def test_one_thread_at_a_time_is_inside(self):
        gate = threading.Event()
        fake = FakeTranslator(gate=gate)
        engine = Engine("neural", fake)
        threads = [threading.Thread(target=engine.translate, args=(["我"],)) for _ in range(2)]
        for thread in threads:
            thread.start()
        assert len(fake.calls) <= 1
        gate.set()
        for thread in threads:
            thread.join(10)
        assert fake.calls == [["你好。"], ["我"], ["我"]]

    def test_what_a_model_refuses_is_not_the_visitors_fault(self):
        with pytest.raises(RuntimeError, match="planet-nmt-zh-ko"):
            Engine("neural", FakeTranslator(fails=ValueError("secret"))).translate(["我"])


class TestAnswers:
    def test_columns_keep_their_order_while_the_slow_one_comes_last(self, service):
        assert [engine.key for engine in service.quickest_first] == ["neural", "rules", "statistical"]
        answer = service.awaited("我爱你")
        for engine in service.quickest_first:
            assert not answer.done
            answer = answer.having(service.outcome(engine, "我爱你", ENGLISH))
        assert [outcome.system for outcome in answer.outcomes] == ["neural", "statistical", "rules"]
        assert answer.done
        assert answer.translation("rules").text == "저는 당신을 사랑합니다"

    def test_a_text_too_long_for_one_translator_is_no_error(self, service):
        outcome = service.outcome(service.engine("statistical", ENGLISH), "我" * 1001, ENGLISH)
        assert outcome.translation is None
        assert "1,000" in outcome.problem
        assert not outcome.pending

    def test_examples_are_translated_once_per_revision(self, service):
        engine = service.engines[0]
        first = service.example(engine, EXAMPLES[0], ENGLISH)
        assert service.example(engine, EXAMPLES[0], ENGLISH) is first
        engine.model.revision = "another"
        assert service.example(engine, EXAMPLES[0], ENGLISH) is not first

    def test_alignments_of_long_texts_are_not_kept_whole(self, service):
        found = service.outcome(service.engines[0], "我爱你，" * 200, ENGLISH).translation
        assert len(found.source_tokens) == KEPT_TOKENS
        assert len(found.target_tokens) == len(found.alignment) == KEPT_TOKENS
        assert {len(row) for row in found.alignment} == {KEPT_TOKENS}
        assert len(found.text) > 2000


class TestLongTexts:
    def test_short_texts_stay_whole(self):
        assert cut(" 我\n你 ") == [Part(" 我\n你 ", "")]

    def test_lines_come_before_sentences_and_pauses(self):
        line = "我" * 300
        assert [len(part.text) for part in cut(f"{line}。{line}\n\n{line}。{line}")] == [601, 601]
        assert cut(f"{line}。{line}\n\n{line}。{line}")[0].gap == "\n\n"
        assert [len(part.text) for part in cut(f"{line}，{line}。{line}，{line}")] == [602, 601]
        assert [len(part.text) for part in cut(f"{line}，{line * 5}")] == [301, 1000, 500]

    @pytest.mark.parametrize(
        "text", ["我" * 10_000, "我。" * 5_000, "我\n" * 5_000, "我 " * 5_000, " " * 999 + "我" * 999]
    )
    def test_nothing_is_lost(self, text):
        parts = cut(text)
        assert "".join("".join(part.text for part in parts).split()) == "".join(text.split())
        assert all(0 < len(part.text) <= LONGEST_PART for part in parts)

    def test_translators_get_parts_and_answer_wholes(self):
        fake = FakeTranslator()
        first, second = Engine("neural", fake).translate(["我" * 1500 + "\n" + "你" * 700, "他"])
        assert [len(text) for text in fake.calls[1]] == [1000, 500, 700, 1]
        assert first.source.endswith("你你")
        assert len(first.target_tokens) == 2200
        assert first.score == pytest.approx(-0.37)
        assert first.text.count("\n") == 1
        assert first.alignment == ()
        assert second.text == "말1"

    def test_a_reference_goes_with_its_text(self, service):
        answer = service.awaited(EXAMPLES[0].source)
        answer = answer.having(service.outcome(service.engines[0], EXAMPLES[0].source, ENGLISH))
        assert answer.stale(EXAMPLES[0].reference, "我爱你")
        assert answer.stale(answer.translation("neural").text, "我爱你")
        assert not answer.stale(EXAMPLES[0].reference, EXAMPLES[0].source)
        assert not answer.stale("내가 쓴 번역", "我爱你")

    def test_every_example_keeps_what_must_be_kept(self, service):
        rules = service.engines[-1]
        for example in EXAMPLES:
            found = service.example(rules, example, ENGLISH).translation
            assert not found.warning
            for copied in found.copied:
                assert copied.target in found.text


class TestChecks:
    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("", "Type a Chinese text"),
            (" \n\t\u3000", "Type a Chinese text"),
            (None, "Type a Chinese text"),
            (["我"], "list"),
            ("我" * 10_001, "10,001"),
            ("我\ud800", "broken"),
        ],
    )
    def test_bad_texts_are_refused_in_words(self, source, message):
        with pytest.raises(ValueError, match=message):
            checked(source, ENGLISH)

    @pytest.mark.parametrize(
        "source", ["我" * 10_000, "안녕", "hello", "🙂👨‍👩‍👧", "\x00\x07\x1b我", "\u202e我", "<b>"]
    )
    def test_odd_texts_are_let_through(self, source):
        assert checked(source, ENGLISH) == source

    @pytest.mark.parametrize("n_best", [0, 11, 1.5, True, None, "3", float("nan")])
    def test_bad_n_best_is_refused_in_words(self, service, n_best):
        with pytest.raises(ValueError, match="n_best"):
            service.record("我", "neural", n_best, ENGLISH)

    def test_unknown_systems_are_refused_in_words(self, service):
        with pytest.raises(ValueError, match="neural, statistical, rules"):
            service.record("我", "google", 1, ENGLISH)

    def test_a_record_is_whole(self, service):
        record = service.record("我有3本书", "neural", 3, ENGLISH)
        assert record["alternatives"] == [f"{record['text']} (2)", f"{record['text']} (3)"]
        assert record["copied"] == [
            {"source": "3", "target": "3", "kind": "number", "how": "placeholder", "lost": False}
        ]
        assert [step["name"] for step in record["steps"]][:3] == ["clean", "halfwidth", "simplify"]
        assert record["model"] == {"name": "planet-nmt-zh-ko", "revision": "0123456789ab"}

    @pytest.mark.parametrize(
        "source", ["안녕하세요", "hello world", "🙂👍🏽", "\x00\x07我\x1b[31m", "我" * 10_000, "\n\n我\n"]
    )
    def test_rules_answer_anything(self, source):
        record = TranslationService([FakeTranslator()]).record(source, "rules", 1, ENGLISH)
        assert isinstance(record["text"], str)
        assert "⟦" not in record["text"]


def _lines(tmp_path, content: bytes, name: str = "lines.txt", **limits: int) -> files.Lines:
    path = tmp_path / "upload"
    path.write_bytes(content)

    class Small(Engine):
        @property
        def limits(self) -> Limits:
            return Limits(**limits)

    return files.read_lines(path, name, Small("neural", FakeTranslator()), ENGLISH)


class TestFiles:
    def test_order_and_empty_lines_are_kept(self, tmp_path):
        lines = _lines(tmp_path, "我\n\n  \n你们\n\n".encode(), lines=1)
        assert lines.texts == ("我", "", "", "你们", "")
        fake = FakeTranslator()
        steps = [list(found) for found in files.translated(lines, Engine("neural", fake))]
        assert steps[-1] == ["말1", "", "", "말2 말1", ""]
        assert lines.written(steps[-1]) == "말1\n\n\n말2 말1\n\n"

    def test_batches_are_small_and_hold_no_empty_line(self, tmp_path):
        lines = _lines(tmp_path, ("我\n\n" * 70).encode())
        fake = FakeTranslator()
        found = list(files.translated(lines, Engine("neural", fake)))
        assert [len(call) for call in fake.calls[1:]] == [32, 32, 6]
        assert [len(one) for one in found] == [63, 127, 140]

    @pytest.mark.parametrize(
        ("content", "rows"),
        [
            (b"\xef\xbb\xbf\xe6\x88\x91", ("我",)),
            ("我\r\n你\r\n".encode(), ("我", "你")),
            ("我\r你".encode(), ("我", "你")),
            ("我\x0b你\u2028他\x85她".encode(), ("我\x0b你\u2028他\x85她",)),
        ],
    )
    def test_line_ends_of_every_system(self, tmp_path, content, rows):
        assert _lines(tmp_path, content).rows == rows

    def test_a_table_keeps_its_columns(self, tmp_path):
        lines = _lines(tmp_path, "我\tA1\n\n你\n\tB2\n".encode(), name="Lines.TSV")
        assert lines.texts == ("我", "", "你", "")
        (found,) = files.translated(lines, Engine("neural", FakeTranslator()))
        assert lines.written(found) == "我\tA1\t말1\n\n你\t말1\n\tB2\t\n"

    def test_a_translation_never_becomes_two_lines(self, tmp_path):
        lines = _lines(tmp_path, "我\n你\n".encode())
        assert lines.written(["가\n나", "다\t라\u2028마"]) == "가 나\n다 라 마\n"

    @pytest.mark.parametrize(
        ("content", "name", "limits", "message"),
        [
            ("我".encode(), "lines.docx", {}, "lines.docx has the wrong type"),
            ("我".encode(), "lines", {}, "wrong type"),
            ("我".encode("gb18030"), "lines.txt", {}, "not UTF-8"),
            ("我你他".encode("utf-16"), "lines.txt", {}, "not UTF-8"),
            (b"PK\x03\x04\x00\x00", "lines.txt", {}, "no text"),
            (b"", "lines.txt", {}, "nothing to translate"),
            (b"\n \n\n", "lines.txt", {}, "nothing to translate"),
            ("我\n".encode() * 2001, "lines.txt", {}, "2,001 lines"),
            (b"x" * 5_000_001, "lines.txt", {}, "5 MB is the most"),
            ("我\n你你你你".encode(), "lines.txt", {"text": 3}, "Line 2 has 4 characters"),
            ("我我\n你你".encode(), "lines.txt", {"file": 3}, "4 characters together"),
            (b"x" * 5_000_000, "lines.txt", {}, "Line 1 has 5,000,000"),
        ],
    )
    def test_bad_files_are_refused_in_words(self, tmp_path, content, name, limits, message):
        with pytest.raises(ValueError, match=message):
            _lines(tmp_path, content, name, **limits)

    @pytest.mark.parametrize(
        ("name", "result"),
        [("lines.txt", "lines.ko.txt"), ("a b.TSV", "a b.ko.tsv"), (".txt", ".txt.ko"), ("x" * 300 + ".txt", None)],
    )
    def test_results_are_named_after_their_source(self, name, result):
        named = files.result_name(name)
        assert named == result or (result is None and len(named) < 100)


class TestScores:
    def test_the_same_text_scores_a_hundred_and_another_none(self):
        same, other = compare("저는 서울에서 왔습니다.", "저는 서울에서 왔습니다."), compare("가", "나")
        assert same.bleu == pytest.approx(100)
        assert same.chrf == pytest.approx(100)
        assert other.chrf == 0

    def test_signatures_name_the_tokenizer(self):
        bleu, chrf = signatures()
        assert f"tok:{tokenizer()}" in bleu
        assert chrf.startswith("chrF2|")
