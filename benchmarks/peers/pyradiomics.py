"""pyradiomics 3.0.1: its feature classes, called directly (no reading, resampling or cropping)."""

from __future__ import annotations

import logging

import numpy as np
import radiomics
import SimpleITK as sitk  # noqa: N813
from radiomics import firstorder, gldm, glrlm, glszm, ngtdm, shape2D
from radiomics import glcm as pairs
from radiomics import shape as solid

VERSION = radiomics.__version__
logging.getLogger("radiomics").setLevel(logging.ERROR)
_CLASSES = {
    "glcm": pairs.RadiomicsGLCM,
    "glrlm": glrlm.RadiomicsGLRLM,
    "glszm": glszm.RadiomicsGLSZM,
    "ngtdm": ngtdm.RadiomicsNGTDM,
    "gldm": gldm.RadiomicsGLDM,
}


def families(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return all features of the five families but the maximal correlation coefficient."""
    return _compute(tuple(_CLASSES), pixels, mask, levels)


def glcm(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the co-occurrence features but the maximal correlation coefficient."""
    return _compute(("glcm",), pixels, mask, levels)


def intensity(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the statistics of the intensities."""
    described = firstorder.RadiomicsFirstOrder(*_images(pixels, mask, spacing), binCount=levels)
    return _all("firstorder", described)


def shape(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the shape of a volume or of a slice."""
    images = _images(pixels, mask, spacing)
    if pixels.ndim == 3:
        return _all("shape", solid.RadiomicsShape(*images))
    return _all("shape2D", shape2D.RadiomicsShape2D(*images, force2D=True, force2Ddimension=0))


def sizes(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the same: it computes all of it at once."""
    return shape(pixels, mask, spacing, levels)


def _images(pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray) -> list[sitk.Image]:
    volume = pixels[None] if pixels.ndim == 2 else pixels
    sides = [1.0] * (3 - pixels.ndim) + [float(size) for size in spacing]
    region = mask.reshape(volume.shape).astype(np.uint8)
    images = [sitk.GetImageFromArray(part) for part in (volume, region)]
    for image in images:
        image.SetSpacing(sides[::-1])
    return images


def _compute(
    names: tuple[str, ...], pixels: np.ndarray, mask: np.ndarray, levels: int
) -> dict[str, float]:
    images = _images(pixels, mask, np.ones(pixels.ndim))
    flat = pixels.ndim == 2
    found: dict[str, float] = {}
    for name in names:
        described = _CLASSES[name](*images, binCount=levels, force2D=flat, force2Ddimension=0)
        found |= _all(name, described)
    return found


def _all(name: str, described: radiomics.base.RadiomicsFeaturesBase) -> dict[str, float]:
    described.enableAllFeatures()
    described.enabledFeatures.pop("MCC", None)
    return {f"{name}_{key}": float(value) for key, value in described.execute().items()}
