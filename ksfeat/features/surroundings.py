"""What a filter reads: the region and what lies within its reach."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ksfeat.roi import Region


def surroundings(region: Region, reach: int, axes: tuple[int, ...] = (-2, -1)) -> np.ndarray:
    """Return a region's box with a margin; an image is mirrored at its own edge.

    Parameters
    ----------
    region : Region
        What is to be filtered.
    reach : int
        Width of the margin in pixels.
    axes : tuple of int, default=(-2, -1)
        Axes that get a margin.

    Returns
    -------
    ndarray of float64
        The box, longer by twice `reach` along `axes`. 0 where no pixel of the region is within
        reach, so that nothing beyond it can matter.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> image = StoneImage(np.array([[1, 2, 3, 4, 5]]), mask=[[0, 1, 0, 0, 0]])
    >>> surroundings(Region.of(image), 2, axes=(-1,))
    array([[1., 1., 2., 3., 4.]])
    """
    whole = region.pixels if region.source is None else region.source.grey()
    inner = region.pixels.shape
    place = (0,) * len(inner) if region.place is None else region.place
    reaches = [reach if axis - len(inner) in axes else 0 for axis in range(len(inner))]
    taken, beyond = [], []
    for start, length, more, size in zip(place, inner, reaches, whole.shape, strict=True):
        first, last = start - more, start + length + more
        taken.append(slice(max(first, 0), min(last, size)))
        beyond.append((max(-first, 0), max(last - size, 0)))
    read = np.pad(whole[tuple(taken)], beyond, mode="symmetric")
    if region.mask.all():
        return read
    margins = [(more, more) for more in reaches]
    near = np.pad(region.mask.astype(np.uint8), margins)
    near = ndimage.maximum_filter(near, [2 * more + 1 for more in reaches], mode="constant")
    return np.where(near, read, 0.0)
