"""Attributes as a sequence: an LSTM that is shown the picture first, and told what is already known (arXiv 1609.07859).

Each group of words (parent, category, gender, colour...) gives at most one word, in a fixed order; a group the model
leaves out is absent. A guide's word is forced at its place, and everything after it is decided knowing it.

Dims: B pictures, T steps, V words (0 is the end of the sequence), E embedding, D feature, G groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

END = 0
"""Index of the word that ends a sequence."""


class Words:
    """The words of every group, numbered from 1 in the order of the sequence.

    Attributes:
        groups: names of the groups, in order.
        words: (group, word) of each index; index 0 is the end.
        group_of: the place of each word's group in the order; the end belongs to a group after the last.
    """

    def __init__(self, attributes: Mapping[str, Sequence[str]]):
        self.groups = tuple(attributes)
        self.words = (("", ""), *((group, word) for group in self.groups for word in attributes[group]))
        self.index = {pair: number for number, pair in enumerate(self.words) if number}
        places = {group: place for place, group in enumerate(self.groups)}
        self.group_of = (len(self.groups), *(places[group] for group, _ in self.words[1:]))

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, labels: Mapping[str, str]) -> list[int]:
        """Indices of the words of `labels` (group -> word) in order, and the end; words unknown here are left out."""
        pairs = ((group, labels.get(group, "")) for group in self.groups)
        return [*(self.index[pair] for pair in pairs if pair in self.index), END]


class AttributeDecoder(nn.Module):
    """One-layer LSTM over the picture's feature and the words so far.

    The picture is the first thing the LSTM is shown, as in the paper, and each word is also judged by the feature
    itself: what the LSTM has to learn is what the words before it change.

    Args:
        words: how many there are, the end included.
        feature_size: length of the picture's feature.
        embedding: length of the word vectors and of the projected feature.
        hidden: units of the LSTM.
        dropout: on what enters and leaves the LSTM.
    """

    def __init__(self, words: int, feature_size: int, embedding: int, hidden: int, dropout: float):
        super().__init__()
        self.picture = nn.Linear(feature_size, embedding)
        self.embed = nn.Embedding(words, embedding)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.out = nn.Linear(hidden, words)
        self.seen = nn.Linear(feature_size, words, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, features: Tensor, words: Tensor) -> Tensor:
        """Logits of every next word, the words before it being given (teacher forcing).

        Args:
            features: B x D.
            words: B x T, padded with `END`.

        Returns:
            B x T x V: at step t for the word `words[:, t]`.
        """
        steps = torch.cat([self.picture(features)[:, None], self.embed(words[:, :-1])], 1)  # B x T x E
        states, _ = self.lstm(self.dropout(steps))
        return self.out(self.dropout(states)) + self.seen(self.dropout(features))[:, None]

    @torch.no_grad()
    def decode(
        self, features: Tensor, group_of: Tensor, forced: Tensor, allowed: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The likeliest of each group's words, or none, group after group; forced where a guide knows better.

        That a group is left out is one choice: its probability is that of everything that may come instead, the words
        of all later groups and the end. (The plain argmax over all words would split it among them, and say too much.)

        Args:
            features: B x D.
            group_of: V, the place of each word's group (see `Words`).
            forced: B x G, the word forced in each group; `END` where the group is free.
            allowed: B x V bool, the words that may be chosen freely; None allows all.

        Returns:
            B x G words, `END` where a group is absent, and B x G their probabilities, given the words before. A forced
            word's is what the model itself would have given it.
        """
        groups = forced.shape[1]
        words, confidences = torch.full_like(forced, END), torch.zeros(forced.shape, device=features.device)
        states, memory = self.lstm(self.picture(features)[:, None])
        seen = self.seen(features)
        for place in range(groups):
            logits = self.out(states[:, 0]) + seen  # B x V
            logits = logits.masked_fill(group_of < place, -torch.inf)
            own = group_of == place
            free = own if allowed is None else own & allowed
            none = logits.masked_fill(own, -torch.inf).logsumexp(1)
            score, best = logits.masked_fill(~free, -torch.inf).max(1)
            word = torch.where(score > none, best, END)
            word = torch.where(forced[:, place] != END, forced[:, place], word)
            spoken = word != END
            words[:, place] = word
            confidences[:, place] = logits.softmax(1).gather(1, word[:, None])[:, 0] * spoken
            after, next_memory = self.lstm(self.embed(word)[:, None], memory)
            states = torch.where(spoken[:, None, None], after, states)
            memory = tuple(
                torch.where(spoken[None, :, None], new, old) for new, old in zip(next_memory, memory, strict=True)
            )
        return words, confidences
