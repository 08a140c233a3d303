"""Statistics of a sample that several families report: the IBSI's formulas, written once."""

from __future__ import annotations

import numpy as np


def moments(values: np.ndarray, weights: np.ndarray | None = None) -> tuple[float, ...]:
    """Return mean, variance, skewness and excess kurtosis of a sample.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The sample, or its distinct values.
    weights : ndarray of shape (n,), optional
        How often each value occurs, or its probability.

    Returns
    -------
    tuple of float
        The variance divides by n; skewness and kurtosis are NaN where it is 0.

    Examples
    --------
    >>> tuple(round(moment, 6) for moment in moments(np.array([0.0, 0.0, 3.0])))
    (1.0, 2.0, 0.707107, -1.5)
    """
    mean = float(np.average(values, weights=weights))
    deviation = values - mean
    squares = deviation * deviation
    variance = float(np.average(squares, weights=weights))
    if variance == 0 or values.min() == values.max():
        return mean, variance, np.nan, np.nan
    third = float(np.average(squares * deviation, weights=weights))
    fourth = float(np.average(squares * squares, weights=weights))
    return mean, variance, third / variance**1.5, fourth / variance**2 - 3.0


def quantiles(ordered: np.ndarray, shares: tuple[float, ...]) -> np.ndarray:
    """Return quantiles of a sorted sample, interpolated linearly between neighbours.

    Examples
    --------
    >>> quantiles(np.array([1.0, 2.0, 4.0]), (0.0, 0.5, 0.75))
    array([1., 2., 3.])
    """
    places = np.multiply(shares, len(ordered) - 1)
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, len(ordered) - 1)
    return ordered[below] + (places - below) * (ordered[above] - ordered[below])


def spread(values: np.ndarray, mean: float, quantiles: np.ndarray) -> tuple[float, ...]:
    """Return the mean absolute, robust mean absolute and median absolute deviation.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The sample.
    mean : float
        Its mean.
    quantiles : ndarray of shape (3,)
        Its 10th percentile, median and 90th percentile.

    Returns
    -------
    tuple of float
        The robust one is taken over the values from the 10th to the 90th percentile; NaN where
        there is none.
    """
    low, median, high = quantiles
    middle = values[(values >= low) & (values <= high)]
    robust = float(np.abs(middle - middle.mean()).mean()) if middle.size else np.nan
    return (
        float(np.abs(values - mean).mean()),
        robust,
        float(np.abs(values - median).mean()),
    )


def ratio(numerator: float, denominator: float) -> float:
    """Divide; NaN where the denominator is 0.

    Examples
    --------
    >>> ratio(1.0, 4.0), ratio(1.0, 0.0)
    (0.25, nan)
    """
    return numerator / denominator if denominator != 0 else np.nan


def entropy(probabilities: np.ndarray) -> float:
    """Return the Shannon entropy in bits; empty cells count nothing.

    Examples
    --------
    >>> entropy(np.array([0.5, 0.25, 0.25, 0.0]))
    1.5
    """
    filled = probabilities[probabilities > 0]
    return float(-(filled * np.log2(filled)).sum()) + 0.0  # + 0.0 turns -0.0 into 0.0
