"""Global attention: which source words does the decoder look at?

Luong, Pham and Manning (2015), "Effective Approaches to Attention-based Neural Machine Translation", section 3.1.
Dimensions: B sentences, S source tokens, K queries per sentence, H hidden.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Memory(NamedTuple):
    """A batch of source sentences as attention reads it; made once a sentence, read once a target token.

    Attributes:
        keys: B x S x H, compared with the queries.
        values: B x S x H, averaged; already through the context's half of the combining layer.
        padding: B x S, True where there is no token.
    """

    keys: Tensor
    values: Tensor
    padding: Tensor

    def select(self, sentences: Tensor) -> Memory:
        """The same for some of the sentences, given by index."""
        return Memory(*(part.index_select(0, sentences) for part in self))


class LuongAttention(nn.Module):
    """Attention with the "general" score h' W m, and the attentional state tanh(W_c c + W_h h) it leads to.

    The two products with the source (W m and W_c m) do not depend on the query, so `remember` computes them for all
    tokens at once.
    """

    def __init__(self, hidden_size: int):
        super().__init__()
        self.keys = nn.Linear(hidden_size, hidden_size, bias=False)
        self.values = nn.Linear(hidden_size, hidden_size, bias=False)
        self.query = nn.Linear(hidden_size, hidden_size)

    def remember(self, encoded: Tensor, mask: Tensor) -> Memory:
        """The memory of encoded sentences (B x S x H) whose mask (B x S) is non-zero at tokens."""
        return Memory(self.keys(encoded), self.values(encoded), mask == 0)

    def forward(self, hidden: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Looks at the source.

        Args:
            hidden: B x K x H, top states of the decoder.
            memory: of `remember`.

        Returns:
            The attentional states, B x K x H, and the weights, B x K x S: rows sum to 1, padding has 0.
        """
        scores = torch.bmm(hidden, memory.keys.transpose(1, 2))  # B x K x H, B x H x S -> B x K x S
        weights = scores.float().masked_fill(memory.padding[:, None], float("-inf")).softmax(-1)
        context = torch.bmm(weights.to(memory.values.dtype), memory.values)
        return torch.tanh(context + self.query(hidden)), weights
