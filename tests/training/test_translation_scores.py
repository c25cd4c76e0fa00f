"""Metrics of translations: values worked out by hand or by sacrebleu itself, intervals and paired tests."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF

from training.translation.scores import Draws, compare, count, figure, make_metrics, signature

REFERENCES = [f"저는 {n}번 학교에서 {word} 공부합니다." for n, word in enumerate(["국어를", "수학을", "영어를"] * 7)]
GOOD = [text.replace("저는", "나는") if n % 3 else text for n, text in enumerate(REFERENCES)]
BAD = [text.replace("학교에서", "집").replace("공부합니다", "논다") for text in REFERENCES]
DRAWS = Draws(7, 300)


class TestScores:
    def test_the_same_as_sacrebleu_s_own(self):
        for metric in (BLEU(tokenize="ko-mecab"), CHRF()):
            counts = count(metric, GOOD, REFERENCES)
            assert counts.score() == pytest.approx(metric.corpus_score(GOOD, [REFERENCES]).score)
            half = list(range(1, 21, 2))
            some = metric.corpus_score([GOOD[i] for i in half], [[REFERENCES[i] for i in half]]).score
            assert counts.of(half).score() == pytest.approx(some)

    def test_golden_values_and_signatures(self):
        metrics = make_metrics()
        assert metrics["bleu"].corpus_score(["나는 학교에 갔다."], [["나는 학교에 갑니다."]]).score == pytest.approx(
            43.47, abs=0.01
        )
        # Two of three characters, one of two pairs, no triple: the mean is the F score, both sides being as long.
        assert count(metrics["chrf"], ["가나다"], ["가나라"]).score() == pytest.approx(100 * (2 / 3 + 1 / 2) / 3)
        assert re.search(r"tok:ko-mecab-[^|]+\|.*version:2\.6\.0$", signature(make_metrics()["bleu"]))
        assert signature(CHRF()).startswith("nrefs:1|case:mixed|eff:yes|nc:6")

    def test_intervals_hold_the_score_and_narrow_with_more_sentences(self):
        metric = CHRF()
        few, many = (figure(count(metric, GOOD * k, REFERENCES * k), DRAWS) for k in (1, 9))
        for one in (few, many):
            assert one["ci95"][0] < one["value"] < one["ci95"][1]
        assert np.diff(many["ci95"]) < 0.5 * np.diff(few["ci95"])
        assert (few["n"], many["n"]) == (21, 189)

    def test_better_is_significant_and_equal_is_not(self):
        metric = BLEU(tokenize="ko-mecab")
        good, bad = count(metric, GOOD, REFERENCES), count(metric, BAD, REFERENCES)
        better = compare(good, bad, DRAWS)
        assert better["difference"] == pytest.approx(good.score() - bad.score(), abs=1e-3)
        assert better["p"] == pytest.approx(1 / 301, abs=1e-5)
        assert better["ci95"][0] > 0
        worse = compare(bad, good, DRAWS)
        assert (worse["difference"], worse["p"]) == (-better["difference"], better["p"])
        assert compare(good, good, DRAWS)["p"] == 1
        coin = [a if n % 2 else b for n, (a, b) in enumerate(zip(GOOD, BAD, strict=True))]
        other = [b if n % 2 else a for n, (a, b) in enumerate(zip(GOOD, BAD, strict=True))]
        assert compare(count(metric, coin, REFERENCES), count(metric, other, REFERENCES), DRAWS)["p"] > 0.05

    def test_only_the_same_sentences_are_compared(self):
        metric = CHRF()
        with pytest.raises(ValueError, match="same sentences"):
            compare(count(metric, GOOD, REFERENCES), count(metric, GOOD[:5], REFERENCES[:5]), DRAWS)
        with pytest.raises(ValueError, match="0 translations for 3"):
            count(metric, [], ["가", "나", "다"])

    def test_without_its_model_spbleu_says_where_it_goes(self, monkeypatch, tmp_path):
        monkeypatch.setattr("training.translation.scores.PIECES", tmp_path / "pieces")
        with pytest.raises(ValueError, match=r"flores200 model as .*pieces"):
            make_metrics(spbleu=True)
