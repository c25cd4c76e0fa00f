"""Where a picture draws the eye: what its spectrum does not explain, and a preference for the middle.

Hou and Zhang, "Saliency detection: a spectral residual approach" (CVPR 2007). The paper works on grey pictures; here
each channel of CIE Lab is treated alike and the three maps are added, so that a garment that differs from its
background in hue alone is seen too.

Dimensions: H x W picture, h x w the small copy whose spectrum is taken.
"""

from __future__ import annotations

import cv2
import numpy as np

SPECTRUM_SIDE = 64
"""Longest side of the copy whose spectrum is taken: the paper's scale, at which whole objects stand out."""

_SMOOTHING = 2.5
"""Standard deviation, in pixels of the small copy, of the Gaussian that joins the responses of one object."""


def spectral_residual(lab: np.ndarray) -> np.ndarray:
    """Saliency of every pixel.

    Of each channel the log amplitude spectrum L is taken, and its residual R = L - mean3x3(L), the part that differs
    from the smooth decline of any photograph. The saliency is |F^-1(exp(R + i P))|^2 with the phase P kept, smoothed.

    Args:
        lab: H x W x 3, any real type.

    Returns:
        H x W float32 from 0 to 1; all 0 where the picture has a single colour.

    Raises:
        ValueError: if the picture has no three channels.
    """
    if lab.ndim != 3 or lab.shape[2] != 3:
        raise ValueError(f"Saliency needs H x W x 3, got shape {lab.shape}")
    height, width = lab.shape[:2]
    scale = min(SPECTRUM_SIDE / max(height, width), 1.0)
    small = (max(round(width * scale), 3), max(round(height * scale), 3))
    channels = cv2.resize(lab.astype(np.float32), small, interpolation=cv2.INTER_AREA).transpose(2, 0, 1)  # 3 x h x w
    total = sum(_channel(channel) for channel in channels)
    total = cv2.GaussianBlur(total.astype(np.float32), (0, 0), _SMOOTHING, borderType=cv2.BORDER_REPLICATE)
    low, high = float(total.min()), float(total.max())
    if high - low < 1e-6:
        return np.zeros((height, width), np.float32)
    return cv2.resize((total - low) / (high - low), (width, height), interpolation=cv2.INTER_LINEAR)


def _channel(channel: np.ndarray) -> np.ndarray:
    """Unsmoothed saliency of one channel, weighted with the channel's contrast; 0 where it is flat."""
    contrast = float(channel.std())
    if contrast < 0.5:  # half a level of 255: rounding, not a picture
        return np.zeros_like(channel)
    spectrum = np.fft.fft2(channel)
    logarithm = np.log(np.abs(spectrum) + 1e-6)
    # The spectrum is periodic, hence its mean is taken around the edges.
    residual = logarithm - cv2.blur(np.pad(logarithm, 1, mode="wrap"), (3, 3))[1:-1, 1:-1]
    response = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    return response * (contrast / response.sum())


def centre_prior(height: int, width: int, spread: float) -> np.ndarray:
    """A Gaussian around the middle: photographers put what they sell there.

    Args:
        spread: standard deviation in half sides.

    Returns:
        H x W float32, 1 in the middle.
    """
    rows = (np.arange(height) + 0.5) / height * 2 - 1
    columns = (np.arange(width) + 0.5) / width * 2 - 1
    return np.exp(-(rows[:, None] ** 2 + columns[None, :] ** 2) / (2 * spread**2)).astype(np.float32)


__all__ = ["centre_prior", "spectral_residual"]
