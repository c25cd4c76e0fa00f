"""How translators are judged: values worked out by hand, fakes, and once all the way from folders to rendered cards."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path

import pytest
import torch
from sacrebleu.metrics import BLEU, CHRF

from modeling.planet_nmt import PlanetNmtConfig, PlanetNmtForConditionalGeneration
from modeling.planet_nmt.processing_zh_ko import PreProcessor, Steps
from modeling.planet_nmt.translation_zh_ko import Translation
from modeling.planet_smt import PlanetSmt, PlanetSmtConfig
from modeling.planet_smt.grammar_planet_smt import ScoredRule, build_grammar
from modeling.planet_smt.scoring_planet_smt import LanguageModel
from tests.training.test_translation_scores import BAD, DRAWS, GOOD, REFERENCES
from training import cards
from training.figures import show_goal, show_interval, show_value
from training.publish_checks import MODEL_FIELDS, problems_of_card
from training.translation import evaluate, variants
from training.translation.answers import Answer, Cache, answer_of, read_answers
from training.translation.engines import load_engine
from training.translation.headline import nmt_headline, show_p, twins
from training.translation.measuring import Bench, measure_fidelity, measure_keeping, measure_lengths, measure_sets
from training.translation.scores import Draws, make_metrics
from training.translation.smt.kneser_ney import estimate, write_arpa
from training.translation.speed import about_twenty, measure_speed
from training.translation.systems import NMT, RBMT, SMT, System, version_of, weights_of
from training.translation.testsets import Pair, Part, part_of, read_parts, sha256_of, unquoted
from training.translation.twins import measure_twins, traditional
from training.translation.vocabulary import learn_tokenizer

WORDS = {"我": "나", "在": "에", "学校": "학교", "你好": "안녕", "北京": "베이징", "。": ".", "是": "이다", "的": "의"}


class TestSets:
    def test_a_smaller_part_lies_in_a_larger_one(self):
        pairs = [Pair(str(n), str(n)) for n in range(31)]
        small, large = part_of("x", pairs, 7), part_of("x", pairs, 19)
        assert set(small.places()) < set(large.places())
        assert large.places(7) == small.places() == sorted(small.places())
        assert len(part_of("x", pairs).places()) == 31
        assert part_of("y", pairs, 7).places() != small.places()

    @pytest.mark.parametrize(
        ("read", "text"),
        [
            ('"그는 ""네""라고 했다."', '그는 "네"라고 했다.'),
            ('"""파나마""는 말이다."', '"파나마"는 말이다.'),
            ('"네." 그는 말했다. "아니요."', '"네." 그는 말했다. "아니요."'),
            ('"네"', '"네"'),
            ('그는 "네"라고 했다.', '그는 "네"라고 했다.'),
            ('"', '"'),
        ],
    )
    def test_a_second_layer_of_quoting_is_taken_off(self, read, text):
        assert unquoted(read) == text

    def test_sets_are_read_with_their_checks(self, shared: Path):
        parts = read_parts(shared, "test", 5)
        assert {"commerce_docs", "flores_devtest", "rater_100", "authored"} <= set(parts)
        assert parts["rater_100"].pairs[0].checks == ("4", "NewYorkee")
        assert sha256_of(parts) == sha256_of(read_parts(shared, "test"))
        with pytest.raises(ValueError, match="split must be one of dev, test, got 'train'"):
            read_parts(shared, "train")
        with pytest.raises(ValueError, match="at least 1, got 0"):
            read_parts(shared, "test", 0)


def upper(texts: list[str]) -> list[str]:
    return [text.upper() for text in texts]


