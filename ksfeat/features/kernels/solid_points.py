"""The outermost points of a mask, and how far apart they are."""

from __future__ import annotations

import numpy as np

from ksfeat.scale.compiled import kernel, part_of_kernel


@kernel("int64[:,::1](uint8[:,:,:])")
def find_corners(mask: np.ndarray) -> np.ndarray:
    """Find the voxels at the corners of the convex hull of each slice.

    Parameters
    ----------
    mask : ndarray of uint8, shape (Z, H, W)
        1 inside.

    Returns
    -------
    ndarray of int64, shape (n, 3)
        Their z, y, x; a voxel may be there twice.
    """
    depth, height, width = mask.shape
    corners = np.empty((2 * depth * height, 3), np.int64)
    chains = np.empty((2, height, 2), np.int64)
    found = 0
    for z in range(depth):
        left, right = 0, 0
        for y in range(height):
            first = 0
            while first < width and mask[z, y, first] == 0:
                first += 1
            if first < width:
                last = width - 1
                while mask[z, y, last] == 0:
                    last -= 1
                left = _lengthen(chains[0], left, y, first, 1)
                right = _lengthen(chains[1], right, y, last, -1)
        for chain, length in ((chains[0], left), (chains[1], right)):
            for i in range(length):
                corners[found, 0] = z
                corners[found, 1], corners[found, 2] = chain[i, 0], chain[i, 1]
                found += 1
    return corners[:found].copy()


@part_of_kernel
def _lengthen(chain: np.ndarray, length: int, y: int, x: int, side: int) -> int:
    """Put a pixel at the end of a convex chain, in place of those that it leaves inside."""
    while length > 1:
        before, end = chain[length - 2], chain[length - 1]
        one = (end[1] - before[1]) * (y - before[0])
        two = (end[0] - before[0]) * (x - before[1])
        if side * (one - two) < 0:
            break
        length -= 1
    chain[length, 0], chain[length, 1] = y, x
    return length + 1


@kernel("int64[:,::1](uint8[:,:,::1], int64[:,::1])")
def grow_corners(mask: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return points half a step from voxels along the axes, but those within the mask.

    Parameters
    ----------
    mask : ndarray of uint8, shape (Z, H, W)
        1 inside.
    corners : ndarray of int64, shape (n, 3)
        Voxels of the mask.

    Returns
    -------
    ndarray of int64, shape (m, 3)
        In half steps: axis by axis, forwards and then backwards.
    """
    grown = np.empty((6 * len(corners), 3), np.int64)
    found = 0
    for axis in range(3):
        for step in (1, -1):
            for i in range(len(corners)):
                z, y, x = corners[i, 0], corners[i, 1], corners[i, 2]
                place = corners[i, axis] + step
                if 0 <= place < mask.shape[axis]:
                    beside = step * np.int64(axis == 0), step * np.int64(axis == 1)
                    if mask[z + beside[0], y + beside[1], x + step * np.int64(axis == 2)] != 0:
                        continue
                grown[found, 0], grown[found, 1], grown[found, 2] = 2 * z, 2 * y, 2 * x
                grown[found, axis] += step
                found += 1
    return grown[:found]


@kernel("float64(float64[:,::1], float64[::1])")
def largest_distance(points: np.ndarray, away: np.ndarray) -> float:
    """Return the largest distance of two points.

    Parameters
    ----------
    points : ndarray of float64, shape (n, d)
        Places, the farthest from some centre first.
    away : ndarray of float64, shape (n,)
        Their distances from it: two points are at most as far apart as the sum of theirs.
    """
    most = 0.0
    for i in range(len(points)):
        if 2 * away[i] <= most:
            break
        for j in range(i + 1, len(points)):
            if away[i] + away[j] <= most:
                break
            square = 0.0
            for axis in range(points.shape[1]):
                square += (points[i, axis] - points[j, axis]) ** 2
            most = max(most, np.sqrt(square))
    return most
