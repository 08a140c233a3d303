"""What the matrices of runs, zones, distances and dependences have in common: their features."""

from __future__ import annotations

import numpy as np

from ksfeat.features.aggregation import Aggregation, average, merge
from ksfeat.features.identity import Feature
from ksfeat.features.kernels.logarithms import C_LOG_C
from ksfeat.features.kernels.size_features import describe_sizes

# name, title, unit, IBSI id
Row = tuple[str, str, str, str]
_FEATURES = 17
_NONE = np.zeros(0, dtype=np.int64)
_EMPTY = "the region is empty"


def features(family: str, rows: tuple[Row, ...], suffix: str) -> tuple[Feature, ...]:
    """Return the identities of a family's features; they are defined wherever there is a voxel."""
    return tuple(
        Feature(f"{family}_{name}{suffix}", family, title, unit, ibsi_id, _EMPTY)
        for name, title, unit, ibsi_id in rows
    )


def describe(
    counts: np.ndarray,
    voxels: np.ndarray,
    aggregation: Aggregation,
    large: tuple[np.ndarray, ...] = (),
) -> np.ndarray:
    """Return the features of matrices whose rows are grey levels and whose columns are sizes.

    Parameters
    ----------
    counts : ndarray of integers, shape (slices, directions, N, S)
        By level - 1 and size - 1.
    voxels : ndarray of int64, shape (slices, 1)
        Voxels of each slice.
    aggregation : Aggregation
        Which matrices are merged.
    large : tuple of ndarray of int64
        Of each slice, size * 65536 + level of what is larger than S.

    Returns
    -------
    ndarray of float64, shape (17,)
        IBSI's 16, in its order, then the energy of the matrix.

    Examples
    --------
    >>> counts = np.array([[[[2, 1]]]])  # two runs of one pixel, one of two pixels
    >>> describe(counts, np.array([[4]]), "2d_mrg")[:2]
    array([0.75, 2.  ])
    """
    matrices = merge(counts, aggregation)
    totals = merge(voxels.repeat(counts.shape[1], axis=1), aggregation)
    values = np.full((len(matrices), _FEATURES), np.nan)
    if not any(len(listed) for listed in large):
        describe_sizes(matrices, _NONE, totals, C_LOG_C, values)
        return average(values)
    lists = large if len(matrices) == len(large) else (np.sort(np.concatenate(large)),)
    for m, listed in enumerate(lists):
        one = slice(m, m + 1)
        describe_sizes(matrices[one], listed, totals[one], C_LOG_C, values[one])
    return average(values)
