"""What texture matrices can be counted of."""

from __future__ import annotations

from math import prod

import numpy as np

from ksfeat.errors import InputError
from ksfeat.features.aggregation import Aggregation, dimensions_of
from ksfeat.roi.parameters import check_number

_MOST_LEVELS = 4096  # a co-occurrence matrix of 64 MB a direction
_LONGEST_SIDE = 65534  # positions in runs are of 16 bits
_MOST_CELLS = 2**28  # 1 GB of counts


def check_levels(levels: np.ndarray, number: int, dimensions: int = 2) -> None:
    """Raise an `InputError` unless grey levels fit the tables of the kernels, which trust them.

    Parameters
    ----------
    levels : ndarray of integers
        Grey levels 1..N, 0 outside the region.
    number : int
        Number of levels N.
    dimensions : int, default=2
        Whether neighbours lie in a slice (2) or in the volume (3).

    Examples
    --------
    >>> check_levels(np.array([[0, 3]]), 2)
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: grey levels from 0 to 3; expected 0 (outside the region) to 2; \
discretise the image first
    """
    if dimensions not in (2, 3):
        raise InputError(f"dimensions {dimensions!r}; expected 2 or 3")
    if levels.dtype.kind not in "biu" or levels.ndim not in (2, 3) or levels.size == 0:
        raise InputError(
            f"grey levels of type {levels.dtype} and shape {levels.shape}; expected whole numbers "
            "of shape (H, W) or (Z, H, W); discretise the image first"
        )
    if number > _MOST_LEVELS:
        raise InputError(
            f"{number} grey levels; expected at most {_MOST_LEVELS} for texture matrices; "
            "use fewer levels or wider bins"
        )
    if max(levels.shape) > _LONGEST_SIDE:
        raise InputError(
            f"a region of {max(levels.shape)} pixels along a side; expected at most "
            f"{_LONGEST_SIDE}; resample or crop it"
        )
    low, high = int(levels.min()), int(levels.max())
    if low < 0 or high > number:
        raise InputError(
            f"grey levels from {low} to {high}; expected 0 (outside the region) to {number}; "
            "discretise the image first"
        )


def check_counted(aggregation: Aggregation, dimensions: int) -> None:
    """Raise an `InputError` for an aggregation of other dimensions than were counted in.

    Examples
    --------
    >>> check_counted("3d_mrg", 2)
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: aggregation '3d_mrg' of textures counted in 2 dimensions; \
expected one in 2; count them with dimensions=3
    """
    wanted = dimensions_of(aggregation)
    if wanted != dimensions:
        raise InputError(
            f"aggregation {aggregation!r} of textures counted in {dimensions} dimensions; "
            f"expected one in {dimensions}; count them with dimensions={wanted}"
        )


def check_cells(*shape: int) -> None:
    """Raise an `InputError` if matrices of a shape, (slices, directions, ...), would not fit.

    Examples
    --------
    >>> check_cells(200, 4, 4096, 4096)
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: texture matrices of 200 x 4 x 4096 x 4096 cells (slices, directions, \
levels, sizes); expected at most 268,435,456 in all; use fewer levels or wider bins, or fewer slices
    """
    if prod(shape) > _MOST_CELLS:
        raise InputError(
            f"texture matrices of {' x '.join(map(str, shape))} cells (slices, directions, levels, "
            f"sizes); expected at most {_MOST_CELLS:,} in all; use fewer levels or wider bins, or "
            "fewer slices"
        )


def check_neighbours(distance: int, coarseness: int = 0) -> None:
    """Raise an `InputError` unless neighbours lie some steps away and differ by 0 levels or more.

    Examples
    --------
    >>> check_neighbours(0)
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: distance 0; expected a whole number from 1 to 65534
    """
    check_number("distance", distance, 1, _LONGEST_SIDE, whole=True)
    check_number("coarseness", coarseness, 0, _MOST_LEVELS, whole=True)