class TestCache:
    def test_an_interrupted_run_continues(self, tmp_path: Path):
        seen: list[str] = []

        def translate(texts):
            if "d" in texts and "d" not in seen:
                seen.extend(texts)
                raise KeyboardInterrupt
            seen.extend(texts)
            return [Translation(text, text.upper(), ms=3.0) for text in texts]

        system, cache = System("x", translate, "v1", chunk=2), Cache(tmp_path, progress=False)
        with pytest.raises(KeyboardInterrupt):
            cache.translate(system, [*"abcdab"], "set")
        path = tmp_path / "x-set-v1.jsonl"
        path.write_text(path.read_text(encoding="utf-8") + '{"source": "c", "te', encoding="utf-8")
        assert [one.text for one in cache.translate(system, [*"abcdab"], "set")] == [*"ABCDAB"]
        assert sorted(seen) == sorted("abcdcd")
        assert len(read_answers(path)) == 4
        newer = System("x", upper, "v2", chunk=2)
        assert cache.translate(newer, ["a"], "set")[0] == read_answers(tmp_path / "x-set-v2.jsonl")["a"]

    def test_all_texts_must_be_answered(self):
        with pytest.raises(ValueError, match="x answered 0 of 1 texts"):
            Cache(None, progress=False).translate(System("x", lambda texts: [], "1"), ["a"], "set")

    def test_versions_follow_code_and_weights_only(self, tmp_path: Path):
        (tmp_path / "model.safetensors").write_bytes(b"123")
        (tmp_path / "model.py").write_text("a")
        first = version_of(tmp_path)
        for name in ("results.json", "README.md", "curve.png"):
            (tmp_path / name).write_text("x")
        assert version_of(tmp_path) == first
        assert weights_of(tmp_path) == 3
        (tmp_path / "model.py").write_text("b")
        assert version_of(tmp_path) != first


class Shouting:
    name = "shouting"

    def translate(self, texts):
        return upper(texts)


def test_engines_keep_a_contract():
    assert load_engine(f"{__name__}:Shouting").translate(["a"]) == ["A"]
    for wrong in ("nothing", f"{__name__}:nobody", "no.such.module:X", "pathlib:Path"):
        with pytest.raises(ValueError, match=re.escape(f"--engine {wrong!r}")):
            load_engine(wrong)


def test_speed_takes_turns_and_counts_own_tokens():
    calls = []

    def translator(name, tokens):
        def translate(texts):
            calls.append((name, len(texts)))
            return [Translation(text, text, target_tokens=("x",) * tokens) for text in texts]

        return translate

    before = torch.get_num_threads()
    report = measure_speed(
        {"fast": translator("fast", 3), "slow": translator("slow", 2)},
        ["a", "b"], [str(n) for n in range(40)], threads=(1,), slow={"slow": 32}, progress=False,
    )  # fmt: skip
    assert calls == [(n, 1) for n in ("fast", "slow")] * 3 + [("fast", 32), ("slow", 32), ("fast", 8)]
    assert torch.get_num_threads() == before
    fast, slow = report["1"]["fast"], report["1"]["slow"]
    assert (fast["batched"]["n"], slow["batched"]["n"], fast["single_ms"]["n"]) == (40, 32, 2)
    assert fast["times_slower"] == 1
    assert fast["batched"]["tokens_per_second"] == pytest.approx(3 * fast["batched"]["sentences_per_second"], rel=0.01)


def test_sentences_of_about_twenty_words():
    lengths = {"a": 5, "b": 17, "c": 23, "d": 24, "e": 20}
    assert about_twenty([*"abcde"], lengths.__getitem__, 4) == [*"bced"]


class TestTwins:
    def test_both_scripts_alike(self):
        part = part_of("x", [Pair("我们将发货。", "우리는 발송합니다."), Pair("你好", "안녕")] * 3)
        assert traditional(["我们将发货。"]) == ["我們將發貨。"]
        simple = {"我們將發貨。": "我们将发货。"}
        blind = System("x", lambda texts: [simple.get(text, text) for text in texts], "1")
        found = measure_twins(blind, part, Cache(None, False), BLEU(tokenize="ko-mecab"), DRAWS)
        assert (found["identical"]["value"], found["identical"]["n"]) == (1, 6 - 3)
        assert found["gap"]["difference"] == 0
        seeing = System("x", lambda texts: ["우리는" if "們" in t else "우리는 발송합니다." for t in texts], "1")
        found = measure_twins(seeing, part, Cache(None, False), BLEU(tokenize="ko-mecab"), DRAWS)
        assert found["identical"]["value"] == 0
        assert found["gap"]["difference"] > 0
        assert found["different"][0] == ["我們將發貨。", "우리는 발송합니다.", "우리는"]

    def test_the_headline_takes_the_worst_set(self):
        gaps = {"a": (0.1, [-0.1, 0.3]), "b": (-0.5, [-0.9, -0.1])}
        report = {
            name: {"identical": {"value": 0.9, "n": 10}, "gap": {"difference": gap, "ci95": ci, "n": 12}}
            for name, (gap, ci) in gaps.items()
        }
        gap, identical = twins({"twins": {NMT: report}})
        assert (gap["value"], gap["ci95"]) == (0.5, [0.1, 0.9])
        assert show_goal(gap) == "≤ 0.2 BLEU (missed)"
        assert (identical["value"], identical["n"]) == (0.9, 20)


