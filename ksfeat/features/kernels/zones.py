"""Zones: connected voxels of one grey level, found in one pass."""

from __future__ import annotations

import numpy as np
from numba import uint16, uint32, uint64

from ksfeat.features.kernels.lattice import BEGINS, MEETS
from ksfeat.features.kernels.pairs import CHUNK
from ksfeat.features.kernels.words import (
    STEP,
    WORD,
    equal_word,
    inside_word,
    lowest,
    near_word,
    without_lowest,
    write_step,
)
from ksfeat.scale.compiled import kernel, part_of_kernel


@part_of_kernel
def _root(parents: np.ndarray, label: int) -> int:
    while parents[label] != label:
        parents[label] = parents[parents[label]]
        label = parents[label]
    return label


@part_of_kernel
def _equal_bits(levels: np.ndarray, start: int, offsets: np.ndarray, bits: np.ndarray) -> None:
    """Set bit k of each voxel that is inside the region and equals its k-th preceding neighbour."""
    here = levels[start : start + bits.size]
    bits[:] = 0
    for k in range(offsets.size):
        there = levels[start - offsets[k] : start - offsets[k] + bits.size]
        bit = uint16(1 << k)
        for x in range(bits.size):
            bits[x] |= bit if here[x] == there[x] else uint16(0)
    for x in range(bits.size):
        bits[x] = bits[x] if here[x] != 0 else uint16(0)


@kernel(
    "int64(uint16[::1], int64[::1], int64[::1], int64, uint64[::1], uint16[::1], uint16[::1], "
    "uint32[::1], uint32[::1], uint64[::1])"
)
def label_zones(  # noqa: PLR0913
    levels: np.ndarray,
    planes: np.ndarray,
    offsets: np.ndarray,
    plane: int,
    nearest: np.ndarray,
    others: np.ndarray,
    bits: np.ndarray,
    labels: np.ndarray,
    parents: np.ndarray,
    zones: np.ndarray,
) -> int:
    """Label the runs of a region so that each zone of two voxels or more becomes a tree of labels.

    Voxels alone in their zone, most zones of a noisy image, are left out: whoever counts equal
    neighbours has counted them. Which preceding neighbours equal a voxel is one number, and a table
    says what it means: the offset of one neighbour to take the label from, and which others, not
    adjacent to it, may be of another tree still.

    Parameters
    ----------
    levels, planes, offsets, plane
        As in `count_pairs`.
    nearest : ndarray of uint64, shape (2**D,)
        Offset of the neighbour to take the label from, 0 and the bit `BEGINS` for none; and the bit
        `MEETS` where there are others.
    others : ndarray of uint16, shape (2**D,)
        Bits of the neighbours to unite with.
    bits : ndarray of uint16, shape (CHUNK,)
        Workspace.
    labels, parents, zones : ndarray, shape (voxels + WORD,)
        Filled in: the label of each voxel that has an equal neighbour; the parent of each label,
        never greater than itself, and its grey level, times 2**32, plus number of voxels.

    Returns
    -------
    int
        Number of labels, label 0 (none) included.
    """
    fresh = uint32(1)
    parents[0] = 0
    known = (labels, parents, zones)
    for begin in planes:
        for chunk in range(begin, begin + plane, CHUNK):
            stop = min(chunk + CHUNK, begin + plane)
            _equal_bits(levels, chunk, offsets, bits[: stop - chunk])
            for start in range(chunk, stop, WORD):
                near = near_word(levels, start, offsets, inside_word(levels, start, stop))
                same = equal_word(levels, start, start - 1) & near
                equal = bits[start - chunk :]
                fresh, meeting = _label_runs(
                    levels, start, near, same, equal, nearest, known, fresh
                )
                meeting |= _new_above(levels, start, offsets) & same
                _unite(parents, labels, start, meeting, equal, others, offsets)
    return int(fresh)


