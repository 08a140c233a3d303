"""Discretisation: from intensities to grey levels 1..N, as the IBSI defines it."""

from __future__ import annotations

import numpy as np

from ksfeat.errors import InputError


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


def fixed_bin_size(
    pixels: np.ndarray, mask: np.ndarray, width: float, low: float | None = None
) -> np.ndarray:
    """Cut the scale into bins of equal width.

    Parameters
    ----------
    pixels : ndarray of shape (H, W)
        Intensities.
    mask : ndarray of bool, shape (H, W)
        The region.
    width : float
        Width of a bin, in the unit of the image.
    low : float, optional
        Where the first bin starts; by default the region's minimum.

    Returns
    -------
    ndarray of int32, shape (H, W)
        Levels from 1 in the region, 0 outside.

    Raises
    ------
    InputError
        If `width` is not positive, or the region reaches below `low`.

    Examples
    --------
    >>> pixels = np.array([[0.0, 24.0, 25.0, 60.0]])
    >>> fixed_bin_size(pixels, pixels >= 0, 25.0)
    array([[1, 1, 2, 3]], dtype=int32)
    """
    if not 0 < width < np.inf:
        raise InputError(f"bin width {width}; expected a positive number")
    smallest = pixels[mask].min()
    start = smallest if low is None else low
    if smallest < start:
        raise InputError(
            f"bins start at {start}, but the region reaches down to {smallest}; "
            "start lower, or leave the pixels below out of the mask"
        )
    return np.where(mask, np.floor((pixels - start) / width) + 1, 0).astype(np.int32)
