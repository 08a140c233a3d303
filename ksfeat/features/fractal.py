"""Fractal dimensions: how rough the outline and the surface of the intensities are."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ksfeat.features.identity import Family, Feature
from ksfeat.features.shape import described_mask
from ksfeat.roi import Region

_FEWEST = 3  # points for a line
_CORNERS: tuple[tuple[int, ...], ...] = ((), (0,), (1,), (0, 1))  # axes to flip
_DISTANCES = (1, 2, 4, 8)  # pixels
# name, title, when it is not defined
_ROWS = (
    (
        "outline",
        "fractal dimension of the outline, by counting boxes",
        "a region that is less than 8 px long, or no mask and one grey level",
    ),
    (
        "boxes",
        "fractal dimension of the intensities' surface, by counting boxes",
        "a region that is less than 16 px long",
    ),
    (
        "increments",
        "fractal dimension of the intensities' surface, from differences over distances",
        "pixels at fewer than 3 of the distances 1, 2, 4, 8, or no difference at one of them",
    ),
)


def compute(region: Region) -> np.ndarray:
    """Return three fractal dimensions.

    Boxes of 1, 2, 4, 8... pixels, up to half the longer side, begin at a corner of the region's
    box; counts are means over its four corners. Without a mask, the outline is that of the largest
    part above Otsu's threshold. Slopes are least squares on logarithms, and are not forced into
    the range that theory gives.

    Parameters
    ----------
    region : Region
        What to describe.

    Returns
    -------
    ndarray of float64, shape (3,)
        ``outline`` (1 a smooth line): boxes that hold a pixel of the outline. ``boxes`` (2 smooth,
        3 rough): boxes of 2 pixels and more, whose height divides the range of the intensities as
        their side divides the region's, that the surface passes through [1]_. ``increments`` (2
        smooth, 3 noise): 3 less the exponent with which the mean absolute difference of two pixels
        of a row or column grows with their distance, as in fractional Brownian motion.

    References
    ----------
    .. [1] N. Sarkar, B. B. Chaudhuri, "An efficient differential box-counting approach to compute
           fractal dimension of image", IEEE Trans. Syst. Man Cybern. 24 (1994) 115-120.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> plane = np.add.outer(np.arange(64.0), np.arange(64.0))
    >>> compute(Region.of(StoneImage(plane)))[1:].round(2).tolist()
    [1.95, 2.0]
    """
    return np.array([_outline(region), _boxes(region), _increments(region)])


def _outline(region: Region) -> float:
    mask = described_mask(region).astype(np.uint8)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    inner = cv2.erode(mask, cross, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    line = mask - inner
    if not line.any():
        return np.nan
    return -_slope(_mean_counts(_line_counts, line))


def _line_counts(line: np.ndarray) -> list[tuple[int, float]]:
    longest, side = max(line.shape), 1
    counts: list[tuple[int, float]] = []
    while side <= longest // 2:
        counts.append((side, float(np.count_nonzero(line))))
        line, side = _merged(line, np.maximum, 0), 2 * side
    return counts


def _boxes(region: Region) -> float:
    low, high = region.sorted_values[[0, -1]]
    length, span = max(region.mask.shape), max(high - low, np.finfo(float).tiny)
    inside = np.clip(region.pixels, low, high)
    highest, lowest = (np.where(region.mask, inside, missing) for missing in (-np.inf, np.inf))

    def box_counts(highest: np.ndarray, lowest: np.ndarray) -> list[tuple[int, float]]:
        counts, side = [], 2
        while side <= length // 2:
            highest, lowest = (
                _merged(highest, np.maximum, -np.inf),
                _merged(lowest, np.minimum, np.inf),
            )
            filled = highest > -np.inf
            # Multiplying first keeps the quotient of integer images correctly rounded.
            top, bottom = (
                (part[filled] - low) * length // (span * side) for part in (highest, lowest)
            )
            counts.append((side, float((top - bottom + 1).sum())))
            side *= 2
        return counts

    return -_slope(_mean_counts(box_counts, highest, lowest))


def _mean_counts(
    count: Callable[..., list[tuple[int, float]]], *arrays: np.ndarray
) -> list[tuple[int, float]]:
    """Return counts by side, as means over grids that begin at each of the four corners."""
    each = [count(*(np.flip(array, axes) for array in arrays)) for axes in _CORNERS]
    return [
        (points[0][0], float(np.mean([n for _, n in points]))) for points in zip(*each, strict=True)
    ]


def _increments(region: Region) -> float:
    sizes = []
    for distance in _DISTANCES:
        parts = [
            np.abs(values[distance:] - values[:-distance])[inside[distance:] & inside[:-distance]]
            for values, inside in (
                (region.pixels, region.mask),
                (region.pixels.T, region.mask.T),
            )
        ]
        joined = np.concatenate(parts)
        if joined.size:
            sizes.append((distance, float(joined.mean())))
    return 3 - _slope(sizes)


def _merged(values: np.ndarray, join: np.ufunc, missing: float) -> np.ndarray:
    """Join 2x2 boxes into one."""
    odd = [(0, length % 2) for length in values.shape]
    even = np.pad(values, odd, constant_values=missing) if any(map(sum, odd)) else values
    return join(join(even[::2, ::2], even[1::2, ::2]), join(even[::2, 1::2], even[1::2, 1::2]))


def _slope(points: list[tuple[int, float]]) -> float:
    """Return the slope of a line through logarithms; NaN where there are too few, or a 0."""
    if len(points) < _FEWEST or any(size == 0 for _, size in points):
        return np.nan
    x, y = np.log(np.array(points)).T
    x -= x.mean()
    return float((x * (y - y.mean())).sum() / (x * x).sum())


def family() -> Family:
    """Return the family `fractal`."""
    features = tuple(
        Feature(f"fractal_{name}", "fractal", title, "1", None, undefined)
        for name, title, undefined in _ROWS
    )
    return Family("fractal", features, compute)
