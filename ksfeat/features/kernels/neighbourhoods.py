"""What surrounds each voxel: the mean of its neighbours, and how many are like it."""

from __future__ import annotations

import numpy as np
from numba import int32, uint8, uint32, uint64

from ksfeat.features.kernels.pairs import CHUNK
from ksfeat.features.kernels.words import WORD, lowest, present_word, without_lowest
from ksfeat.scale.compiled import kernel, part_of_kernel

_ONE = 1 << 24  # a neighbour is counted in the bits above the sum of the levels
# Likewise a voxel above the sum of differences, of less than 2**17 each, of _MOST voxels.
_BITS = 42
_VOXEL = 1 << _BITS
_MOST = 1 << 20


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
    "uint8[::1], uint32[::1], uint32[::1], uint64[:,::1], int64[:,::1], uint32[:,::1])"
)
def count_neighbourhoods(  # noqa: PLR0913
    levels: np.ndarray,
    planes: np.ndarray,
    plane: int,
    rows: np.ndarray,
    around: np.ndarray,
    sums: np.ndarray,
    equal: np.ndarray,
    border: np.ndarray,
    cells: np.ndarray,
    values: np.ndarray,
    tables: np.ndarray,
    differences: np.ndarray,
    dependences: np.ndarray,
) -> None:
    """Sum the differences to the neighbours' mean, and count equal neighbours.

    A voxel with all its neighbours, as nearly all have, is counted and its difference added at
    once, as one number; those at the border of the region are looked at one by one.

    Parameters
    ----------
    levels, planes, plane
        As in `count_pairs`.
    rows : ndarray of int64
        Offsets of the voxel itself and of those straight above and below, in all planes.
    around : ndarray of int64, shape (K,)
        Offsets of all neighbours.
    sums, equal, border, cells, values : ndarray, shape (CHUNK + 2,), then (CHUNK,)
        Workspace.
    tables : ndarray of uint64, shape (4, (N + 1) * (K + 1))
        Workspace; zero, and left so.
    differences : ndarray of int64, shape (N + 1, K + 1)
        Filled in: at (level, n), the sum of |n * level - sum of the neighbours' levels| over
        voxels with n neighbours: whole numbers, whatever their order. At n = 0, how many voxels
        have none.
    dependences : ndarray of uint32, shape (N + 1, K + 1)
        Filled in: voxels by level and number of equal neighbours.
    """
    waiting = 0
    for begin in planes:
        for start in range(begin, begin + plane, CHUNK):
            size = min(CHUNK, begin + plane - start)
            here = levels[start : start + size]
            _sum_columns(levels, start - 1, rows, sums[: size + 2])
            _count_equal(levels, start, around, equal[:size])
            border[size:], cells[size:] = 0, 0
            _compare(here, sums, equal, around.size, cells, values, border)
            _add(cells, values, size, tables)
            _add_border(here, sums, equal, border, differences, dependences)
            waiting += size
            if waiting > _MOST:
                _harvest(tables, differences, dependences)
                waiting = 0
    _harvest(tables, differences, dependences)


@part_of_kernel
def _compare(  # noqa: PLR0913
    here: np.ndarray,
    sums: np.ndarray,
    equal: np.ndarray,
    most: int,
    cells: np.ndarray,
    values: np.ndarray,
    border: np.ndarray,
) -> None:
    """Work out each voxel's cell and difference: nothing in cell 0 where a neighbour is outside."""
    for x in range(here.size):
        near, away = _difference(here[x], uint32(sums[x] + sums[x + 1] + sums[x + 2]))
        whole = near == int32(most)
        cells[x] = uint32(here[x]) * uint32(most + 1) + uint32(equal[x]) if whole else uint32(0)
        values[x] = uint32(away) if whole else uint32(0)
        border[x] = uint8(not whole) & uint8(here[x] != 0)


@part_of_kernel
def _difference(here: int, total: int) -> tuple[int, int]:
    """Return how many neighbours a voxel has, and its difference to their mean, times as many."""
    level = int32(here)
    near = int32(total >> uint32(24)) - int32(level != 0)
    return near, abs(int32(near * level - (int32(total & uint32(_ONE - 1)) - level)))


@part_of_kernel
def _add(cells: np.ndarray, values: np.ndarray, size: int, tables: np.ndarray) -> None:
    """Count voxels and add their differences; four tables, since like voxels lie together."""
    one, two, three, four = tables[0], tables[1], tables[2], tables[3]
    # Unsigned, or each index would be tested for being negative.
    for group in range((size + 3) // 4):
        x = uint64(4) * uint64(group)
        one[cells[x]] += uint64(values[x]) + uint64(_VOXEL)
        x += uint64(1)
        two[cells[x]] += uint64(values[x]) + uint64(_VOXEL)
        x += uint64(1)
        three[cells[x]] += uint64(values[x]) + uint64(_VOXEL)
        x += uint64(1)
        four[cells[x]] += uint64(values[x]) + uint64(_VOXEL)


@part_of_kernel
def _add_border(
    here: np.ndarray,
    sums: np.ndarray,
    equal: np.ndarray,
    border: np.ndarray,
    differences: np.ndarray,
    dependences: np.ndarray,
) -> None:
    for start in range(0, here.size, WORD):
        word = present_word(border, start)
        while word != 0:
            x = start + np.int64(lowest(word))
            near, away = _difference(here[x], uint32(sums[x] + sums[x + 1] + sums[x + 2]))
            differences[here[x], near] += away if near > 0 else 1
            dependences[here[x], equal[x]] += uint32(1)
            word = without_lowest(word)


@part_of_kernel
def _harvest(tables: np.ndarray, differences: np.ndarray, dependences: np.ndarray) -> None:
    """Move what was added up out of the tables, left zero."""
    width = dependences.shape[1]
    for level in range(1, dependences.shape[0]):
        for alike in range(width):
            cell = level * width + alike
            both = tables[0, cell] + tables[1, cell] + tables[2, cell] + tables[3, cell]
            differences[level, width - 1] += np.int64(both & uint64(_VOXEL - 1))
            dependences[level, alike] += uint32(both >> uint64(_BITS))
    tables[:] = 0