def fake_bench() -> Bench:
    """Three systems that answer from a list, the second one for eleven sentences of a set only."""
    pairs = [Pair(f"{n}号学生在学校学习。" * (1 + n % 3), ko, "ab"[n % 2]) for n, ko in enumerate(REFERENCES)]
    parts = {name: part_of(name, pairs) for name in ("commerce_docs", "flores_devtest")}

    def system(name: str, korean: list[str], limit: int | None = None) -> System:
        answers = dict(zip((pair.zh for pair in pairs), korean, strict=True))
        return System(name, lambda texts: [answers.get(text, text) for text in texts], "1", limit=limit)

    systems = [system(NMT, GOOD), system(SMT, BAD, 11), system(RBMT, [text[:9] for text in BAD])]
    return Bench(systems, parts, Cache(None, False), make_metrics(), Draws(7, 50))


class TestMeasuring:
    def test_systems_are_compared_on_common_sentences(self):
        bench = fake_bench()
        report = measure_sets(bench)["commerce_docs"]
        assert [report["systems"][name]["bleu"]["n"] for name in (NMT, SMT, RBMT)] == [21, 11, 21]
        paired = report["paired"][NMT]
        assert (paired[SMT]["bleu"]["n"], paired[RBMT]["bleu"]["n"]) == (11, 21)
        assert paired[SMT]["bleu"]["other"] == report["systems"][SMT]["bleu"]["value"]
        places = bench.parts["commerce_docs"].places(11)
        own = CHRF().corpus_score([GOOD[i] for i in places], [[REFERENCES[i] for i in places]]).score
        assert paired[SMT]["chrf"]["own"] == pytest.approx(own, abs=1e-3)
        assert {name: len(one) for name, one in report["domains"].items()} == {"a": 3, "b": 3}

    def test_lengths_hold_every_sentence_once(self):
        buckets = measure_lengths(fake_bench())
        assert sum(one[NMT]["chrf"]["n"] for one in buckets.values()) == 42
        assert len(buckets) > 1

    def test_suite_and_natural_text(self):
        bench = fake_bench()
        report, answers = measure_fidelity(bench, 3)
        assert report[NMT]["codes"]["value"] == 1  # untranslated sentences keep their codes
        assert report[NMT]["names"]["value"] == 0
        assert report[NMT]["all numbers"]["n"] == 27
        kept = measure_keeping(bench, answers, "rater_100", PreProcessor())
        assert kept["references"]["numbers"]["n"] == kept[NMT]["numbers"]["n"] > 40
        assert kept[NMT]["raw_symbols"]["count"] == 0
        assert "must_keep" not in kept[NMT]

    def test_headline_leaves_out_what_was_not_measured(self):
        sets = measure_sets(fake_bench())
        roles = {"in_domain": "commerce_docs", "public": "flores_devtest", "rater": "rater_100"}
        figures = {"roles": roles, "sets": sets, "signatures": {"bleu": "b", "chrf": "c"}, "weights": {NMT: 3_000_000}}
        rows = {one["key"]: one for one in nmt_headline(figures)}
        scores = ["bleu_in_domain", "chrf_in_domain", "bleu_public", "chrf_public"]
        assert list(rows) == [*scores, "gain_over_smt", "gain_over_rbmt", "weights"]
        assert rows["gain_over_smt"]["n"] == 11
        paired = sets["commerce_docs"]["paired"][NMT][SMT]["bleu"]
        shared = rows["bleu_in_domain"]
        assert (shared["value"], shared["rival"], shared["n"]) == (paired["own"], paired["other"], 11)
        assert (rows["chrf_in_domain"]["n"], rows["chrf_in_domain"]["rival"]) == (21, None)
        assert show_goal(rows["gain_over_smt"]) == "≥ 3 BLEU (met)"
        assert show_interval(rows["chrf_in_domain"]).endswith(" chrF")
        assert show_value(rows["weights"]["value"], "MB") == "3 MB"
        assert (show_p(0.0004), show_p(0.0434)) == ("< 0.001", "= 0.043")


