"""From texts to translations: sentences, words, subwords, search, and all the way back.

Dimensions: S source subwords, T target subwords, W source words.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from .search_planet_nmt import Hypothesis, SearchOptions, beam_search
from .sentences_zh_ko import Sentence, join_sentences, split_sentences, warning_for
from .tokenization_planet_nmt import PLACEHOLDERS, SPACE, SPECIAL_TOKENS, PlanetNmtTokenizer
from .translation_zh_ko import Copied, Translation, merged_steps

if TYPE_CHECKING:
    from .modeling_planet_nmt import PlanetNmtForConditionalGeneration

BATCH = 32
"""Sentences decoded together at most."""


@dataclass(frozen=True)
class Words:
    """One sentence ready for the model: what `prepare` made of it, its subwords, and the word each belongs to."""

    prepared: Any
    ids: list[int]
    word_of: list[int]


@dataclass(frozen=True)
class Rendered:
    """One finished sentence; see the fields of the same names in `Translation`."""

    text: str
    tokens: tuple[str, ...]
    alignment: tuple[tuple[float, ...], ...]
    copied: tuple[Copied, ...]


class Translator:
    """Text in, text out, around a model that knows only ids.

    Args:
        model: in evaluation mode.
        prepare: text -> `Prepared`, the pre-processor.
        finish: (Korean text, `Prepared`) -> (text, what was copied), the post-processor.
        lexicon: Korean for Chinese words; asked where the model wrote the unknown symbol.
    """

    def __init__(
        self,
        model: PlanetNmtForConditionalGeneration,
        tokenizer: PlanetNmtTokenizer,
        prepare: Callable[[str], Any],
        finish: Callable[[str, Any], tuple[str, tuple[Copied, ...]]],
        lexicon: Mapping[str, str] | None = None,
    ):
        self.model, self.tokenizer, self.prepare, self.finish = model, tokenizer, prepare, finish
        self.lexicon = lexicon or {}

    def translate(self, texts: Sequence[str], options: SearchOptions) -> list[Translation]:
        """Translates texts, in their order; an empty text has an empty translation."""
        sentences = [split_sentences(text, self.model.config.max_source_length) for text in texts]
        jobs, took = [], []
        for one in sentences:
            for sentence in one:
                began = time.perf_counter()
                jobs.append(self.words(sentence.text))
                took.append(time.perf_counter() - began)
        found: list[list[Hypothesis]] = [[] for _ in jobs]
        for batch in batches(jobs):
            began = time.perf_counter()
            for index, hypotheses in zip(batch, self.search([jobs[i] for i in batch], options), strict=True):
                found[index] = hypotheses
            for index in batch:
                took[index] += (time.perf_counter() - began) / len(batch)
        answers, place = [], 0
        for text, one in zip(texts, sentences, strict=True):
            part = slice(place, place + len(one))
            answers.append(self._answer(text, one, jobs[part], found[part], 1e3 * sum(took[part])))
            place += len(one)
        return answers

    def words(self, sentence: str) -> Words:
        """Prepares one sentence."""
        prepared = self.prepare(sentence)
        return Words(prepared, *self.tokenizer.encode_words(prepared.words))

    def search(self, jobs: Sequence[Words], options: SearchOptions) -> list[list[Hypothesis]]:
        """The best hypotheses of each sentence; one without words has an empty one."""
        width = max(len(job.ids) for job in jobs)
        device = self.model.device
        ids = torch.tensor([job.ids + [self.model.config.pad_token_id] * (width - len(job.ids)) for job in jobs])
        mask = torch.tensor([[1] * len(job.ids) + [0] * (width - len(job.ids)) for job in jobs])
        return beam_search(self.model, ids.to(device), mask.to(device), options)

    def render(self, job: Words, hypothesis: Hypothesis) -> Rendered:
        """Korean text of a hypothesis, its unknown words replaced by what they are aligned to."""
        words = list(job.prepared.words)
        weights = word_weights(hypothesis.attention, job.word_of, len(words))
        tokens, rows, copied = [], [], []
        last_copied = None
        for place, piece in enumerate(self.tokenizer.target_pieces(hypothesis.ids)):
            row = weights[place] if weights else ()
            if piece == SPECIAL_TOKENS[3]:
                source = aligned_word(row, words)
                # Two unknown symbols in a row that look at the same word stand for that word once.
                if source is None or source == last_copied:
                    continue
                last_copied, word = source, words[source]
                piece = self.lexicon.get(word, word)
                how = "dictionary" if word in self.lexicon else "attention"
                copied.append(Copied(word, piece, "unknown", how))
            elif piece in SPECIAL_TOKENS:
                continue
            elif piece != SPACE:
                last_copied = None
            tokens.append(piece)
            rows.append(row)
        text, restored = self.finish(self.tokenizer.convert_tokens_to_string(tokens), job.prepared)
        return Rendered(text, tuple(tokens), tuple(rows) if weights else (), (*restored, *copied))

    def _answer(
        self, text: str, sentences: list[Sentence], jobs: list[Words], found: list[list[Hypothesis]], ms: float
    ) -> Translation:
        """Puts the sentences of a text together again."""
        if not sentences:
            return Translation(source=text, text="", ms=ms)
        best = [self.render(job, hypotheses[0]) for job, hypotheses in zip(jobs, found, strict=True)]
        ranked = max(len(hypotheses) for hypotheses in found)
        others = [
            join_sentences(
                [self.render(job, hyps[min(rank, len(hyps) - 1)]).text for job, hyps in zip(jobs, found, strict=True)],
                sentences,
            )
            for rank in range(1, ranked)
        ]
        whole = join_sentences([one.text for one in best], sentences)
        lengths = [len(hypotheses[0].ids) + hypotheses[0].complete for hypotheses in found]
        return Translation(
            source=text,
            text=whole,
            score=sum(hypotheses[0].log_probability for hypotheses in found) / max(sum(lengths), 1),
            ms=ms,
            source_tokens=tuple(word for job in jobs for word in job.prepared.words),
            target_tokens=tuple(token for one in best for token in one.tokens),
            alignment=block_diagonal(
                [(one.alignment, len(job.prepared.words)) for one, job in zip(best, jobs, strict=True)]
            ),
            copied=tuple(copy for one in best for copy in one.copied),
            steps=merged_steps([job.prepared.trace for job in jobs]),
            alternatives=tuple(dict.fromkeys(other for other in others if other != whole)),
            warning=warning_for(text),
        )


def batches(jobs: Sequence[Words]) -> Iterator[list[int]]:
    """Indices of sentences of like length, the longest first, at most `BATCH` together."""
    order = sorted(range(len(jobs)), key=lambda index: -len(jobs[index].ids))
    for start in range(0, len(order), BATCH):
        yield order[start : start + BATCH]


def word_weights(attention: torch.Tensor | None, word_of: Sequence[int], words: int) -> list[tuple[float, ...]]:
    """Attention to words (T rows of W, each summing to 1, or to 0 if all went to the end symbol) from T x S."""
    if attention is None:
        return []
    summed = torch.zeros(attention.shape[0], words + 1)
    # The end symbol's word is -1: the last column, which is then left out.
    summed.index_add_(1, torch.tensor(word_of) % (words + 1), attention.float())
    total = summed[:, :words].sum(1, keepdim=True)
    return [tuple(row) for row in torch.where(total > 1e-6, summed[:, :words] / total.clamp(min=1e-6), 0.0).tolist()]


def aligned_word(row: Sequence[float], words: Sequence[str]) -> int | None:
    """The word that got most attention, placeholders aside: those have their own way into the translation."""
    allowed = [index for index, word in enumerate(words) if word not in PLACEHOLDERS]
    return max(allowed, key=lambda index: row[index]) if row and allowed else None


def block_diagonal(blocks: Sequence[tuple[tuple[tuple[float, ...], ...], int]]) -> tuple[tuple[float, ...], ...]:
    """One alignment of a whole text from those of its sentences, each given with its number of source words."""
    total, before, rows = sum(words for _, words in blocks), 0, []
    for alignment, words in blocks:
        rows += [(0.0,) * before + tuple(row) + (0.0,) * (total - before - words) for row in alignment]
        before += words
    return tuple(rows)
