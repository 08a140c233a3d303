"""Mask files of any format to boolean arrays on the grid of their image."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.formats import decode, format_of

_LOSSY = (".jpg", ".jpeg")


def read_mask(path: Path, image: StoneImage, name: str, label: int | None = None) -> np.ndarray:
    """Read a mask: every pixel that is not zero, or that has one value, belongs to the region.

    Parameters
    ----------
    path : Path
        The mask file.
    image : StoneImage
        The image it belongs to, before any crop.
    name : str
        How to call the mask in an error.
    label : int, optional
        The value of the region, where a mask holds several; by default all but zero. Of DICOM, the
        number of a segment (SEG) or of a region of interest (RTSTRUCT).

    Returns
    -------
    ndarray of bool
        In the shape of the image's grid.

    Raises
    ------
    InputError
        If the file cannot be read, holds NaN, has another shape, or lacks the label.
    """
    if (drawn := _delineation(path, image, name, label)) is not None:
        return drawn
    if path.suffix.lower() in _LOSSY:
        raise InputError(
            f"{name}: a JPEG, whose losses spread a mask beyond its edge; "
            "expected a format without losses, such as PNG; export it again"
        )
    found = decode(path, name)
    pixels = found.pixels.max(axis=-1) if found.unit == "rgb" else found.pixels
    if pixels.shape != image.shape:
        raise InputError(
            f"{name}: a mask of {_size(pixels.shape)}; expected the image's {_size(image.shape)}; "
            "draw it on the image in its full size"
        )
    if label is None:
        return pixels != 0
    if not (pixels == label).any():
        values = ", ".join(f"{value:g}" for value in np.unique(pixels)[:8])
        raise InputError(
            f"{name}: no pixel of value {label}; it holds {values}; "
            "name one of these as the region's label, or leave the image out"
        )
    return pixels == label


def _delineation(path: Path, image: StoneImage, name: str, label: int | None) -> np.ndarray | None:
    """Return what a DICOM SEG or RTSTRUCT file draws on the image; None for any other file."""
    kind = format_of(path)
    if kind is None or kind.name != "DICOM":
        return None
    from ksfeat.io.dicom import read_delineation

    return read_delineation(path, image, name, label)


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(str(length) for length in reversed(shape))
