"""The neural translator's network: attention against a loop, padding, losses, saving and loading."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from modeling.planet_nmt import PlanetNmtConfig
from modeling.planet_nmt.attention_planet_nmt import LuongAttention
from modeling.planet_nmt.encoder_planet_nmt import mirrored
from modeling.planet_nmt.loss_planet_nmt import PIECE, fused_loss, smoothed_loss
from tests.modeling.small_planet_nmt import small_model, three_sentences


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
