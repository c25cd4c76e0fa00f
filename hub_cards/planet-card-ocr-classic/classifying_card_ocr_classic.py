"""What is at a place of the band: a one-vs-rest linear SVM and a small ANN, their answers added and calibrated.

Dimensions: N places, F features, H hidden units, K = 11 classes (ten digits and "no digit").
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .features_card_ocr_classic import FEATURES

CLASSES = 11
NO_DIGIT = 10


class DigitClassifier(nn.Module):
    """Margins of the SVM and logits of the ANN, weighted so that their softmax is a calibrated probability.

    The weights come from scikit-learn (`training.card_ocr.train_classic`); standardisation of the features is folded
    into them.

    Args:
        hidden: hidden units of the ANN.
    """

    def __init__(self, hidden: int):
        super().__init__()
        self.svm = nn.Linear(FEATURES, CLASSES)
        self.ann = nn.Sequential(nn.Linear(FEATURES, hidden), nn.ReLU(), nn.Linear(hidden, CLASSES))
        self.mix = nn.Parameter(torch.ones(2))  # weight of the SVM's margins, weight of the ANN's logits

    def forward(self, features: Tensor) -> Tensor:
        """Calibrated logits, N x K, of descriptors, N x F."""
        return self.mix[0] * self.svm(features) + self.mix[1] * self.ann(features)


__all__ = ["CLASSES", "NO_DIGIT", "DigitClassifier"]
