"""Features of matrices of runs, zones, distances and dependences."""

from __future__ import annotations

import math

import numpy as np

from ksfeat.features.kernels.logarithms import c_log_c
from ksfeat.scale.compiled import kernel, part_of_kernel


@kernel("void(int64[:,:,::1], int64[::1], int64[::1], float64[::1], float64[:,::1])")
def describe_sizes(
    counts: np.ndarray, large: np.ndarray, voxels: np.ndarray, table: np.ndarray, values: np.ndarray
) -> None:
    """Compute the features that runs, zones, distances and dependences have in common.

    Parameters
    ----------
    counts : ndarray of int64, shape (M, N, S)
        By level - 1 and size - 1.
    large : ndarray of int64
        Sorted: size * 65536 + level of each that is larger than S; for one matrix only.
    voxels : ndarray of int64, shape (M,)
        Voxels of each matrix.
    table : ndarray of float64
        `C_LOG_C`.
    values : ndarray of float64, shape (M, 17)
        Filled in; NaN before, and left where a matrix is empty.
    """
    number, longest = counts.shape[1], counts.shape[2]
    levels = np.empty(number, dtype=np.int64)
    sizes = np.empty(longest, dtype=np.int64)
    for m in range(counts.shape[0]):
        levels[:], sizes[:] = 0, 0
        sums = np.zeros(9)  # short, long, their products with low and high, c log c, c^2, sizes^2
        _sum_table(counts[m], table, levels, sizes, sums)
        total = levels.sum() + large.size
        if total > 0:
            size = _sum_large(large, table, levels, sums)
            for s in range(longest):
                size += (s + 1.0) * sizes[s]
                sums[8] += float(sizes[s]) ** 2
            _describe_levels(levels, total, values[m])
            for place in range(6):
                values[m, (0, 1, 4, 5, 6, 7)[place]] = sums[place] / total
            values[m, 10], values[m, 11] = sums[8] / total, sums[8] / total / total
            values[m, 12] = total / voxels[m]
            values[m, 14] = _spread(sizes, large, size / total) / total
            values[m, 15] = math.log2(total) - sums[6] / total
            values[m, 16] = sums[7] / total / total


@part_of_kernel
def _sum_table(
    counts: np.ndarray, table: np.ndarray, levels: np.ndarray, sizes: np.ndarray, sums: np.ndarray
) -> None:
    for i in range(counts.shape[0]):
        short, long = 0.0, 0.0
        for s in range(counts.shape[1]):
            count = counts[i, s]
            if count != 0:
                square = (s + 1.0) * (s + 1.0)
                levels[i] += count
                sizes[s] += count
                short += count / square
                long += count * square
                sums[6] += c_log_c(count, table)
                sums[7] += float(count) * count
        _add_emphases(short, long, i + 1.0, sums)


@part_of_kernel
def _add_emphases(short: float, long: float, level: float, sums: np.ndarray) -> None:
    sums[0] += short
    sums[1] += long
    sums[2] += short / (level * level)
    sums[3] += short * (level * level)
    sums[4] += long / (level * level)
    sums[5] += long * (level * level)


@part_of_kernel
def _sum_large(large: np.ndarray, table: np.ndarray, levels: np.ndarray, sums: np.ndarray) -> float:
    """Add what is too large for the table, in groups of one size and level; return the sizes."""
    total, alike, same = 0.0, 0, 0
    for place in range(large.size):
        size, level = large[place] >> 16, large[place] & 65535
        total += size
        levels[level - 1] += 1
        square = float(size) * size
        _add_emphases(1 / square, square, level, sums)
        alike += 1
        same += 1
        last = place + 1 == large.size
        if last or large[place + 1] != large[place]:
            sums[6] += c_log_c(alike, table)
            sums[7] += float(alike) * alike
            alike = 0
        if last or large[place + 1] >> 16 != size:
            sums[8] += float(same) * same
            same = 0
    return total


@part_of_kernel
def _describe_levels(levels: np.ndarray, total: int, values: np.ndarray) -> None:
    low, high, squares, mean = 0.0, 0.0, 0.0, 0.0
    for i in range(levels.size):
        level = i + 1.0
        low += levels[i] / (level * level)
        high += levels[i] * (level * level)
        squares += float(levels[i]) ** 2
        mean += level * levels[i] / total
    variance = 0.0
    for i in range(levels.size):
        variance += (i + 1.0 - mean) ** 2 * levels[i]
    values[2], values[3] = low / total, high / total
    values[8], values[9] = squares / total, squares / total / total
    values[13] = variance / total


@part_of_kernel
def _spread(sizes: np.ndarray, large: np.ndarray, mean: float) -> float:
    """Return the sum of the squared distances of all sizes to their mean."""
    total = 0.0
    for s in range(sizes.size):
        total += (s + 1.0 - mean) ** 2 * sizes[s]
    for key in large:
        total += (float(key >> 16) - mean) ** 2
    return total
