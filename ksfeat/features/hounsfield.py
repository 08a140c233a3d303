"""Density in Hounsfield units: what tells stones from tissue, and one stone from another."""

from __future__ import annotations

import numpy as np

from ksfeat.features.identity import Family, Feature
from ksfeat.roi import Region

_THRESHOLDS = (130, 200, 400, 800, 1200)  # HU; 130 is the usual limit of calcification
_DENSE = _THRESHOLDS[0]
_NONE = f"no pixel lies above {_DENSE} HU"


def compute(region: Region) -> np.ndarray:
    """Return how much of a region is dense, and how dense that is.

    Parameters
    ----------
    region : Region
        Of unit "HU".

    Returns
    -------
    ndarray of float64, shape (8,)
        Shares above 130, 200, 400, 800 and 1200 HU; mean and standard deviation of the pixels
        above 130 HU, NaN where there is none; the highest value.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> region = Region.of(StoneImage(np.array([[30.0, 500.0], [20.0, 900.0]]), unit="HU"))
    >>> compute(region).tolist()
    [0.5, 0.5, 0.5, 0.25, 0.0, 700.0, 200.0, 900.0]
    """
    ordered = region.sorted_values
    above = len(ordered) - np.searchsorted(ordered, _THRESHOLDS, side="right")
    dense = ordered[len(ordered) - above[0] :]
    mean, deviation = (dense.mean(), dense.std()) if dense.size else (np.nan, np.nan)
    return np.array([*above / len(ordered), mean, deviation, ordered[-1]])


def family() -> Family:
    """Return the family `hounsfield`."""
    shares = [
        (f"share_above_{limit}hu", f"share of pixels above {limit} HU", "1", "")
        for limit in _THRESHOLDS
    ]
    rows = [
        *shares,
        (f"mean_above_{_DENSE}hu", f"mean of the pixels above {_DENSE} HU", "HU", _NONE),
        (f"sd_above_{_DENSE}hu", f"spread of the pixels above {_DENSE} HU", "HU", _NONE),
        ("maximum_hu", "highest value", "HU", ""),
    ]
    features = tuple(
        Feature(f"hounsfield_{name}", "hounsfield", title, unit, None, undefined)
        for name, title, unit, undefined in rows
    )
    return Family("hounsfield", features, compute, needs=("HU",), dimensions=(2, 3))
