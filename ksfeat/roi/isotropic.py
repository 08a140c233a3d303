"""Resampling to pixels or voxels of one length in millimetres."""

from __future__ import annotations

from math import ceil, isclose, prod

import numpy as np
from scipy.sparse import csr_array

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.parameters import check_number
from ksfeat.roi.resample import origin_at, require_kept

SMALLEST_MM = 0.01
MOST_PIXELS = 2**26  # of a slice, as of a raster file
MOST_VOXELS = 2**28  # of a volume, 645 along each axis; 1 GB
_ROUNDING = 1e-6  # of float32 weights and of spacings written with few digits


def resample_isotropic(image: StoneImage, mm: float) -> StoneImage:
    """Resample a slice or a volume to a spacing of `mm` along every axis.

    The grids share their centre, as the IBSI aligns them, and the new one covers the old one. Along
    each axis values are averaged over the length of a new pixel where it is longer, as a coarser
    scan would average them, and interpolated linearly where it is shorter.

    Parameters
    ----------
    image : StoneImage
        With `spacing_mm`.
    mm : float
        The new spacing, in millimetres, from 0.01.

    Returns
    -------
    StoneImage
        The image itself where it has that spacing already. Floating-point pixels; the mask holds
        what it covers by half or more; boxes and the second energy follow.

    Raises
    ------
    InputError
        If no spacing is known, nothing is left of the mask, or the result would have over 67
        million pixels, or 268 million voxels.

    Examples
    --------
    >>> image = StoneImage(np.array([[0.0, 2.0, 4.0, 6.0]]), spacing_mm=(1.0, 0.5))
    >>> resample_isotropic(image, 1.0).pixels
    array([[1., 5.]])
    """
    check_spacing(mm)
    if image.spacing_mm is None:
        raise InputError(
            f"{image.name}: no spacing in millimetres; expected spacing_mm to resample to {mm:g} "
            "mm; read DICOM or NIfTI, or resize to a number of pixels"
        )
    if all(isclose(spacing, mm, rel_tol=_ROUNDING) for spacing in image.spacing_mm):
        return image
    shape = covering_shape(image, (mm,) * len(image.shape))
    first = first_places(image, shape, (mm,) * len(image.shape))
    axes = [
        _weights(start + np.arange(new) * mm / spacing, old, mm / spacing)
        for start, old, new, spacing in zip(
            first, image.shape, shape, image.spacing_mm, strict=True
        )
    ]
    second = image.second_energy
    return image.with_(
        pixels=_resampled(image.pixels, axes),
        mask=_resampled_mask(image, axes, mm),
        second_energy=None if second is None else _resampled(second, axes),
        boxes=None if image.boxes is None else _resampled_boxes(image, shape, mm),
        spacing_mm=(mm,) * len(shape),
        origin_mm=origin_at(image, first),
    )


def check_spacing(mm: float) -> None:
    """Raise an `InputError` if a spacing cannot be used."""
    check_number("mm", mm, SMALLEST_MM)


def covering_shape(image: StoneImage, spacing_mm: tuple[float, ...]) -> tuple[int, ...]:
    """Return the shape of a grid of another spacing, which reaches at least as far as the image.

    Raises
    ------
    InputError
        If there would be too many pixels.
    """
    lengths = np.multiply(image.shape, image.spacing_mm or ())
    shape = tuple(
        max(1, ceil(length / mm - _ROUNDING))
        for length, mm in zip(lengths, spacing_mm, strict=True)
    )
    most = MOST_VOXELS if image.volume else MOST_PIXELS
    if prod(shape) > most:
        size, mm = (
            "x".join(map(str, shape)),
            "x".join(f"{mm:g}" for mm in dict.fromkeys(spacing_mm)),
        )
        raise InputError(
            f"{image.name}: {size} pixels at {mm} mm; expected at most {most:,}; "
            "ask for larger pixels"
        )
    return shape


def first_places(
    image: StoneImage, shape: tuple[int, ...], spacing_mm: tuple[float, ...]
) -> list[float]:
    """Return where the first pixel of a grid lies, in pixels of the image: both share a centre."""
    return [
        (old - 1) / 2 - (new - 1) / 2 * mm / spacing
        for old, new, mm, spacing in zip(
            image.shape, shape, spacing_mm, image.spacing_mm or (), strict=True
        )
    ]


def _weights(centre: np.ndarray, old: int, step: float) -> csr_array:
    """Return what each old pixel gives to each new one, (new, old), along one axis.

    A new pixel is what a box of one step, or of one old pixel where that is longer, holds of the
    old pixels; for a box of one old pixel this is linear interpolation. `centre` and `step` are in
    old pixels.
    """
    half = max(step, 1.0) / 2
    first = np.floor(centre - half + 0.5).astype(int)
    column = first[:, None] + np.arange(ceil(2 * half) + 1)
    end = np.minimum((centre + half)[:, None], column + 0.5)
    weight = np.maximum(end - np.maximum((centre - half)[:, None], column - 0.5), 0.0)
    weight[(column < 0) | (column >= old)] = 0.0
    weight /= weight.sum(axis=1, keepdims=True)
    row = np.repeat(np.arange(len(centre)), column.shape[1])
    entries = (weight.ravel(), (row, np.clip(column, 0, old - 1).ravel()))
    return csr_array(entries, shape=(len(centre), old))


def _resampled(values: np.ndarray, axes: list[csr_array]) -> np.ndarray:
    # float32 holds 16-bit values exactly, and half the memory of a volume.
    result = values.astype(np.result_type(values.dtype, np.float32))
    for axis, weights in enumerate(axes):
        moved = np.moveaxis(result, axis, 0)
        flat = weights.astype(result.dtype) @ np.ascontiguousarray(moved).reshape(len(moved), -1)
        result = np.moveaxis(flat.reshape(-1, *moved.shape[1:]), 0, axis)
    return np.ascontiguousarray(result)


def _resampled_mask(image: StoneImage, axes: list[csr_array], mm: float) -> np.ndarray | None:
    if image.mask is None:
        return None
    mask = _resampled(image.mask, axes) >= 0.5 - _ROUNDING
    require_kept(image, mask, f"at {mm:g} mm; ask for smaller pixels")
    return mask


def _resampled_boxes(image: StoneImage, shape: tuple[int, ...], mm: float) -> np.ndarray:
    """Return the boxes in new pixels; both grids have their centre at the same place."""
    factor = np.tile(np.array(image.spacing_mm)[[-1, -2]] / mm, 2)
    old, new = np.array(image.shape)[[-1, -2]], np.array(shape)[[-1, -2]]
    return (np.asarray(image.boxes) - np.tile(old / 2, 2)) * factor + np.tile(new / 2, 2)
