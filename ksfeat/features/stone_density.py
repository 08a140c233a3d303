"""How dense each candidate for a stone is, in HU of the image itself, at one energy or two."""

from __future__ import annotations

from functools import cache

import numpy as np

from ksfeat.features.identity import Feature
from ksfeat.image import StoneImage

_NO_HU = "the image is not in HU"
_NO_SECOND = "the image has no second energy, or the mean there is not above 0"
# name, title, unit, when it is not defined
_DENSITY = (
    ("hu_maximum", "highest value of the 3 x 3 pixels at its place", "HU", _NO_HU),
    ("hu_mean", "mean of these pixels", "HU", _NO_HU),
    ("hu_per_mm", "highest value over the major axis", "HU/mm", f"{_NO_HU}, or no spacing known"),
    (
        "laplacian_over_hu",
        "peak less the mean of its 8 neighbours, over the peak",
        "1",
        f"{_NO_HU}, or the peak is not above 0",
    ),
    ("dual_ratio", "mean of these pixels over that at the second energy", "1", _NO_SECOND),
)
_STEPS = np.array([(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)])


@cache
def density_features() -> tuple[Feature, ...]:
    """Return the identities of the columns of `describe_density`."""
    return tuple(Feature(f"stones_{n}", "stones", t, u, None, w) for n, t, u, w in _DENSITY)


def describe_density(image: StoneImage, centres: np.ndarray, major_mm: np.ndarray) -> np.ndarray:
    """Measure candidates in the image's own pixels, which no window has clipped.

    Parameters
    ----------
    image : StoneImage
        A slice.
    centres : ndarray of float64, shape (n, 2)
        x and y of the candidates, pixel centres at halves.
    major_mm : ndarray of float64, shape (n,)
        Major axes in millimetres; NaN where the image has no spacing.

    Returns
    -------
    ndarray of float64, shape (n, 5)
        In the order of `density_features`; all NaN where the image is not in HU.

    References
    ----------
    The ratio of the Laplacian at a stone's peak to its highest HU tells uric acid from other stones
    on single-energy CT (European Radiology, doi:10.1007/s00330-021-07713-3); here the Laplacian is
    divided by its 8 neighbours, which scales the ratio by a constant.

    Examples
    --------
    >>> pixels = np.zeros((9, 9))
    >>> pixels[4, 4] = 900.0
    >>> image = StoneImage(pixels, unit="HU")
    >>> describe_density(image, np.array([[4.5, 4.5]]), np.array([2.0]))[0, :4].tolist()
    [900.0, 100.0, 450.0, 1.0]
    """
    found = np.full((len(centres), len(_DENSITY)), np.nan)
    if image.unit != "HU" or len(centres) == 0:
        return found
    first = _patches(image.pixels, centres)
    highest, mean = first.max(axis=1), first.mean(axis=1)
    beside = (first.sum(axis=1) - highest) / (len(_STEPS) - 1)
    found[:, 0], found[:, 1] = highest, mean
    found[:, 2] = highest / np.maximum(major_mm, 1e-9)
    found[:, 3] = np.where(highest > 0, (highest - beside) / np.maximum(highest, 1e-9), np.nan)
    if image.second_energy is not None:
        second = _patches(image.second_energy, centres).mean(axis=1)
        found[:, 4] = np.where(second > 0, mean / np.maximum(second, 1e-9), np.nan)
    return found


def _patches(pixels: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the 3 x 3 pixels at each place, (n, 9); the edge is repeated."""
    last = np.array(pixels.shape) - 1
    places = np.floor(centres[:, None, ::-1]).astype(np.intp) + _STEPS
    rows, columns = np.clip(places, 0, last).transpose(2, 0, 1)
    return pixels[rows, columns].astype(np.float64)
