"""Local binary patterns."""

from __future__ import annotations

import numpy as np

from ksfeat.scale.compiled import kernel, part_of_kernel


@kernel("int64[::1](float64[:,::1], uint8[:,::1], int64[:,::1], float64[:,::1], int64, float64)")
def count_patterns(
    pixels: np.ndarray,
    centres: np.ndarray,
    corners: np.ndarray,
    weights: np.ndarray,
    margin: int,
    tolerance: float,
) -> np.ndarray:
    """Count the uniform local binary patterns round the given centres.

    Parameters
    ----------
    pixels : ndarray of float64, shape (H, W)
        Intensities.
    centres : ndarray of uint8, shape (H, W)
        Not 0 where a pixel counts; all its neighbours lie within `margin`.
    corners : ndarray of int64, shape (P, 2)
        Row and column offset of the upper left pixel that each of P samples lies between.
    weights : ndarray of float64, shape (P, 4)
        Bilinear weights of the upper left, upper right, lower left and lower right pixel.
    margin : int
        Largest distance of a neighbour, along an axis.
    tolerance : float
        A sample counts as bright if it is not darker than its centre by more than this.

    Returns
    -------
    ndarray of int64, shape (P + 2,)
        Patterns with 0..P bright samples and at most two changes along the circle, then all others.
    """
    height, width = pixels.shape
    samples = corners.shape[0]
    counts = np.zeros(samples + 2, dtype=np.int64)
    # One bit a sample, a row at a time: the inner loop has no branch and becomes vector code.
    bits = np.zeros(width, dtype=np.int64)
    for row in range(margin, height - margin):
        bits[:] = 0
        for sample in range(samples):
            upper = row + corners[sample, 0]
            shift = corners[sample, 1]
            w0, w1 = weights[sample, 0], weights[sample, 1]
            w2, w3 = weights[sample, 2], weights[sample, 3]
            for column in range(margin, width - margin):
                left = column + shift
                value = w0 * pixels[upper, left] + w1 * pixels[upper, left + 1]
                value += w2 * pixels[upper + 1, left] + w3 * pixels[upper + 1, left + 1]
                bright = value >= pixels[row, column] - tolerance
                bits[column] |= np.int64(bright) << sample
        for column in range(margin, width - margin):
            if centres[row, column] != 0:
                counts[_pattern(bits[column], samples)] += 1
    return counts


@part_of_kernel
def _pattern(bits: int, samples: int) -> int:
    """Return the number of bright samples, or P + 1 where the pattern is not uniform."""
    bright = 0
    changes = 0
    last = (bits >> (samples - 1)) & 1
    for sample in range(samples):
        bit = (bits >> sample) & 1
        bright += bit
        changes += bit ^ last
        last = bit
    return bright if changes <= 2 else samples + 1
