"""Local binary patterns: the micro-structure round each pixel, whatever the brightness."""

from __future__ import annotations

from functools import cache, partial

import cv2
import numpy as np

from ksfeat.features.identity import Family, Feature
from ksfeat.features.kernels import count_patterns
from ksfeat.roi import Region

Circles = tuple[tuple[int, int], ...]  # samples, radius in pixels

_CIRCLES: Circles = ((8, 1), (16, 2))
_LARGER: Circles = ((24, 3), (24, 5), (24, 8))
_TOLERANCE = 1e-9  # of the region's range: rounding of the interpolation is no darker sample
_UNDEFINED = "no pixel has its whole neighbourhood inside the region"


def compute(region: Region, circles: Circles = _CIRCLES) -> np.ndarray:
    """Return the shares of the uniform, rotation-invariant local binary patterns.

    Only pixels whose whole neighbourhood lies in the region count. A sample that equals its centre
    is bright; equality is judged up to 1e-9 of the region's range, so that the rounding of the
    interpolation decides nothing.

    Parameters
    ----------
    region : Region
        What to describe.
    circles : tuple of (int, int), default=((8, 1), (16, 2))
        Number of samples, 62 at most, and radius in pixels, of each scale.

    Returns
    -------
    ndarray of float64, shape (28,)
        10 shares for 8 samples at radius 1, then 18 for 16 samples at radius 2; each set adds up
        to 1. For other circles, samples + 2 shares each.

    References
    ----------
    .. [1] T. Ojala, M. Pietikainen, T. Maenpaa, "Multiresolution gray-scale and rotation invariant
           texture classification with local binary patterns", IEEE Trans. Pattern Anal. Mach.
           Intell. 24 (2002) 971-987.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> spot = np.zeros((3, 3))
    >>> spot[1, 1] = 1.0  # darker all round: no bright sample
    >>> compute(Region.of(StoneImage(spot)))[:10].tolist()
    [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    return np.concatenate([_shares(region, samples, radius) for samples, radius in circles])


def _shares(region: Region, samples: int, radius: int) -> np.ndarray:
    box = np.ones((2 * radius + 1, 2 * radius + 1), dtype=np.uint8)
    centres = cv2.erode(
        region.mask.astype(np.uint8), box, borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    if not centres.any():
        return np.full(samples + 2, np.nan)
    low, high = region.sorted_values[[0, -1]]
    corners, weights = _circle(samples, radius)
    # From 0 upwards, the rounding of the interpolation is small against the range, not the offset.
    counts = count_patterns(
        region.pixels - low, centres, corners, weights, radius, _TOLERANCE * (high - low)
    )
    return counts / counts.sum()


@cache
def _circle(samples: int, radius: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the upper left pixel and the four bilinear weights of each sample on the circle."""
    angles = 2 * np.pi * np.arange(samples) / samples
    # Rounded to 5 decimals as in scikit-image, so that samples on the axes fall on pixels.
    rows = np.round(-radius * np.sin(angles), 5)
    columns = np.round(radius * np.cos(angles), 5)
    # A sample on the last row or column of its box is read from the inner side, within the box.
    top = np.minimum(np.floor(rows), radius - 1)
    left = np.minimum(np.floor(columns), radius - 1)
    down, right = rows - top, columns - left
    weights = np.stack(
        [(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right], axis=1
    )
    return np.stack([top, left], axis=1).astype(np.int64), np.ascontiguousarray(weights)


def _features(family_name: str, samples: int, radius: int) -> list[Feature]:
    circle = f"{samples} samples at radius {radius}"
    titles = [f"share of pixels with {bright} bright of {circle}" for bright in range(samples + 1)]
    titles.append(f"share of pixels with no uniform pattern of {circle}")
    return [
        Feature(
            f"{family_name}_p{samples}_r{radius}_bin{number:02d}",
            family_name,
            title,
            "1",
            None,
            _UNDEFINED,
        )
        for number, title in enumerate(titles)
    ]


def family() -> Family:
    """Return the family `lbp`."""
    features = tuple(feature for circle in _CIRCLES for feature in _features("lbp", *circle))
    return Family("lbp", features, compute)


def multiscale_family() -> Family:
    """Return the family `lbp_multiscale`: what `lbp` counts, on circles of 3, 5 and 8 pixels.

    Each has 24 samples, so 26 shares: 78 in all.
    """
    features = tuple(
        feature for circle in _LARGER for feature in _features("lbp_multiscale", *circle)
    )
    return Family("lbp_multiscale", features, partial(compute, circles=_LARGER))
