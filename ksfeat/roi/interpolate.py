"""Interpolation of a slice or a volume on a grid of another spacing, as the IBSI describes it."""

from __future__ import annotations

from math import isclose

import numpy as np
from scipy import ndimage

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.isotropic import SMALLEST_MM, covering_shape, first_places
from ksfeat.roi.parameters import check_number
from ksfeat.roi.resample import origin_at, require_kept

ORDERS = {"nearest": 0, "linear": 1, "cubic": 3}
_ROUNDING = 1e-6  # IBSI: 0.4999... must not leave out a voxel of which half lies inside


def interpolate(
    image: StoneImage,
    spacing_mm: tuple[float | None, ...],
    method: str = "linear",
    partial: float = 0.5,
) -> StoneImage:
    """Interpolate intensities at the points of a grid of another spacing.

    The grids share their centre, and the new one covers the old one; beyond the image its nearest
    intensity goes on. The mask is interpolated linearly and cut at `partial`. Unlike
    `resample_isotropic`, nothing is averaged where the new grid is coarser.

    Parameters
    ----------
    image : StoneImage
        With `spacing_mm`; colours are not interpolated.
    spacing_mm : tuple of float or None
        The new spacing in axis order, from 0.01 mm; None keeps an axis.
    method : {"linear", "cubic", "nearest"}, default="linear"
        Trilinear (bilinear in a slice), tricubic spline, or nearest neighbour.
    partial : float, default=0.5
        Share of a voxel that must lie in the mask, above 0 and at most 1.

    Returns
    -------
    StoneImage
        The image itself where it has that spacing already. Pixels are float64.

    Raises
    ------
    InputError
        If no spacing is known, a parameter does not fit, or nothing is left of the mask.

    Examples
    --------
    >>> image = StoneImage(np.array([[0.0, 2.0, 4.0, 6.0]]), spacing_mm=(1.0, 1.0))
    >>> interpolate(image, (None, 2.0)).pixels
    array([[1., 5.]])
    """
    _check(image, spacing_mm, method, partial)
    old = image.spacing_mm
    assert old is not None  # as checked
    new = tuple(was if mm is None else mm for was, mm in zip(old, spacing_mm, strict=True))
    if all(isclose(was, mm, rel_tol=_ROUNDING) for was, mm in zip(old, new, strict=True)):
        return image
    shape = covering_shape(image, new)
    first, steps = first_places(image, shape, new), np.divide(new, old)
    mask = None
    if image.mask is not None:
        mask = _at(image.mask, shape, first, steps, 1) >= partial - _ROUNDING
        require_kept(image, mask, "after interpolation; ask for smaller pixels")
    order = ORDERS[method]
    second = image.second_energy
    return image.with_(
        pixels=_at(image.pixels, shape, first, steps, order),
        mask=mask,
        second_energy=None if second is None else _at(second, shape, first, steps, order),
        boxes=None,
        spacing_mm=new,
        origin_mm=origin_at(image, first),
    )


def check_interpolation(spacing_mm: tuple[float | None, ...], method: str, partial: float) -> None:
    """Raise an `InputError` for a parameter that `interpolate` cannot use with any image."""
    if method not in ORDERS:
        raise InputError(f"interpolation {method!r}; expected one of {', '.join(ORDERS)}")
    check_number("partial", partial, _ROUNDING, 1)
    for mm in spacing_mm:
        if mm is not None:
            check_number("mm", mm, SMALLEST_MM)


def _check(
    image: StoneImage, spacing_mm: tuple[float | None, ...], method: str, partial: float
) -> None:
    check_interpolation(spacing_mm, method, partial)
    if image.spacing_mm is None or image.unit == "rgb":
        lacks = "no spacing in millimetres" if image.spacing_mm is None else "an image in colour"
        raise InputError(
            f"{image.name}: {lacks}; expected spacing_mm of a scan to interpolate; "
            "read DICOM or NIfTI, or leave the interpolation out"
        )
    if len(spacing_mm) != len(image.shape):
        raise InputError(
            f"{image.name}: {len(spacing_mm)} spacings for {len(image.shape)} axes; "
            "expected one an axis"
        )


def _at(
    values: np.ndarray, shape: tuple[int, ...], first: list[float], steps: np.ndarray, order: int
) -> np.ndarray:
    result = values.astype(np.float64)
    return ndimage.affine_transform(
        result, steps, offset=first, output_shape=shape, order=order, mode="nearest"
    )
