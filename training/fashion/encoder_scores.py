"""How good the encoder is on validation pictures, while it trains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from modeling.fashion_encoder import FashionEncoderModel
from training.fashion.encoder_data import Reader, read_rgb
from training.fashion.encoder_features import plain_features
from training.fashion.measure_category import garment_accuracy, leaf_accuracy
from training.fashion.measure_retrieval import measure as measure_retrieval
from training.fashion.retrieval import cosine
from training.fashion.sets import Item


def encoder_scores(
    model: FashionEncoderModel,
    products: Sequence[Item],
    garments: Sequence[Item],
    alone: bool = True,
    read: Reader = read_rgb,
) -> dict[str, float]:
    """Accuracies, retrieval among the products, and their mean, "score", by which the best weights are chosen.

    Args:
        products: catalogue photos; each is a query among the others.
        garments: phone photos.
        alone: of each picture alone, without the other views the model is configured to average.
        read: gives a picture.
    """
    worn, sold = (plain_features(model, items, alone, read) for items in (garments, products))
    found = measure_retrieval(cosine(sold.numpy(), sold.numpy()), products, products)["type_colour"]
    scores = {
        "garments": garment_accuracy(model, worn, garments)["accuracy"],
        "leaf": leaf_accuracy(model, sold, products)["accuracy"],
        "hit@1": found["hit@1"],
    }
    return scores | {"map": found["map"], "score": float(np.mean(list(scores.values())))}
