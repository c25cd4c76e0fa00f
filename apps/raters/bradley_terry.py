"""How strong is each system? The model of Bradley and Terry (1952): P(a beats b) = 1 / (1 + exp(b - a))."""

from __future__ import annotations

import numpy as np

POINTS = 400 / np.log(10)
"""Elo points in one unit of log-odds: 400 points are odds of ten to one."""

PRIOR = 1.0
"""Ties added between every two systems, so that one that never lost has a finite strength."""

_STEPS = 100
_TOLERANCE = 1e-9


def strengths(wins: np.ndarray, prior: float = PRIOR) -> np.ndarray:
    """The strengths that make the wins most probable, as log-odds about a mean of zero.

    Ties count as half a win for either side (not Davidson's model: strengths are then somewhat smaller, and no
    parameter for ties is needed). Found by Newton's method on the concave log-likelihood.

    Args:
        wins: ... x S x S, wins of row over column; need not be whole.
        prior: ties added between every two systems.

    Returns:
        ... x S strengths.

    Raises:
        ValueError: if `wins` is not square or has negative entries.
    """
    if wins.ndim < 2 or wins.shape[-1] != wins.shape[-2] or (wins < 0).any():
        raise ValueError(f"wins is a square table of numbers >= 0, got shape {wins.shape}")
    size = wins.shape[-1]
    others = ~np.eye(size, dtype=bool)
    wins = np.where(others, wins + prior / 2, 0.0)
    games = wins + np.swapaxes(wins, -1, -2)
    theta = np.zeros(wins.shape[:-1])
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(theta[..., None, :] - theta[..., :, None]))
        gradient = (wins - games * share).sum(axis=-1)
        curvature = games * share * (1 - share)
        # The Laplacian of a connected graph; adding a constant matrix fixes the mean without moving differences.
        hessian = -curvature + np.eye(size) * curvature.sum(axis=-1)[..., None] + 1.0 / size
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        theta = theta + np.clip(step, -2, 2)
        if np.abs(step).max(initial=0.0) < _TOLERANCE:
            break
    return theta - theta.mean(axis=-1, keepdims=True)
