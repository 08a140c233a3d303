"""Gabor filters: how strongly the region is striped, in which direction and how finely."""

from __future__ import annotations

from functools import cache

import numpy as np

from ksfeat.features.filters import along, without_rounding
from ksfeat.features.identity import Family, Feature
from ksfeat.features.surroundings import surroundings
from ksfeat.roi import Region

_WAVELENGTHS = (4, 8, 16)  # pixels
_ANGLES = (0, 45, 90, 135)  # degrees
_SIGMA = 0.56  # of a wavelength: the filter is one octave wide
_TRUNCATE = 3  # standard deviations


def compute(region: Region) -> np.ndarray:
    """Return mean and standard deviation of the response of 12 Gabor filters.

    A filter is a plane wave under a round Gaussian of 0.56 wavelengths, cut at 3 standard
    deviations, less what makes it answer to a flat image. The image is filtered, not the region
    alone: near its edge a region sees up to 27 pixels of what lies outside, as the image has it;
    the image is mirrored at its own edge.

    Parameters
    ----------
    region : Region
        What to describe.

    Returns
    -------
    ndarray of float64, shape (24,)
        For wavelengths of 4, 8 and 16 pixels, of waves that run at 0, 45, 90 and 135 degrees
        (clockwise from the rows' direction, as an image is looked at): mean, then standard
        deviation of the modulus in the region, in the unit of the image.

    References
    ----------
    .. [1] B. S. Manjunath, W. Y. Ma, "Texture features for browsing and retrieval of image data",
           IEEE Trans. Pattern Anal. Mach. Intell. 18 (1996) 837-842.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> stripes = np.tile([0.0, 0.0, 1.0, 1.0], (8, 4))  # 4 pixels a wave, along the rows
    >>> means = compute(Region.of(StoneImage(stripes)))[:8:2]
    >>> int(means.argmax())
    0
    """
    return np.array([value for length in _WAVELENGTHS for value in _of_length(region, length)])


def _of_length(region: Region, wavelength: int) -> list[float]:
    reach = len(_waves(wavelength, 0)[0]) // 2
    read = surroundings(region, reach)
    straight, oblique = _waves(wavelength, 0), _waves(wavelength, 45)
    bell = straight[0]
    smooth = along(read, bell, 0)
    flat = along(smooth, bell, 1)
    horizontal = [along(smooth, wave, 1) for wave in straight[1:]]
    smooth = along(read, bell, 1)
    vertical = [along(smooth, wave, 0) for wave in straight[1:]]
    even, odd = (along(read, wave, 1) for wave in oblique[1:])
    cc, cs, sc, ss = (along(part, wave, 0) for part in (even, odd) for wave in oblique[1:])
    # cos(a + b) and sin(a + b) from the waves along the two axes; a - b is the other diagonal.
    pairs = [horizontal, (cc - ss, cs + sc), vertical, (cc + ss, cs - sc)]
    one, two = straight[1].sum(), oblique[1].sum() ** 2  # the answers to a flat image of ones
    values = []
    for (real, imaginary), answer in zip(pairs, (one, two, one, two), strict=True):
        responses = (real - answer * flat, imaginary)
        parts = (without_rounding(part[region.mask], read) for part in responses)
        modulus = np.sqrt(sum(part * part for part in parts))
        values += [float(modulus.mean()), float(modulus.std())]
    return values


@cache
def _waves(wavelength: int, angle: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a Gaussian of sum 1, and it times the cosine and the sine of a wave at an angle."""
    sigma = _SIGMA * wavelength
    reach = int(np.ceil(_TRUNCATE * sigma))
    steps = np.arange(-reach, reach + 1.0)
    bell = np.exp(-(steps**2) / (2 * sigma**2))
    bell /= bell.sum()
    phase = 2 * np.pi / wavelength * np.cos(np.deg2rad(angle)) * steps
    return bell, bell * np.cos(phase), bell * np.sin(phase)


def family() -> Family:
    """Return the family `gabor`."""
    features = tuple(
        Feature(
            f"gabor_w{wavelength}_a{angle:03d}_{name}",
            "gabor",
            f"{title} of the response to waves of {wavelength} px at {angle} degrees",
            "intensity",
        )
        for wavelength in _WAVELENGTHS
        for angle in _ANGLES
        for name, title in (("mean", "mean"), ("sd", "standard deviation"))
    )
    return Family("gabor", features, compute)
