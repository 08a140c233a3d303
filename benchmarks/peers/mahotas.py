"""mahotas 1.4.19: Haralick's 13 features of a slice, the mean of the four directions."""

from __future__ import annotations

import mahotas
import numpy as np
from mahotas.features import texture

VERSION = mahotas.__version__


def glcm(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return Haralick's features; grey level 0 is what lies outside the mask."""
    low, high = int(pixels[mask].min()), int(pixels[mask].max())
    binned = np.minimum((pixels.astype(np.int64) - low) * levels // (high - low), levels - 1) + 1
    binned[~mask] = 0
    grey = binned.astype(np.uint16)
    values = mahotas.features.haralick(grey, ignore_zeros=True, return_mean=True)
    return dict(zip(texture.haralick_labels[:13], map(float, values), strict=True))
