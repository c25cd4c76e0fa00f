"""Configuration of the neural translator: sizes, the parts an ablation switches off, and the special tokens."""

from __future__ import annotations

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig


@strict
class PlanetNmtConfig(PreTrainedConfig):
    """Sizes, switches and search defaults of `PlanetNmtForConditionalGeneration`.

    You will most likely change the two vocabulary sizes, which must be those of the tokenizer, and `hidden_size`. The
    special tokens have the same ids in both vocabularies.

    Args:
        source_vocab_size: subwords of the source language, special tokens included.
        vocab_size: subwords of the target language, special tokens included.
        embedding_size: width of both embeddings.
        hidden_size: width of the encoder (both directions together) and of the decoder; even.
        layers: LSTM layers, in the encoder and in the decoder.
        attention: False decodes from the encoder's last state alone.
        input_feeding: whether the decoder sees its last attentional state.
        tie_word_embeddings: whether the output layer shares the target embedding.
        dropout: of embeddings, between layers and before the output layer, 0..1.
        label_smoothing: probability spread evenly over the vocabulary in the training loss, 0..1.
        first_placeholder_id: id of the first placeholder.
        placeholders: how many ids from there on are placeholders.
        max_source_length: longest sentence in subwords `translate` gives to the encoder; longer ones are cut up.
        beam_size: hypotheses kept by `translate`.
        search_length_penalty: alpha of Wu et al. (2016), equation 14.
        search_coverage_penalty: beta of the same equation.
    """

    model_type = "planet_nmt"

    # vocabularies
    source_vocab_size: int = 16000
    vocab_size: int = 16000
    # network
    embedding_size: int = 256
    hidden_size: int = 512
    layers: int = 2
    attention: bool = True
    input_feeding: bool = True
    tie_word_embeddings: bool = True
    # training
    dropout: float = 0.2
    label_smoothing: float = 0.1
    # special tokens
    pad_token_id: int | None = 0
    bos_token_id: int | None = 1
    eos_token_id: int | list[int] | None = 2
    unk_token_id: int = 3
    decoder_start_token_id: int | None = 1
    first_placeholder_id: int = 4
    placeholders: int = 30
    # search
    max_source_length: int = 150
    beam_size: int = 5
    search_length_penalty: float = 0.6
    search_coverage_penalty: float = 0.2

    is_encoder_decoder: bool = True
    attribute_map = {"num_hidden_layers": "layers"}  # noqa: RUF012

    def __post_init__(self, **kwargs):
        super().__post_init__(**kwargs)
        for name in ("dropout", "label_smoothing"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 0 and below 1, got {getattr(self, name)}")
        for name in ("embedding_size", "layers", "beam_size", "max_source_length"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.hidden_size < 2 or self.hidden_size % 2:
            raise ValueError(f"hidden_size must be even: each direction has half, got {self.hidden_size}")
        least = self.first_placeholder_id + self.placeholders
        for name in ("source_vocab_size", "vocab_size"):
            if getattr(self, name) <= least:
                raise ValueError(f"{name} must exceed the {least} special tokens, got {getattr(self, name)}")
        for name in ("search_length_penalty", "search_coverage_penalty"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be at least 0, got {getattr(self, name)}")
        if self.input_feeding and not self.attention:
            raise ValueError("input_feeding needs attention: without it there is no attentional state to feed")


__all__ = ["PlanetNmtConfig"]
