"""A random translator, small and sure of itself, and what it is given."""

from __future__ import annotations

import torch

from modeling.planet_nmt import PlanetNmtConfig, PlanetNmtForConditionalGeneration


def small_model(seed: int = 0, **changes) -> PlanetNmtForConditionalGeneration:
    """A random model with large weights, so that its choices are clear."""
    torch.manual_seed(seed)
    sizes = {"source_vocab_size": 53, "vocab_size": 47, "embedding_size": 5, "hidden_size": 14, "layers": 2}
    model = PlanetNmtForConditionalGeneration(PlanetNmtConfig(**(sizes | changes))).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
    return model


def three_sentences() -> tuple[torch.Tensor, torch.Tensor]:
    """Source ids and mask, 3 x 7: sentences of 7, 5 and 3 tokens."""
    ids = torch.randint(34, 53, (3, 7), generator=torch.Generator().manual_seed(3))
    mask = (torch.arange(7) < torch.tensor([[7], [5], [3]])).long()
    ids[torch.arange(3), mask.sum(1) - 1] = 2
    return ids * mask, mask
