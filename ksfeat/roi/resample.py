"""Resampling to a common size in pixels."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.parameters import check_number

LONGEST_SIDE = 8192  # more than any CT or radiograph; bounds what a model file may ask for
_CV2_TYPES = (np.uint8, np.uint16, np.int16, np.float32, np.float64)


def resize_longest(image: StoneImage, size: int) -> StoneImage:
    """Resample an image so that its longest side is `size`; the aspect is kept.

    Pixels are averaged over areas when shrinking and interpolated linearly when growing; the mask
    takes the nearest pixel; `spacing_mm` and `boxes` are scaled along.

    Parameters
    ----------
    image : StoneImage
        One slice, not a volume.
    size : int
        Length of the longest side, 1 to 8192 pixels.

    Returns
    -------
    StoneImage
        The image itself where it has that size already.

    Raises
    ------
    InputError
        If the size is no whole number, the image is a volume, or its mask is so small that nothing
        of it is left.

    Examples
    --------
    >>> import numpy as np
    >>> image = StoneImage(np.zeros((10, 20)), spacing_mm=(0.5, 0.5))
    >>> small = resize_longest(image, 10)
    >>> small.shape, small.spacing_mm
    ((5, 10), (1.0, 1.0))
    """
    check_size(size)
    if image.volume:
        raise InputError(
            f"{image.name}: a volume; expected one slice; resample its slices, or in millimetres"
        )
    height, width = image.shape
    if max(height, width) == size:
        return image
    scale = size / max(height, width)
    shape = (max(1, round(height * scale)), max(1, round(width * scale)))
    factor = np.array([shape[1] / width, shape[0] / height])
    return image.with_(
        pixels=_resized(image.pixels, shape),
        mask=_resized_mask(image, shape),
        boxes=None if image.boxes is None else image.boxes * np.tile(factor, 2),
        second_energy=(
            None if image.second_energy is None else _resized(image.second_energy, shape)
        ),
        spacing_mm=_resized_spacing(image, shape),
        origin_mm=origin_at(image, np.divide(image.shape, shape) / 2 - 0.5),
    )


def check_size(size: int) -> None:
    """Raise an `InputError` if the length of a side cannot be used."""
    check_number("size", size, 1, LONGEST_SIDE, whole=True)


def origin_at(image: StoneImage, first: np.ndarray | Sequence[float]) -> np.ndarray | None:
    """Return where a place in pixels lies in the patient, if that is known of the image.

    Parameters
    ----------
    image : StoneImage
        The image that the place is counted in.
    first : sequence of float
        One number an axis, from 0 at the centre of the first pixel.

    Returns
    -------
    ndarray of shape (3,) or None
        In millimetres to the patient's left, back and head.
    """
    if image.origin_mm is None or image.direction is None or image.spacing_mm is None:
        return None
    axes = image.direction[-len(image.spacing_mm) :]
    return image.origin_mm + np.multiply(first, image.spacing_mm) @ axes


def require_kept(image: StoneImage, mask: np.ndarray, where: str) -> None:
    """Raise an `InputError` if nothing is left of an image's mask in its resampled one."""
    if image.mask is not None and image.mask.any() and not mask.any():
        drawn = int(image.mask.sum())
        raise InputError(f"{image.name}: a mask of {drawn} pixels vanishes {where}")


def _resized(pixels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    known = pixels if pixels.dtype in _CV2_TYPES else pixels.astype(np.float64)
    shrinks = shape[0] < pixels.shape[0] or shape[1] < pixels.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(known, (shape[1], shape[0]), interpolation=method)


def _resized_mask(image: StoneImage, shape: tuple[int, int]) -> np.ndarray | None:
    if image.mask is None:
        return None
    mask = cv2.resize(
        image.mask.astype(np.uint8), (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST_EXACT
    ).astype(bool)
    require_kept(image, mask, f"at size {max(shape)}; use a larger size, or none")
    return mask


def _resized_spacing(image: StoneImage, shape: tuple[int, int]) -> tuple[float, ...] | None:
    if image.spacing_mm is None:
        return None
    return tuple(
        spacing * old / new
        for spacing, old, new in zip(image.spacing_mm, image.shape, shape, strict=True)
    )
