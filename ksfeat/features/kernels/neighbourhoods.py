"""What surrounds each voxel: the mean of its neighbours, and how many are like it."""

from __future__ import annotations

import numpy as np
from numba import int32, uint8, uint32

from ksfeat.features.kernels.pairs import CHUNK
from ksfeat.scale.compiled import kernel, part_of_kernel

_ONE = 1 << 24  # a neighbour is counted in the bits above the sum of the levels


@part_of_kernel
def _sum_columns(levels: np.ndarray, start: int, rows: np.ndarray, sums: np.ndarray) -> None:
    """Add up, for each place of a chunk, the levels above and below it, itself included."""
    sums[:] = 0
    for row in rows:
        line = levels[start + row : start + row + sums.size]
        for x in range(sums.size):
            sums[x] += uint32(line[x]) + (uint32(_ONE) if line[x] != 0 else uint32(0))


@part_of_kernel
def _count_equal(levels: np.ndarray, start: int, around: np.ndarray, equal: np.ndarray) -> None:
    here = levels[start : start + equal.size]
    equal[:] = 0
    for offset in around:
        there = levels[start + offset : start + offset + equal.size]
        for x in range(equal.size):
            equal[x] += uint8(here[x] == there[x])


@kernel(
    "void(uint16[::1], int64[::1], int64, int64[::1], int64[::1], uint32[::1], uint8[::1], "
    "uint32[::1], int32[::1], int64[:,::1], uint32[:,::1])"
)
def count_neighbourhoods(  # noqa: PLR0913
    levels: np.ndarray,
    planes: np.ndarray,
    plane: int,
    rows: np.ndarray,
    around: np.ndarray,
    sums: np.ndarray,
    equal: np.ndarray,
    cells: np.ndarray,
    values: np.ndarray,
    differences: np.ndarray,
    dependences: np.ndarray,
) -> None:
    """Sum the differences to the neighbours' mean, and count equal neighbours.

    Parameters
    ----------
    levels, planes, plane
        As in `count_pairs`.
    rows : ndarray of int64
        Offsets of the voxel itself and of those straight above and below, in all planes.
    around : ndarray of int64, shape (K,)
        Offsets of all neighbours.
    sums, equal, cells, values : ndarray, shape (CHUNK + 2,), then (CHUNK,)
        Workspace.
    differences : ndarray of int64, shape (N + 1, K + 1)
        Filled in: at (level, n), the sum of |n * level - sum of the neighbours' levels| over
        voxels with n neighbours: whole numbers, whatever their order. At n = 0, how many voxels
        have none.
    dependences : ndarray of uint32, shape (N + 1, K + 1)
        Filled in: voxels by level and number of equal neighbours.
    """
    width = uint32(differences.shape[1])
    sides = differences.ravel()
    depends = dependences.ravel()
    for begin in planes:
        for start in range(begin, begin + plane, CHUNK):
            size = min(CHUNK, begin + plane - start)
            here = levels[start : start + size]
            _sum_columns(levels, start - 1, rows, sums[: size + 2])
            _count_equal(levels, start, around, equal[:size])
            _compare(here, sums, width, cells, values)
            for x in range(size):
                sides[cells[x]] += values[x]
                depends[uint32(here[x]) * width + equal[x]] += uint32(1)


@part_of_kernel
def _compare(
    here: np.ndarray, sums: np.ndarray, width: int, cells: np.ndarray, values: np.ndarray
) -> None:
    """Work out, for each voxel of a chunk, its cell in the table and its difference."""
    for x in range(here.size):
        total = uint32(sums[x] + sums[x + 1] + sums[x + 2])
        level = int32(here[x])
        near = int32(total >> uint32(24)) - int32(level != 0)
        away = int32(near * level - (int32(total & uint32(_ONE - 1)) - level))
        cells[x] = uint32(level) * width + uint32(near)
        values[x] = abs(away) if near > 0 else int32(1)
