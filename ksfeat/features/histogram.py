"""The histogram of the grey levels (IBSI family ZVCW)."""

from __future__ import annotations

from functools import partial

import numpy as np

from ksfeat.features.identity import Family, Feature
from ksfeat.features.statistics import entropy, moments, quantiles, ratio, spread
from ksfeat.roi import Discretisation, Region

_FLAT = "the region has one grey level"
# name, title, unit, IBSI id, when it is not defined
_ROWS = (
    ("mean", "mean grey level", "level", "X6K6", ""),
    ("variance", "variance of the grey levels", "level^2", "CH89", ""),
    ("skewness", "skewness of the grey levels", "1", "88K1", _FLAT),
    ("kurtosis", "excess kurtosis of the grey levels", "1", "C3I7", _FLAT),
    ("median", "median grey level", "level", "WIFQ", ""),
    ("minimum", "lowest grey level", "level", "1PR8", ""),
    ("p10", "10th percentile of the grey levels", "level", "GPMT", ""),
    ("p90", "90th percentile of the grey levels", "level", "OZ0C", ""),
    ("maximum", "highest grey level", "level", "3NCY", ""),
    ("mode", "commonest grey level (of several, the nearest to the mean)", "level", "AMMC", ""),
    ("iqr", "interquartile range of the grey levels", "level", "WR0O", ""),
    ("range", "range of the grey levels", "level", "5Z3W", ""),
    ("mad", "mean absolute deviation from the mean", "level", "D2ZX", ""),
    (
        "robust_mad",
        "mean absolute deviation between the 10th and 90th percentile",
        "level",
        "WRZB",
        "no pixel lies between the two percentiles",
    ),
    ("median_ad", "mean absolute deviation from the median", "level", "4RNL", ""),
    ("cov", "coefficient of variation", "1", "CWYJ", ""),
    ("qcod", "quartile coefficient of dispersion", "1", "SLWD", ""),
    ("entropy", "entropy of the histogram", "bit", "TLU2", ""),
    ("uniformity", "sum of the squared shares of the grey levels", "1", "BJ5W", ""),
    ("max_gradient", "steepest rise of the histogram", "pixels/level", "12CE", _FLAT),
    ("max_gradient_level", "grey level of the steepest rise", "level", "8E6O", _FLAT),
    ("min_gradient", "steepest fall of the histogram", "pixels/level", "VQB3", _FLAT),
    ("min_gradient_level", "grey level of the steepest fall", "level", "RHQZ", _FLAT),
)


def compute(region: Region, levels: int | Discretisation) -> np.ndarray:
    """Return the 23 IBSI features of the histogram of grey levels.

    Parameters
    ----------
    region : Region
        What to describe.
    levels : int or Discretisation
        Number of grey levels (fixed bin number), or how they are made.

    Returns
    -------
    ndarray of float64, shape (23,)
        In the order of `family`'s features.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> region = Region.of(StoneImage(np.array([[1.0, 1.0], [2.0, 4.0]])))
    >>> dict(zip(family(3).columns, compute(region, 3).tolist()))["histogram_entropy_fbn3"]
    1.5
    """
    grid = region.levels(levels)
    return describe(np.bincount(grid[region.mask], minlength=2)[1:])


def describe(counts: np.ndarray) -> np.ndarray:
    """Return the 23 features of a histogram.

    Parameters
    ----------
    counts : ndarray of int, shape (N,)
        Number of pixels of the levels 1..N; the highest level occurs.

    Returns
    -------
    ndarray of float64, shape (23,)
        In the order of `family`'s features.
    """
    levels = np.arange(1.0, len(counts) + 1)
    shares = counts / counts.sum()
    sample = np.repeat(levels, counts)
    mean, variance, skewness, kurtosis = moments(levels[counts > 0], shares[counts > 0])
    p10, p25, median, p75, p90 = quantiles(sample, (0.1, 0.25, 0.5, 0.75, 0.9))
    low, high = sample[0], sample[-1]
    commonest = levels[counts == counts.max()]
    return np.array(
        [
            *(mean, variance, skewness, kurtosis, median, low, p10, p90, high),
            commonest[np.abs(commonest - mean).argmin()],
            *(p75 - p25, high - low),
            *spread(sample, mean, np.array([p10, median, p90])),
            *(ratio(variance**0.5, mean), ratio(p75 - p25, p75 + p25)),
            *(entropy(shares), float(np.square(shares).sum())),
            *_gradients(counts),
        ]
    )


def _gradients(counts: np.ndarray) -> tuple[float, float, float, float]:
    if len(counts) < 2:
        return (np.nan,) * 4
    slope = np.gradient(counts.astype(np.float64))
    return slope.max(), slope.argmax() + 1.0, slope.min(), slope.argmin() + 1.0


def family(levels: int | Discretisation) -> Family:
    """Return the family `histogram` for a number of grey levels, or how they are made."""
    suffix = Discretisation.of(levels).suffix
    features = tuple(
        Feature(f"histogram_{name}_{suffix}", "histogram", *identity) for name, *identity in _ROWS
    )
    return Family("histogram", features, partial(compute, levels=levels), dimensions=(2, 3))