@part_of_kernel
def _label_runs(  # noqa: PLR0913
    levels: np.ndarray,
    start: int,
    near: np.uint64,
    same: np.uint64,
    equal: np.ndarray,
    nearest: np.ndarray,
    known: tuple[np.ndarray, np.ndarray, np.ndarray],
    fresh: int,
) -> tuple[int, np.uint64]:
    """Label the runs of a word, cut at its ends; return the next label, and who may unite trees.

    Without a branch on what the voxels are like, which no processor could foresee: a label is
    chosen by a mask from a table, since the compiler makes a branch of a comparison. And with few
    arrays, whose addresses would not fit into the registers.
    """
    labels, parents, zones = known
    starts = near & ~(same & ~uint64(1))
    ends = near & ~(same >> uint64(1))
    meeting = uint64(0)
    while starts != 0:
        x, last = lowest(starts), lowest(ends)
        i = uint64(start) + x
        way = nearest[equal[x]]
        new = uint32(uint64(0) - (way >> uint64(BEGINS)))
        label = parents[labels[i - uint64(uint32(way))] & ~new]
        label = uint32((label & ~new) | (fresh & new))
        parents[fresh] = fresh
        zones[fresh] = uint64(levels[i]) << uint64(32)
        fresh = uint32(fresh - new)
        zones[label] += last - x + uint64(1)
        meeting |= ((way >> uint64(MEETS)) & uint64(1)) << x
        _write_run(labels, i, i + last - x, label)
        starts, ends = without_lowest(starts), without_lowest(ends)
    return fresh, meeting


@part_of_kernel
def _write_run(labels: np.ndarray, first: np.uint64, last: np.uint64, label: int) -> None:
    """Write the label of a run, and beyond its end, where nothing was labelled yet."""
    while True:
        write_step(labels, first, label)
        first += uint64(STEP)
        if first > last:
            break


@part_of_kernel
def _new_above(levels: np.ndarray, start: int, offsets: np.ndarray) -> np.uint64:
    """Return which voxels equal the end of a neighbouring line's run that begins there.

    The first offset is along the line; then three of each preceding line, last voxel first.
    """
    word = uint64(0)
    for k in range(1, offsets.size, 3):
        ahead = equal_word(levels, start, start - offsets[k])
        word |= ahead & ~equal_word(levels, start, start - offsets[k + 1])
    return word


@part_of_kernel
def _unite(  # noqa: PLR0913
    parents: np.ndarray,
    labels: np.ndarray,
    start: int,
    meeting: np.uint64,
    equal: np.ndarray,
    others: np.ndarray,
    offsets: np.ndarray,
) -> None:
    """Make one tree of those that each voxel of a word and its other equal neighbours are of."""
    while meeting != 0:
        x = lowest(meeting)
        i = uint64(start) + x
        mine = _root(parents, labels[i])
        rest = uint64(others[equal[x]])
        while rest != 0:
            other = _root(parents, labels[i - uint64(offsets[lowest(rest)])])
            parents[max(mine, other)] = min(mine, other)
            mine = min(mine, other)
            rest = without_lowest(rest)
        meeting = without_lowest(meeting)


@kernel("int64(int64, uint32[::1], uint64[::1], uint32[:,::1], int64[::1])")
def collect_sizes(
    number: int,
    parents: np.ndarray,
    zones: np.ndarray,
    table: np.ndarray,
    large: np.ndarray,
) -> int:
    """Count zones of two voxels or more by level and size.

    Parameters
    ----------
    number : int
        Number of labels.
    parents, zones : ndarray
        From `label_zones`; the sizes of children are added to those of their parents.
    table : ndarray of uint32, shape (N + 1, S)
        Filled in: zones by level and size - 1; zero before. Row 0 takes what is no zone.
    large : ndarray of int64
        Filled in: size * 65536 + level of each zone of more than S voxels.

    Returns
    -------
    int
        Number of large zones.
    """
    found = 0
    for k in range(1, number):
        label = uint32(number - k)
        parent, zone = parents[label], zones[label]
        size, grey = uint32(zone), uint32(zone >> uint64(32))
        child = uint32(0) - uint32(parent != label)
        zones[parent] += uint64(size & child)
        if size <= table.shape[1]:
            table[grey & ~child, uint32(size - uint32(1))] += uint32(1)
        elif child == 0:
            large[found] = np.int64(size) * 65536 + grey
            found += 1
    return found
