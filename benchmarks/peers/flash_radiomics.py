"""flash-radiomics 1.0.0 (C), on one thread: its feature classes, called directly."""

from __future__ import annotations

import flash_radiomics as library
import numpy as np

VERSION = library.__version__
_CLASSES = {
    "glcm": library.RadiomicsGLCM,
    "glrlm": library.RadiomicsGLRLM,
    "glszm": library.RadiomicsGLSZM,
    "ngtdm": library.RadiomicsNGTDM,
    "gldm": library.RadiomicsGLDM,
}
_IN_PYTHON = {"MCC", "SumVariance", "Dissimilarity"}  # slow beside the rest, which is C
_NATIVE: dict[str, set[str]] = {}


def families(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the features of the five families that are computed in C."""
    return _compute(tuple(_CLASSES), pixels, mask, levels)


def glcm(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the co-occurrence features that are computed in C."""
    return _compute(("glcm",), pixels, mask, levels)


def shape(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the shape of a volume."""
    described = library.RadiomicsShape(
        pixels, mask.astype(np.uint8), num_threads=1, spacing=tuple(map(float, spacing[::-1]))
    )
    return {f"shape_{name}": float(value) for name, value in described.execute().items()}


def sizes(
    pixels: np.ndarray, mask: np.ndarray, spacing: np.ndarray, levels: int
) -> dict[str, float]:
    """Return the same: it computes all of it at once."""
    return shape(pixels, mask, spacing, levels)


def _compute(
    names: tuple[str, ...], pixels: np.ndarray, mask: np.ndarray, levels: int
) -> dict[str, float]:
    found = {}
    for name in names:
        described = _CLASSES[name](
            pixels, mask.astype(np.uint8), binCount=levels, num_threads=1, backend="cpu"
        )
        if name == "glcm" and name not in _NATIVE:
            _NATIVE[name] = set(described.execute()) - _IN_PYTHON
        for feature in _NATIVE.get(name, ()):
            described.enableFeatureByName(feature)
        found |= {f"{name}_{key}": float(value) for key, value in described.execute().items()}
    return found
