"""Planet NMT: Chinese in, Korean out, through a recurrent encoder and decoder with attention."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path

import torch
from huggingface_hub import snapshot_download
from torch import Tensor, nn
from transformers import GenerationMixin, PreTrainedModel
from transformers.modeling_outputs import Seq2SeqLMOutput

from .attention_planet_nmt import Memory
from .configuration_planet_nmt import PlanetNmtConfig
from .decoder_planet_nmt import Decoder, DecoderState, OutputLayer
from .encoder_planet_nmt import Encoder, EncoderOutput
from .loss_planet_nmt import fused_loss, smoothed_loss
from .search_planet_nmt import SearchOptions
from .tokenization_planet_nmt import PlanetNmtTokenizer
from .translating_planet_nmt import Translator
from .translation_zh_ko import Translation

TEXT_FILES = ("*_subwords.json", "tokenizer_config.json", "*.crfsuite", "names_zh_ko.json")
"""What lies beside the weights for `translate`: vocabularies, the segmenter's model, the dictionary of names."""

IGNORED = -100
"""Label of positions the loss leaves out."""


class PlanetNmtForConditionalGeneration(PreTrainedModel, GenerationMixin):
    """Translates Chinese to Korean: `model.translate(["..."])` is all one needs.

    `forward` is for training, `generate` for those who know it from other models; both take subword ids. Dimensions:
    B sentences, S source tokens, T target tokens, H hidden, V vocabulary.
    """

    config_class = PlanetNmtConfig
    base_model_prefix = "planet_nmt"
    main_input_name = "input_ids"
    _tied_weights_keys = {"output.words.weight": "decoder.embedding.weight"}  # noqa: RUF012

    def __init__(self, config: PlanetNmtConfig):
        super().__init__(config)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.output = OutputLayer(config)
        self._translator: Translator | None = None
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Uniform LSTMs with open forget gates (Jozefowicz 2015), Glorot layers, embeddings of unit length."""
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=module.embedding_dim**-0.5)
        elif isinstance(module, nn.LSTM):
            for name, weight in module.named_parameters():
                if "weight" in name:
                    nn.init.xavier_uniform_(weight)
                else:
                    nn.init.zeros_(weight)
            _open_forget_gate(module.bias_ih_l0)
        elif isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, Decoder):
            for bias in (module.word_gates.bias, *(gates.bias for gates in module.gates[1:])):
                _open_forget_gate(bias)

    @classmethod
    def _supports_default_dynamic_cache(cls) -> bool:
        return False

    def get_encoder(self, modality: str | None = None) -> Encoder:
        return self.encoder

    def get_input_embeddings(self) -> nn.Embedding:
        return self.encoder.embedding

    def set_input_embeddings(self, value: nn.Embedding) -> None:
        self.encoder.embedding = value

    def get_output_embeddings(self) -> nn.Linear:
        return self.output.words

    def set_output_embeddings(self, new_embeddings: nn.Linear) -> None:
        self.output.words = new_embeddings

    def remember(self, encoded: EncoderOutput, attention_mask: Tensor) -> Memory | None:
        """What attention reads of encoded sentences; None without attention."""
        if self.decoder.attention is None:
            return None
        return self.decoder.attention.remember(encoded.last_hidden_state, attention_mask)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        decoder_input_ids: Tensor | None = None,
        labels: Tensor | None = None,
        encoder_outputs: EncoderOutput | None = None,
        past_key_values: DecoderState | None = None,
        use_cache: bool | None = None,
        **_,
    ) -> Seq2SeqLMOutput:
        """Scores every next word.

        Args:
            input_ids: B x S, source subwords; may be left out where `encoder_outputs` is given.
            attention_mask: B x S, 0 at padding, which may only stand on the right; all ones by default.
            decoder_input_ids: B x T, target subwords from the start symbol on; made from `labels` by default.
            labels: B x T, target subwords up to the end symbol; -100 and padding are left out of the loss.
            encoder_outputs: of `get_encoder()`.
            past_key_values: state after earlier target subwords; `decoder_input_ids` then begin after those.
            use_cache: whether to return the state.

        Returns:
            `loss` (mean per label, smoothed as Szegedy et al., 2016), `logits` B x T x V, `past_key_values`, and
            `cross_attentions`, a tuple of one B x 1 x T x S.

        Raises:
            ValueError: if there is no source or no target.
        """
        if encoder_outputs is None:
            if input_ids is None:
                raise ValueError("forward needs input_ids or encoder_outputs; use translate() for text")
            encoder_outputs = self.encoder(input_ids, attention_mask)
        if decoder_input_ids is None:
            if labels is None:
                raise ValueError("forward needs decoder_input_ids or labels; use generate() or translate() to decode")
            decoder_input_ids = self.shifted(labels)
        if attention_mask is None:
            attention_mask = torch.ones(encoder_outputs.last_hidden_state.shape[:2], device=self.device)
        state = past_key_values or self.decoder.start(encoder_outputs.final_state)
        memory = self.remember(encoder_outputs, attention_mask)
        states, state, weights = self.decoder(decoder_input_ids, state, memory)
        logits = self.output(states)
        return Seq2SeqLMOutput(
            loss=None if labels is None else self._loss(logits, labels),
            logits=logits,
            past_key_values=state if use_cache else None,
            cross_attentions=None if weights is None else (weights[:, None],),
            encoder_last_hidden_state=encoder_outputs.last_hidden_state,
        )

    def training_loss(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """The loss of `forward` and the same without smoothing, sparing the scores of padding."""
        encoded = self.encoder(input_ids, attention_mask)
        memory = self.remember(encoded, attention_mask)
        states, _, _ = self.decoder(self.shifted(labels), self.decoder.start(encoded.final_state), memory)
        counted = self._counted(labels)
        narrow, words = self.output.narrowed(states[counted]), self.output.words
        return fused_loss(narrow, words.weight, words.bias, labels[counted], self.config.label_smoothing)

    def translate(
        self,
        texts: list[str],
        beam: int | None = None,
        nbest: int = 1,
        length_penalty: float | None = None,
        coverage_penalty: float | None = None,
        unknown: bool = True,
        bf16: bool = False,
    ) -> list[Translation]:
        """Translates Chinese texts of any length into Korean, in their order.

        Args:
            beam: hypotheses kept a sentence; of the configuration by default.
            nbest: how many translations; those after the first are `alternatives`.
            length_penalty: alpha of Wu et al. (2016); of the configuration by default.
            coverage_penalty: beta of the same; of the configuration by default.
            unknown: whether a word unknown to the model may be copied from the source through attention.
            bf16: compute in bfloat16 where the processor has it; elsewhere this changes nothing.

        Raises:
            ValueError: if `texts` is not a list of strings, the model is in training mode, or an option is bad.
        """
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"translate() takes a list of strings, got {type(texts).__name__}")
        if self.training:
            raise ValueError("The model is in training mode; call model.eval() before translate()")
        config = self.config
        options = SearchOptions(
            beam=max(config.beam_size, nbest) if beam is None else beam,
            nbest=nbest,
            length_penalty=config.search_length_penalty if length_penalty is None else length_penalty,
            coverage_penalty=config.search_coverage_penalty if coverage_penalty is None else coverage_penalty,
            unknown=unknown,
        )
        if self._translator is None:
            self.use_text_tools()
        with torch.autocast(self.device.type, torch.bfloat16) if bf16 and has_bf16(self.device) else nullcontext():
            return self._translator.translate(texts, options)

    def use_text_tools(
        self,
        tokenizer: PlanetNmtTokenizer | None = None,
        prepare: Callable | None = None,
        finish: Callable | None = None,
        lexicon: Mapping[str, str] | None = None,
    ) -> None:
        """Chooses what `translate` takes apart and puts together text with.

        Args:
            tokenizer: the one that lies beside the model's weights by default.
            prepare: text -> `Prepared`; the whole pre-processor by default.
            finish: (Korean text, `Prepared`) -> (text, copies); the whole post-processor by default.
            lexicon: Korean for Chinese words the model does not know.
        """
        folder = self._folder() if tokenizer is None or prepare is None else None
        if tokenizer is None:
            tokenizer = PlanetNmtTokenizer.from_pretrained(folder)
        if prepare is None or finish is None:
            from .processing_zh_ko import PostProcessor, PreProcessor

            prepare = prepare or PreProcessor.from_folder(folder).prepare
            finish = finish or PostProcessor().finish
        self._translator = Translator(self, tokenizer, prepare, finish, lexicon)

    def _folder(self) -> Path:
        """The folder the model was loaded from: its own, or the Hub's cache of it with the files text needs."""
        name = self.name_or_path
        if name and Path(name).is_dir():
            return Path(name)
        if not name:
            raise ValueError("The model was not loaded from a folder; give use_text_tools() a tokenizer and prepare")
        revision = getattr(self.config, "_commit_hash", None)
        return Path(snapshot_download(name, revision=revision, allow_patterns=TEXT_FILES))

    def quantize(self) -> PlanetNmtForConditionalGeneration:
        """Makes the model's linear and recurrent layers int8, for CPUs, in place; it can then only translate.

        Weights are rounded once, activations for each batch (dynamic quantisation).
        """
        with warnings.catch_warnings():
            # PyTorch announces that these functions will move to another package.
            warnings.simplefilter("ignore")
            torch.ao.quantization.quantize_dynamic(self.eval(), {nn.Linear, nn.LSTM}, torch.qint8, inplace=True)
        return self

    def shifted(self, labels: Tensor) -> Tensor:
        """Decoder inputs (B x T) for labels (B x T): the start symbol, then all labels but the last."""
        start = labels.new_full((labels.shape[0], 1), self.config.decoder_start_token_id)
        ids = torch.cat((start, labels[:, :-1]), 1)
        return ids.masked_fill(ids == IGNORED, self.config.pad_token_id)

    def _counted(self, labels: Tensor) -> Tensor:
        return (labels != IGNORED) & (labels != self.config.pad_token_id)

    def _loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        counted = self._counted(labels)
        return smoothed_loss(logits[counted], labels[counted], self.config.label_smoothing)[0]


def _open_forget_gate(bias: Tensor) -> None:
    with torch.no_grad():
        bias[bias.shape[0] // 4 : bias.shape[0] // 2] = 1.0


def has_bf16(device: torch.device) -> bool:
    """Whether recurrent layers can compute in bfloat16 there; oneDNN has no such kernel for older processors."""
    return device.type != "cpu" or torch.ops.mkldnn._is_mkldnn_bf16_supported()


PlanetNmtConfig.register_for_auto_class()
PlanetNmtForConditionalGeneration.register_for_auto_class("AutoModelForSeq2SeqLM")

__all__ = ["PlanetNmtForConditionalGeneration"]
