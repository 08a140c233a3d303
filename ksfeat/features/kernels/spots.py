"""All numbers of all candidates of a slice, in one pass."""

from __future__ import annotations

import numpy as np

from ksfeat.features.kernels.spot_regions import (
    LARGEST,
    N_REGION,
    grow_region,
    measure_region,
)
from ksfeat.features.kernels.spot_surroundings import (
    N_RAYS,
    N_RINGS,
    measure_curvature,
    measure_directions,
    measure_rays,
    measure_rings,
    measure_symmetry,
    sort_circle,
)
from ksfeat.scale.compiled import kernel, part_of_kernel

_RISE = 2.0  # levels; noise that a downhill way may climb
_FLOOD, _LEAST = 40.0, 150  # squared scales, pixels; what grows further is no spot
_SCALES = 7
_N_RINGS_OUT = 2 * N_RINGS + 16
N_SPOT = _SCALES - 1 + _SCALES + 6 + 2 + N_REGION + 2 + 2 + _N_RINGS_OUT + 12 + N_RAYS + 3


@kernel(
    "void(float32[:,::1], float32[:,:,::1], float64[::1], float32[:,::1], float32[:,::1], "
    "int32[:,::1], "
    "int64[:,::1], int64[::1], int64[:,::1], float64[:,::1])"
)
def describe_spots(  # noqa: PLR0913 - what numba takes: arrays, no object
    levels: np.ndarray,
    smooth: np.ndarray,
    sigmas: np.ndarray,
    bone_distance: np.ndarray,
    dark_distance: np.ndarray,
    labels: np.ndarray,
    points: np.ndarray,
    scales: np.ndarray,
    ring_offsets: np.ndarray,
    values: np.ndarray,
) -> None:
    """Describe each candidate.

    Parameters
    ----------
    levels : ndarray of float32, shape (H, W)
        Soft tissue is 0.
    smooth : ndarray of float32, shape (7, H, W)
        Blurred by `sigmas`.
    sigmas : ndarray of float64, shape (7,)
        In pixels.
    bone_distance, dark_distance : ndarray of float32, shape (H, W)
        In pixels.
    labels : ndarray of int32, shape (H, W)
        Bright components.
    points : ndarray of int64, shape (n, 2)
        Row and column.
    scales : ndarray of int64, shape (n,)
        Place in `sigmas`.
    ring_offsets : ndarray of int64, shape (m, 3)
        Rows down and columns right of a candidate that are read, and the ring of each.
    values : ndarray of float64, shape (n, N_SPOT)
        Filled in, in the order of `ksfeat.features.stones`.
    """
    mark = np.zeros(levels.shape, dtype=np.int32)
    queue = np.empty((LARGEST, 2), dtype=np.int64)
    for number in range(len(points)):
        seed = (points[number, 0], points[number, 1])
        scale, out = scales[number], values[number]
        at = 0
        for s in range(_SCALES - 1):
            out[at] = smooth[s][seed] - smooth[s + 1][seed]
            at += 1
        for s in range(_SCALES):
            out[at] = smooth[s][seed]
            at += 1
        own = min(scale, _SCALES - 2)
        for s in (own, 1, 3):
            step = max(round(sigmas[s]), 1)
            measure_curvature(smooth[s], seed, step, out[at : at + 2])
            at += 2
        at = _grow(levels, smooth, seed, sigmas[own], mark, 3 * number + 1, queue, out, at)
        for reach in (3, 7):
            out[at] = measure_symmetry(levels, seed, reach)
            at += 1
        measure_rings(levels, seed, ring_offsets, out[at : at + _N_RINGS_OUT])
        at += _N_RINGS_OUT
        for s, radius in ((1, 6.0), (2, 14.0), (3, 28.0)):
            measure_directions(smooth[s], seed, radius, out[at : at + 4])
            at += 4
        measure_rays(bone_distance, dark_distance, labels, seed, out[at : at + N_RAYS])
        at += N_RAYS
        out[at], out[at + 1] = bone_distance[seed], dark_distance[seed]
        out[at + 2] = _sharpness(levels, seed)


@part_of_kernel
def _grow(  # noqa: PLR0913 - as above
    levels: np.ndarray,
    smooth: np.ndarray,
    seed: tuple[int, int],
    sigma: float,
    mark: np.ndarray,
    stamp: int,
    queue: np.ndarray,
    out: np.ndarray,
    at: int,
) -> int:
    """Grow the spot at three heights; measure it in full at the middle one."""
    # A disc is most prominent at a scale of its radius over sqrt(2): its area is 6 squares of it.
    most = min(max(int(_FLOOD * sigma * sigma), _LEAST), LARGEST)
    base = _background(smooth[0], seed, 2.5 * sigma + 3.0)
    peak = levels[seed]
    height, width = levels.shape
    for r in range(max(seed[0] - 1, 0), min(seed[0] + 2, height)):
        for c in range(max(seed[1] - 1, 0), min(seed[1] + 2, width)):
            peak = max(peak, levels[r, c])
    rise = float(max(peak - base, 1.0))
    out[at], out[at + 1] = base, rise
    at += 2
    count = grow_region(
        levels, smooth[0], seed, (base + 0.5 * rise, _RISE, most), mark, stamp, queue
    )
    measure_region(levels, mark, queue, count, out[at : at + N_REGION])
    at += N_REGION
    for k in range(2):
        share = 0.3 if k == 0 else 0.7
        limits = (base + share * rise, _RISE, most)
        grown = grow_region(levels, smooth[0], seed, limits, mark, stamp + 1 + k, queue)
        out[at] = grown / count
        at += 1
    return at


@part_of_kernel
def _background(smooth: np.ndarray, seed: tuple[int, int], radius: float) -> float:
    """Return the median of 16 places on a circle."""
    found = np.empty(16)
    sort_circle(smooth, seed, radius, found)
    return (found[7] + found[8]) / 2


@part_of_kernel
def _sharpness(levels: np.ndarray, seed: tuple[int, int]) -> float:
    """Return the highest level within 2 pixels less the mean of the 8 neighbours of its place."""
    height, width = levels.shape
    row, column = seed
    for r in range(max(seed[0] - 2, 0), min(seed[0] + 3, height)):
        for c in range(max(seed[1] - 2, 0), min(seed[1] + 3, width)):
            if levels[r, c] > levels[row, column]:
                row, column = r, c
    total, n = 0.0, 0
    for r in range(max(row - 1, 0), min(row + 2, height)):
        for c in range(max(column - 1, 0), min(column + 2, width)):
            total += levels[r, c]
            n += 1
    peak = levels[row, column]
    return peak - (total - peak) / max(n - 1, 1)
