"""Grey levels from intensities, in two passes over them."""

from __future__ import annotations

import numpy as np
from numba import int32, uint16

from ksfeat.scale.compiled import kernel, part_of_kernel

_ABREAST = 512  # limits kept side by side: the compiler may not reorder one chain of comparisons


@kernel("void(float64[::1], boolean[::1], int64, uint16[::1])")
def spread_levels(pixels: np.ndarray, mask: np.ndarray, number: int, levels: np.ndarray) -> None:
    """Do as `ksfeat.roi.discretise.fixed_bin_number` does, to the last bit: the same arithmetic.

    Parameters
    ----------
    pixels : ndarray of float64, shape (voxels,)
        Intensities.
    mask : ndarray of bool, shape (voxels,)
        The region, which is not empty.
    number : int
        Number of levels N.
    levels : ndarray of uint16, shape (voxels,)
        Filled in: 1..N in the region, 0 outside.
    """
    low, high = _limits(pixels, mask)
    times, width, most = float(number), high - low, int32(number - 1)
    if width == 0:
        times, width = 0.0, 1.0
    for x in range(pixels.size):
        value = pixels[x]
        # What is outside the region may be outside its range too.
        value = value if value > low else low
        value = value if value < high else high
        level = int32((value - low) * times / width)
        level = (level if level < most else most) + int32(1)
        levels[x] = uint16(level) if mask[x] else uint16(0)


@part_of_kernel
def _limits(pixels: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    lows, highs = np.full(_ABREAST, np.inf), np.full(_ABREAST, -np.inf)
    whole = pixels.size // _ABREAST * _ABREAST
    for start in range(0, whole, _ABREAST):
        _compare(pixels[start : start + _ABREAST], mask[start : start + _ABREAST], lows, highs)
    _compare(pixels[whole:], mask[whole:], lows, highs)
    return lows.min(), highs.max()


@part_of_kernel
def _compare(values: np.ndarray, mask: np.ndarray, lows: np.ndarray, highs: np.ndarray) -> None:
    for x in range(values.size):
        low = values[x] if mask[x] else np.inf
        high = values[x] if mask[x] else -np.inf
        lows[x] = low if low < lows[x] else lows[x]
        highs[x] = high if high > highs[x] else highs[x]
