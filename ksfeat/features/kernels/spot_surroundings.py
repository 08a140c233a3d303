"""What lies round a bright spot: rings, directions and curvature."""

from __future__ import annotations

import math

import numpy as np

from ksfeat.scale.compiled import part_of_kernel

N_RINGS = 10
N_RAYS = 7
RAY = 60.0  # pixels
_BLIND = 3.0  # pixels; the spot itself
_GAP = 8.0  # pixels; what closing adds to a component is no bone of its own
_FAT, _GAS, _BRIGHT, _SOFT = -50.0, -105.0, 45.0, 30.0


@part_of_kernel
def _add(value: float, sums: np.ndarray) -> None:
    sums[0] += 1
    sums[1] += value
    sums[2] += value * value
    sums[3] += value < _FAT
    sums[4] += value < _GAS
    sums[5] += value > _BRIGHT
    sums[6] += abs(value) < _SOFT


@part_of_kernel
def _sum_rings(levels: np.ndarray, seed: tuple[int, int], offsets: np.ndarray) -> np.ndarray:
    height, width = levels.shape
    sums = np.zeros((N_RINGS, 7))
    for k in range(len(offsets)):
        r, c = seed[0] + offsets[k, 0], seed[1] + offsets[k, 1]
        if r >= 0 and c >= 0 and r < height and c < width:
            _add(levels[r, c], sums[offsets[k, 2]])
    return sums


@part_of_kernel
def measure_rings(
    levels: np.ndarray, seed: tuple[int, int], offsets: np.ndarray, out: np.ndarray
) -> None:
    """Write mean and SD of 10 rings, then what the outer four of them are made of."""
    sums = _sum_rings(levels, seed, offsets)
    for ring in range(N_RINGS):
        n = sums[ring, 0]
        if n == 0:
            out[ring] = out[N_RINGS + ring] = np.nan
            continue
        mean = sums[ring, 1] / n
        out[ring] = mean
        out[N_RINGS + ring] = math.sqrt(max(sums[ring, 2] / n - mean * mean, 0.0))
    for part in range(4):
        for outer in range(4):
            ring = N_RINGS - 4 + outer
            n = sums[ring, 0]
            out[2 * N_RINGS + 4 * part + outer] = sums[ring, 3 + part] / n if n > 0 else np.nan


@part_of_kernel
def sort_circle(
    smooth: np.ndarray, seed: tuple[int, int], radius: float, found: np.ndarray
) -> None:
    """Write the levels of places on a circle, evenly apart and held inside, lowest first."""
    height, width = smooth.shape
    for k in range(len(found)):
        angle = 2 * k * math.pi / len(found)
        r = min(max(seed[0] + round(radius * math.sin(angle)), 0), height - 1)
        c = min(max(seed[1] + round(radius * math.cos(angle)), 0), width - 1)
        found[k] = smooth[r, c]
    found.sort()


@part_of_kernel
def measure_directions(
    smooth: np.ndarray, seed: tuple[int, int], radius: float, out: np.ndarray
) -> None:
    """Write the lowest, the two quartiles and the highest of 8 places round a spot."""
    found = np.empty(8)
    sort_circle(smooth, seed, radius, found)
    out[0], out[1], out[2], out[3] = found[0], found[2], found[5], found[7]


@part_of_kernel
def measure_curvature(
    smooth: np.ndarray, seed: tuple[int, int], step: int, out: np.ndarray
) -> None:
    """Write the smaller eigenvalue of the negative Hessian and its share of the sum."""
    height, width = smooth.shape
    r, c = seed
    up, down = max(r - step, 0), min(r + step, height - 1)
    left, right = max(c - step, 0), min(c + step, width - 1)
    twice = 2 * smooth[r, c]
    across = twice - smooth[r, left] - smooth[r, right]
    along = twice - smooth[up, c] - smooth[down, c]
    mixed = (smooth[down, right] + smooth[up, left] - smooth[up, right] - smooth[down, left]) / 4
    middle = (across + along) / 2
    spread = math.sqrt(((across - along) / 2) ** 2 + mixed * mixed)
    out[0] = middle - spread
    out[1] = (middle - spread) / max(abs(middle) + spread, 1.0)


@part_of_kernel
def measure_symmetry(levels: np.ndarray, seed: tuple[int, int], reach: int) -> float:
    """Return how well gradients point to the spot, from -1 (a hole) to 1, weighted by strength."""
    height, width = levels.shape
    total = weight = 0.0
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            r, c = seed[0] + dy, seed[1] + dx
            if (dy == 0 and dx == 0) or r < 1 or c < 1 or r >= height - 1 or c >= width - 1:
                continue
            if dy * dy + dx * dx > reach * reach:
                continue
            gy = float(levels[r + 1, c] - levels[r - 1, c])
            gx = float(levels[r, c + 1] - levels[r, c - 1])
            total -= (gy * dy + gx * dx) / math.sqrt(dy * dy + dx * dx)
            weight += math.sqrt(gy * gy + gx * gx)
    return total / weight if weight > 0 else 0.0


@part_of_kernel
def measure_rays(
    bone_distance: np.ndarray,
    dark_distance: np.ndarray,
    labels: np.ndarray,
    seed: tuple[int, int],
    out: np.ndarray,
) -> None:
    """Write how far 16 rays run until they meet fat, gas or bone, and how many meet which.

    The bright component that the seed is in is no bone: a ray begins where it has left it.

    Inside a kidney they end in the fat round it, on all sides; beside a vertebra some end in bone.
    """
    height, width = bone_distance.shape
    lengths = np.empty(16)
    dark = bone = 0.0
    own = labels[seed]
    for k in range(16):
        dy, dx = math.sin(k * math.pi / 8), math.cos(k * math.pi / 8)
        length, begin = _BLIND, _BLIND
        while length - begin < RAY:
            r, c = seed[0] + round(length * dy), seed[1] + round(length * dx)
            if r < 0 or c < 0 or r >= height or c >= width:
                break
            if own > 0 and labels[r, c] == own:
                length += 1
                begin = length
                continue
            if dark_distance[r, c] == 0:
                dark += 1
                break
            if bone_distance[r, c] == 0 and (labels[r, c] > 0 or length - begin > _GAP):
                bone += 1
                break
            # Nothing is nearer than the distance maps say.
            length += max(min(dark_distance[r, c], bone_distance[r, c]) * 0.9, 1.0)
        lengths[k] = min(length - begin, RAY)
    lengths.sort()
    for k in range(5):
        out[k] = lengths[(0, 4, 8, 11, 15)[k]]
    out[5], out[6] = dark / 16, bone / 16
