"""The decoder: what comes next, given the source and the words so far?

A stack of LSTMs under Luong attention with input feeding (Luong et al., 2015, section 3.3). All that does not wait for
the last step is computed for all of them at once. Dimensions: N = B x K hypotheses (B sentences, K of each; K is 1 in
training), T target tokens, E embedding, H hidden, L layers, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .attention_planet_nmt import LuongAttention, Memory
from .configuration_planet_nmt import PlanetNmtConfig


@dataclass
class DecoderState:
    """Where decoding stands; what `generate()` passes around as a cache.

    Attributes:
        hidden: N x L x H.
        cell: N x L x H.
        fed: N x H, the last attentional state.
    """

    hidden: Tensor
    cell: Tensor
    fed: Tensor

    is_compileable = False

    def reorder_cache(self, beam_idx: Tensor) -> None:
        """Keeps the hypotheses at these indices, in place, as beam search of `generate()` asks a cache to."""
        for name in ("hidden", "cell", "fed"):
            setattr(self, name, getattr(self, name).index_select(0, beam_idx.to(self.fed.device)))


class Decoder(nn.Module):
    """Embeds target words and turns them into attentional states, from which the next words are predicted."""

    def __init__(self, config: PlanetNmtConfig):
        super().__init__()
        size = config.hidden_size
        self.dropout = config.dropout
        self.feeding = config.input_feeding
        self.embedding = nn.Embedding(config.vocab_size, config.embedding_size)
        self.bridge = nn.ModuleList(nn.Linear(size, 2 * size) for _ in range(config.layers))
        self.word_gates = nn.Linear(config.embedding_size, 4 * size)
        # What a layer sees besides the word: below the first one that is the attentional state, if it is fed.
        self.gates = nn.ModuleList(
            nn.Linear(2 * size if layer or self.feeding else size, 4 * size, bias=layer > 0)
            for layer in range(config.layers)
        )
        self.attention = LuongAttention(size) if config.attention else None
        self.combine = nn.Linear(size, size) if not config.attention else None

    def start(self, final_state: Tensor) -> DecoderState:
        """The state before the first word, from the encoder's last states (B x L x H)."""
        both = torch.stack([bridge(final_state[:, layer]) for layer, bridge in enumerate(self.bridge)], 1)
        hidden, cell = both.chunk(2, -1)
        return DecoderState(torch.tanh(hidden), cell, torch.zeros_like(hidden[:, 0]))

    def forward(
        self, word_ids: Tensor, state: DecoderState, memory: Memory | None
    ) -> tuple[Tensor, DecoderState, Tensor | None]:
        """Reads words.

        Args:
            word_ids: N x T.
            state: before them.
            memory: of the B sentences; hypotheses of one sentence stand together. None without attention.

        Returns:
            Attentional states N x T x H, the state after the last word, and attention weights N x T x S or None.
        """
        words = F.dropout(self.embedding(word_ids), self.dropout, self.training)
        words = self.word_gates(words).unbind(1)
        hidden, cell, fed = list(state.hidden.unbind(1)), list(state.cell.unbind(1)), state.fed
        outputs, weights = [], []
        for word in words:
            below = fed if self.feeding else None
            for layer, gates in enumerate(self.gates):
                seen = hidden[layer] if below is None else torch.cat((below, hidden[layer]), -1)
                total = gates(seen) + word if layer == 0 else gates(seen)
                hidden[layer], cell[layer] = lstm_step(total, cell[layer])
                below = F.dropout(hidden[layer], self.dropout, self.training)
            if self.feeding:
                fed, weight = self._attend(below[:, None], memory)
                fed = fed[:, 0]
                weights.append(weight)
            outputs.append(fed if self.feeding else below)
        states = torch.stack(outputs, 1)
        if self.feeding:
            weight = torch.cat(weights, 1)
        else:
            states, weight = self._attend(states, memory)
        return states, DecoderState(torch.stack(hidden, 1), torch.stack(cell, 1), states[:, -1]), weight

    def _attend(self, hidden: Tensor, memory: Memory | None) -> tuple[Tensor, Tensor | None]:
        """Attentional states and weights for top states N x T x H."""
        if self.attention is None:
            return torch.tanh(self.combine(hidden)), None
        sentences = memory.keys.shape[0]
        states, weights = self.attention(hidden.reshape(sentences, -1, hidden.shape[-1]), memory)
        return states.view_as(hidden), weights.view(*hidden.shape[:2], -1)


class OutputLayer(nn.Module):
    """Attentional states to scores of words; through the width of the embedding, so that both may share weights."""

    def __init__(self, config: PlanetNmtConfig):
        super().__init__()
        self.dropout = config.dropout
        self.narrow = nn.Linear(config.hidden_size, config.embedding_size, bias=False)
        self.words = nn.Linear(config.embedding_size, config.vocab_size)

    def forward(self, states: Tensor) -> Tensor:
        """... x H -> ... x V."""
        return self.words(self.narrowed(states))

    def narrowed(self, states: Tensor) -> Tensor:
        """... x H -> ... x E, the last step before scores."""
        return self.narrow(F.dropout(states, self.dropout, self.training))


def lstm_step(gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """Hidden state and cell after a step (Hochreiter and Schmidhuber, 1997; with forget gates).

    Args:
        gates: N x 4H: input, forget, candidate and output before their activations.
        cell: N x H, before the step.
    """
    write, keep, candidate, read = gates.chunk(4, -1)
    cell = torch.sigmoid(keep) * cell + torch.sigmoid(write) * torch.tanh(candidate)
    return torch.sigmoid(read) * torch.tanh(cell), cell
