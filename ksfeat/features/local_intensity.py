"""Peaks of the mean intensity in a ball of 1 cm^3 (IBSI family 9ST6)."""

from __future__ import annotations

import numpy as np

from ksfeat.features.identity import Family, Feature
from ksfeat.roi import Region

_RADIUS_MM = 10 * (3 / (4 * np.pi)) ** (1 / 3)
_ROUNDING = 1e-9  # keeps a voxel whose centre lies on the sphere
# name, title, unit, IBSI id
_ROWS = (
    ("local_peak", "mean of 1 cm^3 around the brightest voxel", "intensity", "VJGA"),
    ("global_peak", "highest mean of 1 cm^3 around a voxel", "intensity", "0F91"),
)


def compute(region: Region) -> np.ndarray:
    """Return the 2 IBSI peaks of the local intensity.

    The ball is centred on voxels of the region and holds all voxels of the image whose centres lie
    within 6.2 mm, those outside the region too. Of a slice alone it is a disc.

    Parameters
    ----------
    region : Region
        With `spacing_mm`.

    Returns
    -------
    ndarray of float64, shape (2,)
        In the order of `family`'s features; of several brightest voxels, the highest peak.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> image = StoneImage(np.array([[0.0, 3.0, 0.0]]), mask=[[0, 1, 0]], spacing_mm=(5.0, 5.0))
    >>> compute(Region.of(image)).tolist()
    [1.0, 1.0]
    """
    means = _means(region)[region.mask]
    return np.array([means[region.values == region.values.max()].max(), means.max()])


def _means(region: Region) -> np.ndarray:
    """Return the mean of the ball around every voxel of the region's box."""
    assert region.spacing_mm is not None  # the family needs it
    spacing = (1.0,) * (3 - region.pixels.ndim) + tuple(region.spacing_mm)
    *reach, widest = (int(_RADIUS_MM / step + _ROUNDING) for step in spacing)
    pixels, known = _around(region, [*reach, widest])
    depth, height, width = pixels.shape
    shape = (depth - 2 * reach[0], height - 2 * reach[1], width - 2 * widest)
    sums, numbers = (_running(part) for part in (pixels, known))
    total, number = np.zeros(shape), np.zeros(shape)
    for dz in range(2 * reach[0] + 1):
        for dy in range(2 * reach[1] + 1):
            offset = np.multiply((dz - reach[0], dy - reach[1]), spacing[:2])
            left = _RADIUS_MM**2 - (offset**2).sum()
            if left >= -_ROUNDING:
                half = int(np.sqrt(max(left, 0.0)) / spacing[2] + _ROUNDING)
                rows = np.s_[dz : dz + shape[0], dy : dy + shape[1]]
                low, high = widest - half, widest + half + 1
                for result, running in ((total, sums), (number, numbers)):
                    part = running[rows]
                    result += part[..., high : high + shape[2]]
                    result -= part[..., low : low + shape[2]]
    return (total / number).reshape(region.pixels.shape)


def _running(values: np.ndarray) -> np.ndarray:
    """Return sums along the last axis of all values before a place."""
    return np.pad(values.cumsum(axis=-1), [(0, 0), (0, 0), (1, 0)])


def _around(region: Region, reach: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the image around the region's box, and where there is one."""
    inner = region.pixels
    shape = (1,) * (3 - inner.ndim) + inner.shape
    pixels = np.zeros([length + 2 * more for length, more in zip(shape, reach, strict=True)])
    known = np.zeros_like(pixels)
    whole = inner if region.source is None else region.source.grey()
    whole = whole[(None,) * (3 - inner.ndim)]
    place = region.place if region.place is not None else (0,) * inner.ndim
    starts = (0,) * (3 - inner.ndim) + tuple(place)
    target, taken = [], []
    for axis, (start, more) in enumerate(zip(starts, reach, strict=True)):
        first = max(start - more, 0)
        last = min(start + shape[axis] + more, whole.shape[axis])
        taken.append(slice(first, last))
        target.append(slice(first - start + more, last - start + more))
    pixels[tuple(target)] = whole[tuple(taken)]
    known[tuple(target)] = 1.0
    return pixels, known


def family() -> Family:
    """Return the family `local_intensity`."""
    features = tuple(
        Feature(f"local_intensity_{name}", "local_intensity", *identity)
        for name, *identity in _ROWS
    )
    return Family("local_intensity", features, compute, needs=("mm",), dimensions=(2, 3))
