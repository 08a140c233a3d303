"""Pairs of neighbouring grey levels, and runs of equal ones, in one pass."""

from __future__ import annotations

import numpy as np
from numba import uint16, uint32

from ksfeat.features.kernels.lanes import advance, follow, look_up
from ksfeat.features.kernels.words import WORD
from ksfeat.scale.compiled import kernel, part_of_kernel

CHUNK = 1024  # voxels whose table indices are worked out ahead of the counting; they stay in L1
# Rows of the table a power of 2 apart would share their places in the cache.
_GAP = 16


def row_stride(longest: int) -> int:
    """Return the length of a row of the table of positions, for the longest possible run."""
    return (1 << longest.bit_length()) + _GAP


@part_of_kernel
def _indices(
    levels: np.ndarray,
    bounds: tuple[int, int],
    offset: int,
    positions: np.ndarray,
    cells: np.ndarray,
    shape: tuple[int, int, int, int],
) -> None:
    """Work out in which cell each voxel of a chunk is counted."""
    start, stop = bounds
    if 1 < offset < WORD:
        _advance(levels, start, stop, offset, positions)
    for x in range(start, stop, WORD):
        if offset == 1:
            follow(levels, positions, x)
        elif offset >= WORD:
            advance(levels, positions, x, offset)
        look_up(levels, positions, x, offset, shape, cells, x - start)


@part_of_kernel
def _advance(levels: np.ndarray, start: int, stop: int, offset: int, positions: np.ndarray) -> None:
    """Do as `advance` where a voxel's neighbour is among the `WORD` voxels before it."""
    for x in range(start, stop):
        same = uint16(0) - uint16(levels[x] == levels[x - offset])
        positions[x] = (positions[x - offset] & same) + uint16(1)


@kernel(
    "int64(uint16[::1], int64[::1], int64[::1], int64, int64, uint16[:,::1], uint32[:,::1], "
    "uint32[:,::1], uint32[:,:,::1], uint32[:,:,::1])"
)
def count_pairs(  # noqa: PLR0913
    levels: np.ndarray,
    planes: np.ndarray,
    offsets: np.ndarray,
    plane: int,
    stride: int,
    positions: np.ndarray,
    indices: np.ndarray,
    tables: np.ndarray,
    pairs: np.ndarray,
    runs: np.ndarray,
) -> int:
    """Count pairs and runs of grey levels in each direction.

    A voxel is counted once a direction: with its preceding neighbour where they differ, at its
    position in its run where they are equal. Counts of positions are what both matrices need:
    those from 2 on add up to the equal pairs, and runs of exactly k are C[k] - C[k + 1]. No two
    voxels of one run increment one cell, so counting does not wait for itself.

    Parameters
    ----------
    levels : ndarray of uint16, shape (voxels,)
        Flat levels 0..N with a border of zeros; `WORD` elements more can be read after them.
    planes : ndarray of int64
        Where the first inner voxel of each plane is.
    offsets : ndarray of int64, shape (D,)
        How far the preceding neighbour lies, in voxels of `levels`.
    plane : int
        Voxels from the first inner one of a plane to its last.
    stride : int
        From `row_stride`.
    positions, indices, tables : ndarray
        Workspace for two directions: `voxels + WORD` and `CHUNK` numbers, and tables that are
        zero, and left so.
    pairs : ndarray of uint32, shape (D, N, N)
        Filled in for i <= j; each pair is counted once.
    runs : ndarray of uint32, shape (D, N, longest)
        Filled in, zero before: runs by level and length - 1, but of length 1 as many too few as
        there are voxels of the level, modulo 2**32.

    Returns
    -------
    int
        Length of the longest run.
    """
    reached = 1
    number = pairs.shape[1]
    span = number + 1
    shape = (uint32(span), uint32(stride), uint32(span * span), uint32(stride - _GAP - 1))
    for first in range(0, offsets.size, 2):
        second = min(first + 1, offsets.size - 1)
        near, far = offsets[first], offsets[second]
        for begin in planes:
            for start in range(begin, begin + plane, CHUNK):
                stop = min(start + CHUNK, begin + plane)
                bounds = (start, stop)
                _indices(levels, bounds, near, positions[0], indices[0], shape)
                if second == first:
                    for x in range(stop - start):
                        tables[0, indices[0, x]] += uint32(1)
                    continue
                _indices(levels, bounds, far, positions[1], indices[1], shape)
                for x in range(stop - start):
                    tables[0, indices[0, x]] += uint32(1)
                    tables[1, indices[1, x]] += uint32(1)
        for one in range(second - first + 1):
            longest = _harvest(tables[one], pairs[first + one], runs[first + one], stride)
            reached = max(reached, longest)
    return reached


@part_of_kernel
def _harvest(table: np.ndarray, pairs: np.ndarray, runs: np.ndarray, stride: int) -> int:
    """Move the counts of one direction out of its table, left zero; return the longest run."""
    longest = 1
    number = pairs.shape[0]
    span = number + 1
    table[:span] = 0
    start = span * span
    table[start : start + stride] = 0
    for level in range(1, span):
        row = level * span
        for other in range(level + 1, span):
            pairs[level - 1, other - 1] = table[row + other]
        table[row : row + span] = 0
        equal, reached = _harvest_runs(table, start + level * stride, stride, runs[level - 1])
        pairs[level - 1, level - 1] = equal
        longest = max(longest, reached)
    return longest


@part_of_kernel
def _harvest_runs(table: np.ndarray, row: int, stride: int, runs: np.ndarray) -> tuple[int, int]:
    """Turn positions into runs; return the number of equal pairs and the longest run."""
    equal, reached = 0, 1
    # As many runs reach a position as reach the next one, or more: the first zero ends the row.
    for place in range(2, stride):
        count = table[row + place]
        if count == 0:
            break
        table[row + place] = 0
        equal += count
        reached = place
        runs[place - 2] -= count
        runs[place - 1] += count
    table[row : row + 2] = 0
    runs[0] -= equal
    return equal, reached
