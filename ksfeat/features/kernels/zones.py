"""Zones: connected voxels of one grey level, found in one pass."""

from __future__ import annotations

import numpy as np
from numba import int32, uint16, uint32

from ksfeat.features.kernels.pairs import CHUNK
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
    "int64(uint16[::1], int64[::1], int64[::1], int64, int64[::1], uint16[::1], uint16[::1], "
    "int32[::1], int32[::1], uint32[::1], uint16[::1])"
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
    sizes: np.ndarray,
    greys: np.ndarray,
) -> int:
    """Label the voxels of a region so that each zone becomes a tree of labels.

    Which preceding neighbours equal a voxel is one number, and a table says what it means: the
    offset of one neighbour to take the label from, and which others, not adjacent to it, may be
    of another tree still.

    Parameters
    ----------
    levels, planes, offsets, plane
        As in `count_pairs`.
    nearest : ndarray of int64, shape (2**D,)
        Offset of the neighbour to take the label from; 0 for none.
    others : ndarray of uint16, shape (2**D,)
        Bits of the neighbours to unite with.
    bits : ndarray of uint16, shape (CHUNK,)
        Workspace.
    labels, parents, sizes, greys : ndarray, shape (voxels + 1,)
        Filled in: the label of each inner voxel; parent, number of voxels and grey level of each
        label. A parent is never greater than its child.

    Returns
    -------
    int
        Number of labels, label 0 (none) included.
    """
    fresh = 1
    for begin in planes:
        for start in range(begin, begin + plane, CHUNK):
            stop = min(start + CHUNK, begin + plane)
            _equal_bits(levels, start, offsets, bits[: stop - start])
            for i in range(start, stop):
                equal = bits[i - start]
                labels[i] = fresh
                parents[fresh] = fresh
                sizes[fresh] = 0
                fresh += int(equal == 0)
                label = labels[i - nearest[equal]]
                labels[i] = label
                sizes[label] += uint32(1)
                greys[label] = levels[i]
                rest = others[equal]
                if rest != 0:
                    _unite(parents, labels, i, label, rest, offsets)
    return fresh


@part_of_kernel
def _unite(
    parents: np.ndarray, labels: np.ndarray, i: int, label: int, rest: int, offsets: np.ndarray
) -> None:
    mine = _root(parents, label)
    k = 0
    while rest != 0:
        if rest & 1:
            other = _root(parents, labels[i - offsets[k]])
            if other < mine:
                parents[mine] = other
                mine = other
            else:
                parents[other] = mine
        rest >>= 1
        k += 1


@kernel("int64(int64, int32[::1], uint32[::1], uint16[::1], uint32[:,::1], int64[::1])")
def collect_sizes(
    number: int,
    parents: np.ndarray,
    sizes: np.ndarray,
    greys: np.ndarray,
    table: np.ndarray,
    large: np.ndarray,
) -> int:
    """Count zones by level and size.

    Parameters
    ----------
    number : int
        Number of labels.
    parents, sizes, greys : ndarray
        From `label_zones`; the sizes of children are added to those of their parents.
    table : ndarray of uint32, shape (N, S)
        Filled in: zones by level and size - 1; zero before.
    large : ndarray of int64
        Filled in: size * 65536 + level of each zone of more than S voxels.

    Returns
    -------
    int
        Number of large zones.
    """
    found = 0
    for label in range(number - 1, 0, -1):
        parent = parents[label]
        if parent != label:
            sizes[parent] += sizes[label]
        elif greys[label] != 0:
            if sizes[label] <= table.shape[1]:
                table[greys[label] - 1, sizes[label] - 1] += uint32(1)
            else:
                large[found] = np.int64(sizes[label]) * 65536 + greys[label]
                found += 1
    return found


@kernel(
    "void(int64, int64[::1], int64, int32[::1], int32[::1], uint16[::1], int32[::1], "
    "int32[::1], uint32[:,::1])"
)
def collect_distances(  # noqa: PLR0913
    number: int,
    planes: np.ndarray,
    plane: int,
    labels: np.ndarray,
    parents: np.ndarray,
    greys: np.ndarray,
    distances: np.ndarray,
    nearest: np.ndarray,
    table: np.ndarray,
) -> None:
    """Count zones by level and their smallest distance to the region's border.

    Parameters
    ----------
    number, labels, parents, greys
        From `label_zones`.
    planes, plane
        As in `count_pairs`.
    distances : ndarray of int32, shape (voxels,)
        From `measure_depth`.
    nearest : ndarray of int32, shape (voxels + 1,)
        Workspace.
    table : ndarray of uint32, shape (N, deepest)
        Filled in: zones by level and distance - 1; zero before.
    """
    nearest[:number] = 2**31 - 1
    for begin in planes:
        for i in range(begin, begin + plane):
            label = labels[i]
            nearest[label] = min(nearest[label], distances[i])
    for label in range(number - 1, 0, -1):
        parent = parents[label]
        if parent != label:
            nearest[parent] = min(nearest[parent], nearest[label])
        elif greys[label] != 0:
            table[greys[label] - 1, nearest[label] - 1] += uint32(1)


@kernel("int64(uint16[::1], int64[::1], int64, int64[::1], int32[::1])")
def measure_depth(
    levels: np.ndarray, planes: np.ndarray, plane: int, steps: np.ndarray, depth: np.ndarray
) -> int:
    """Work out how many steps along the axes lead from each voxel out of the region.

    Parameters
    ----------
    levels, planes, plane
        As in `count_pairs`.
    steps : ndarray of int64
        Distance in `levels` of the neighbours that share a side.
    depth : ndarray of int32, shape (voxels,)
        Filled in at inner voxels, 1 at the border of the region; zero in the image's own border.

    Returns
    -------
    int
        The greatest depth.
    """
    for begin in planes:
        for i in range(begin, begin + plane):
            near = int32(2**30)
            for step in steps:
                near = min(near, depth[i - step])
            depth[i] = near + 1 if levels[i] != 0 else 0
    deepest = 0
    for begin in planes[::-1]:
        for i in range(begin + plane - 1, begin - 1, -1):
            near = depth[i]
            for step in steps:
                near = min(near, depth[i + step] + 1)
            depth[i] = near
            deepest = max(deepest, int(near))
    return deepest
