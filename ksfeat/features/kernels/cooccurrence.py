"""Pairs and dependences at any distance: plain loops, for settings that are rarely asked for."""

from __future__ import annotations

import numpy as np

from ksfeat.scale.compiled import kernel, part_of_kernel


@part_of_kernel
def _level(levels: np.ndarray, z: int, y: int, x: int) -> int:
    depth, height, width = levels.shape
    inside = 0 <= z < depth and 0 <= y < height and 0 <= x < width
    return levels[z, y, x] if inside else 0


@kernel("uint32[:,:,::1](uint16[:,:,::1], int64[:,::1], int64)")
def count_pairs_at(levels: np.ndarray, steps: np.ndarray, number: int) -> np.ndarray:
    """Count pairs of levels that some steps lie between.

    Parameters
    ----------
    levels : ndarray of uint16, shape (Z, H, W)
        Levels 1..N, 0 outside the region.
    steps : ndarray of int64, shape (D, 3)
        From each voxel to its neighbour.
    number : int
        Number of levels N.

    Returns
    -------
    ndarray of uint32, shape (D, N, N)
        Each pair once, i <= j.
    """
    counts = np.zeros((len(steps), number, number), dtype=np.uint32)
    for k in range(len(steps)):
        for z, y, x in np.ndindex(levels.shape):
            here = levels[z, y, x]
            there = _level(levels, z + steps[k, 0], y + steps[k, 1], x + steps[k, 2])
            if here != 0 and there != 0:
                counts[k, min(here, there) - 1, max(here, there) - 1] += np.uint32(1)
    return counts


@kernel("uint32[:,::1](uint16[:,:,::1], int64[:,::1], int64, int64)")
def count_dependences_within(
    levels: np.ndarray, steps: np.ndarray, number: int, coarseness: int
) -> np.ndarray:
    """Count voxels by level and by how many neighbours differ by `coarseness` levels at most.

    Parameters
    ----------
    levels, number
        As in `count_pairs_at`.
    steps : ndarray of int64, shape (K, 3)
        To all neighbours.
    coarseness : int
        Levels that a neighbour may differ.

    Returns
    -------
    ndarray of uint32, shape (N, K + 1)
    """
    counts = np.zeros((number, len(steps) + 1), dtype=np.uint32)
    for z, y, x in np.ndindex(levels.shape):
        here = np.int64(levels[z, y, x])
        if here != 0:
            alike = 0
            for k in range(len(steps)):
                there = _level(levels, z + steps[k, 0], y + steps[k, 1], x + steps[k, 2])
                alike += int(there != 0 and abs(here - np.int64(there)) <= coarseness)
            counts[here - 1, alike] += np.uint32(1)
    return counts
