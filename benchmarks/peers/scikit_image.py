"""scikit-image 0.26.0: the properties of its co-occurrence matrix, the mean of four directions."""

from __future__ import annotations

import numpy as np
import skimage
from skimage.feature import graycomatrix, graycoprops

VERSION = skimage.__version__
_ANGLES = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
_PROPERTIES = (
    "contrast",
    "dissimilarity",
    "homogeneity",
    "ASM",
    "energy",
    "correlation",
    "mean",
    "variance",
    "std",
    "entropy",
)


def glcm(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return all properties; level 0 is what lies outside the mask and its pairs are dropped."""
    low, high = int(pixels[mask].min()), int(pixels[mask].max())
    binned = np.minimum((pixels.astype(np.int64) - low) * levels // (high - low), levels - 1)
    grey = binned.astype(np.uint16)
    if not mask.all():
        grey = np.where(mask, grey + 1, 0).astype(np.uint16)
        counts = graycomatrix(grey, [1], _ANGLES, levels + 1, symmetric=True)[1:, 1:]
        shares = counts / counts.sum(axis=(0, 1), keepdims=True)
    else:
        shares = graycomatrix(grey, [1], _ANGLES, levels, symmetric=True, normed=True)
    return {name: float(graycoprops(shares, name).mean()) for name in _PROPERTIES}
