"""Beam search over whole batches: which translation does the model like best?

Penalties for length and coverage as in Wu et al. (2016), "Google's Neural Machine Translation System", equation 14.
Dimensions: B sentences still searched, K hypotheses of each, S source tokens, T target tokens so far, P placeholders,
V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from .modeling_planet_nmt import PlanetNmtForConditionalGeneration

LEAST_COVERAGE = 1e-6
"""Less attention than this to a source word counts as this much, so that no penalty is infinite."""


@dataclass(frozen=True)
class SearchOptions:
    """How to search.

    Attributes:
        beam: hypotheses kept; 1 is greedy search.
        nbest: translations returned, at most `beam`.
        length_penalty: alpha; 0 ranks by plain log-probability.
        coverage_penalty: beta; needs attention, is ignored without.
        missing_penalty: subtracted for each placeholder of the source that a finished translation lacks.
        max_length: most target tokens; 0 is twice the source plus ten.
        unknown: whether the unknown symbol may be chosen (and then be replaced by a source word).
        placeholders: whether placeholders are held to the source: none that is not there, none more often than there,
            and no end before all are written, until the translation is half as long again as the source.
    """

    beam: int = 5
    nbest: int = 1
    length_penalty: float = 0.6
    coverage_penalty: float = 0.2
    missing_penalty: float = 1.0
    max_length: int = 0
    unknown: bool = True
    placeholders: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.nbest <= self.beam:
            raise ValueError(f"nbest must lie between 1 and beam, got nbest={self.nbest}, beam={self.beam}")
        for name in ("length_penalty", "coverage_penalty", "missing_penalty", "max_length"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be at least 0, got {getattr(self, name)}")


@dataclass(frozen=True)
class Hypothesis:
    """One translation in subwords.

    Attributes:
        ids: without the start and end symbols.
        log_probability: of the ids and, if `complete`, of the end symbol; in nats.
        score: the same after all penalties.
        attention: T x S; None if the model has none.
        complete: False if it was cut at the longest length allowed.
    """

    ids: tuple[int, ...]
    log_probability: float
    score: float
    attention: Tensor | None
    complete: bool


def length_norm(length: int, alpha: float) -> float:
    """What a log-probability of `length` tokens is divided by (Wu et al., 2016)."""
    return ((5 + length) / 6) ** alpha


def coverage(attention: Tensor) -> float:
    """Sum over source words of the log of the attention each got, at most 0.

    Args:
        attention: T x S, source words only.
    """
    return attention.sum(0).clamp(LEAST_COVERAGE, 1.0).log().sum().item()


@torch.inference_mode()
def beam_search(
    model: PlanetNmtForConditionalGeneration, input_ids: Tensor, attention_mask: Tensor, options: SearchOptions
) -> list[list[Hypothesis]]:
    """The best translations of each sentence, best first.

    Args:
        model: in evaluation mode.
        input_ids: B x S, each sentence closed by the end symbol.
        attention_mask: B x S, zeros on the right.
    """
    return _Search(model, input_ids, attention_mask, options).run()


class _Search:
    """The sentences that are not done yet, with all that is known about their hypotheses."""

    def __init__(self, model, input_ids: Tensor, attention_mask: Tensor, options: SearchOptions) -> None:
        config = model.config
        self.model, self.config, self.options = model, config, options
        beam = options.beam
        encoded = model.encoder(input_ids, attention_mask)
        self.memory = model.remember(encoded, attention_mask)
        self.state = model.decoder.start(encoded.final_state)
        sentences = len(input_ids)
        device = input_ids.device
        self.found: list[list[Hypothesis]] = [[] for _ in range(sentences)]
        self.rows = torch.arange(sentences, device=device)
        self.state.reorder_cache(self.rows.repeat_interleave(beam))
        self.lengths = attention_mask.sum(1)
        self.limits = torch.full_like(self.lengths, options.max_length) if options.max_length else 2 * self.lengths + 10
        self.scores = torch.full((sentences, beam), float("-inf"), device=device)
        self.scores[:, 0] = 0.0
        self.tokens = torch.full((sentences, beam, 1), config.decoder_start_token_id, device=device)
        self.attention = torch.zeros(sentences, beam, 0, input_ids.shape[1], device=device)
        names = torch.arange(config.placeholders, device=device) + config.first_placeholder_id
        self.names = slice(config.first_placeholder_id, config.first_placeholder_id + config.placeholders)
        self.left = (input_ids[:, :, None] == names).sum(1)[:, None].expand(-1, beam, -1)  # B x K x P

    def run(self) -> list[list[Hypothesis]]:
        while len(self.rows):
            self._step()
        best = [sorted(found, key=lambda one: -one.score) for found in self.found]
        return [found[: self.options.nbest] for found in best]

    def _step(self) -> None:
        """Lengthens all hypotheses by a token, takes out those that end, and sentences that are done."""
        beam = self.options.beam
        weights, values, words = self._continuations()
        total = (self.scores[..., None] + values).flatten(1)  # B x K*(K+1)
        total, order = total.topk(min(2 * beam, total.shape[1]), dim=1)
        parents = order // values.shape[-1]
        words = words.flatten(1).gather(1, order)
        ended = words == self.config.eos_token_id
        self._finish(total, parents, words, ended, weights)
        running, order = total.masked_fill(ended, float("-inf")).topk(beam, dim=1)
        self._follow(running, parents.gather(1, order), words.gather(1, order), weights)
        self._drop(self._done())

    def _continuations(self) -> tuple[Tensor | None, Tensor, Tensor]:
        """Attention B x K x S, and the best next words of each hypothesis: log-probabilities and ids B x K x (K+1)."""
        sentences, beam = self.scores.shape
        states, self.state, weights = self.model.decoder(self.tokens[:, :, -1].reshape(-1, 1), self.state, self.memory)
        logits = self.model.output(states[:, 0]).float().view(sentences, beam, -1)
        norm = logits.logsumexp(-1, keepdim=True)
        logits[..., [self.config.pad_token_id, self.config.decoder_start_token_id]] = float("-inf")
        if not self.options.unknown or weights is None:
            logits[..., self.config.unk_token_id] = float("-inf")
        if self.options.placeholders:
            logits[..., self.names].masked_fill_(self.left <= 0, float("-inf"))
            lacking = self.left > 0
            missing, late = lacking.any(-1), self.tokens.shape[2] >= 1.5 * self.lengths[:, None] + 5
            logits[..., self.config.eos_token_id].masked_fill_(missing, float("-inf"))
            if bool((missing & late).any()):
                # What has not come by now would be cut off: there is room for all placeholders, and for little else.
                others = torch.ones_like(logits, dtype=torch.bool)
                others[..., self.names] = ~lacking
                logits.masked_fill_((missing & late)[..., None] & others, float("-inf"))
        # One more than the beam: of the best words of a hypothesis at most one is the end.
        values, words = logits.topk(min(beam + 1, logits.shape[-1]), dim=-1)
        return None if weights is None else weights.view(sentences, beam, -1), values - norm, words

    def _finish(self, total: Tensor, parents: Tensor, words: Tensor, ended: Tensor, weights: Tensor | None) -> None:
        """Notes hypotheses that end: with the end symbol among the best K, or at the longest length allowed."""
        cut = (self.tokens.shape[2] >= self.limits)[:, None]
        ends = (ended | cut) & (total > float("-inf"))
        ends[:, self.options.beam :] = False
        for row, rank in ends.nonzero().tolist():
            parent, word = int(parents[row, rank]), int(words[row, rank])
            complete = word == self.config.eos_token_id
            ids = self.tokens[row, parent, 1:].tolist() + ([] if complete else [word])
            seen = None
            if weights is not None:
                seen = torch.cat((self.attention[row, parent], weights[row, parent][None]))
                seen = seen[: len(ids), : int(self.lengths[row])].cpu()
            left = self.left[row, parent].clone()
            if not complete and self.names.start <= word < self.names.stop:
                left[word - self.names.start] -= 1
            log_probability = total[row, rank].item()
            score = self._score(log_probability, len(ids) + complete, seen, int(left.clamp(min=0).sum()))
            hypothesis = Hypothesis(tuple(ids), log_probability, score, seen, complete)
            self.found[int(self.rows[row])].append(hypothesis)

    def _score(self, log_probability: float, length: int, attention: Tensor | None, missing: int) -> float:
        options = self.options
        score = log_probability / length_norm(length, options.length_penalty) - options.missing_penalty * missing
        if attention is not None and options.coverage_penalty:
            score += options.coverage_penalty * coverage(attention[:, :-1])  # without the end symbol
        return score

    def _follow(self, running: Tensor, parents: Tensor, words: Tensor, weights: Tensor | None) -> None:
        """Goes on with the hypotheses chosen."""
        sentences, beam = running.shape
        rows = torch.arange(sentences, device=running.device)[:, None]
        self.scores = running
        self.tokens = torch.cat((self.tokens[rows, parents], words[..., None]), -1)
        if weights is not None:
            self.attention = torch.cat((self.attention[rows, parents], weights[rows, parents][:, :, None]), 2)
        chosen = words[..., None] == torch.arange(self.names.start, self.names.stop, device=running.device)
        self.left = self.left[rows, parents] - chosen.long()
        self.state.reorder_cache((rows * beam + parents).flatten())

    def _done(self) -> Tensor:
        """B, whether nothing better can be expected."""
        options, length = self.options, self.tokens.shape[2]
        penalised = options.length_penalty or options.coverage_penalty or options.missing_penalty
        best_running = (self.scores[:, 0] / length_norm(length, options.length_penalty)).tolist()
        done = []
        for row, running, limit in zip(self.rows.tolist(), best_running, self.limits.tolist(), strict=True):
            scores = sorted((one.score for one in self.found[row]), reverse=True)
            enough = len(scores) >= options.nbest and scores[options.nbest - 1] >= running
            full = bool(penalised) and len(scores) >= options.beam
            done.append(enough or full or length > limit or running == float("-inf"))
        return torch.tensor(done, device=self.rows.device)

    def _drop(self, done: Tensor) -> None:
        if not bool(done.any()):
            return
        kept = (~done).nonzero()[:, 0]
        beam = self.options.beam
        self.state.reorder_cache((kept[:, None] * beam + torch.arange(beam, device=kept.device)).flatten())
        if self.memory is not None:
            self.memory = self.memory.select(kept)
        for name in ("rows", "lengths", "limits", "scores", "tokens", "attention", "left"):
            setattr(self, name, getattr(self, name)[kept])
