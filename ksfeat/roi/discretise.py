"""Discretisation: from intensities to grey levels 1..N, as the IBSI defines it."""

from __future__ import annotations

import numpy as np


def fixed_bin_number(pixels: np.ndarray, mask: np.ndarray, levels: int) -> np.ndarray:
    """Spread the region's range over a fixed number of grey levels.

    Parameters
    ----------
    pixels : ndarray of shape (H, W)
        Intensities.
    mask : ndarray of bool, shape (H, W)
        The region; its minimum and maximum set the range.
    levels : int
        Number of levels N.

    Returns
    -------
    ndarray of int32, shape (H, W)
        Levels 1..N in the region, 0 outside. All 1 where the region has one grey level.

    Examples
    --------
    >>> pixels = np.array([[0.0, 1.0, 2.0, 3.0, 99.0]])
    >>> fixed_bin_number(pixels, pixels < 50, 2)
    array([[1, 1, 2, 2, 0]], dtype=int32)
    """
    values = pixels[mask]
    low, high = values.min(), values.max()
    if high == low:
        return mask.astype(np.int32)
    # Multiplying before dividing keeps the quotient of integer images correctly rounded, so that
    # an integer change of scale cannot move a pixel over the edge of a bin.
    above = np.where(mask, pixels - low, 0.0)
    inside = np.floor(above * levels / (high - low)) + 1
    return np.where(mask, np.minimum(inside, levels), 0).astype(np.int32)