def test_every_step_has_a_variant_that_switches_it_off():
    assert {name for name in variants.NAMES if name.startswith("no ")} >= {f"no {name}" for name in vars(Steps())}
    assert variants.steps_of("no josa") == Steps(josa=False)
    assert not any(vars(variants.steps_of("no step at all")).values())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up test sets in the files that evaluation reads."""
    folder = tmp_path_factory.mktemp("shared") / "test"
    folder.mkdir()
    draw = random.Random(3)
    for name, size in (("commerce_docs", 40), ("flores_devtest", 7), ("finance", 5)):
        rows = ["zh\tko\tdomain"]
        for _ in range(size):
            chosen = draw.choices(list(WORDS), k=draw.randint(3, 24))
            rows.append(f"{''.join(chosen)}在{draw.randint(2, 99)}\t{' '.join(WORDS[w] for w in chosen)}\t{name}")
        (folder / f"{name}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    row = {"zh": "我在4学校NewYorkee", "ko": "나는 4 학교 NewYorkee", "kind": "sentence"}
    rater = [row | {"domain": domain, "checks": ["4", "NewYorkee"]} for domain in ("politics", "commerce")]
    for name, rows in (("rater_100", rater), ("authored", [row | {"domain": "sports"}] * 2)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    return folder.parent


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both models, tiny and untrained, as they would be published."""
    folder = tmp_path_factory.mktemp("hub_cards")
    korean = [["▁" + word for word in WORDS.values()], ["▁⟦N0⟧", "▁나", "는"]] * 3
    tokenizer = learn_tokenizer([[*WORDS, "⟦N0⟧"]] * 3, korean, folder / NMT, 61, 67)
    torch.manual_seed(1)
    sizes = {"source_vocab_size": tokenizer.source.get_vocab_size(), "vocab_size": tokenizer.target_vocab_size}
    config = PlanetNmtConfig(**sizes, embedding_size=6, hidden_size=10, layers=1)
    PlanetNmtForConditionalGeneration(config).eval().save_pretrained(folder / NMT)
    source, target = [*WORDS], ["</s>", *WORDS.values()]
    rules = [ScoredRule((n,), (n,), (-0.5,) * 4, (1,)) for n in range(1, len(source) + 1)]
    write_arpa(estimate([target[1:]] * 5, 2, (0, 0)), folder / "model.arpa.gz", 2)
    smt = PlanetSmt(PlanetSmtConfig(), build_grammar(rules, source, target), LanguageModel(folder / "model.arpa.gz"))
    smt.save_pretrained(folder / SMT)
    return folder


