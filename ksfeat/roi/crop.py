"""Crops to what matters: the body, or the mask."""

from __future__ import annotations

from math import ceil

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.body import foreground
from ksfeat.roi.parameters import check_number
from ksfeat.roi.region import bounding_box, require_region
from ksfeat.roi.resample import origin_at

MARGIN_UNITS = ("px", "mm")


def crop_to_mask(image: StoneImage, margin: float = 0, unit: str = "px") -> StoneImage:
    """Crop a slice or a volume to the bounding box of its mask, and a margin around it.

    Parameters
    ----------
    image : StoneImage
        With a mask.
    margin : float, default=0
        What to keep around the box, up to the image's edge.
    unit : {"px", "mm"}, default="px"
        Unit of the margin; millimetres are rounded up to pixels, along each axis by its spacing.

    Returns
    -------
    StoneImage
        Boxes are moved and cut at the new edge; those outside are gone.

    Raises
    ------
    InputError
        If there is no mask or an empty one, or a margin in millimetres and no spacing.

    Examples
    --------
    >>> mask = np.zeros((9, 9), dtype=bool)
    >>> mask[4, 3:5] = True
    >>> crop_to_mask(StoneImage(np.eye(9), mask=mask), margin=1).shape
    (3, 4)
    """
    if image.mask is None:
        raise InputError(
            f"{image.name}: no mask to crop to; expected one; name mask files in a manifest, "
            "or crop to the body"
        )
    require_region(image)
    return _crop_around(image, image.mask, margin, unit)


def crop_to_body(image: StoneImage, margin: float = 0, unit: str = "px") -> StoneImage:
    """Crop a slice or a volume to the largest bright thing in it, and a margin around it.

    In CT this is the body without the air around it, as `ksfeat.roi.body.foreground` finds it.

    Parameters
    ----------
    image : StoneImage
        Any image.
    margin, unit
        As in `crop_to_mask`.

    Returns
    -------
    StoneImage
        Boxes are moved and cut at the new edge; those outside are gone.

    Raises
    ------
    InputError
        If the image has one grey level, or a margin in millimetres and no spacing.

    Examples
    --------
    >>> pixels = np.full((64, 64), -1000.0)
    >>> pixels[20:50, 10:60] = 40.0
    >>> crop_to_body(StoneImage(pixels, unit="HU"), margin=2).shape
    (34, 54)
    """
    body = foreground(image.grey())
    if not body.any():
        raise InputError(f"{image.name}: one grey level, no body in it; leave the crop out")
    return _crop_around(image, body, margin, unit)


def check_margin(margin: float, unit: str) -> None:
    """Raise an `InputError` if a margin cannot be used."""
    check_number("margin", margin, 0)
    if unit not in MARGIN_UNITS:
        raise InputError(f"unit of a margin {unit!r}; expected px or mm")
    if unit == "px":
        check_number("margin in px", margin, 0, whole=True)


def _crop_around(image: StoneImage, region: np.ndarray, margin: float, unit: str) -> StoneImage:
    box = tuple(
        slice(max(0, part.start - around), min(length, part.stop + around))
        for part, around, length in zip(
            bounding_box(region), _pixels(image, margin, unit), image.shape, strict=True
        )
    )
    rows, columns = box[-2:]
    part = _slab(image, box[0]) if image.volume else image
    return part.crop((columns.start, rows.start, columns.stop, rows.stop))


def _pixels(image: StoneImage, margin: float, unit: str) -> list[int]:
    """Return the margin along each axis, in pixels."""
    check_margin(margin, unit)
    if unit == "px":
        return [int(margin)] * len(image.shape)
    if image.spacing_mm is None:
        raise InputError(
            f"{image.name}: a margin of {margin:g} mm, and no spacing in millimetres; "
            "expected spacing_mm; give the margin in px"
        )
    return [ceil(margin / spacing) for spacing in image.spacing_mm]


def _slab(image: StoneImage, planes: slice) -> StoneImage:
    return image.with_(
        pixels=image.pixels[planes],
        mask=None if image.mask is None else image.mask[planes],
        second_energy=None if image.second_energy is None else image.second_energy[planes],
        origin_mm=origin_at(image, (planes.start, 0, 0)),
    )
