"""The point spread: a finely painted slice seen through the kernel, at the pixels of the image."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import fft
from scipy.special import j0

from ksfeat.phantom.scanner.protocol import Transfer


def fineness(pixel_mm: float, kernel: Transfer) -> int:
    """Return into how many points a pixel's side is divided: enough for what the kernel passes."""
    return max(int(np.ceil(2 * pixel_mm * kernel.mtf10)), 1)


def spread(fine: np.ndarray, step_mm: float, factor: int, transfer: np.ndarray) -> np.ndarray:
    """Filter slices and keep the points in the middle of the pixels.

    Aliasing beyond the pixels' own frequency limit stays, as it does in a reconstruction.

    Parameters
    ----------
    fine : ndarray of float32, shape (beams, factor * m, factor * n)
        Finely painted slices.
    step_mm : float
        Distance of the fine points.
    factor : int
        Fine points along a pixel.
    transfer : ndarray of complex64, shape (factor * m, factor * n // 2 + 1)
        From `transfer_of`.

    Returns
    -------
    ndarray of float32, shape (beams, m, n)
    """
    high, wide = fine.shape[-2] // factor, fine.shape[-1]
    spectrum = fft.rfft2(fine) * transfer
    # Keeping each factor-th row is folding the spectrum: cheaper before than after the transform.
    folded = spectrum.reshape(len(fine), factor, high, -1).mean(axis=1)
    rows = fft.irfft(fft.ifft(folded, axis=1), n=wide, axis=2)
    return rows[:, :, ::factor].astype(np.float32)


@lru_cache(maxsize=4)
def transfer_of(
    kernel: Transfer, shape: tuple[int, int], factor: int, step_mm: float, sway_mm: float = 0.0
) -> np.ndarray:
    """Return the transfer of fine points to pixels: kernel, motion, and where the pixels lie.

    `shape` is the number of fine rows and columns, `sway_mm` the amplitude of a swing along y
    during the scan.
    """
    down, across = fft.fftfreq(shape[0], step_mm), fft.rfftfreq(shape[1], step_mm)
    radius = np.hypot(down[:, None], across[None, :])
    # The painter's ramp of one fine point is a blur of its own, which the kernel already counts.
    contrast = kernel(radius) / np.sinc(np.minimum(radius * step_mm, 0.75))
    contrast *= j0(2 * np.pi * down * sway_mm)[:, None]
    shift = 0.5 * (factor - 1) * step_mm
    phase = np.exp(2j * np.pi * shift * (down[:, None] + across[None, :]))
    return (contrast * phase).astype(np.complex64)
