"""Loops over the voxels of a mask and over the points of its hull."""

from __future__ import annotations

import numpy as np

from ksfeat.scale.compiled import kernel, part_of_kernel

_MOST_ROUNDS, _MOST_STEPS = 1_000, 100_000  # some 20 and some hundred are usual
_PART = 0.25  # of what the farthest point is too far: the few need not be better balanced yet


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


@kernel("float64[::1](float64[:,::1], float64[::1], float64[:,::1], float64)")
def weigh_ellipsoid(
    points: np.ndarray, weights: np.ndarray, inverse: np.ndarray, tolerance: float
) -> np.ndarray:
    """Find the weights of points whose scatter is the smallest ellipsoid around all of them.

    Khachiyan's ascent with the steps away from a point of Todd and Yildirim, of the few points
    that have a weight; whenever they are balanced the farthest of all is taken in.

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
    chosen = np.empty(len(points), np.int64)
    excess = 1.0
    for _ in range(_MOST_ROUNDS):
        number = _choose(weights, chosen)
        few, shares = np.empty((number, size)), np.empty(number)
        for i in range(number):
            shares[i] = weights[chosen[i]]
            for axis in range(size):
                few[i, axis] = points[chosen[i], axis]
        _balance(few, shares, inverse, max(_PART * excess, tolerance / 2))
        for i in range(number):
            weights[chosen[i]] = shares[i]
        far, most = 0, 0.0
        for i in range(len(points)):
            distance = _turn(points, i, inverse, turned)
            if distance > most:
                far, most = i, distance
        excess = min(excess, most / size - 1.0)
        if excess <= tolerance:
            break
        _step(points, weights, far, inverse, turned)
    return weights


@part_of_kernel
def _choose(weights: np.ndarray, chosen: np.ndarray) -> int:
    """Write down which points have a weight; return how many."""
    number = 0
    for i in range(len(weights)):
        if weights[i] > 0.0:
            chosen[number] = i
            number += 1
    return number


@part_of_kernel
def _balance(
    points: np.ndarray, weights: np.ndarray, inverse: np.ndarray, tolerance: float
) -> None:
    """Move the weights of a few points until all that have any are as far from the centre."""
    size = points.shape[1]
    turned = np.zeros(size)
    for _ in range(_MOST_STEPS):
        far, near = 0, 0
        most, least = 0.0, np.inf
        for i in range(len(points)):
            distance = _turn(points, i, inverse, turned)
            if distance > most:
                far, most = i, distance
            if weights[i] > 0.0 and distance < least:
                near, least = i, distance
        if max(most / size - 1.0, 1.0 - least / size) <= tolerance:
            break
        at = far if most - size >= size - least else near
        _step(points, weights, at, inverse, turned)


@part_of_kernel
def _step(
    points: np.ndarray, weights: np.ndarray, at: int, inverse: np.ndarray, turned: np.ndarray
) -> None:
    """Take the best step towards a point, or away from it, down to no weight at most."""
    size = points.shape[1]
    distance = _turn(points, at, inverse, turned)
    step = (distance / size - 1.0) / (distance - 1.0) if distance > 1.0 else -1.0
    step = max(step, -weights[at] / (1.0 - weights[at]))
    scale = step / (1.0 - step + step * distance)
    for a in range(size):
        for b in range(size):
            inverse[a, b] = (inverse[a, b] - scale * turned[a] * turned[b]) / (1.0 - step)
    for i in range(len(weights)):
        weights[i] *= 1.0 - step
    weights[at] = max(weights[at] + step, 0.0)


@part_of_kernel
def _turn(points: np.ndarray, at: int, inverse: np.ndarray, turned: np.ndarray) -> float:
    """Multiply a point by the inverse, into `turned`; return its squared distance."""
    distance = 0.0
    for a in range(points.shape[1]):
        turned[a] = 0.0
        for b in range(points.shape[1]):
            turned[a] += inverse[a, b] * points[at, b]
        distance += turned[a] * points[at, a]
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
