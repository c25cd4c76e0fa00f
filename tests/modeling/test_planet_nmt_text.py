"""The neural translator's subwords, and text in and out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from modeling.planet_nmt import PlanetNmtForConditionalGeneration, PlanetNmtTokenizer
from modeling.planet_nmt.search_planet_nmt import Hypothesis
from modeling.planet_nmt.tokenization_planet_nmt import PLACEHOLDERS
from modeling.planet_nmt.translating_planet_nmt import block_diagonal, word_weights
from modeling.planet_nmt.translation_zh_ko import Step
from tests.modeling.small_planet_nmt import small_model, three_sentences
from training.translation.vocabulary import learn_tokenizer

SOURCES = [["我", "来自", "中国"], ["你好", "，", "北京"], ["学校", "在", "⟦N0⟧", "年"], ["我", "在", "学校"]] * 3
TARGETS = [["▁나", "는", "▁중국", "에서"], ["▁안녕", "▁베이징"], ["▁학교", "는", "▁⟦N0⟧", "년"], ["▁나", "는"]] * 3


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> PlanetNmtTokenizer:
    return learn_tokenizer(SOURCES, TARGETS, tmp_path_factory.mktemp("vocabulary"), 61, 67)


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
