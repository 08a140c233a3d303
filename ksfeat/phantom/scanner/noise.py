"""Noise: its spectrum, its correlation from slice to slice, and its strength at each place."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from scipy import fft

from ksfeat.phantom.scanner.profile import sensitivity
from ksfeat.phantom.scanner.projection import mean_inverse_transmission
from ksfeat.phantom.scanner.protocol import Transfer, setting, transfer
from ksfeat.phantom.scanner.scan import Scan

_LAYERS = 4  # independent layers of noise in a slice thickness
COARSE = 64  # pixels along a side where path lengths are reckoned
_ANGLES = 24
_ALIASES = 3  # the kernels pass nothing beyond the third repetition of the spectrum


def noise(
    scan: Scan, hu: np.ndarray, z: float, seed: int, rows: tuple[int, int] | None = None
) -> np.ndarray:
    """Return the noise of a slice, or of some of its rows.

    Parameters
    ----------
    scan : Scan
        How it is scanned.
    hu : ndarray of float32, shape (beams, m, m)
        The slice without noise, coarse or fine: the longer the way through the body, the fewer the
        photons.
    z : float
        Height of the slice, in mm: slices that overlap share noise.
    seed : int
        Of the whole scan.
    rows : tuple of int, optional
        First and last row, half-open; all of them if not given.

    Returns
    -------
    ndarray of float32, shape (beams, rows, n)
        In HU, independent between the beams.
    """
    colour = spectrum_filter(transfer(scan.kernel), scan.size, scan.pixel_mm)
    seen = slice(*(rows or (0, scan.size)))
    found = []
    for number, beam in enumerate(scan.beams):
        white = _white(scan, z, seed, number)
        coloured = fft.irfft2(fft.rfft2(white) * colour, s=white.shape)
        found.append(coloured[seen] * strength(scan, hu[number], beam)[seen])
    return np.array(found)


def strength(scan: Scan, hu: np.ndarray, beam: str) -> np.ndarray:
    """Return the standard deviation of the noise at each pixel, in HU.

    The reference is the middle of a water cylinder. Variance goes as 1 / (dose x thickness), with
    the kernel as the power that it passes, and with the mean over all directions of
    the number of photons lost on the way.
    """
    coarse = cv2.resize(hu, (COARSE, COARSE), interpolation=cv2.INTER_AREA)
    water = setting("water_mu", beam)
    density = np.maximum(water * (1 + coarse.astype(np.float64) / 1000), 0.0)
    lost = mean_inverse_transmission(density, scan.field_mm / COARSE, _ANGLES)
    reference = np.exp(water * setting("reference_diameter"))
    shape = (scan.size, scan.size)
    local = cv2.resize(np.sqrt(lost / reference), shape, interpolation=cv2.INTER_LINEAR)
    return (reference_noise(scan) * local).astype(np.float32)


def reference_noise(scan: Scan) -> float:
    """Return the noise in the middle of the reference cylinder, in HU."""
    thickness = setting("reference_thickness") / scan.thickness_mm
    gain = transfer(scan.kernel).noise_gain / transfer("soft").noise_gain
    return setting("reference_noise") * gain * float(np.sqrt(thickness / scan.dose))


@lru_cache(maxsize=4)
def spectrum_filter(kernel: Transfer, size: int, pixel_mm: float) -> np.ndarray:
    """Return what turns white noise into that of a kernel, with a standard deviation of 1.

    Power at frequencies that the pixels cannot hold is folded back, as sampling does.
    """
    down, across = fft.fftfreq(size, pixel_mm), fft.rfftfreq(size, pixel_mm)
    power = np.zeros((size, len(across)))
    for i in range(-_ALIASES, _ALIASES + 1):
        for j in range(-_ALIASES, _ALIASES + 1):
            rows, columns = down[:, None] + i / pixel_mm, across[None, :] + j / pixel_mm
            power += kernel.noise_power(np.hypot(rows, columns))
    twice = np.full(len(across), 2.0)  # the half of the spectrum that a real transform leaves out
    twice[0] = 1.0
    if size % 2 == 0:
        twice[-1] = 1.0
    return np.sqrt(power / ((power * twice).sum() / size**2)).astype(np.float32)


def _white(scan: Scan, z: float, seed: int, beam: int) -> np.ndarray:
    """Return white noise of a slice: the sum of the layers that it sees, each with its own seed."""
    step = scan.thickness_mm / _LAYERS
    collimation = setting("collimation")
    reach = 0.5 * (scan.thickness_mm + min(collimation, scan.thickness_mm))
    layers = np.arange(int(np.ceil((z - reach) / step)), int(np.floor((z + reach) / step)) + 1)
    weights = sensitivity(layers * step - z, scan.thickness_mm, collimation)
    weights /= np.sqrt((weights**2).sum())
    total = np.zeros((scan.size, scan.size), dtype=np.float32)
    for layer, weight in zip(layers, weights.astype(np.float32), strict=True):
        if weight > 0:
            total += weight * _layer(scan.size, seed, beam, int(layer))
    return total


@lru_cache(maxsize=8)  # the next slice needs some of them again
def _layer(size: int, seed: int, beam: int, number: int) -> np.ndarray:
    source = np.random.SFC64([seed, beam, number % 2**32])
    return np.random.Generator(source).standard_normal((size, size), dtype=np.float32)
