"""The statistical rival: the search against brute force, the language model's bookkeeping, and text in, text out."""

from __future__ import annotations

import itertools
import math
import random
from pathlib import Path

import numpy as np
import pytest

from modeling.planet_smt import PlanetSmt
from modeling.planet_smt.chart_planet_smt import find_matches
from modeling.planet_smt.configuration_planet_smt import FEATURES, PlanetSmtConfig
from modeling.planet_smt.decoding_planet_smt import Decoder, with_weights
from modeling.planet_smt.grammar_planet_smt import STEP, Grammar, ScoredRule, build_grammar
from modeling.planet_smt.scoring_planet_smt import LanguageModel
from training.translation.smt.kneser_ney import estimate, write_arpa

SOURCE = ["一", "二", "三"]
TARGET = ["</s>", "a", "b", "c", "d"]
WEIGHTS = (0.7, 0.3, 0.2, 0.1, 0.25, 0.05, -0.15, -1.0, -0.3, 0.4)


@pytest.fixture(scope="module")
def language_model(tmp_path_factory: pytest.TempPathFactory) -> LanguageModel:
    """A 5-gram model of 200 random sentences over TARGET."""
    draw = random.Random(5)
    sentences = [draw.choices(TARGET[1:], (4, 3, 2, 1), k=draw.randint(1, 9)) for _ in range(200)]
    path = tmp_path_factory.mktemp("lm") / "language_model.arpa.gz"
    write_arpa(estimate(sentences, 5, (0, 0, 0, 1, 1)), path, 5)
    return LanguageModel(path)


def random_rules(seed: int) -> list[ScoredRule]:
    """Rules over SOURCE and TARGET: every word, some phrases, some with one hole, some with two, some swapped."""
    draw = random.Random(seed)
    shapes = [(1,), (2,), (3,)] * 2 + [(1, 2), (2, 3), (0, 1), (2, 0), (1, 0, 3), (0, 2, 0), (0, 1, 0), (3, 0, 1)]
    rules = {}
    for source in shapes:
        holes = [-1, -2][: source.count(0)]
        target = holes + draw.choices(range(1, 5), k=draw.randint(1, 3))
        draw.shuffle(target)
        logs = tuple(-STEP * draw.randint(1, 40) for _ in range(4))
        rules[source, tuple(target)] = ScoredRule(source, tuple(target), logs, (1,) * len(target))
    return list(rules.values())


def all_derivations(rules: list[ScoredRule], source: tuple[int, ...], span_limit: int) -> dict[tuple, float]:
    """Best score without language model of every target string, found by trying everything."""
    weights = dict(zip(FEATURES, WEIGHTS, strict=True))

    def merge(options):
        best: dict[tuple, float] = {}
        for words, score in options:
            best[words] = max(score, best.get(words, -math.inf))
        return best

    def hole_spans(symbols, start, end):
        """Every way to lay a source side over a span, as lists of hole spans."""
        if not symbols:
            return [[]] if start == end else []
        if symbols[0]:
            return hole_spans(symbols[1:], start + 1, end) if start < end and source[start] == symbols[0] else []
        cuts = range(start + 1, end + 1)
        return [[(start, cut), *rest] for cut in cuts for rest in hole_spans(symbols[1:], cut, end)]

    memo: dict[tuple[int, int], dict[tuple, float]] = {}

    def spans(start, end):
        if (start, end) not in memo:
            options = []
            for rule in rules if end - start <= span_limit else ():
                for holes in hole_spans(rule.source, start, end):
                    own = weights["hierarchical" if holes else "phrase"]
                    own += sum(w * p for w, p in zip(WEIGHTS[1:5], rule.logs, strict=True))
                    for children in itertools.product(*(spans(*hole).items() for hole in holes)):
                        words, score = [], own
                        for symbol in rule.target:
                            words += children[-1 - symbol][0] if symbol < 0 else (symbol,)
                            score += weights["words"] * (symbol >= 0)
                        options.append((tuple(words), score + sum(child[1] for child in children)))
            memo[start, end] = merge(options)
        return memo[start, end]

    prefixes: list[dict[tuple, float]] = [{(): 0.0}]
    for end in range(1, len(source) + 1):
        prefixes.append(merge(
            (left + right, a + b + weights["glue"])
            for start in range(end) for left, a in prefixes[start].items() for right, b in spans(start, end).items()
        ))  # fmt: skip
    return prefixes[-1]


