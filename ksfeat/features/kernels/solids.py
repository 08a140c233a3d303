"""Loops over the voxels of a mask and over the points of its hull."""

from __future__ import annotations

import numpy as np

from ksfeat.scale.compiled import kernel, part_of_kernel

_MOST_STEPS = 100_000  # some hundred are usual


@kernel("int64[:,::1](uint8[:,:,::1])")
def count_cells(mask: np.ndarray) -> np.ndarray:
    """Count the cells between eight voxels by which of them lie inside.

    Parameters
    ----------
    mask : ndarray of uint8, shape (Z, H, W)
        1 inside, with a border of 0 on every side.

    Returns
    -------
    ndarray of int64, shape (Z - 1, 256)
        By plane and code: bit 4 z + 2 y + x of the code is the voxel (z, y, x) of the cell.
    """
    depth, height, width = mask.shape
    counts = np.zeros((depth - 1, 256), np.int64)
    for z in range(depth - 1):
        for y in range(height - 1):
            code = 0
            for x in range(width):
                column = (
                    mask[z, y, x]
                    + 4 * mask[z, y + 1, x]
                    + 16 * mask[z + 1, y, x]
                    + 64 * mask[z + 1, y + 1, x]
                )
                code = (code >> 1) & 0b01010101 | column << 1
                if x > 0:
                    counts[z, code] += 1
    return counts


@kernel("int64[::1](uint8[:,:,::1])")
def sum_positions(mask: np.ndarray) -> np.ndarray:
    """Sum the positions of voxels and the products of two coordinates.

    Parameters
    ----------
    mask : ndarray of uint8, shape (Z, H, W)
        1 inside.

    Returns
    -------
    ndarray of int64, shape (10,)
        The number of voxels; sums of z, y, x; of zz, yy, xx, zy, zx, yx.
    """
    depth, height, width = mask.shape
    sums = np.zeros(10, np.int64)
    for z in range(depth):
        for y in range(height):
            number, first, second = np.int64(0), np.int64(0), np.int64(0)
            for x in range(width):
                inside = np.int64(mask[z, y, x])
                number += inside
                first += inside * x
                second += inside * x * x
            sums[0] += number
            sums[1] += number * z
            sums[2] += number * y
            sums[3] += first
            sums[4] += number * z * z
            sums[5] += number * y * y
            sums[6] += second
            sums[7] += number * z * y
            sums[8] += first * z
            sums[9] += first * y
    return sums


@kernel("int64[:,::1](uint8[:,:,::1])")
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
                corners[found, 0], corners[found, 1:] = z, chain[i]
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


@kernel("float64[::1](float64[:,::1], float64[::1], float64[:,::1], float64)")
def weigh_ellipsoid(
    points: np.ndarray, weights: np.ndarray, inverse: np.ndarray, tolerance: float
) -> np.ndarray:
    """Find the weights of points whose scatter is the smallest ellipsoid around all of them.

    Khachiyan's ascent with the steps away from a point of Todd and Yildirim.

    Parameters
    ----------
    points : ndarray of float64, shape (n, 4)
        Coordinates, about the size of 1, and a 1.
    weights : ndarray of float64, shape (n,)
        What to start from: they add up to 1, and the points that have any span the space.
    inverse : ndarray of float64, shape (4, 4)
        Of the weighted scatter of the points. Overwritten.
    tolerance : float
        Of the distances, relative.

    Returns
    -------
    ndarray of float64, shape (n,)
        The weights.
    """
    weights = weights.copy()
    size = points.shape[1]
    turned = np.zeros(size)
    for _ in range(_MOST_STEPS):
        far, near = _find_extremes(points, weights, inverse, turned)
        most = _turn(points[far], inverse, turned) / size
        least = _turn(points[near], inverse, turned) / size
        if max(most - 1.0, 1.0 - least) <= tolerance:
            break
        at = far if most - 1.0 >= 1.0 - least else near
        distance = _turn(points[at], inverse, turned)
        step = (distance / size - 1.0) / (distance - 1.0) if distance > 1.0 else -1.0
        step = max(step, -weights[at] / (1.0 - weights[at]))
        scale = step / (1.0 - step + step * distance)
        for a in range(size):
            for b in range(size):
                inverse[a, b] = (inverse[a, b] - scale * turned[a] * turned[b]) / (1.0 - step)
        weights *= 1.0 - step
        weights[at] = max(weights[at] + step, 0.0)
    return weights


