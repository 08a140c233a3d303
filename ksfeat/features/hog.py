"""Histograms of oriented gradients on a grid over the region's box."""

from __future__ import annotations

import numpy as np

from ksfeat.features.identity import Family, Feature
from ksfeat.roi import Region

_CELLS = 4  # along a side
_ORIENTATIONS = 9
_CLIP = 0.2
_FLAT = "no gradient inside the region"


def compute(region: Region) -> np.ndarray:
    """Return histograms of oriented gradients of 4x4 cells over the box of the region.

    The cells share out the box, so that regions of any size can be compared, and are normalised
    as one block (L2-Hys: to length 1, cut at 0.2, to length 1 again). Along each axis a gradient is
    the difference of the two neighbours, and 0 unless both lie in the region as the pixel does.

    Parameters
    ----------
    region : Region
        What to describe.

    Returns
    -------
    ndarray of float64, shape (144,)
        By cell, row by row, and by orientation: 9 bins of 20 degrees from 0, the angle of the
        gradient from the rows' direction, clockwise as an image is looked at, without its sign. 0
        for a cell without a gradient; NaN where no cell has one.

    References
    ----------
    .. [1] N. Dalal, B. Triggs, "Histograms of oriented gradients for human detection", CVPR (2005)
           886-893.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> ramp = np.tile(np.arange(8.0), (8, 1))  # brighter to the right: the first orientation
    >>> values = compute(Region.of(StoneImage(ramp))).reshape(4, 4, 9)
    >>> values[..., 0].round(3).tolist()[0]
    [0.219, 0.277, 0.277, 0.219]
    >>> float(values[..., 1:].max())
    0.0
    """
    down, right = (_differences(region.pixels, region.mask, axis) for axis in (0, 1))
    size = np.hypot(down, right)
    rows, columns = np.nonzero(size)
    if not len(rows):
        return np.full(_CELLS * _CELLS * _ORIENTATIONS, np.nan)
    angles = np.rad2deg(np.arctan2(down[rows, columns], right[rows, columns])) % 180
    orientation = (angles * _ORIENTATIONS / 180).astype(np.int64) % _ORIENTATIONS
    height, width = region.mask.shape
    cell = rows * _CELLS // height * _CELLS + columns * _CELLS // width
    return _normalised(
        np.bincount(
            cell * _ORIENTATIONS + orientation,
            size[rows, columns],
            _CELLS * _CELLS * _ORIENTATIONS,
        )
    )


def _differences(pixels: np.ndarray, mask: np.ndarray, axis: int) -> np.ndarray:
    """Return the difference of the neighbours along an axis where all three lie inside."""
    values, inside = np.moveaxis(pixels, axis, 0), np.moveaxis(mask, axis, 0)
    result = np.zeros(values.shape)
    known = inside[:-2] & inside[1:-1] & inside[2:]
    # What lies outside may be huge; it is left out of the difference, not multiplied by 0.
    np.subtract(values[2:], values[:-2], out=result[1:-1], where=known)
    return np.moveaxis(result, 0, axis)


def _normalised(histogram: np.ndarray) -> np.ndarray:
    unit = histogram / histogram.max()  # so that no square overflows
    clipped = np.minimum(unit / np.linalg.norm(unit), _CLIP)
    return clipped / np.linalg.norm(clipped)


def family() -> Family:
    """Return the family `hog`."""
    step = 180 // _ORIENTATIONS
    features = tuple(
        Feature(
            f"hog_c{_CELLS}x{_CELLS}_r{row}_c{column}_bin{number}",
            "hog",
            f"gradients at {number * step} to {(number + 1) * step} degrees, "
            f"cell {row + 1} down and {column + 1} across of {_CELLS}x{_CELLS}",
            "1",
            None,
            _FLAT,
        )
        for row in range(_CELLS)
        for column in range(_CELLS)
        for number in range(_ORIENTATIONS)
    )
    return Family("hog", features, compute)
