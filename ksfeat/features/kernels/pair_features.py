"""Features of co-occurrence matrices."""

from __future__ import annotations

import math

import numpy as np

from ksfeat.features.kernels.logarithms import c_log_c
from ksfeat.scale.compiled import kernel, part_of_kernel

# Where each feature lies in a row of values: in the order of the IBSI.
(
    JOINT_MAXIMUM,
    JOINT_AVERAGE,
    JOINT_VARIANCE,
    JOINT_ENTROPY,
    DIFFERENCE_AVERAGE,
    DIFFERENCE_VARIANCE,
    DIFFERENCE_ENTROPY,
    SUM_AVERAGE,
    SUM_VARIANCE,
    SUM_ENTROPY,
    ANGULAR_SECOND_MOMENT,
    CONTRAST,
    DISSIMILARITY,
    INVERSE_DIFFERENCE,
    INVERSE_DIFFERENCE_NORMALISED,
    INVERSE_DIFFERENCE_MOMENT,
    INVERSE_DIFFERENCE_MOMENT_NORMALISED,
    INVERSE_VARIANCE,
    CORRELATION,
    AUTOCORRELATION,
    CLUSTER_TENDENCY,
    CLUSTER_SHADE,
    CLUSTER_PROMINENCE,
    INFORMATION_CORRELATION_1,
    INFORMATION_CORRELATION_2,
) = range(25)


@kernel("void(int64[:,:,::1], float64[::1], float64[:,::1])")
def describe_pairs(pairs: np.ndarray, table: np.ndarray, values: np.ndarray) -> None:
    """Compute the 25 IBSI features of co-occurrence matrices.

    Parameters
    ----------
    pairs : ndarray of int64, shape (M, N, N)
        Pairs i <= j, each once.
    table : ndarray of float64
        `C_LOG_C`.
    values : ndarray of float64, shape (M, 25)
        Filled in; NaN before, and left where a matrix is empty.
    """
    number = pairs.shape[1]
    apart = np.empty(number, dtype=np.int64)
    joined = np.empty(2 * number - 1, dtype=np.int64)
    single = np.empty(number, dtype=np.int64)
    for m in range(pairs.shape[0]):
        apart[:], joined[:], single[:] = 0, 0, 0
        largest, squares, logs = _sum_pairs(pairs[m], table, apart, joined, single)
        total = single.sum()
        if total > 0:
            values[m, JOINT_MAXIMUM] = largest / total
            values[m, ANGULAR_SECOND_MOMENT] = squares / total / total
            values[m, JOINT_ENTROPY] = math.log2(total) - logs / total
            _describe_differences(apart, total, number, table, values[m])
            _describe_sums(joined, single, total, table, values[m])


@part_of_kernel
def _sum_pairs(
    pairs: np.ndarray,
    table: np.ndarray,
    apart: np.ndarray,
    joined: np.ndarray,
    single: np.ndarray,
) -> tuple[int, float, float]:
    """Add up the symmetric matrix by difference, sum and level; return its maximum and sums."""
    largest, squares, logs = 0, 0.0, 0.0
    for i in range(pairs.shape[0]):
        equal = 2 * pairs[i, i]
        apart[0] += equal
        joined[2 * i] += equal
        single[i] += equal
        largest = max(largest, equal)
        squares += float(equal) * equal
        logs += c_log_c(equal, table)
        for j in range(i + 1, pairs.shape[0]):
            count = pairs[i, j]
            if count != 0:
                apart[j - i] += 2 * count
                joined[i + j] += 2 * count
                single[i] += count
                single[j] += count
                largest = max(largest, count)
                squares += 2.0 * count * count
                logs += 2 * c_log_c(count, table)
    return largest, squares, logs


@part_of_kernel
def _describe_differences(
    apart: np.ndarray, total: int, number: int, table: np.ndarray, values: np.ndarray
) -> None:
    mean, contrast, logs = 0.0, 0.0, 0.0
    values[INVERSE_DIFFERENCE : INVERSE_VARIANCE + 1] = 0.0
    for k in range(number):
        if apart[k] != 0:
            share = apart[k] / total
            mean += k * share
            contrast += k * k * share
            logs += c_log_c(apart[k], table)
            values[INVERSE_DIFFERENCE] += share / (1.0 + k)
            values[INVERSE_DIFFERENCE_NORMALISED] += share / (1.0 + k / number)
            values[INVERSE_DIFFERENCE_MOMENT] += share / (1.0 + k * k)
            values[INVERSE_DIFFERENCE_MOMENT_NORMALISED] += share / (1.0 + (k / number) ** 2)
            if k > 0:
                values[INVERSE_VARIANCE] += share / (k * k)
    variance = 0.0
    for k in range(number):
        variance += (k - mean) ** 2 * (apart[k] / total)
    values[DIFFERENCE_AVERAGE], values[DIFFERENCE_VARIANCE] = mean, variance
    values[DIFFERENCE_ENTROPY] = math.log2(total) - logs / total
    values[CONTRAST], values[DISSIMILARITY] = contrast, mean


@part_of_kernel
def _describe_sums(
    joined: np.ndarray, single: np.ndarray, total: int, table: np.ndarray, values: np.ndarray
) -> None:
    mean, logs = 0.0, 0.0
    for k in range(joined.size):
        mean += (k + 2) * (joined[k] / total)
        logs += c_log_c(joined[k], table)
    second, third, fourth = 0.0, 0.0, 0.0
    for k in range(joined.size):
        away = k + 2 - mean
        moment = away * away * (joined[k] / total)
        second += moment
        third += moment * away
        fourth += moment * away * away
    contrast = values[CONTRAST]
    # Var(i + j) = 2 Var(i) + 2 Cov(i, j), and E(i - j)^2 = 2 Var(i) - 2 Cov(i, j).
    variance = (second + contrast) / 4
    values[JOINT_AVERAGE], values[JOINT_VARIANCE] = mean / 2, variance
    values[SUM_AVERAGE], values[SUM_VARIANCE] = mean, second
    values[SUM_ENTROPY] = math.log2(total) - logs / total
    values[AUTOCORRELATION] = (second - contrast) / 4 + mean * mean / 4
    values[CLUSTER_TENDENCY], values[CLUSTER_SHADE] = second, third
    values[CLUSTER_PROMINENCE] = fourth
    marginal = 0.0
    levels = 0
    for i in range(single.size):
        marginal += c_log_c(single[i], table)
        levels += single[i] != 0
    entropy = math.log2(total) - marginal / total
    # For a symmetric matrix, the entropies of its independent twin (HXY1, HXY2 in IBSI's terms)
    # are both twice the entropy of the marginal.
    shared = max(2 * entropy - values[JOINT_ENTROPY], 0.0)
    values[INFORMATION_CORRELATION_2] = math.sqrt(1 - math.exp(-2 * shared))
    if levels > 1:
        values[CORRELATION] = (second - contrast) / 4 / variance
        values[INFORMATION_CORRELATION_1] = -shared / entropy
