"""Mask files to boolean arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ksfeat.errors import InputError
from ksfeat.io.raster import read_raster


def read_mask(path: Path, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Read a raster mask: every pixel that is not zero (black) belongs to the region.

    Parameters
    ----------
    path : Path
        The mask file.
    shape : tuple of int
        The shape of the image it belongs to, before any crop.
    name : str
        How to call the mask in an error.

    Returns
    -------
    ndarray of bool
        In `shape`.

    Raises
    ------
    InputError
        If the file cannot be read, holds NaN or has another shape.
    """
    pixels, unit = read_raster(path, name)
    if pixels.dtype.kind == "f" and np.isnan(pixels).any():
        raise InputError(f"{name}: NaN in a mask; expected 0 outside the region; replace them")
    mask = np.asarray(pixels.any(axis=-1) if unit == "rgb" else pixels != 0)
    if mask.shape != shape:
        raise InputError(
            f"{name}: a mask of {_size(mask.shape)}; expected the image's {_size(shape)}; "
            "draw it on the image in its full size"
        )
    return mask


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(str(length) for length in reversed(shape))
