"""The encoder: every source word with what stands before and after it.

A stack of bidirectional LSTMs (Schuster and Paliwal, 1997). The backward direction reads each sentence mirrored within
its own length, so that neither direction reads padding before a word; whole padded batches are then as fast as
PyTorch's LSTM allows. Dimensions: B sentences, S source tokens, I inputs, H hidden, L layers.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers.utils import ModelOutput

from .configuration_planet_nmt import PlanetNmtConfig


@dataclass
class EncoderOutput(ModelOutput):
    """Encoded sentences.

    Attributes:
        last_hidden_state: B x S x H; what stands at padding means nothing.
        final_state: B x L x H, of each layer: the forward half after the last token, the backward half after the first.
    """

    last_hidden_state: Tensor | None = None
    final_state: Tensor | None = None


class BidirectionalLayer(nn.Module):
    """One LSTM in each direction."""

    def __init__(self, input_size: int, hidden_size: int):
        super().__init__()
        self.ahead = nn.LSTM(input_size, hidden_size // 2, batch_first=True)
        self.back = nn.LSTM(input_size, hidden_size // 2, batch_first=True)

    def forward(self, inputs: Tensor, mirror: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
        """Reads both ways.

        Args:
            inputs: B x S x I.
            mirror: B x S, the position opposite to each one in its sentence; padding is its own opposite.
            last: B x 1, position of the last token.

        Returns:
            Outputs B x S x H, and B x H of what each direction knew at its end.
        """
        ahead = self.ahead(inputs)[0]
        back = self.back(_pick(inputs, mirror))[0]
        final = torch.cat((_pick(ahead, last), _pick(back, last)), -1)[:, 0]
        return torch.cat((ahead, _pick(back, mirror)), -1), final


class Encoder(nn.Module):
    """Embeds and encodes source sentences."""

    main_input_name = "input_ids"

    def __init__(self, config: PlanetNmtConfig):
        super().__init__()
        sizes = [config.embedding_size] + [config.hidden_size] * (config.layers - 1)
        self.dropout = config.dropout
        self.embedding = nn.Embedding(config.source_vocab_size, config.embedding_size)
        self.layers = nn.ModuleList(BidirectionalLayer(size, config.hidden_size) for size in sizes)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_) -> EncoderOutput:
        """Encodes sentences.

        Args:
            input_ids: B x S.
            attention_mask: B x S, 1 at tokens and 0 at padding, which may only follow them; all ones by default.

        Raises:
            ValueError: if a sentence is empty or padded on the left.
        """
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        mirror, last = mirrored(attention_mask)
        states, finals = self.embedding(input_ids), []
        for layer in self.layers:
            states, final = layer(F.dropout(states, self.dropout, self.training), mirror, last)
            finals.append(final)
        return EncoderOutput(F.dropout(states, self.dropout, self.training), torch.stack(finals, 1))


def mirrored(mask: Tensor) -> tuple[Tensor, Tensor]:
    """The position opposite to each one (B x S) and that of the last token (B x 1), for a mask B x S.

    Raises:
        ValueError: if a row has no token, or padding before one.
    """
    lengths = mask.sum(1, keepdim=True)
    positions = torch.arange(mask.shape[1], device=mask.device)[None]
    if not torch.equal(mask != 0, positions < lengths) or bool((lengths == 0).any()):
        raise ValueError("attention_mask must have at least one 1 in each row, and its zeros on the right")
    return torch.where(positions < lengths, lengths - 1 - positions, positions), lengths - 1


def _pick(states: Tensor, positions: Tensor) -> Tensor:
    """The states (B x S x I) at other positions (B x P) -> B x P x I."""
    return states.gather(1, positions[..., None].expand(-1, -1, states.shape[-1]))
