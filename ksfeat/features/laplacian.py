"""The Laplacian of Gaussian: blobs and edges of one size."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from ksfeat.features.filters import along
from ksfeat.features.subbands import Filter, FilterBank

_SIGMAS = (1, 2, 3)  # pixels
_TRUNCATE = 4  # standard deviations


@cache
def _weights(sigma: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a Gaussian of sum 1 and its second derivative of sum 0."""
    steps = np.arange(-_TRUNCATE * sigma, _TRUNCATE * sigma + 1.0)
    bell = np.exp(-(steps**2) / (2 * sigma**2))
    bell /= bell.sum()
    curve = (steps**2 / sigma**4 - 1 / sigma**2) * bell
    # Sampled and cut it does not quite add up to 0, and the image's brightness would come through.
    return bell, curve - curve.sum() * bell


def _respond(read: np.ndarray, axes: tuple[int, ...], sigma: int) -> np.ndarray:
    bell, curve = _weights(sigma)
    total: np.ndarray | float = 0.0
    for bent in axes:
        part = read
        for axis in axes:
            part = along(part, curve if axis == bent else bell, axis)
        total = total + part
    return np.asarray(total)


@cache
def bank(dimensions: int = 2) -> FilterBank:
    """Return Laplacians of Gaussians of 1, 2 and 3 pixels, cut at 4 standard deviations.

    Bright blobs answer with low values. The scale is in pixels, so that photographs have it too;
    "isotropic:1" before makes a pixel a millimetre. The second derivative is made to add up to 0,
    so that a flat image answers with 0.

    Parameters
    ----------
    dimensions : int, default=2
        2 filters the slices, 3 a volume.

    Examples
    --------
    >>> [each.name for each in bank(3).filters]
    ['3d_s1', '3d_s2', '3d_s3']
    """
    prefix = "3d_" if dimensions == 3 else ""
    filters = tuple(
        Filter(
            f"{prefix}s{sigma}",
            f"Laplacian of a Gaussian of {sigma} px",
            _TRUNCATE * sigma,
            partial(_respond, sigma=sigma),
        )
        for sigma in _SIGMAS
    )
    return FilterBank("log", filters, tuple(range(-dimensions, 0)))
