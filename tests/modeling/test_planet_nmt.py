"""The neural translator: attention against a loop, padding, both searches, subwords, and text in and out."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional as F
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from modeling.planet_nmt import PlanetNmtConfig, PlanetNmtForConditionalGeneration, PlanetNmtTokenizer
from modeling.planet_nmt.attention_planet_nmt import LuongAttention
from modeling.planet_nmt.encoder_planet_nmt import mirrored
from modeling.planet_nmt.loss_planet_nmt import PIECE, fused_loss, smoothed_loss
from modeling.planet_nmt.search_planet_nmt import Hypothesis, SearchOptions, beam_search, length_norm
from modeling.planet_nmt.tokenization_planet_nmt import PLACEHOLDERS
from modeling.planet_nmt.translating_planet_nmt import block_diagonal, word_weights
from modeling.planet_nmt.translation_zh_ko import Step
from training.translation.vocabulary import learn_tokenizer

PLAIN = SearchOptions(
    beam=3, length_penalty=0, coverage_penalty=0, missing_penalty=0, max_length=11, placeholders=False
)
SOURCES = [["我", "来自", "中国"], ["你好", "，", "北京"], ["学校", "在", "⟦N0⟧", "年"], ["我", "在", "学校"]] * 3
TARGETS = [["▁나", "는", "▁중국", "에서"], ["▁안녕", "▁베이징"], ["▁학교", "는", "▁⟦N0⟧", "년"], ["▁나", "는"]] * 3


def small_model(seed: int = 0, **changes) -> PlanetNmtForConditionalGeneration:
    """A random model with large weights, so that its choices are clear."""
    torch.manual_seed(seed)
    sizes = {"source_vocab_size": 53, "vocab_size": 47, "embedding_size": 5, "hidden_size": 14, "layers": 2}
    model = PlanetNmtForConditionalGeneration(PlanetNmtConfig(**(sizes | changes))).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
    return model


def three_sentences() -> tuple[torch.Tensor, torch.Tensor]:
    """Source ids and mask, 3 x 7: sentences of 7, 5 and 3 tokens."""
    ids = torch.randint(34, 53, (3, 7), generator=torch.Generator().manual_seed(3))
    mask = (torch.arange(7) < torch.tensor([[7], [5], [3]])).long()
    ids[torch.arange(3), mask.sum(1) - 1] = 2
    return ids * mask, mask


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> PlanetNmtTokenizer:
    return learn_tokenizer(SOURCES, TARGETS, tmp_path_factory.mktemp("vocabulary"), 61, 67)


class TestNetwork:
    def test_attention_is_that_of_a_loop(self):
        torch.manual_seed(1)
        attention, hidden, encoded = LuongAttention(5), torch.randn(2, 3, 5), torch.randn(2, 7, 5)
        mask = torch.tensor([[1] * 7, [1] * 4 + [0] * 3])
        states, weights = attention(hidden, attention.remember(encoded, mask))
        combine = torch.cat((attention.values.weight, attention.query.weight), 1)  # W of the paper: H x 2H
        for b in range(2):
            tokens = encoded[b, : mask[b].sum()]
            for k in range(3):
                scores = torch.stack([hidden[b, k] @ attention.keys.weight @ token for token in tokens])
                align = scores.exp() / scores.exp().sum()
                context = sum(weight * token for weight, token in zip(align, tokens, strict=True))
                expected = torch.tanh(combine @ torch.cat((context, hidden[b, k])) + attention.query.bias)
                torch.testing.assert_close(states[b, k], expected)
                torch.testing.assert_close(weights[b, k, : len(tokens)], align)
                assert (weights[b, k, len(tokens) :] == 0).all()

    def test_attention_golden_values(self):
        attention = LuongAttention(2)
        with torch.no_grad():
            attention.keys.weight.copy_(torch.eye(2))
            attention.values.weight.copy_(torch.eye(2))
            attention.query.weight.zero_()
            attention.query.bias.zero_()
        encoded = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
        states, weights = attention(torch.tensor([[[2.0, 0.0]]]), attention.remember(encoded, torch.ones(1, 2)))
        torch.testing.assert_close(weights, torch.tensor([[[0.880797, 0.119203]]]))
        torch.testing.assert_close(states, torch.tensor([[[0.706816, 0.118642]]]), atol=1e-5, rtol=1e-4)

    @pytest.mark.parametrize("feeding", [True, False])
    def test_a_step_is_that_of_pytorch_s_lstm_cell(self, feeding):
        model = small_model(layers=1, input_feeding=feeding)
        decoder = model.decoder
        cell = torch.nn.LSTMCell(5 + 14 * feeding, 14)
        below = decoder.gates[0].weight
        with torch.no_grad():
            cell.weight_ih.copy_(
                torch.cat((decoder.word_gates.weight, below[:, :14]), 1) if feeding else decoder.word_gates.weight
            )
            cell.weight_hh.copy_(below[:, -14:])
            cell.bias_ih.copy_(decoder.word_gates.bias)
            cell.bias_hh.zero_()
        ids, mask = three_sentences()
        encoded = model.encoder(ids, mask)
        state, memory = decoder.start(encoded.final_state), model.remember(encoded, mask)
        words = torch.tensor([[1, 40], [1, 41], [1, 42]])
        states, last, _ = decoder(words, state, memory)
        hidden, carried, fed = state.hidden[:, 0], state.cell[:, 0], state.fed
        for place in range(2):
            word = decoder.embedding(words[:, place])
            hidden, carried = cell(torch.cat((word, fed), 1) if feeding else word, (hidden, carried))
            fed = decoder.attention(hidden[:, None], memory)[0][:, 0]
            torch.testing.assert_close(states[:, place], fed)
        torch.testing.assert_close(last.cell[:, 0], carried)

    def test_encoder_is_pytorch_s_over_packed_sentences(self):
        model = small_model(layers=1)
        ids, mask = three_sentences()
        layer = model.encoder.layers[0]
        both = torch.nn.LSTM(5, 7, batch_first=True, bidirectional=True)
        with torch.no_grad():
            for name, weight in layer.ahead.named_parameters():
                getattr(both, name).copy_(weight)
                getattr(both, f"{name}_reverse").copy_(dict(layer.back.named_parameters())[name])
        packed = torch.nn.utils.rnn.pack_padded_sequence(model.encoder.embedding(ids), mask.sum(1), batch_first=True)
        output, (final, _) = both(packed)
        expected = torch.nn.utils.rnn.pad_packed_sequence(output, batch_first=True)[0]
        found = model.encoder(ids, mask)
        torch.testing.assert_close(found.last_hidden_state * mask[..., None], expected)
        torch.testing.assert_close(found.final_state[:, 0], torch.cat((final[0], final[1]), 1))

    @pytest.mark.parametrize("changes", [{}, {"input_feeding": False}, {"input_feeding": False, "attention": False}])
    def test_padding_changes_nothing(self, changes):
        model = small_model(**changes)
        ids, mask = three_sentences()
        labels = torch.randint(34, 47, (3, 5))
        whole = model(ids, mask, labels=labels)
        for row, length in enumerate(mask.sum(1).tolist()):
            alone = model(ids[row : row + 1, :length], labels=labels[row : row + 1])
            torch.testing.assert_close(whole.logits[row], alone.logits[0], atol=1e-5, rtol=1e-5)
            if changes.get("attention", True):
                torch.testing.assert_close(
                    whole.cross_attentions[0][row, :, :, :length], alone.cross_attentions[0][0], atol=1e-6, rtol=1e-5
                )
                assert (whole.cross_attentions[0][row, :, :, length:] == 0).all()

    def test_input_feeding_and_attention_matter(self):
        ids, mask = three_sentences()
        labels = torch.randint(34, 47, (3, 5))
        model = small_model()
        logits = model(ids, mask, labels=labels).logits
        with torch.no_grad():
            model.decoder.gates[0].weight[:, :14] = 0  # what is fed
        changed = model(ids, mask, labels=labels).logits
        torch.testing.assert_close(changed[:, 0], logits[:, 0])  # nothing was fed yet
        assert not torch.allclose(changed[:, 1:], logits[:, 1:], atol=1e-3)
        assert small_model(input_feeding=False, attention=False)(ids, mask, labels=labels).cross_attentions is None

    def test_a_cached_state_continues_where_it_stopped(self):
        model = small_model()
        ids, mask = three_sentences()
        words = torch.tensor([[1, 40, 35, 36], [1, 41, 37, 38], [1, 42, 39, 40]])
        whole = model(ids, mask, decoder_input_ids=words).logits
        first = model(ids, mask, decoder_input_ids=words[:, :2], use_cache=True)
        second = model(ids, mask, decoder_input_ids=words[:, 2:], past_key_values=first.past_key_values)
        torch.testing.assert_close(torch.cat((first.logits, second.logits), 1), whole)

    def test_loss_is_cross_entropy_without_padding(self):
        model = small_model(label_smoothing=0.2)
        ids, mask = three_sentences()
        labels = torch.randint(34, 47, (3, 5))
        labels[1, 3:], labels[2, 4:] = -100, 0
        answer = model(ids, mask, labels=labels)
        expected = F.cross_entropy(
            answer.logits.flatten(0, 1), labels.masked_fill(labels == 0, -100).flatten(), label_smoothing=0.2
        )
        torch.testing.assert_close(answer.loss, expected)
        torch.testing.assert_close(model.training_loss(ids, mask, labels)[0], expected)
        logits, right = torch.randn(7, 5), torch.randint(0, 5, (7,))
        torch.testing.assert_close(smoothed_loss(logits, right, 0.0)[1], F.cross_entropy(logits, right))

    @pytest.mark.parametrize("smoothing", [0.0, 0.2])
    def test_the_fused_loss_has_the_loss_and_gradients_of_the_plain_one(self, smoothing):
        torch.manual_seed(2)
        inputs = [torch.randn(size, dtype=torch.float64) for size in ((PIECE + 7, 5), (11, 5), (11,))]
        labels = torch.randint(0, 11, (PIECE + 7,))
        states, weight, bias = (one.clone().requires_grad_() for one in inputs)
        expected = smoothed_loss(states @ weight.T + bias, labels, smoothing)
        (3 * expected[0]).backward()
        fused = [one.clone().requires_grad_() for one in inputs]
        found = fused_loss(*fused, labels, smoothing)
        (3 * found[0]).backward()
        torch.testing.assert_close(found, expected, check_dtype=False)
        for one, other in zip(fused, (states, weight, bias), strict=True):
            torch.testing.assert_close(one.grad, other.grad, atol=1e-6, rtol=1e-5)

    def test_tied_embedding_saves_its_weights(self):
        tied, untied = small_model(), small_model(tie_word_embeddings=False)
        assert tied.output.words.weight is tied.decoder.embedding.weight
        assert untied.output.words.weight is not untied.decoder.embedding.weight
        assert untied.num_parameters() - tied.num_parameters() == 47 * 5

    def test_bad_input_names_the_value(self):
        for changes, told in (
            ({"hidden_size": 7}, "even.*7"), ({"dropout": 1.5}, r"dropout.*1\.5"), ({"vocab_size": 30}, "34.*30"),
            ({"attention": False}, "input_feeding needs attention"),
        ):  # fmt: skip
            with pytest.raises(ValueError, match=told):
                PlanetNmtConfig(**changes)
        with pytest.raises(ValueError, match="zeros on the right"):
            mirrored(torch.tensor([[0, 1, 1]]))
        with pytest.raises(ValueError, match="translate"):
            small_model()()


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


class TestTokenizer:
    def test_text_comes_back(self, tokenizer):
        for tokens in TARGETS:
            ids = tokenizer.encode_target(tokens)
            assert tokenizer.decode(ids, skip_special_tokens=True) == "".join(tokens).replace("▁", " ").strip()

    def test_a_placeholder_is_one_token_on_both_sides(self, tokenizer):
        for index, placeholder in enumerate(PLACEHOLDERS, 4):
            assert tokenizer.encode_words(["我", placeholder, "在"])[0][1] == index
            assert index in tokenizer.encode_target(["▁나", f"▁{placeholder}", "는"])

    def test_placeholders_are_those_of_the_text_modules(self):
        protecting = pytest.importorskip("modeling.planet_nmt.protecting_zh_ko")
        assert protecting.PLACEHOLDERS == PLACEHOLDERS

    def test_subwords_know_their_word(self, tokenizer):
        ids, word_of = tokenizer.encode_words(["我", "龘", "来自"])
        assert len(ids) == len(word_of)
        assert ids[1] == tokenizer.unk_token_id
        assert word_of[0] == 0
        assert word_of[1] == 1
        assert word_of[-1] == -1

    def test_called_like_any_other(self, tokenizer):
        batch = tokenizer(["我 来自 中国", "你好"], text_target=["▁나 는", "▁안녕"], padding=True, return_tensors="pt")
        assert batch["input_ids"][0].tolist() == tokenizer.encode_words(["我", "来自", "中国"])[0]
        assert batch["attention_mask"][1].tolist()[-1] == 0
        assert batch["labels"][0].tolist()[: len(tokenizer.encode_target(["▁나", "는"]))] == tokenizer.encode_target(
            ["▁나", "는"]
        )


def prepared(text: str) -> SimpleNamespace:
    """Stands in for the pre-processor: text already cut into words by spaces."""
    return SimpleNamespace(source=text, words=tuple(text.split()), slots=(), trace=(Step("segment", text),))


def with_text(tokenizer: PlanetNmtTokenizer, **changes) -> PlanetNmtForConditionalGeneration:
    sizes = {"source_vocab_size": tokenizer.source.get_vocab_size(), "vocab_size": tokenizer.target_vocab_size}
    model = small_model(**(sizes | changes))
    model.use_text_tools(tokenizer, prepared, lambda korean, _: (korean, ()))
    return model


class TestTranslate:
    def test_order_is_kept_and_nothing_lost(self, tokenizer):
        model = with_text(tokenizer)
        texts = ["我 在 学校 。 你好 ！", "", "北京", "   ", "我\n\n你好 北京"]
        together = model.translate(texts, beam=2, nbest=2)
        assert [one.source for one in together] == texts
        assert together[1].text == together[3].text == ""
        for text, one in zip(texts, together, strict=True):
            (alone,) = model.translate([text], beam=2, nbest=2)
            assert (alone.source, alone.text, alone.copied) == (one.source, one.text, one.copied)
            assert (alone.source_tokens, alone.target_tokens) == (one.source_tokens, one.target_tokens)
            # Kernels may add up in another order for another batch: alike, not equal.
            assert alone.score == pytest.approx(one.score, abs=1e-4)
            assert len(one.alignment) == len(one.target_tokens)
            for row in one.alignment:
                assert len(row) == len(one.source_tokens)
                assert sum(row) == pytest.approx(1, abs=1e-4) or sum(row) == 0
        assert model.translate([]) == []

    def test_unknown_words_are_copied_and_no_symbol_is_left(self, tokenizer):
        model = with_text(tokenizer)
        with torch.no_grad():
            model.output.words.bias[3] += 5
        (plain,) = model.translate(["我 龘 北京"])
        assert "<unk>" not in plain.text
        assert plain.copied
        assert all(
            copy.how == "attention" and copy.kind == "unknown" and copy.target in plain.text for copy in plain.copied
        )
        model.use_text_tools(
            tokenizer, prepared, lambda korean, _: (korean, ()), dict.fromkeys(["我", "龘", "北京"], "가")
        )
        (looked_up,) = model.translate(["我 龘 北京"])
        assert all((copy.target, copy.how) == ("가", "dictionary") for copy in looked_up.copied)
        (without,) = model.translate(["我 龘 北京"], unknown=False)
        assert not without.copied

    @pytest.mark.parametrize("changes", [{}, {"layers": 1, "input_feeding": False}])
    def test_int8_and_bf16_stay_close(self, tokenizer, changes):
        model = with_text(tokenizer, embedding_size=16, hidden_size=32, **changes)
        ids, mask = three_sentences()
        labels = torch.randint(34, tokenizer.target_vocab_size, (3, 5))
        exact = model(ids, mask, labels=labels).logits
        assert len(model.translate(["我 在 学校"], bf16=True)[0].text) > 0
        model.quantize()
        off = (model(ids, mask, labels=labels).logits - exact).abs().mean() / exact.abs().mean()
        assert off < 0.1
        assert len(model.translate(["我 在 学校"])[0].text) > 0

    def test_wrong_types_are_refused(self, tokenizer):
        model = with_text(tokenizer)
        with pytest.raises(ValueError, match="list of strings, got str"):
            model.translate("我")
        with pytest.raises(ValueError, match="list of strings"):
            model.translate([3])
        with pytest.raises(ValueError, match="training mode"):
            model.train().translate(["我"])

    def test_saved_and_loaded_it_answers_the_same(self, tokenizer, tmp_path: Path):
        model = with_text(tokenizer)
        model.save_pretrained(tmp_path)
        tokenizer.save_pretrained(tmp_path)
        ids, mask = three_sentences()
        loaded = AutoModelForSeq2SeqLM.from_pretrained(tmp_path, trust_remote_code=True)
        assert loaded.output.words.weight is loaded.decoder.embedding.weight
        words = AutoTokenizer.from_pretrained(tmp_path, trust_remote_code=True)
        assert words.encode_words(["我", "⟦N0⟧"]) == tokenizer.encode_words(["我", "⟦N0⟧"])
        labels = torch.randint(34, 47, (3, 5))
        assert torch.equal(loaded(ids, mask, labels=labels).logits, model(ids, mask, labels=labels).logits)
        assert loaded.generate(ids, attention_mask=mask, max_new_tokens=3).shape[0] == 3
        assert [one.text for one in loaded.translate(["我在北京。", ""])][1] == ""

    def test_alignments(self):
        attention = torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.0, 0.0, 0.0, 1.0]])
        first, second = word_weights(attention, [0, 0, 1, -1], 2)
        assert first == pytest.approx((0.5, 0.5))
        assert second == (0, 0)
        assert block_diagonal([(((1.0,),), 1), (((0.5, 0.5),), 2)]) == ((1.0, 0.0, 0.0), (0.0, 0.5, 0.5))
        assert Hypothesis((), 0.0, 0.0, None, True).attention is None
