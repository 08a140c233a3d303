"""fastrad 1.0.0 (torch, on one processor); versions from 1.1 need Python 3.12.

It knows widths of bins only, so it gets that which makes about the number of levels; its maximal
correlation coefficient cannot be switched off.
"""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import torch
from fastrad import FeatureExtractor, FeatureSettings, Mask, MedicalImage

VERSION = version("fastrad")
_FAMILIES = ["glcm", "glrlm", "glszm", "ngtdm", "gldm"]
torch.set_num_threads(1)


def families(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return all features of the five families."""
    return _compute(_FAMILIES, pixels, mask, spacing, levels)


def glcm(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the co-occurrence features."""
    return _compute(["glcm"], pixels, mask, spacing, levels)


def shape(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the shape of a volume."""
    return _compute(["shape"], pixels, mask, spacing, levels)


def sizes(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the same: it computes all of it at once."""
    return shape(pixels, mask, spacing, levels)


def _compute(
    names: list[str], pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    flat = pixels.ndim == 2
    volume = pixels[None] if flat else pixels
    sides = (1.0, *map(float, spacing)) if flat else tuple(map(float, spacing))
    settings = FeatureSettings(
        feature_classes=names,
        bin_width=float(np.ptp(pixels[mask])) / levels,
        device="cpu",
        force2D=flat,
    )
    image = MedicalImage(torch.from_numpy(volume.astype(np.float32)), sides)
    region = Mask(torch.from_numpy(mask.reshape(volume.shape).astype(np.float32)), sides)
    return {k: float(v) for k, v in FeatureExtractor(settings).extract(image, region).items()}
