"""Ways of rays through a slice, and the photons lost on them."""

from __future__ import annotations

import numpy as np

from ksfeat.scale.compiled import kernel


@kernel("float64[:,::1](float64[:,::1], float64, int64)")
def mean_inverse_transmission(mu: np.ndarray, pixel_mm: float, angles: int) -> np.ndarray:
    """Return, for each pixel, the mean over parallel rays through it of exp(attenuation).

    That is how the variance of a back-projected image varies: each ray's variance is the inverse
    of the photons that come through.

    Parameters
    ----------
    mu : ndarray of float64, shape (n, n)
        Linear attenuation in 1/mm.
    pixel_mm : float
        Side of a pixel.
    angles : int
        Number of directions over half a turn.

    Returns
    -------
    ndarray of float64, shape (n, n)
    """
    size = mu.shape[0]
    mean = np.zeros((size, size))
    bins = 2 * size
    for number in range(angles):
        angle = np.pi * number / angles
        cos, sin = np.cos(angle), np.sin(angle)
        rays = np.zeros(bins + 1)
        for i in range(size):
            for j in range(size):
                place = cos * (j - 0.5 * (size - 1)) + sin * (i - 0.5 * (size - 1)) + size
                below = int(place)
                rays[below] += mu[i, j] * (1.0 - (place - below))
                rays[below + 1] += mu[i, j] * (place - below)
        rays = np.exp(rays * pixel_mm) / angles
        for i in range(size):
            for j in range(size):
                place = cos * (j - 0.5 * (size - 1)) + sin * (i - 0.5 * (size - 1)) + size
                below = int(place)
                mean[i, j] += rays[below] + (place - below) * (rays[below + 1] - rays[below])
    return mean
