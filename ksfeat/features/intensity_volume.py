"""The intensity-volume histogram: how much of the region is at least how bright (IBSI P88C)."""

from __future__ import annotations

from functools import partial

import numpy as np

from ksfeat.errors import InputError
from ksfeat.features.identity import Family, Feature
from ksfeat.roi import Discretisation, Region

_ARBITRARY = Discretisation("fbn", 1000)  # the IBSI's, for intensities without a unit
_MOST_STEPS = 1_000_000  # of the curve; 16-bit scans take 65,536
_FLAT = "the region has one grey level"
_STEP = "HU, or level of 1000 without HU"
# name, title, unit, IBSI id, when it is not defined
_ROWS = (
    ("v10", "share of the region at 10 % of the range or above", "1", "BC2M", _FLAT),
    ("v90", "share of the region at 90 % of the range or above", "1", "BC2M", _FLAT),
    ("i10", "lowest intensity that 10 % of the region reach at most", _STEP, "GBPN", ""),
    ("i90", "lowest intensity that 90 % of the region reach at most", _STEP, "GBPN", ""),
    ("v10_minus_v90", "difference of these shares", "1", "DDTU", _FLAT),
    ("i10_minus_i90", "difference of these intensities", _STEP, "CNV2", ""),
    ("area", "area under the curve over the range", "1", "9CMM", ""),
)


def compute(region: Region, how: Discretisation | None = None) -> np.ndarray:
    """Return the 7 IBSI features of the intensity-volume histogram.

    Parameters
    ----------
    region : Region
        What to describe. Its range is that of its re-segmentation, where there is one.
    how : Discretisation, optional
        Bins of a fixed size stand for their centres, a fixed number of bins for their numbers. By
        default Hounsfield units are taken one by one, and other units in 1000 bins.

    Returns
    -------
    ndarray of float64, shape (7,)
        In the order of `family`'s features; the area is 0 where there is one grey level.

    Raises
    ------
    InputError
        If the range takes more than a million steps.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> region = Region.of(StoneImage(np.array([[0.0, 5.0, 10.0, 10.0]]), unit="HU"))
    >>> compute(region).tolist()[:4]
    [0.75, 0.5, 11.0, 1.0]
    """
    if how is None and region.unit != "HU":
        how = _ARBITRARY
    intensities, step, values = _levels(region, how)
    shares = 1 - np.searchsorted(values, intensities) / len(values)
    low, high = (_reached(intensities, shares, step, part) for part in (0.1, 0.9))
    if len(intensities) < 2 or (region.is_flat and how is not None and how.method == "fbn"):
        return np.array([np.nan, np.nan, low, high, np.nan, low - high, 0.0])
    along = (intensities - intensities[0]) / (intensities[-1] - intensities[0])
    v10, v90 = (shares[np.searchsorted(along, part - 1e-12)] for part in (0.1, 0.9))
    area = float(np.trapezoid(shares, along))
    return np.array([v10, v90, low, high, v10 - v90, low - high, area])


def _levels(region: Region, how: Discretisation | None) -> tuple[np.ndarray, float, np.ndarray]:
    """Return the intensities of the curve, their step, and the region's values in order."""
    ordered = region.sorted_values
    low, high = (
        limit if np.isfinite(limit) else end
        for limit, end in zip(region.limits, (ordered[0], ordered[-1]), strict=True)
    )
    if how is None:
        return low + np.arange(_checked(np.floor(high - low + 1e-9) + 1)), 1.0, ordered
    found = np.sort(region.levels(how)[region.mask]).astype(np.float64)
    if how.method == "fbn":
        return np.arange(1.0, how.value + 1), 1.0, found
    start = how.first_bin(float(ordered[0]))
    number = max(np.ceil((high - start) / how.value), found[-1])
    centres = np.arange(0.5, _checked(number))
    return start + centres * how.value, how.value, start + (found - 0.5) * how.value


def _checked(steps: float) -> float:
    """Return the number of steps of the curve, if they fit in memory."""
    if steps > _MOST_STEPS:
        raise InputError(
            f"an intensity-volume histogram of {steps:.3g} steps; expected at most "
            f"{_MOST_STEPS:,}; re-segment to a narrower range, or check the pixel values"
        )
    return steps


def _reached(intensities: np.ndarray, shares: np.ndarray, step: float, part: float) -> float:
    """Return the lowest intensity that a part of the region reaches at most."""
    enough = np.flatnonzero(shares <= part + 1e-12)
    return float(intensities[enough[0]] if enough.size else intensities[-1] + step)


def family(how: Discretisation | None = None) -> Family:
    """Return the family `intensity_volume`, whose columns name its bins where they were chosen."""
    end = "" if how is None else f"_{how.suffix}"
    step = _STEP if how is None else "level" if how.method == "fbn" else "intensity"
    features = tuple(
        Feature(f"intensity_volume_{name}{end}", "intensity_volume", title, *identity)
        for name, title, unit, *more in _ROWS
        for identity in [(step if unit == _STEP else unit, *more)]
    )
    return Family("intensity_volume", features, partial(compute, how=how), dimensions=(2, 3))
