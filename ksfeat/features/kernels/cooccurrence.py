"""Co-occurrence counts of grey levels."""

from __future__ import annotations

import numpy as np

from ksfeat.features.kernels.compile import kernel


@kernel("int64[:,::1](int32[:,::1], int64, int64)")
def count_neighbours(levels: np.ndarray, number: int, distance: int) -> np.ndarray:
    """Count pairs of levels at a distance (Chebyshev) in the four directions of a slice.

    Parameters
    ----------
    levels : ndarray of int32, shape (H, W)
        Levels 1..number, 0 outside the region.
    number : int
        Number of levels N.
    distance : int
        Offset of the neighbour in pixels.

    Returns
    -------
    ndarray of int64, shape (N, N)
        Symmetric: each pair is counted in both orders. The four directions are merged.
    """
    # Level 0 gets a row and a column of its own: counting what is dropped later is faster than a
    # branch for each pixel.
    counts = np.zeros((number + 1, number + 1), dtype=np.int64)
    height, width = levels.shape
    for row in range(height):
        below = row + distance
        for column in range(width):
            here = levels[row, column]
            if here == 0:
                continue
            right = column + distance
            left = column - distance
            if right < width:
                counts[here, levels[row, right]] += 1
            if below < height:
                counts[here, levels[below, column]] += 1
                if right < width:
                    counts[here, levels[below, right]] += 1
                if left >= 0:
                    counts[here, levels[below, left]] += 1
    inside = counts[1:, 1:]
    return inside + inside.T
