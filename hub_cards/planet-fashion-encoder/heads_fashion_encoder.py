"""The rival of the sequence: one independent softmax per attribute group, on the same feature.

Dims: B pictures, D feature, K words of a group and one more for "none", G groups, V words of all groups and the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from .sequence_fashion_encoder import END


class SoftmaxHeads(nn.Module):
    """A linear softmax classifier per group; class 0 of each is "none": the group is absent."""

    def __init__(self, attributes: Mapping[str, Sequence[str]], feature_size: int, dropout: float):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict(
            {group: nn.Linear(feature_size, len(words) + 1) for group, words in attributes.items()}
        )

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        """Logits of each group: B x (K + 1).

        Args:
            features: B x D.
        """
        features = self.dropout(features)
        return {group: head(features) for group, head in self.heads.items()}

    @torch.no_grad()
    def decode(self, features: Tensor, forced: Tensor, allowed: Tensor) -> tuple[Tensor, Tensor]:
        """The likeliest word of each group, forced where a guide knows better: no group hears of another.

        Args:
            features: B x D.
            forced: B x G, the word forced in each group; `END` where the group is free.
            allowed: B x V bool, the words that may be chosen freely.

        Returns:
            B x G words, `END` where a group is absent, and B x G their probabilities.
        """
        words, confidences, first = [], [], 1
        for place, logits in enumerate(self(features).values()):
            known = logits.shape[1] - 1
            probabilities = logits.softmax(1)  # B x (K + 1)
            possible = torch.cat([torch.ones_like(allowed[:, :1]), allowed[:, first : first + known]], 1)
            free = probabilities.masked_fill(~possible, -1).argmax(1)
            wanted = forced[:, place]
            choice = torch.where(wanted == END, free, wanted - first + 1)
            words.append(torch.where(choice == 0, END, choice + first - 1))
            confidences.append(probabilities.gather(1, choice[:, None])[:, 0] * (choice > 0))
            first += known
        return torch.stack(words, 1), torch.stack(confidences, 1)
