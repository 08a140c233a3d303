"""Statistics of the intensities (IBSI family UHIW)."""

from __future__ import annotations

import numpy as np

from ksfeat.features.identity import Family, Feature
from ksfeat.features.statistics import moments, quantiles, ratio, spread
from ksfeat.roi import Region

_FLAT = "the region has one grey level"
# name, title, unit, IBSI id, when it is not defined
_ROWS = (
    ("mean", "mean intensity", "intensity", "Q4LE", ""),
    ("variance", "variance of the intensities", "intensity^2", "ECT3", ""),
    ("skewness", "skewness of the intensities", "1", "KE2A", _FLAT),
    ("kurtosis", "excess kurtosis of the intensities", "1", "IPH6", _FLAT),
    ("median", "median intensity", "intensity", "Y12H", ""),
    ("minimum", "lowest intensity", "intensity", "1GSF", ""),
    ("p10", "10th percentile of the intensities", "intensity", "QG58", ""),
    ("p90", "90th percentile of the intensities", "intensity", "8DWT", ""),
    ("maximum", "highest intensity", "intensity", "84IY", ""),
    ("iqr", "interquartile range of the intensities", "intensity", "SALO", ""),
    ("range", "range of the intensities", "intensity", "2OJQ", ""),
    ("mad", "mean absolute deviation from the mean", "intensity", "4FUA", ""),
    (
        "robust_mad",
        "mean absolute deviation between the 10th and 90th percentile",
        "intensity",
        "1128",
        "no pixel lies between the two percentiles",
    ),
    ("median_ad", "mean absolute deviation from the median", "intensity", "N72L", ""),
    ("cov", "coefficient of variation", "1", "7TET", "the mean is 0"),
    (
        "qcod",
        "quartile coefficient of dispersion",
        "1",
        "9S40",
        "the quartiles add up to 0",
    ),
    ("energy", "sum of the squared intensities", "intensity^2", "N8CA", ""),
    ("rms", "root mean square of the intensities", "intensity", "5ZWQ", ""),
)


def compute(region: Region) -> np.ndarray:
    """Return the 18 IBSI statistics of a region's intensities.

    Parameters
    ----------
    region : Region
        What to describe.

    Returns
    -------
    ndarray of float64, shape (18,)
        In the order of `family`'s features.

    References
    ----------
    .. [1] A. Zwanenburg et al., "The Image Biomarker Standardization Initiative", Radiology 295
           (2020) 328-338.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> region = Region.of(StoneImage(np.array([[1.0, 1.0], [2.0, 4.0]])))
    >>> dict(zip(family().columns, compute(region).round(3).tolist()))["first_order_variance"]
    1.5
    """
    values, ordered = region.values, region.sorted_values
    mean, variance, skewness, kurtosis = moments(values)
    p10, p25, median, p75, p90 = quantiles(ordered, (0.1, 0.25, 0.5, 0.75, 0.9))
    energy = float(np.square(values).sum())
    mad, robust, median_ad = spread(values, mean, np.array([p10, median, p90]))
    return np.array(
        [
            *(mean, variance, skewness, kurtosis, median),
            *(ordered[0], p10, p90, ordered[-1], p75 - p25, ordered[-1] - ordered[0]),
            *(mad, robust, median_ad),
            *(ratio(variance**0.5, mean), ratio(p75 - p25, p75 + p25)),
            *(energy, (energy / values.size) ** 0.5),
        ]
    )


def family() -> Family:
    """Return the family `first_order`."""
    features = tuple(
        Feature(f"first_order_{name}", "first_order", *identity) for name, *identity in _ROWS
    )
    return Family("first_order", features, compute, dimensions=(2, 3))