@pytest.fixture(scope="module")
def results(models: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models' folders after a whole evaluation."""
    runs = tmp_path_factory.mktemp("runs")
    log = runs / "nmt" / "log.jsonl"
    log.parent.mkdir()
    log.write_text("".join(f'{{"kind": "evaluation", "step": {n}, "loss": {9 - n}, "chrf": {n}}}\n' for n in (1, 2)))
    small = "--smt-limit 9 --fidelity 2 --variant-sentences 3 --speed-sentences 2 --speed-batches 1 --speed-threads 1"
    folders = {"shared": shared, "nmt": models / NMT, "smt": models / SMT, "cache": runs, "ablation": runs, "logs": log}
    options = [*f"--split test --quiet --resamples 30 {small} --engine {__name__}:Shouting".split()]
    options += [text for name, path in folders.items() for text in (f"--{name}", str(path))]
    assert evaluate.main([*options, "--translate-only"]) == 0
    assert evaluate.main(options) == 0
    return models


class TestEvaluation:
    def test_both_models_have_results(self, results: Path):
        nmt, smt = (json.loads((results / name / "results.json").read_text(encoding="utf-8")) for name in (NMT, SMT))
        figures = nmt["figures"]
        assert set(figures["sets"]["commerce_docs"]["systems"]) == {NMT, SMT, RBMT, "shouting"}
        assert (nmt["dataset"]["samples"], smt["dataset"]["samples"]) == (56, 9 + 7 + 5 + 2 + 2)
        assert nmt["dataset"]["sha256"] == smt["dataset"]["sha256"]
        assert set(figures["variants"]["variants"]) == set(variants.NAMES)
        assert set(figures["speed"]["threads"]["1"]) == {f"{NMT} {k}" for k in ("fp32", "bf16", "int8")} | {SMT, RBMT}
        assert figures["twins"][NMT].keys() == {"commerce_docs", "flores_devtest"}
        assert "variants" not in smt["figures"]
        for one, goals in ((nmt, 13), (smt, 5)):
            keys = [row["key"] for row in one["headline"]]
            assert len(set(keys)) == len(keys)
            assert sum(row["goal"] is not None for row in one["headline"]) == goals, keys
        assert {path.name for path in (results / NMT).glob("*.png")} == {"quality_by_length.png", "learning_curve.png"}

    @pytest.mark.parametrize("name", [NMT, SMT])
    def test_the_card_renders_and_its_code_runs(self, results: Path, name: str, tmp_path: Path, capsys):
        folder = results / name
        measured = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        text = cards.render_card(folder, measured, cards.ROOT / "requirements.txt", namespace=str(results))
        path = tmp_path / "README.md"
        path.write_text(text, encoding="utf-8")
        assert problems_of_card(path, MODEL_FIELDS) == []
        assert "| commerce_docs | 40 |" in text
        assert "| politics | 1 |" in text
        assert "\n\n\n" not in text
        assert not re.search(r"\n\|[^\n]*\|\n\n\|[^\n]*\|", text), "a table fell apart"
        code = re.search(r"^```python\n(.*?)^```", text, re.M | re.S).group(1)
        capsys.readouterr()
        exec(compile(code, "card", "exec"), {})
        assert len(capsys.readouterr().out.splitlines()) == 2

    def test_some_figures_are_measured_anew(self, results: Path, shared: Path, tmp_path: Path, capsys):
        folders = {name: tmp_path / name for name in (NMT, SMT)}
        for name, folder in folders.items():
            shutil.copytree(results / name, folder)
            path = folder / "results.json"
            measured = json.loads(path.read_text("utf-8"))
            measured["figures"]["keeping"][NMT]["placeholders"]["value"] = 0.5
            measured["figures"]["keeping"][SMT]["placeholders"]["value"] = 0.5
            path.write_text(json.dumps(measured), encoding="utf-8")
        places = f"--shared {shared} --nmt {folders[NMT]} --smt {folders[SMT]} --cache {tmp_path}"
        options = f"{places} --split test --systems nmt --fidelity 2 --update keeping --quiet --resamples 9".split()
        assert evaluate.main(options) == 0
        before = json.loads((results / NMT / "results.json").read_text("utf-8"))
        for name, folder in folders.items():
            after = json.loads((folder / "results.json").read_text("utf-8"))
            assert after["figures"]["keeping"][NMT] == before["figures"]["keeping"][NMT]
            assert after["figures"]["keeping"][SMT]["placeholders"]["value"] == 0.5
            assert after["figures"]["sets"] == before["figures"]["sets"]
            assert set(after["measured_anew"][NMT]) == {"keeping"}
            text = cards.render_card(folder, after, cards.ROOT / "requirements.txt", namespace=str(tmp_path))
            assert f"is kept by {NMT} was measured anew on" in text, name
        assert evaluate.main([*options, "--limit", "3"]) == 1
        assert "whole sets" in capsys.readouterr().err
        (folders[SMT] / "results.json").write_text('{"dataset": {"sha256": "other"}}')
        assert evaluate.main(options) == 1
        assert "not of these sentences" in capsys.readouterr().err

    def test_rivals_have_no_row_of_their_own(self, results: Path):
        measured = {name: json.loads((results / name / "results.json").read_text("utf-8")) for name in (NMT, SMT)}
        assert cards.demos_table(measured).count("](hub_cards/") == 1

    def test_development_writes_elsewhere(self, shared: Path, models: Path, tmp_path: Path, capsys):
        (tmp_path / "dev").mkdir()
        for name, public in (("commerce", "commerce_docs"), ("flores_dev", "flores_devtest")):
            (tmp_path / "dev" / f"{name}.tsv").write_bytes((shared / "test" / f"{public}.tsv").read_bytes())
        few = "--systems rbmt --fidelity 1 --skip speed twins --quiet --resamples 20"
        options = f"{few} --shared {tmp_path} --cache {tmp_path}"
        assert evaluate.main([*options.split(), "--limit", "3"]) == 0
        figures = json.loads((tmp_path / "results/figures.json").read_text(encoding="utf-8"))
        assert figures["sets"]["commerce"]["n"] == 3
        assert "speed" not in figures
        assert evaluate.main([*options.split(), "--systems", "nmt", "--nmt", str(tmp_path)]) == 1
        assert "holds no model" in capsys.readouterr().err


def test_answers_of_plain_text():
    assert answer_of("a", "b", 1.5) == Answer("a", "b", 1.5)
    assert Part("x", (), (), 0).places() == []