def decoder_of(rules: list[ScoredRule], language_model: LanguageModel, **limits) -> Decoder:
    config = with_weights(PlanetSmtConfig(**{"pop_limit": 0, "targets_per_source": 0, **limits}), WEIGHTS)
    return Decoder(build_grammar(rules, SOURCE, TARGET), language_model, config, ("⟦N0⟧",))


class TestSearch:
    @pytest.mark.parametrize("seed", range(6))
    def test_without_pop_limit_it_is_exhaustive(self, seed: int, language_model: LanguageModel):
        rules, span_limit = random_rules(seed), 3 + seed % 3
        source = tuple(random.Random(seed).choices((1, 2, 3), k=5))
        every = all_derivations(rules, source, span_limit)
        exact = {
            words: score + WEIGHTS[0] * language_model.score([TARGET[w] for w in words])
            for words, score in every.items()
        }
        ranked = sorted(exact.values(), reverse=True)
        found = decoder_of(rules, language_model, span_limit=span_limit).decode([SOURCE[s - 1] for s in source], 7)
        np.testing.assert_allclose([h.score for h in found], ranked[: len(found)], atol=2e-4)
        assert len(found) == min(7, len(exact))
        best = tuple(map(TARGET.index, found[0].words))
        assert exact[best] == pytest.approx(ranked[0], abs=2e-4)

    def test_more_pops_never_score_less_and_few_pops_still_translate(self, language_model: LanguageModel):
        rules, words = random_rules(11), [*"一二三一二三二一"]
        scores = [
            decoder_of(rules, language_model, pop_limit=limit).decode(words)[0].score for limit in (1, 10, 1000, 0)
        ]
        assert scores[0] <= scores[-1] + 1e-4
        assert max(scores) == pytest.approx(scores[-1], abs=1e-4)
        assert scores[2] == pytest.approx(scores[3], abs=1e-4)

    def test_score_is_weights_times_features(self, language_model: LanguageModel):
        """Holds only if left words and right states were kept right through every rule."""
        for seed in range(20):
            words = random.Random(seed).choices([*SOURCE, "⟦N0⟧", "Z"], k=9)
            for hypothesis in decoder_of(random_rules(seed), language_model, pop_limit=30).decode(words, 5):
                assert hypothesis.features[0] == pytest.approx(language_model.score(hypothesis.words))
                assert hypothesis.score == pytest.approx(np.dot(WEIGHTS, hypothesis.features), abs=2e-4)

    def test_glue_alone_is_monotone(self, language_model: LanguageModel):
        rules = [ScoredRule((w,), (w,), (-0.5,) * 4, (1,)) for w in (1, 2, 3)]
        (found,) = decoder_of(rules, language_model).decode([*"三一二二"])
        assert found.words == tuple("cabb")
        assert found.links == ((0,), (1,), (2,), (3,))
        assert found.features[FEATURES.index("glue")] == 4

    def test_unknown_words_and_placeholders_pass_through(self, language_model: LanguageModel):
        rules = [ScoredRule((1,), (1,), (-0.5,) * 4, (1,))]
        (found,) = decoder_of(rules, language_model).decode(["X1", "⟦N0⟧", "一", "，"])
        assert found.unknown == (0, 1, 3)
        assert [word.lstrip("▁") for word in found.words] == ["X1", "⟦N0⟧", "a", "，"]
        assert found.words[0] == "▁X1"
        assert found.features[FEATURES.index("unknown")] == 3

    def test_reordering_links_and_tree(self, language_model: LanguageModel):
        rules = [
            ScoredRule((1, 0, 2, 0), (-2, 3, -1), (-STEP,) * 4, (8, 5, 2)),
            ScoredRule((3,), (4,), (-1.0,) * 4, (1,)),
            ScoredRule((2,), (1,), (-1.0,) * 4, (1,)),
            ScoredRule((1,), (2,), (-9.0,) * 4, (1,)),
        ]
        (found,) = decoder_of(rules, language_model).decode([*"一三二二"])
        assert found.words == ("a", "c", "d")
        assert found.links == ((3,), (0, 2), (1,))
        rule, span, children = found.tree
        assert (rule, span) == ("S → X", (0, 4))
        assert children == (
            ("X → 一 X1 二 X2 | X2 c X1", (0, 4), (("X → 三 | d", (1, 2), ()), ("X → 二 | a", (3, 4), ()))),
        )

    def test_no_words_and_bad_numbers(self, language_model: LanguageModel):
        decoder = decoder_of(random_rules(0), language_model)
        assert decoder.decode([]) == []
        with pytest.raises(ValueError, match="n_best must be at least 1, got 0"):
            decoder.decode(["一"], 0)


