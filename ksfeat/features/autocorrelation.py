"""Moran's I and Geary's C of a region: all pairs of its voxels, weighted by closeness.

Sums over pairs depend on the step between two voxels alone, so they are correlations, and the
Fourier transform turns n^2 pairs into n log n.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from ksfeat.features.kernels.solids import sum_spectra
from ksfeat.features.kernels.workspace import workspace
from ksfeat.features.statistics import ratio

_TOGETHER = 400_000  # numbers, which stay in the cache


def autocorrelation(
    pixels: np.ndarray, mask: np.ndarray, spacing_mm: tuple[float, ...]
) -> tuple[float, float]:
    """Return Moran's I and Geary's C, with the inverse distance as weight.

    Parameters
    ----------
    pixels : ndarray, shape (H, W) or (Z, H, W)
        Intensities.
    mask : ndarray of bool, in the shape of `pixels`
        The region.
    spacing_mm : tuple of float
        Of the axes.

    Returns
    -------
    moran, geary : float
        NaN where there is one voxel only, or one intensity.

    References
    ----------
    .. [1] P. A. P. Moran, "Notes on continuous stochastic phenomena", Biometrika 37 (1950) 17-23.
    .. [2] R. C. Geary, "The contiguity ratio and statistical mapping", The Incorporated
           Statistician 5 (1954) 115-145.

    Examples
    --------
    >>> row = np.array([[0.0, 1.0, 0.0, 1.0]])
    >>> [round(value, 6) for value in autocorrelation(row, row >= 0, (1.0, 1.0))]
    [-0.538462, 1.153846]
    """
    values = pixels[mask]
    number, mean = values.size, values.mean()
    if number < 2 or values.min() == values.max():
        return np.nan, np.nan
    above = np.where(mask, pixels - mean, 0.0)
    squares = float(np.square(above).sum())
    weights, products, sums = _sum_pairs(np.stack([mask, above, above * above]), spacing_mm)
    moran = ratio(number * products, weights * squares)
    geary = ratio((number - 1) * (sums - products), weights * squares)
    return float(moran), float(geary)


def _sum_pairs(fields: np.ndarray, spacing_mm: tuple[float, ...]) -> np.ndarray:
    """Sum over all pairs, weighted by closeness: 0 with 0, 1 with 1, and 2 with 0.

    Frequencies of the last axis are summed by themselves, some at a time, to stay in the cache.
    """
    shape = fields.shape[1:]
    fields = fields.reshape(3, *(1,) * (3 - len(shape)), *shape)
    spacing = (1.0,) * (3 - len(shape)) + spacing_mm
    half = [fft.next_fast_len(length, real=True) for length in fields.shape[1:]]
    closeness = _closeness(half, fields.shape[1:], spacing)
    number, depth, height = half[2] + 1, *fields.shape[1:3]
    size = number * 3 * depth * height
    rows = workspace("rows", size, np.complex128).reshape(number, 3, depth, height)
    for row, field in zip(rows.swapaxes(0, 1), fields, strict=True):
        np.copyto(row, np.moveaxis(fft.rfft(field, 2 * half[2], axis=2), 2, 0))
    # A real field has each frequency twice but the first and the last.
    often = np.full(len(rows), 2.0)
    often[[0, -1]] = 1.0
    total = np.zeros(3)
    together = max(_TOGETHER // (12 * half[0] * half[1]), 1)
    for first in range(0, len(rows), together):
        part = slice(first, first + together)
        spectra = fft.fft(rows[part], 2 * half[1], axis=3)
        spectra = fft.fft(spectra, 2 * half[0], axis=2, overwrite_x=True)
        total += sum_spectra(spectra, closeness[part]) @ often[part]
    return total / (8 * np.prod(half))


def _closeness(
    half: list[int], shape: tuple[int, ...], spacing_mm: tuple[float, ...]
) -> np.ndarray:
    """Return the transform of 1 / distance, by frequency from 0 to `half`, the last axis first."""
    squares = np.zeros([length + 1 for length in half])
    for axis, (length, step) in enumerate(zip(half, spacing_mm, strict=True)):
        along = np.square(np.arange(length + 1) * step)
        squares += along.reshape([-1 if other == axis else 1 for other in range(3)])
    squares.flat[0] = np.inf  # no voxel is its own neighbour
    closeness = 1 / np.sqrt(squares)
    for axis, length in enumerate(shape):  # steps longer than the region wrap around
        np.moveaxis(closeness, axis, 0)[length:] = 0.0
    # The transform of what is even, in an eighth of the work.
    return np.ascontiguousarray(np.moveaxis(fft.dctn(closeness, type=1), 2, 0))
