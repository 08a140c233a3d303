"""Nyxus 0.11.0 (C++), slices only: it reads volumes from files alone."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

import numpy as np
from nyxus import Nyxus

VERSION = version("nyxus")
_FAMILIES = ("*ALL_GLCM*", "*ALL_GLRLM*", "*ALL_GLSZM*", "*ALL_NGTDM*", "*ALL_GLDM*")
_PREFIXES = ("GLCM_", "GLRLM_", "GLSZM_", "NGTDM_", "GLDM_")


def families(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return all features of the five families, each direction and their average."""
    return _compute(_FAMILIES, pixels, mask, levels)


def glcm(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the co-occurrence features."""
    return _compute(_FAMILIES[:1], pixels, mask, levels)


@cache
def _engine(names: tuple[str, ...], levels: int) -> Nyxus:
    engine = Nyxus(list(names), coarse_gray_depth=levels, n_feature_calc_threads=1)
    engine.set_metaparam("glcm/offset=1")  # without it each pixel is paired with itself
    return engine


def _compute(
    names: tuple[str, ...], pixels: np.ndarray, mask: np.ndarray, levels: int
) -> dict[str, float]:
    if pixels.ndim == 3:
        raise NotImplementedError("it reads volumes from files only")
    if not mask.all():
        raise NotImplementedError("it describes the box around a mask")
    # It takes no intensity below 0, and its bins begin there.
    image = np.clip(pixels.astype(np.int64) - pixels[mask].min(), 0, None).astype(np.uint32)
    row = _engine(names, levels).featurize(image, mask.astype(np.uint32)).iloc[0]
    return {name: float(row[name]) for name in row.index if name.startswith(_PREFIXES)}