@part_of_kernel
def _find_extremes(
    points: np.ndarray, weights: np.ndarray, inverse: np.ndarray, turned: np.ndarray
) -> tuple[int, int]:
    """Return the farthest point, and the nearest of those that have a weight."""
    far, near = 0, 0
    most, least = -1.0, np.inf
    for i in range(len(points)):
        distance = _turn(points[i], inverse, turned)
        if distance > most:
            far, most = i, distance
        if weights[i] > 0.0 and distance < least:
            near, least = i, distance
    return far, near


@part_of_kernel
def _turn(point: np.ndarray, inverse: np.ndarray, turned: np.ndarray) -> float:
    """Multiply a point by the inverse, into `turned`; return its squared distance."""
    distance = 0.0
    for a in range(len(point)):
        turned[a] = 0.0
        for b in range(len(point)):
            turned[a] += inverse[a, b] * point[b]
        distance += turned[a] * point[a]
    return distance


@kernel("float64[::1](float64[:,::1], float64[:,::1], int64)")
def estimate_boxes(points: np.ndarray, frames: np.ndarray, number: int) -> np.ndarray:
    """Return the volume of the smallest of some boxes upon each of some planes.

    Parameters
    ----------
    points : ndarray of float64, shape (3, n)
        What the boxes enclose, one coordinate a row.
    frames : ndarray of float64, shape (m, 9)
        Unit vectors: the normal of a plane and two directions in it.
    number : int
        How many angles within a quarter of a turn are tried.

    Returns
    -------
    ndarray of float64, shape (m,)
        Volumes.
    """
    turns = np.arange(2 * number) * (np.pi / 2 / number)
    cosines, sines = np.cos(turns), np.sin(turns)
    volumes = np.empty(len(frames))
    for m in range(len(frames)):
        frame = frames[m]
        low, high = np.full(2 * number, np.inf), np.full(2 * number, -np.inf)
        bottom, top = np.inf, -np.inf
        for i in range(points.shape[1]):
            x, y, z = points[0, i], points[1, i], points[2, i]
            above = frame[0] * x + frame[1] * y + frame[2] * z
            bottom, top = min(bottom, above), max(top, above)
            one = frame[3] * x + frame[4] * y + frame[5] * z
            two = frame[6] * x + frame[7] * y + frame[8] * z
            for k in range(2 * number):
                along = cosines[k] * one + sines[k] * two
                low[k] = along if along < low[k] else low[k]
                high[k] = along if along > high[k] else high[k]
        widths = high - low
        volumes[m] = (top - bottom) * (widths[:number] * widths[number:]).min()
    return volumes


@kernel("float64[:,::1](complex128[:,:,:,::1], float64[:,:,::1])")
def sum_spectra(spectra: np.ndarray, closeness: np.ndarray) -> np.ndarray:
    """Sum products of spectra, weighted by what is even in two of the axes.

    Parameters
    ----------
    spectra : ndarray of complex128, shape (n, 3, 2 Z, 2 Y)
        Of three fields, by frequency.
    closeness : ndarray of float64, shape (n, Z + 1, Y + 1)
        Weights, of which the frequencies above half are the mirror image.

    Returns
    -------
    ndarray of float64, shape (3, n)
        Sums of the products of fields 0 and 0, 1 and 1, and 2 and 0.
    """
    number, _, depth, height = spectra.shape
    sums = np.zeros((3, number))
    for n in range(number):
        one, two, mixed = 0.0, 0.0, 0.0
        for z in range(depth):
            row = closeness[n, min(z, depth - z)]
            first, second, third = spectra[n, 0, z], spectra[n, 1, z], spectra[n, 2, z]
            for y in range(height):
                weight = row[min(y, height - y)]
                a, b, c = first[y], second[y], third[y]
                one += weight * (a.real * a.real + a.imag * a.imag)
                two += weight * (b.real * b.real + b.imag * b.imag)
                mixed += weight * (a.real * c.real + a.imag * c.imag)
        sums[0, n], sums[1, n], sums[2, n] = one, two, mixed
    return sums
