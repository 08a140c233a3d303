"""ksfeat itself, measured as the peers are."""

from __future__ import annotations

import numpy as np

import ksfeat as library
from ksfeat.features import (
    first_order,
    glrlm,
    glszm,
    histogram,
    morphology,
    morphology_2d,
    ngldm,
    ngtdm,
)
from ksfeat.features import glcm as pairs
from ksfeat.features.aggregation import Aggregation
from ksfeat.roi import Region

VERSION = library.__version__
_FAMILIES = (pairs, glrlm, glszm, ngtdm, ngldm)
_kept: dict[tuple[object, int, str], list[str]] = {}


def families(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return all features of the five families, averaged over directions as the peers have it."""
    return _compute(_FAMILIES, pixels, mask, levels)


def glcm(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the co-occurrence features."""
    return _compute((pairs,), pixels, mask, levels)


def intensity(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return statistics and histogram of the intensities."""
    region = Region(pixels.astype(np.float64), mask)
    both = first_order.family(), histogram.family(levels)
    found: dict[str, float] = {}
    for family in both:
        found |= dict(zip(family.columns, family.compute(region).tolist(), strict=True))
    return found


def shape(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the whole morphology of a volume or of a slice."""
    module = morphology if pixels.ndim == 3 else morphology_2d
    region = Region(pixels.astype(np.float64), mask, spacing_mm=tuple(map(float, spacing)))
    return dict(zip(module.family().columns, module.compute(region).tolist(), strict=True))


def sizes(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return of the morphology of a volume what pyradiomics has, too."""
    region = Region(pixels.astype(np.float64), mask, spacing_mm=tuple(map(float, spacing)))
    values = morphology.compute_sizes(region).tolist()
    return dict(zip((f"morphology_{name}" for name in morphology.SIZES), values, strict=True))


def _compute(modules: tuple, pixels: np.ndarray, mask: np.ndarray, levels: int) -> dict[str, float]:
    region = Region(pixels.astype(np.float64), mask)
    aggregation: Aggregation = "3d_avg" if pixels.ndim == 3 else "2d_avg"
    found: dict[str, float] = {}
    for module in modules:
        values = module.compute(region, levels, aggregation).tolist()
        found |= dict(zip(_columns(module, levels, aggregation), values, strict=True))
    return found


def _columns(module: object, levels: int, aggregation: Aggregation) -> list[str]:
    key = (module, levels, aggregation)
    if key not in _kept:
        _kept[key] = module.family(levels, aggregation).columns  # type: ignore[attr-defined]
    return _kept[key]
