"""How the statistical rival is made: each stage by hand and by property, then all of them on a toy language."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import kenlm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modeling.planet_smt import PlanetSmt
from modeling.planet_smt.configuration_planet_smt import FEATURES, PlanetSmtConfig
from modeling.planet_smt.decoding_planet_smt import Decoder, with_weights
from modeling.planet_smt.grammar_planet_smt import Grammar, build_grammar
from modeling.planet_smt.scoring_planet_smt import LanguageModel
from training.translation.prepared import read_rows
from training.translation.smt import align as aligning
from training.translation.smt import export, language_model, score, tune
from training.translation.smt.corpus import make_bitext, read_links, write_links
from training.translation.smt.export import compact
from training.translation.smt.extract import Limits, choose_holes, extract, initial_phrases, occurrences
from training.translation.smt.kneser_ney import estimate, write_arpa
from training.translation.smt.lexicon import Lexicon
from training.translation.smt.pro import Pool, Sampling, corpus_bleu, improve

OPEN = Limits(10, 10)


def spelled(source: str, target: str, links: list, limits: Limits = OPEN) -> dict[str, float]:
    """Rules of one pair as "source | target", with their weights."""
    bitext = make_bitext([(source.split(), target.split())], [links])
    draw = np.random.default_rng(1)
    values = [draw.integers(0, 2**64, 50, np.uint64) for _ in range(2)]
    found = occurrences(values[0][bitext.source[0]], values[1][bitext.target[0]], bitext.links[0], limits)
    rules: dict[str, float] = {}
    for record in found:
        left, right, *_ = score.spell_out(bitext, 0, record["spans"].tolist())
        holes = iter("12")
        left = [f"X{next(holes)}" if symbol == 0 else bitext.source_words[symbol - 1] for symbol in left]
        right = [f"X{-symbol}" if symbol < 0 else bitext.target_words[symbol] for symbol in right]
        name = f"{' '.join(left)} | {' '.join(right)}"
        rules[name] = rules.get(name, 0) + float(record["weight"])
    return rules


class TestSymmetrise:
    def test_grows_from_the_intersection_and_ends_with_links_between_free_words(self):
        forward, backward = {(0, 0), (1, 1), (3, 3)}, {(0, 0), (1, 0), (2, 1), (3, 2), (5, 5)}
        expected = [(0, 0), (1, 0), (1, 1), (2, 1), (3, 2), (3, 3), (5, 5)]
        assert aligning.grow_diag_final_and(forward, backward) == expected

    @given(*[st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)))] * 2)
    def test_lies_between_intersection_and_union(self, forward: set, backward: set):
        joined = set(aligning.grow_diag_final_and(forward, backward))
        assert forward & backward <= joined <= forward | backward

    def test_eflomal_finds_a_dictionary(self):
        pytest.importorskip("eflomal")
        draw = random.Random(0)
        pairs = []
        for _ in range(300):
            words = draw.sample("甲乙丙丁戊己庚辛", 4)
            pairs.append((words, [f"▁{word}" for word in reversed(words)]))
        pairs[7] = ([], ["▁甲"])
        links = aligning.align(pairs)
        assert links[7] == []
        right = sum(pairs[i][1][t] == "▁" + pairs[i][0][s] for i, linked in enumerate(links) for s, t in linked)
        assert right > 0.9 * sum(map(len, links))
        assert right > 0.8 * 4 * 299


class TestExtraction:
    def test_by_hand(self):
        """Two words that swap, an unaligned target word between them."""
        rules = spelled("买 书", "책 을 사", [(0, 2), (1, 0)])
        assert rules == pytest.approx(
            {
                "买 | 사": 1,
                "书 | 책": 1,
                "买 书 | 책 을 사": 1 / 3,
                "X1 书 | 책 을 X1": 1 / 3,
                "买 X1 | X1 을 사": 1 / 3,
            }
        )

    def test_two_holes_that_swap(self):
        rules = spelled("甲 的 乙", "b 의 a", [(0, 2), (1, 1), (2, 0)])
        assert "X1 的 X2 | X2 의 X1" in rules
        assert "X1 X2" not in " ".join(rules)
        assert sum(rules.values()) == pytest.approx(6)

    def test_unaligned_edges_are_left_out(self):
        assert set(spelled("甲 乙", "x a y", [(0, 1)])) == {"甲 | a"}

    def test_a_pair_without_links_has_no_rules(self):
        assert spelled("甲 乙", "a", []) == {}

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def test_constraints_and_brute_force(self, data: st.DataObject):
        sizes = data.draw(st.integers(1, 7)), data.draw(st.integers(1, 7))
        cells = [(s, t) for s in range(sizes[0]) for t in range(sizes[1])]
        links = np.array(sorted(data.draw(st.sets(st.sampled_from(cells), min_size=1, max_size=9))))
        limits = Limits(data.draw(st.integers(1, 7)), data.draw(st.integers(1, 7)), data.draw(st.integers(0, 2)), 4)
        phrases = initial_phrases(*sizes, links, limits)
        slow = slow_phrases(*sizes, links, limits)
        assert sorted(map(tuple, phrases.tolist())) == slow
        found = choose_holes(phrases, links, limits)
        spans = phrases.tolist()
        assert sorted(tuple(map(tuple, (spans[i] for i in row))) for rows in found for row in rows) == slow_rules(
            slow, links.tolist(), limits
        )

    def test_bad_limits(self):
        with pytest.raises(ValueError, match="holes 0, 1 or 2"):
            Limits(holes=3)


def slow_phrases(source: int, target: int, links: np.ndarray, limits: Limits) -> list[tuple]:
    """Initial phrases by the definition: consistent, outermost source and target words aligned."""
    found = []
    for i, j in itertools.combinations(range(source + 1), 2):
        for k, m in itertools.combinations(range(target + 1), 2):
            if j - i > limits.phrase_source or m - k > limits.phrase_target:
                continue
            inside = [(s, t) for s, t in links if i <= s < j and k <= t < m]
            touching = [(s, t) for s, t in links if i <= s < j or k <= t < m]
            edges = {i, j - 1} <= {s for s, _ in inside} and {k, m - 1} <= {t for _, t in inside}
            if inside == touching and edges:
                found.append((i, j, k, m))
    return sorted(found)


def slow_rules(phrases: list[tuple], links: list, limits: Limits) -> list[tuple]:
    """Rules by the definition, each as its initial phrase and the phrases cut out of it."""
    found = []
    for outer in phrases:
        for count in range(limits.holes + 1):
            for holes in itertools.combinations(phrases, count):
                inside = all(outer[0] <= h[0] and h[1] <= outer[1] for h in holes)
                apart = all(a[1] < b[0] for a, b in itertools.pairwise(holes))
                words = set(range(outer[0], outer[1])) - {p for h in holes for p in range(h[0], h[1])}
                aligned = any(s in words for s, _ in links)
                if inside and apart and aligned and len(words) + count <= limits.symbols:
                    found.append((outer, *holes))
    return sorted(found)


class TestScoring:
    def test_probabilities_by_hand(self, tmp_path: Path):
        pairs = [(["甲"], ["a"]), (["甲"], ["a"]), (["甲"], ["b"]), (["乙"], ["a"])]
        bitext = make_bitext(pairs, [[(0, 0)]] * 4)
        assert extract(bitext, tmp_path, Limits(), partitions=3, flush=2) == 4
        rules = {(r.source, r.target): np.exp(r.logs) for r in score.score_rules(bitext, tmp_path, score.Pruning())}
        assert len(rules) == 3
        np.testing.assert_allclose(rules[(1,), (1,)], (2 / 3, 2 / 3, 2 / 3, 2 / 3))
        np.testing.assert_allclose(rules[(1,), (2,)], (1 / 3, 1, 1 / 3, 1))
        np.testing.assert_allclose(rules[(2,), (1,)], (1, 1 / 3, 1, 1 / 3))

    def test_rare_rules_go_single_words_stay(self, tmp_path: Path):
        bitext = make_bitext([(["甲", "乙"], ["a", "b"])] * 2 + [(["甲", "丙"], ["a", "c"])], [[(0, 0), (1, 1)]] * 3)
        extract(bitext, tmp_path, Limits(), partitions=2)
        rules = {rule.source for rule in score.score_rules(bitext, tmp_path, score.Pruning(least_count=2))}
        assert {(1, 2), (0, 2), (1, 0), (3,)} <= rules
        assert (1, 3) not in rules
        few = list(score.score_rules(bitext, tmp_path, score.Pruning(least_count=2, most_rules=1)))
        assert len([rule for rule in few if len(rule.source) > 1]) == 1

    def test_partitions_and_flushes_change_nothing(self, tmp_path: Path):
        draw = random.Random(4)
        pairs, links = [], []
        for _ in range(40):
            size = draw.randint(1, 8)
            pairs.append((draw.choices("甲乙丙", k=size), draw.choices("abc", k=size)))
            links.append(list(enumerate(draw.sample(range(size), size))))
        bitext = make_bitext(pairs, links)
        found = []
        for partitions, flush in ((1, 1000), (7, 3)):
            extract(bitext, tmp_path / str(flush), Limits(), partitions, flush)
            rules = score.score_rules(bitext, tmp_path / str(flush), score.Pruning())
            found.append({(r.source, r.target): np.round(r.logs, 4).tolist() for r in rules})
        assert found[0].keys() == found[1].keys()
        for key, logs in found[0].items():
            np.testing.assert_allclose(logs[:2], found[1][key][:2], atol=2e-3)

    def test_placeholders_stay_themselves(self):
        assert score.keeps_placeholders(["⟦N0⟧", "元"], ["▁⟦N0⟧", "원"])
        assert not score.keeps_placeholders(["⟦N0⟧"], ["▁⟦N1⟧"])
        assert not score.keeps_placeholders(["元"], ["⟦L0⟧"])

    def test_lexical_weights_by_hand(self):
        lexicon = Lexicon(make_bitext([(["甲"], ["a", "b"]), (["甲", "乙"], ["a"])], [[(0, 0)], [(0, 0), (1, 0)]]))
        assert lexicon.forward(1, 1) == 1
        assert lexicon.backward(1, 1) == pytest.approx(2 / 3)
        assert lexicon.forward(0, 2) == 1
        forward, backward = np.exp(lexicon.weights([1, 2], [1], [(0, 0), (1, 0)]))
        assert forward == pytest.approx((1 + 1) / 2)
        assert backward == pytest.approx(2 / 3 * 1 / 3)

    def test_links_outside_are_refused(self, tmp_path: Path):
        with pytest.raises(ValueError, match="points outside"):
            make_bitext([(["甲"], ["a"])], [[(0, 1)]])
        write_links(tmp_path / "links", [[(0, 1)], []])
        assert list(read_links(tmp_path / "links")) == [[(0, 1)], []]
        (tmp_path / "rows").write_text('{"zh": "甲", "ko": ["a"]}\n')
        with pytest.raises(ValueError, match="Line 1"):
            list(read_rows(tmp_path / "rows"))


class TestKneserNey:
    @pytest.mark.parametrize("prune", [(0, 0, 0, 0, 0), (0, 0, 1, 1, 1), (0, 1, 2, 2, 2)])
    def test_sums_to_one_in_every_context(self, tmp_path: Path, prune: tuple[int, ...]):
        draw = random.Random(1)
        sentences = [draw.choices("abcdef", (9, 5, 3, 2, 2, 1), k=draw.randint(0, 12)) for _ in range(300)]
        write_arpa(estimate(sentences, 5, prune), tmp_path / "lm.arpa.gz", 7)
        model = LanguageModel(tmp_path / "lm.arpa.gz").model
        for context in ("", "a", "a b", "f a b", "a a b c", "c a b a d"):
            state, after = kenlm.State(), kenlm.State()
            model.BeginSentenceWrite(state)
            for word in context.split():
                following = kenlm.State()
                model.BaseScore(state, word, following)
                state = following
            total = sum(10 ** model.BaseScore(state, word, after) for word in [*"abcdef", "</s>", "unseen"])
            assert total == pytest.approx(1, abs=2e-5)

    def test_bigrams_by_hand(self):
        """a b, a b, a c: adjusted counts of b, c and </s> are 1, 1, 2, of a 1; fallback discounts 0.5, 1, 1.5."""
        model = estimate([["a", "b"], ["a", "b"], ["a", "c"]], 2, (0, 0))
        names, pairs = (
            {" ".join(model.words[w] for w in gram): 10**log for gram, log in zip(grams, logs, strict=True)}
            for grams, logs in zip(model.grams, model.logs, strict=True)
        )
        rest = (0.5 * 3 + 1.0) / 5
        assert names["b"] == pytest.approx(0.5 / 5 + rest / 5)
        assert names["</s>"] == pytest.approx(1.0 / 5 + rest / 5)
        assert pairs["a b"] == pytest.approx((2 - 1) / 3 + (1 + 0.5) / 3 * names["b"])

    def test_bad_pruning(self):
        with pytest.raises(ValueError, match="never fall"):
            estimate([["a"]], 3, (0, 2, 1))


class TestPro:
    def test_finds_the_feature_that_matters(self):
        draw = np.random.default_rng(0)
        reference = list("abcdefgh")
        pool = Pool([reference] * 20)
        for sentence in range(20):
            for _ in range(20):
                wrong = draw.integers(0, 9)
                words = reference[: 8 - wrong] + ["z"] * wrong
                pool.add(sentence, words, (draw.normal(), -float(wrong), draw.normal(), 1.0))
        weights = np.array([0.6, -0.1, 0.3, 0.0])
        before = corpus_bleu(pool.best(weights), pool.references)
        for seed in (1, 2, 3):
            found = improve(pool, weights, Sampling(step=1.0), np.random.default_rng(seed))
            assert np.argmax(np.abs(found)) == 1
            assert found[3] == weights[3]
            assert corpus_bleu(pool.best(found), pool.references) > before + 20

    def test_nothing_to_learn_from_keeps_the_weights(self):
        pool = Pool([["a"]])
        assert pool.add(0, ["a"], (1.0, 2.0))
        assert not pool.add(0, ["a"], (1.0, 2.0))
        found = improve(pool, np.array([1.0, -3.0]), Sampling(), np.random.default_rng(0))
        np.testing.assert_allclose(found, (1.0, -3.0))


NOUNS = {"书": "책", "饭": "밥", "茶": "차", "花": "꽃", "信": "편지"}
VERBS = {"买": "사", "看": "보", "要": "원하", "卖": "팔"}


def toy_corpus() -> list[tuple[list[str], list[str], list[tuple[int, int]]]]:
    """ "我 VERB NOUN 。" ↔ "▁나 는 ▁NOUN 를 ▁VERB 다 .": the verb goes to the end; with the alignment."""
    links = [(0, 0), (1, 4), (2, 2), (3, 6)]
    return [
        (["我", verb, noun, "。"], ["▁나", "는", f"▁{NOUNS[noun]}", "를", f"▁{VERBS[verb]}", "다", "."], links)
        for verb in VERBS for noun in NOUNS
    ]  # fmt: skip


def test_learns_to_reorder_end_to_end(tmp_path: Path):
    """Corpus, given alignments, grammar, language model, tuning: unseen verb-noun pairs come out in Korean order."""
    corpus = toy_corpus()
    random.Random(6).shuffle(corpus)
    train, held_out = corpus[:15], corpus[15:]
    for name, rows in (("train", train), ("dev", held_out)):
        lines = (json.dumps({"zh": zh, "ko": ko}, ensure_ascii=False) + "\n" for zh, ko, _ in rows)
        (tmp_path / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    write_links(tmp_path / "alignments.txt", [links for *_, links in train])
    data, out = str(tmp_path / "train.jsonl"), str(tmp_path)
    aligning.main(["--data", data, "--out", out])
    score.main(["--data", data, "--out", out, "--partitions", "2"])
    language_model.main(["--data", data, "--out", out, "--prune", "0", "0", "0", "0", "0"])
    tuning = ["--data", str(tmp_path / "dev.jsonl"), "--out", out]
    tune.main([*tuning, "--seeds", "2", "--rounds", "3", "--n-best", "10"])
    tuned = json.loads((tmp_path / "tuned.json").read_text())
    assert len(tuned["bleu"]) == 2
    assert list(tuned["weights"]) == list(FEATURES)
    config = with_weights(PlanetSmtConfig(), tuple(tuned["weights"].values()))
    decoder = Decoder(Grammar.load(tmp_path), LanguageModel(tmp_path / "language_model.arpa.gz"), config)
    for zh, ko, _ in held_out:
        assert list(decoder.decode(zh)[0].words) == ko
    published = tmp_path / "published"
    export.main(["--run", out, "--text", str(tmp_path), "--out", str(published)])
    assert json.loads((published / "tuning.json").read_text())["tuning"]["bleu"] == tuned["bleu"]
    assert PlanetSmt.from_pretrained(published).translate(["我"])[0].text.startswith("나")


def test_compacting_drops_words_without_rules(tmp_path: Path):
    bitext = make_bitext([(["丁", "甲"], ["x", "a"])], [[(1, 1)]])
    extract(bitext, tmp_path, Limits(), 1)
    rules = score.score_rules(bitext, tmp_path, score.Pruning())
    grammar = build_grammar(rules, bitext.source_words, bitext.target_words)
    small = compact(grammar)
    assert (small.source_words, small.target_words) == (["甲"], ["</s>", "a"])
    assert small.target(small.rules_of((1,))[0])[0] == (1,)
