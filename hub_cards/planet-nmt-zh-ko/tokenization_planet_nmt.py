"""Subwords of both languages: words in, ids out; ids in, Korean text out.

Each language has its own byte-pair vocabulary (Sennrich et al., 2016), learnt inside words: Chinese words as the
segmenter cut them, Korean morphemes with "▁" where a space stood before them. The first ids are the same in both: four
special tokens, then the placeholders, of which none is ever split.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizer

SPACE = "▁"
SPECIAL_TOKENS = ("<pad>", "<s>", "</s>", "<unk>")
PLACEHOLDERS = tuple(f"⟦{kind}{number}⟧" for kind in "NLP" for number in range(10))
"""Numbers, Latin words, names; the same as in `processing_zh_ko`."""


class PlanetNmtTokenizer(PreTrainedTokenizer):
    """Tokenizer of `PlanetNmtForConditionalGeneration`.

    Called like any other it takes words joined by spaces, or lists of words with `is_split_into_words=True`; targets
    go to `text_target`. `decode` makes Korean text.

    Args:
        source_file: vocabulary of the source language, a file of the `tokenizers` library.
        target_file: that of the target language.
    """

    vocab_files_names = {"source_file": "source_subwords.json", "target_file": "target_subwords.json"}  # noqa: RUF012
    model_input_names = ["input_ids", "attention_mask"]  # noqa: RUF012

    def __init__(self, source_file: str, target_file: str, **kwargs):
        self.source_file, self.target_file = source_file, target_file
        self.source, self.target = Tokenizer.from_file(str(source_file)), Tokenizer.from_file(str(target_file))
        for side in (self.source, self.target):
            _check_first_ids(side)
        self._side = self.source
        for name, token in zip(("pad_token", "bos_token", "eos_token", "unk_token"), SPECIAL_TOKENS, strict=True):
            kwargs.setdefault(name, token)
        super().__init__(**kwargs)

    @property
    def vocab_size(self) -> int:
        """Subwords of the source language; `target_vocab_size` has those of the target language."""
        return self._side.get_vocab_size()

    @property
    def target_vocab_size(self) -> int:
        return self.target.get_vocab_size()

    def get_vocab(self) -> dict[str, int]:
        return self._side.get_vocab()

    def encode_words(self, words: Sequence[str]) -> tuple[list[int], list[int]]:
        """Ids of a source sentence with the end symbol, and for each id the index of its word (-1 for the end)."""
        encoding = self.source.encode(list(words), is_pretokenized=True, add_special_tokens=False)
        return [*encoding.ids, self.eos_token_id], [*encoding.word_ids, -1]

    def encode_target(self, tokens: Sequence[str]) -> list[int]:
        """Ids of a target sentence (morphemes with "▁" for spaces) with the end symbol."""
        return [
            *self.target.encode(list(tokens), is_pretokenized=True, add_special_tokens=False).ids,
            self.eos_token_id,
        ]

    def target_pieces(self, ids: Sequence[int]) -> list[str]:
        """The subwords of a translation, special tokens included."""
        return [self.target.id_to_token(int(index)) for index in ids]

    def tokenize(self, text: str, **_) -> list[str]:
        words = text.split()
        return self._side.encode(words, is_pretokenized=True, add_special_tokens=False).tokens

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Korean text of subwords."""
        return "".join(tokens).replace(SPACE, " ").strip()

    def build_inputs_with_special_tokens(self, token_ids_0: list[int], token_ids_1: list[int] | None = None) -> list:
        """Closes a sentence with the end symbol."""
        if token_ids_1 is not None:
            raise ValueError("Sentence pairs are not supported; give targets as text_target")
        return [*token_ids_0, self.eos_token_id]

    def save_vocabulary(self, save_directory: str, filename_prefix: str | None = None) -> tuple[str, ...]:
        saved = []
        for name, side in (("source_file", self.source), ("target_file", self.target)):
            prefix = f"{filename_prefix}-" if filename_prefix else ""
            path = Path(save_directory, prefix + self.vocab_files_names[name])
            side.save(str(path), pretty=False)
            saved.append(str(path))
        return tuple(saved)

    def _convert_token_to_id(self, token: str) -> int:
        found = self._side.token_to_id(token)
        return self._side.token_to_id(SPECIAL_TOKENS[3]) if found is None else found

    def _convert_id_to_token(self, index: int) -> str:
        return self.target.id_to_token(index)

    def _switch_to_input_mode(self) -> None:
        self._side = self.source

    def _switch_to_target_mode(self) -> None:
        self._side = self.target


def _check_first_ids(side: Tokenizer) -> None:
    for index, token in enumerate((*SPECIAL_TOKENS, *PLACEHOLDERS)):
        if side.token_to_id(token) != index:
            raise ValueError(f"{token} must have id {index} in both vocabularies, got {side.token_to_id(token)}")


PlanetNmtTokenizer.register_for_auto_class()

__all__ = ["PlanetNmtTokenizer"]
