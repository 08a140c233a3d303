"""Correlation with a line of weights, from which separable filters are made."""

from __future__ import annotations

import numpy as np

from ksfeat.scale.compiled import kernel

_CHUNK = 2048  # what is added to stays in the first-level cache


@kernel("void(float64[:,::1], float64[::1], int64, float64[:,::1])")
def add_weighted(values: np.ndarray, weights: np.ndarray, step: int, sums: np.ndarray) -> None:
    """Add to each sum the weighted values that follow it, always in the same order.

    Every sum is rounded in the same way wherever it stands, so that a filter's response moves with
    the image to the last bit.

    Parameters
    ----------
    values : ndarray of float64, shape (A, M + (K - 1) * step)
        Rows of values.
    weights : ndarray of float64, shape (K,)
        The weight of a value, of the one `step` after it, and so on.
    step : int
        Distance between the values of one sum.
    sums : ndarray of float64, shape (A, M)
        What is added to.
    """
    length = sums.shape[1]
    for row in range(sums.shape[0]):
        for start in range(0, length, _CHUNK):
            stop = min(start + _CHUNK, length)
            total = sums[row, start:stop]
            for k in range(weights.size):
                weight = weights[k]
                shift = start + k * step
                part = values[row, shift : shift + stop - start]
                for j in range(stop - start):
                    total[j] += weight * part[j]
