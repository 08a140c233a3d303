"""Small bright things against what is round them: what a stone looks like in most images."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import cv2
import numpy as np

from ksfeat.features.identity import Family, Feature
from ksfeat.features.statistics import quantiles
from ksfeat.roi import Region

_RADII = (3, 8)  # px; a spot is narrower than twice the radius
_THRESHOLD = 0.3  # of the robust range
_ROBUST = (0.05, 0.95)
_FAR = np.float32(3e38)  # beyond every pixel, so that it never wins a minimum or maximum
_FLAT = "the region has one grey level"
_NO_SPOT = "there is no spot"
# name, title, unit, when it is not defined; the names say radius and threshold
_ROWS = (
    ("count", "number of bright spots", "1", ""),
    ("area_share", "area of all bright spots over the region's", "1", ""),
    ("largest_area_px", "area of the largest bright spot", "px^2", _NO_SPOT),
    ("mean_contrast", "mean contrast of the pixels in bright spots", "1", _NO_SPOT),
    ("strongest_contrast", "highest contrast of any pixel", "1", _FLAT),
    ("second_contrast", "highest contrast in the second strongest spot", "1", "fewer than 2 spots"),
    ("strongest_area_px", "area of the strongest bright spot", "px^2", _NO_SPOT),
    ("strongest_roundness", "minor over major axis of the strongest spot", "1", _NO_SPOT),
)


class _Spots(NamedTuple):
    labels: np.ndarray  # of each pixel in a spot: 0, 1, ...
    contrast: np.ndarray  # of each pixel in a spot
    rows: np.ndarray
    columns: np.ndarray


def compute(region: Region) -> np.ndarray:
    """Return how many bright spots a region has, how large and how bright they are.

    The contrast of a pixel is its white top-hat (the image less its morphological opening by a
    disc) over the range from the 5th to the 95th percentile; a spot is an 8-connected component
    with a contrast above 0.3. The opening is taken within the region: a pixel outside it neither
    darkens nor brightens the background.

    Parameters
    ----------
    region : Region
        What to describe.

    Returns
    -------
    ndarray of float64, shape (16,)
        8 numbers for discs of radius 3, then 8 for radius 8.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> pixels = np.tile(np.linspace(0, 1, 20), (20, 1))
    >>> pixels[4:6, 9:11] += 2.0
    >>> values = dict(zip(family().columns, compute(Region.of(StoneImage(pixels)))))
    >>> float(values["bright_spots_largest_area_px_r3_t30"])
    4.0
    """
    if region.is_flat:
        return np.tile([0.0, 0.0, *[np.nan] * (len(_ROWS) - 2)], len(_RADII))
    scaled = _scaled(region)
    return np.concatenate([_describe(scaled, region.mask, radius) for radius in _RADII])


def _scaled(region: Region) -> np.ndarray:
    low, high = quantiles(region.sorted_values, _ROBUST)
    if low == high:  # nearly all of the region is one grey level
        low, high = region.sorted_values[[0, -1]]
    # What lies outside never matters, but must not overflow in single precision.
    inside = np.where(region.mask, region.pixels, low)
    return ((inside - low) / (high - low)).astype(np.float32)


def _describe(scaled: np.ndarray, mask: np.ndarray, radius: int) -> np.ndarray:
    contrast = np.where(mask, scaled - _opening(scaled, mask, radius), 0.0)
    bright = contrast > _THRESHOLD
    strongest = float(contrast.max())
    if not bright.any():
        return np.array([0.0, 0.0, np.nan, np.nan, strongest, np.nan, np.nan, np.nan])
    spots = _find(contrast, bright)
    areas = np.bincount(spots.labels)
    peaks = np.zeros(len(areas))
    np.maximum.at(peaks, spots.labels, spots.contrast)
    first = int(peaks.argmax())
    second = np.sort(peaks)[-2] if len(peaks) > 1 else np.nan
    share = areas.sum() / mask.sum()
    return np.array(
        [
            *(len(areas), share, areas.max(), spots.contrast.mean()),
            *(strongest, second, areas[first], _roundness(spots, first)),
        ]
    )


def _opening(scaled: np.ndarray, mask: np.ndarray, radius: int) -> np.ndarray:
    disc = _disc(radius)
    lowest = cv2.erode(np.where(mask, scaled, _FAR), disc, borderValue=float(_FAR))
    return cv2.dilate(np.where(mask, lowest, -_FAR), disc, borderValue=-float(_FAR))


@cache
def _disc(radius: int) -> np.ndarray:
    # cv2's own ellipse is not the same after a quarter turn.
    rows, columns = np.indices((2 * radius + 1, 2 * radius + 1)) - radius
    return (rows**2 + columns**2 <= (radius + 0.5) ** 2).astype(np.uint8)


def _find(contrast: np.ndarray, bright: np.ndarray) -> _Spots:
    _, labels = cv2.connectedComponents(bright.astype(np.uint8), connectivity=8)
    rows, columns = np.nonzero(bright)
    return _Spots(labels[rows, columns] - 1, contrast[rows, columns], rows, columns)


def _roundness(spots: _Spots, label: int) -> float:
    chosen = spots.labels == label
    points = np.stack([spots.rows[chosen], spots.columns[chosen]]).astype(np.float64)
    # A pixel is a square, not a point: 1/12 is its own variance along an axis.
    spread = np.cov(points, bias=True) + np.eye(2) / 12
    small, large = np.linalg.eigvalsh(spread)
    return float(np.sqrt(small / large))


def family() -> Family:
    """Return the family `bright_spots`."""
    features = tuple(
        Feature(
            f"bright_spots_{name}_r{radius}_t{round(100 * _THRESHOLD)}",
            "bright_spots",
            f"{title} (radius {radius} px)",
            unit,
            None,
            undefined,
        )
        for radius in _RADII
        for name, title, unit, undefined in _ROWS
    )
    return Family("bright_spots", features, compute)
