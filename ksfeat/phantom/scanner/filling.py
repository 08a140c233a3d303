"""The share of each voxel that a stone fills, by counting sub-voxels."""

from __future__ import annotations

import numpy as np

from ksfeat.phantom.scanner.painting import window
from ksfeat.scale.compiled import kernel, part_of_kernel

_FINE = 3  # sub-pixels along each side


@part_of_kernel
def _depth(
    x: float, y: float, z: float, parts: np.ndarray, waves: np.ndarray, roughness: float
) -> float:
    """Return the least distance from the middle of a part, as a share of that of its surface."""
    least = np.inf
    for part in range(parts.shape[0]):
        u = (x - parts[part, 0]) / parts[part, 3]
        v = (y - parts[part, 1]) / parts[part, 4]
        w = (z - parts[part, 2]) / parts[part, 5]
        distance = np.sqrt(u * u + v * v + w * w)
        if distance > 1.0 + roughness * np.sqrt(2.0 * waves.shape[0]):
            continue
        relief, length = 0.0, max(distance, 1e-9)
        for k in range(waves.shape[0]):
            along = (u * waves[k, 0] + v * waves[k, 1] + w * waves[k, 2]) / length
            relief += np.sin(along + waves[k, 3])
        relief *= roughness * np.sqrt(2.0 / max(waves.shape[0], 1))
        least = min(least, distance / max(1.0 + relief, 1e-3))
    return least


@kernel(
    "float32[:,:,::1](float32[:,:,::1], float64[:,::1], float64[:,::1], float64[::1],"
    " float64[:,::1], float64[::1])"
)
def fill_stone(
    points: np.ndarray,
    parts: np.ndarray,
    waves: np.ndarray,
    surface: np.ndarray,
    layers: np.ndarray,
    frame: np.ndarray,
) -> np.ndarray:
    """Count which share of each pixel a stone's shell and its core fill.

    Parameters
    ----------
    points : ndarray of float32, shape (2, m, n)
        x and y of the pixels in the patient, in mm.
    parts : ndarray of float64, shape (k, 6)
        Centre and half axes of each ellipsoid, in mm.
    waves : ndarray of float64, shape (w, 4)
        Direction and phase of the waves that are the relief.
    surface : ndarray of float64, shape (3,)
        Roughness, the core's share of the radius, and the stone's reach in mm.
    layers : ndarray of float64, shape (l, 2)
        Where the sub-slices lie, in mm, and what they count; the latter adds up to 1.
    frame : ndarray of float64, shape (7,)
        As in `Grid`.

    Returns
    -------
    ndarray of float32, shape (2, m, n)
        The share of the shell and that of the core, each from 0 to 1.
    """
    cos, sin, step = frame[0], frame[1], frame[4]
    shares = np.zeros_like(points)
    top, bottom, left, right = window(points, parts[0, 0], parts[0, 1], surface[2], frame)
    for i in range(top, bottom):
        for j in range(left, right):
            for sub in range(_FINE * _FINE):
                across = ((sub % _FINE + 0.5) / _FINE - 0.5) * step
                down = ((sub // _FINE + 0.5) / _FINE - 0.5) * step
                x = points[0, i, j] + cos * across + sin * down
                y = points[1, i, j] + cos * down - sin * across
                for number in range(layers.shape[0]):
                    depth = _depth(x, y, layers[number, 0], parts, waves, surface[0])
                    if depth < 1.0:
                        place = 1 if depth < surface[1] else 0
                        shares[place, i, j] += np.float32(layers[number, 1] / (_FINE * _FINE))
    return shares
