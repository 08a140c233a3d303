"""Density at two energies, which tells materials apart that one energy may show alike."""

from __future__ import annotations

import numpy as np

from ksfeat.features.identity import Family, Feature
from ksfeat.features.statistics import ratio
from ksfeat.roi import Region

_DENSE = 130  # HU; the usual limit of calcification, as in `hounsfield`
_CORE_SHARE = 0.25
_ROUNDING = 1e-9  # a covariance below this share of the variances is rounding
_FEWEST = 3  # pixels of a line
# name, title, unit, what it is not defined for beside a zone without pixels
_MEASURES = (
    ("mean_first", "mean at the first energy", "HU", ""),
    ("mean_second", "mean at the second energy", "HU", ""),
    ("ratio", "mean at the first energy divided by that at the second", "1", "or the latter <= 0"),
    ("difference", "mean at the first energy less that at the second", "HU", ""),
)
# name, of which pixels, when there is none
_ZONES = (
    ("dense", f"pixels above {_DENSE} HU at the first energy", f"no pixel lies above {_DENSE} HU"),
    ("core", "densest quarter of the dense pixels", f"no pixel lies above {_DENSE} HU"),
    ("mask", "all pixels of the mask", "the image has no mask"),
)


def compute(region: Region) -> np.ndarray:
    """Return how dense a region is at two energies, and how the two go together.

    The first energy is the one that the image itself holds, usually the lower voltage. The
    densest quarter is ranked by the mean of both energies, so that the noise of neither of them
    moves their ratio. The slope is that of the principal axis of the dense pixels, first against
    second energy: unlike the ratio of means it keeps its value where pixels mix stone with urine.

    Parameters
    ----------
    region : Region
        Of unit "HU", with `second`.

    Returns
    -------
    ndarray of float64, shape (13,)
        Of the dense pixels (above 130 HU at the first energy), of their densest quarter and of
        the whole mask: mean at the first and at the second energy, in HU, their ratio and their
        difference in HU; then the slope of the dense pixels. NaN where there is no such pixel, for
        a ratio whose second mean is not above 0, and for the slope of fewer than three pixels or of
        such as have no common direction.

    References
    ----------
    .. [1] A. N. Primak et al., "Noninvasive differentiation of uric acid versus non-uric acid
           kidney stones using dual-energy CT", Academic Radiology 14 (2007) 1441-1447.
    .. [2] S. H. Ahn, T. H. Oh, I. Y. Seo, "Can a dual-energy computed tomography predict unsuitable
           stone components for extracorporeal shock wave lithotripsy?", Korean Journal of Urology
           56 (2015) 644-649.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> low = np.array([[30.0, 300.0], [450.0, 600.0]])
    >>> region = Region.of(StoneImage(low, unit="HU", second_energy=low / 1.5))
    >>> named = dict(zip(family().columns, compute(region).round(6).tolist(), strict=True))
    >>> named["dual_energy_ratio_dense"], named["dual_energy_difference_core"]
    (1.5, 200.0)
    >>> named["dual_energy_slope_dense"], named["dual_energy_ratio_mask"]
    (1.5, nan)
    """
    assert region.second is not None  # the registry says that it is needed
    first, second = region.values, region.second[region.mask]
    is_dense = first > _DENSE
    dense = first[is_dense], second[is_dense]
    whole = (first, second) if region.has_mask else (first[:0], second[:0])
    zones = (dense, _densest(*dense), whole)
    return np.array([*(value for zone in zones for value in _measures(*zone)), _slope(*dense)])


def _densest(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the densest quarter, at least one pixel, of those that are equal the first ones."""
    number = int(np.ceil(_CORE_SHARE * first.size))
    chosen = np.argsort(-(first + second), kind="stable")[:number]
    return first[chosen], second[chosen]


def _measures(first: np.ndarray, second: np.ndarray) -> tuple[float, ...]:
    if not first.size:
        return (np.nan,) * len(_MEASURES)
    low, high = float(first.mean()), float(second.mean())
    return low, high, ratio(low, high) if high > 0 else np.nan, low - high


def _slope(first: np.ndarray, second: np.ndarray) -> float:
    if first.size < _FEWEST:
        return np.nan
    down, along = first - first.mean(), second - second.mean()
    both, excess = float(down @ along), float(down @ down - along @ along)
    if abs(both) <= _ROUNDING * float(down @ down + along @ along):
        return np.nan
    return (excess + float(np.hypot(excess, 2 * both))) / (2 * both)


def family() -> Family:
    """Return the family `dual_energy`."""
    rows = [
        (f"{measure}_{zone}", f"{title}: {pixels}", unit, f"{none} {more}".strip())
        for zone, pixels, none in _ZONES
        for measure, title, unit, more in _MEASURES
    ]
    undefined = f"fewer than {_FEWEST} pixels lie above {_DENSE} HU, or they have no direction"
    title = f"slope of the first against the second energy: {_ZONES[0][1]}"
    features = tuple(
        Feature(f"dual_energy_{name}", "dual_energy", what, unit, None, none)
        for name, what, unit, none in (*rows, ("slope_dense", title, "1", undefined))
    )
    return Family("dual_energy", features, compute, needs=("HU", "second_energy"))
