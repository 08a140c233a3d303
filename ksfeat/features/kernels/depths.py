"""How deep voxels and zones lie in the region."""

from __future__ import annotations

import numpy as np
from numba import int32, uint32, uint64

from ksfeat.features.kernels.words import WORD, inside_word, lowest, near_word, without_lowest
from ksfeat.scale.compiled import kernel


@kernel(
    "void(int64, uint16[::1], int64[::1], int64[::1], int64, uint32[::1], uint32[::1], "
    "uint64[::1], int32[::1], int32[::1], uint32[:,::1])"
)
def collect_distances(  # noqa: PLR0913
    number: int,
    levels: np.ndarray,
    planes: np.ndarray,
    offsets: np.ndarray,
    plane: int,
    labels: np.ndarray,
    parents: np.ndarray,
    zones: np.ndarray,
    distances: np.ndarray,
    nearest: np.ndarray,
    table: np.ndarray,
) -> None:
    """Count zones by level and their smallest distance to the region's border.

    Parameters
    ----------
    number, labels, parents, zones
        From `label_zones`.
    levels, planes, offsets, plane
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
        stop = begin + plane
        for start in range(begin, stop, WORD):
            inside = inside_word(levels, start, stop)
            near = near_word(levels, start, offsets, inside)
            alone = inside & ~near
            while alone != 0:
                i = start + np.int64(lowest(alone))
                table[levels[i] - 1, distances[i] - 1] += uint32(1)
                alone = without_lowest(alone)
            while near != 0:
                i = start + np.int64(lowest(near))
                nearest[labels[i]] = min(nearest[labels[i]], distances[i])
                near = without_lowest(near)
    for label in range(number - 1, 0, -1):
        parent = parents[label]
        if parent != label:
            nearest[parent] = min(nearest[parent], nearest[label])
        else:
            table[(zones[label] >> uint64(32)) - uint64(1), nearest[label] - 1] += uint32(1)


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
