"""Separable filters whose responses move with the image to the last bit."""

from __future__ import annotations

from math import prod

import numpy as np

from ksfeat.features.kernels.weighted_sums import add_weighted

# Of the largest value that is read; finer differences are rounding, which discretisation would
# blow up to grey levels where a response vanishes.
_BITS = 40


def along(values: np.ndarray, weights: np.ndarray, axis: int) -> np.ndarray:
    """Correlate an array with weights along one axis, where all weights fall inside.

    Parameters
    ----------
    values : ndarray of float64
        What is filtered.
    weights : ndarray of float64, shape (K,)
        From the first to the last neighbour.
    axis : int
        The axis, which becomes shorter by K - 1.

    Returns
    -------
    ndarray of float64

    Examples
    --------
    >>> along(np.array([[1.0, 2.0, 4.0, 8.0]]), np.array([-1.0, 0.0, 1.0]), -1)
    array([[3., 6.]])
    """
    axis %= values.ndim
    before, step = prod(values.shape[:axis]), prod(values.shape[axis + 1 :])
    shorter = values.shape[axis] - len(weights) + 1
    sums = np.zeros((before, shorter * step))
    rows = np.ascontiguousarray(values).reshape(before, -1)
    add_weighted(rows, np.ascontiguousarray(weights), step, sums)
    return sums.reshape(*values.shape[:axis], shorter, *values.shape[axis + 1 :])


def without_rounding(response: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Round a response to 40 bits of the largest value that was read.

    Examples
    --------
    >>> without_rounding(np.array([3e-14, 0.5]), np.array([100.0])).tolist()
    [0.0, 0.5]
    """
    largest = max(float(read.max()), -float(read.min()))
    step = 2.0 ** (int(np.frexp(largest)[1]) - _BITS)
    return np.rint(response / step) * step + 0.0  # + 0.0 turns -0.0 into 0.0
