"""Pairs of neighbouring grey levels, and runs of equal ones, in one pass."""

from __future__ import annotations

import numpy as np
from numba import uint16, uint32

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
    position: np.ndarray,
    index: np.ndarray,
    shape: tuple[int, int, int],
) -> None:
    """Work out where each voxel of a chunk is counted; simple loops become vector code."""
    start, stop = bounds
    if offset == 1:
        _follow(levels, start, stop, position)
    else:
        # What is read must not be written in the same loop.
        for first in range(start, stop, offset):
            last = min(first + offset, stop)
            _advance(
                levels[first:last],
                levels[first - offset : last - offset],
                position[first - offset : last - offset],
                position[first:last],
            )
    here, there = levels[start:stop], levels[start - offset : stop - offset]
    _look_up(here, there, position[start:stop], index, shape)


@part_of_kernel
def _follow(levels: np.ndarray, start: int, stop: int, position: np.ndarray) -> None:
    """Work out positions in runs along a line, where each waits for the one before."""
    place = uint32(position[start - 1])
    for x in range(start, stop):
        same = uint32(0) - uint32(levels[x] == levels[x - 1])
        place = uint32((place & same) + uint32(1))
        position[x] = uint16(place)


@part_of_kernel
def _advance(here: np.ndarray, there: np.ndarray, before: np.ndarray, position: np.ndarray) -> None:
    """Work out positions in runs from those of the preceding neighbours."""
    for x in range(here.size):
        position[x] = uint16(before[x] + uint16(1)) if here[x] == there[x] else uint16(1)


@part_of_kernel
def _look_up(
    here: np.ndarray,
    there: np.ndarray,
    position: np.ndarray,
    index: np.ndarray,
    shape: tuple[int, int, int],
) -> None:
    """Work out the place in the table of a voxel's pair, or of its position in its run."""
    span, start, stride = shape
    last = stride - uint32(_GAP + 1)
    for x in range(here.size):
        a = here[x]
        b = there[x]
        # Outside the region runs have no end: they wrap round in the row of level 0.
        run = start + uint32(a) * stride + (uint32(position[x]) & last)
        pair = uint32(min(a, b)) * span + uint32(max(a, b))
        index[x] = run if a == b else pair


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
        Flat levels 0..N with a border of zeros.
    planes : ndarray of int64
        Where the first inner voxel of each plane is.
    offsets : ndarray of int64, shape (D,)
        How far the preceding neighbour lies, in voxels of `levels`.
    plane : int
        Voxels from the first inner one of a plane to its last.
    stride : int
        From `row_stride`.
    positions, indices, tables : ndarray
        Workspace for two directions; the tables are zero, and left so.
    pairs : ndarray of uint32, shape (D, N, N)
        Filled in for i <= j; each pair is counted once.
    runs : ndarray of uint32, shape (D, N, longest)
        Runs by level and length - 1. Before: the number of voxels of each level in the first
        column, zero elsewhere.

    Returns
    -------
    int
        Length of the longest run.
    """
    reached = 1
    number = pairs.shape[1]
    span = uint32(number + 1)
    shape = (span, span * span, uint32(stride))
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


@kernel("uint32[::1](uint16[::1], int64)")
def count_levels(levels: np.ndarray, number: int) -> np.ndarray:
    """Return how many voxels have each level 1..`number`.

    Examples
    --------
    >>> count_levels(np.array([0, 2, 2, 3], dtype=np.uint16), 3)
    array([0, 2, 1], dtype=uint32)
    """
    # Four tables in turn: neighbours are alike, and a count must not wait for the one before.
    counts = np.zeros((4, number + 1), dtype=np.uint32)
    whole = levels.size // 4 * 4
    for x in range(0, whole, 4):
        counts[0, levels[x]] += uint32(1)
        counts[1, levels[x + 1]] += uint32(1)
        counts[2, levels[x + 2]] += uint32(1)
        counts[3, levels[x + 3]] += uint32(1)
    for x in range(whole, levels.size):
        counts[0, levels[x]] += uint32(1)
    return counts[0, 1:] + counts[1, 1:] + counts[2, 1:] + counts[3, 1:]
