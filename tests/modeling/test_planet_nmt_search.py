"""The neural translator's beam search: against exhaustive search, penalties, placeholders held to the source."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from modeling.planet_nmt.search_planet_nmt import SearchOptions, beam_search, length_norm
from tests.modeling.small_planet_nmt import small_model, three_sentences

PLAIN = SearchOptions(
    beam=3, length_penalty=0, coverage_penalty=0, missing_penalty=0, max_length=11, placeholders=False
)


class TestSearch:
    @pytest.mark.parametrize("changes", [{}, {"input_feeding": False}, {"layers": 1}])
    @pytest.mark.parametrize("seed", [0, 1, 2])
    def test_agrees_with_generate(self, seed, changes):
        model = small_model(seed, **changes)
        ids, mask = three_sentences()
        found = beam_search(model, ids, mask, PLAIN)
        other = model.generate(
            ids, attention_mask=mask, num_beams=3, length_penalty=0.0, max_new_tokens=11, suppress_tokens=[0, 1],
            return_dict_in_generate=True, output_scores=True, output_attentions=True,
        )  # fmt: skip
        for row, (hypothesis, *_) in enumerate(found):
            expected = [index for index in other.sequences[row, 1:].tolist() if index not in (0, 2)]
            assert list(hypothesis.ids) == expected
            assert hypothesis.log_probability == pytest.approx(other.sequences_scores[row].item(), abs=1e-4)

    def test_greedy_is_a_beam_of_one(self):
        model = small_model()
        ids, mask = three_sentences()
        found = beam_search(model, ids, mask, dataclasses.replace(PLAIN, beam=1))
        for cache in (True, False):
            other = model.generate(ids, attention_mask=mask, max_new_tokens=11, suppress_tokens=[0, 1], use_cache=cache)
            for row, (hypothesis,) in enumerate(found):
                assert list(hypothesis.ids) == [index for index in other[row, 1:].tolist() if index not in (0, 2)]

    def test_scores_are_sums_of_log_probabilities_and_attention_is_forward_s(self):
        model = small_model()
        ids, mask = three_sentences()
        for row, hypotheses in enumerate(beam_search(model, ids, mask, dataclasses.replace(PLAIN, nbest=3))):
            for one in hypotheses:
                words = list(one.ids) + [2] * one.complete
                length = int(mask[row].sum())
                answer = model(ids[row : row + 1, :length], labels=torch.tensor([words]))
                log_probabilities = answer.logits[0].log_softmax(-1)
                expected = sum(log_probabilities[place, word].item() for place, word in enumerate(words))
                assert one.log_probability == pytest.approx(expected, abs=1e-4)
                assert one.score == one.log_probability
                torch.testing.assert_close(
                    one.attention, answer.cross_attentions[0][0, 0, : len(one.ids)], atol=1e-5, rtol=1e-4
                )
            scores = [one.score for one in hypotheses]
            assert scores == sorted(scores, reverse=True)

    def test_a_sentence_is_translated_alike_alone_and_in_a_batch(self):
        model = small_model()
        ids, mask = three_sentences()
        options = SearchOptions(beam=5, nbest=3, max_length=9)
        for row, together in enumerate(beam_search(model, ids, mask, options)):
            length = int(mask[row].sum())
            (alone,) = beam_search(model, ids[row : row + 1, :length], mask[row : row + 1, :length], options)
            assert [one.ids for one in alone] == [one.ids for one in together]

    def test_penalties_follow_the_paper(self):
        model = small_model()
        ids, mask = three_sentences()
        options = SearchOptions(beam=3, length_penalty=0.7, coverage_penalty=0.3, missing_penalty=0, max_length=9)
        for row, (one,) in enumerate(beam_search(model, ids, mask, options)):
            spread = one.attention[:, : int(mask[row].sum()) - 1]
            covered = sum(
                min(column.sum().item(), 1.0) and torch.log(column.sum().clamp(max=1.0)).item() for column in spread.T
            )
            length = len(one.ids) + one.complete
            expected = one.log_probability / ((5 + length) / 6) ** 0.7 + 0.3 * covered
            assert one.score == pytest.approx(expected, abs=1e-4)
        assert length_norm(1, 0.7) == 1.0

    def test_placeholders_come_from_the_source_and_no_more_often(self):
        model = small_model()
        with torch.no_grad():
            model.output.words.bias[4:9] += 50  # would write nothing else
            model.output.words.bias[2] -= 50
        ids, mask = three_sentences()
        ids[0, 1], ids[0, 2], ids[0, 3] = 5, 5, 7
        (found, *others) = beam_search(model, ids, mask, SearchOptions(beam=2, max_length=7))
        names = sorted(index for index in found[0].ids if index < 34)
        assert names == [5, 5, 7]
        assert all(index >= 34 or index == 3 for (one,) in others for index in one.ids)

    def test_no_end_before_every_placeholder_is_written(self):
        """A model that would always end at once writes what the source holds first."""
        model = small_model()
        with torch.no_grad():
            model.output.words.bias[2] += 50
        ids, mask = three_sentences()
        ids[0, 1] = 5
        (first, *others) = beam_search(model, ids, mask, SearchOptions(beam=2, max_length=29))
        assert 5 in first[0].ids
        assert first[0].complete
        assert all(one.ids == () for (one,) in others)
        with torch.no_grad():
            model.output.words.bias[5] += 30
        assert beam_search(model, ids, mask, SearchOptions(beam=2))[0][0].ids == (5,)

    @pytest.mark.parametrize("end", [50, -50])
    def test_what_the_model_would_never_copy_comes_all_the_same(self, end):
        model = small_model()
        with torch.no_grad():
            model.output.words.bias[2] += end
            model.output.words.bias[4:34] -= 50
        ids, mask = three_sentences()
        ids[0, 1], ids[0, 2], ids[0, 3] = 5, 7, 7
        found = beam_search(model, ids, mask, SearchOptions(beam=2))[0][0]
        assert sorted(index for index in found.ids if 4 <= index < 34) == [5, 7, 7]

    def test_a_missing_placeholder_costs(self):
        model = small_model()
        ids, mask = three_sentences()
        ids[:, 0] = 5
        scores = [
            beam_search(model, ids, mask, dataclasses.replace(PLAIN, beam=40, nbest=40, missing_penalty=penalty))
            for penalty in (0.0, 3.0)
        ]
        free, charged = ({one.ids: one.score for one in row} for row in (scores[0][2], scores[1][2]))
        common = free.keys() & charged.keys()
        assert common
        for ids_found in common:
            assert free[ids_found] - charged[ids_found] == pytest.approx(0.0 if 5 in ids_found else 3.0, abs=1e-4)

    def test_unknown_symbols_can_be_forbidden(self):
        model = small_model()
        with torch.no_grad():
            model.output.words.bias[3] += 50
        ids, mask = three_sentences()
        assert all(3 in one.ids for (one,) in beam_search(model, ids, mask, PLAIN))
        banned = beam_search(model, ids, mask, dataclasses.replace(PLAIN, unknown=False))
        assert not any(3 in one.ids for (one,) in banned)

    def test_options_are_checked(self):
        with pytest.raises(ValueError, match="nbest=3, beam=2"):
            SearchOptions(beam=2, nbest=3)
        with pytest.raises(ValueError, match=r"length_penalty.*-0\.5"):
            SearchOptions(length_penalty=-0.5)