class TestGrammar:
    def test_every_rule_is_found_again(self, tmp_path: Path):
        rules = random_rules(3)
        built = build_grammar(rules, SOURCE, TARGET)
        built.save(tmp_path)
        grammar = Grammar.load(tmp_path)
        assert len(grammar) == len(rules)
        assert (grammar.source_words, grammar.target_words) == (SOURCE, TARGET)
        for rule in rules:
            numbers = grammar.rules_of(rule.source)
            match = [n for n in numbers if grammar.target(n) == (rule.target, rule.links)]
            assert len(match) == 1
            np.testing.assert_allclose(grammar.logs(match[0]), rule.logs, atol=STEP / 2)
        assert list(grammar.rules_of((3, 3, 3))) == []

    def test_matches_cover_holes_of_every_width(self):
        grammar = build_grammar([ScoredRule((1, 0, 2), (1, -1), (-1.0,) * 4, (5, 2))], SOURCE, TARGET)
        matches = find_matches(grammar, (1, 3, 2, 2), 4)
        assert {span: [holes for _, holes in found] for span, found in matches.items()} == {
            (0, 3): [((1, 2),)],
            (0, 4): [((1, 3),)],
        }
        assert set(find_matches(grammar, (1, 3, 2, 2), 3)) == {(0, 3)}


class TestConfig:
    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"span_limit": 0}, "span_limit must be at least 1, got 0"),
            ({"weights": {"a": 1.0}}, "weights needs exactly"),
        ],
    )
    def test_says_what_is_wrong(self, wrong: dict, message: str):
        with pytest.raises(ValueError, match=message):
            PlanetSmtConfig(**wrong)

    def test_unreadable_language_model(self, tmp_path: Path):
        (tmp_path / "a.arpa").write_text("nothing")
        with pytest.raises(ValueError, match="no language model that KenLM can read"):
            LanguageModel(tmp_path / "a.arpa")


@pytest.fixture(scope="module")
def model(language_model: LanguageModel) -> PlanetSmt:
    grammar = build_grammar(random_rules(2), SOURCE, TARGET)
    return PlanetSmt(PlanetSmtConfig(), grammar, language_model)


class TestTranslate:
    def test_order_empty_lines_and_line_ends(self, model):
        answers = model.translate(["一二。\n三", "", "二 ABC 12%"], nbest=3)
        assert [answer.source for answer in answers] == ["一二。\n三", "", "二 ABC 12%"]
        assert answers[0].text.count("\n") == 1
        assert (answers[1].text, answers[1].derivation) == ("", None)
        assert "ABC" in answers[2].text
        assert "12%" in answers[2].text
        for answer in answers:
            assert len(answer.alignment) == len(answer.target_tokens)
            assert all(len(row) == len(answer.source_tokens) for row in answer.alignment)
            assert all(sum(row) == pytest.approx(1) or sum(row) == 0 for row in answer.alignment)
            assert answer.text not in answer.alternatives

    def test_long_and_foreign_texts_are_answered_with_a_warning(self, model):
        long, foreign, plain = model.translate(["一二三" * 700, "only English here", "一二三"], pop_limit=3)
        assert len(long.target_tokens) > 500
        assert "very long" in long.warning
        assert "does not look Chinese" in foreign.warning
        assert plain.warning == ""

    @pytest.mark.parametrize("wrong", ["一", [1], [None]])
    def test_wrong_types(self, model, wrong):
        with pytest.raises(ValueError, match="list of strings"):
            model.translate(wrong)

    def test_save_and_load(self, model, tmp_path: Path):
        model.save_pretrained(tmp_path)
        loaded = PlanetSmt.from_pretrained(tmp_path)
        assert loaded.config == model.config
        for one, other in zip(*(m.translate(["一二三三二一", "二X"], nbest=4) for m in (model, loaded)), strict=True):
            assert (one.text, one.score, one.alternatives, one.derivation) == (
                other.text, other.score, other.alternatives, other.derivation,
            )  # fmt: skip
