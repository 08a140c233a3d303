"""MIRP 2.7.0, through its one entry for arrays."""

from __future__ import annotations

import logging
import re
from importlib.metadata import version

import numpy as np
from mirp import extract_features

VERSION = version("mirp")
_FAMILIES = ["cm", "rlm", "szm", "ngtdm", "ngldm"]
_PREFIXES = ("cm_", "rlm_", "szm_", "ngt_", "ngl_", "morph_", "stat_", "ih_")

_HOW = re.compile(r"(_d1)?(_a0\.0)?(_[23]d(_avg)?)?_fbn_n\d+$")


def families(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return all features of the five families."""
    return _compute(_FAMILIES, pixels, mask, levels)


def glcm(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the co-occurrence features."""
    return _compute(["cm"], pixels, mask, levels)


def intensity(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return statistics and histogram of the intensities."""
    return _compute(["statistics", "intensity_histogram"], pixels, mask, levels)


def shape(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the morphology of a volume of voxels of 1 mm: arrays have no spacing here."""
    if pixels.ndim == 2 or not (spacing == 1).all():
        raise NotImplementedError("it describes volumes only, and its arrays have no spacing")
    return _compute(["morphology"], pixels, mask, levels)


def _compute(
    asked: list[str], pixels: np.ndarray, mask: np.ndarray, levels: int
) -> dict[str, float]:
    logging.disable(logging.CRITICAL)
    flat = pixels.ndim == 2
    volume = pixels[None] if flat else pixels
    merged = "2d_average" if flat else "3d_average"
    table = extract_features(
        image=volume.astype(np.float64),
        mask=mask.reshape(volume.shape).astype(np.int64),
        by_slice=flat,
        base_feature_families=asked,
        base_discretisation_method="fixed_bin_number",
        base_discretisation_n_bins=levels,
        glcm_spatial_method=merged,
        glrlm_spatial_method=merged,
    )[0]
    row = table.iloc[0]
    names = [name for name in table.columns if name.startswith(_PREFIXES)]
    return {_HOW.sub("", name): float(row[name]) for name in names}
