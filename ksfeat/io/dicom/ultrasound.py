"""The part of an ultrasound image that shows tissue, and its millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pydicom
from pydicom.uid import (
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameSingleBitSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
)

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.dicom.header import text

_TWO_DIMENSIONAL = 1  # Region Spatial Format (DICOM PS3.3 C.8.5.5.1.1); others are curves
_CENTIMETRES = 3  # Physical Units (C.8.5.5.1.15)
_MM_PER_CM = 10.0
_SECONDARY_CAPTURES = (
    SecondaryCaptureImageStorage,
    MultiFrameSingleBitSecondaryCaptureImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
)


@dataclass(frozen=True)
class Region:
    """A two-dimensional region of an ultrasound image.

    Parameters
    ----------
    box : tuple of int
        Half-open x0, y0, x1, y1 in pixels.
    spacing_mm : tuple of float or None
        Along columns and rows; None where the file does not say centimetres.
    """

    box: tuple[int, int, int, int]
    spacing_mm: tuple[float, float] | None

    @property
    def area(self) -> int:
        """Number of pixels."""
        x0, y0, x1, y1 = self.box
        return (x1 - x0) * (y1 - y0)


def region_of(dataset: pydicom.Dataset) -> Region | None:
    """Return the largest two-dimensional region, the first of equal ones; None without any."""
    items = dataset.get("SequenceOfUltrasoundRegions") or []
    flat = [item for item in items if _is(item, "RegionSpatialFormat", _TWO_DIMENSIONAL)]
    regions = [_region(item) for item in flat]
    return max(regions, key=lambda region: region.area, default=None)


def burnt_in_annotation(header: pydicom.Dataset) -> bool:
    """Return whether text, a patient's name perhaps, may be burnt into the pixels that are read.

    It may where the file says so (DICOM PS3.3 C.7.6.1, Burned In Annotation). Unless the file
    denies it, it may also in ultrasound that has no region to be cut to, and in secondary captures,
    which are screens as often as scans.

    Parameters
    ----------
    header : pydicom.Dataset
        Of an image.

    Examples
    --------
    >>> header = pydicom.Dataset()
    >>> header.Modality = "US"
    >>> burnt_in_annotation(header)
    True
    >>> header.BurnedInAnnotation = "NO"
    >>> burnt_in_annotation(header)
    False
    """
    said = text(header.get("BurnedInAnnotation")).upper()
    if said in ("YES", "NO"):
        return said == "YES"
    is_capture = text(header.get("SOPClassUID")) in _SECONDARY_CAPTURES
    is_uncut = text(header.get("Modality")) == "US" and region_of(header) is None
    return is_capture or is_uncut


def cropped_to_region(image: StoneImage, dataset: pydicom.Dataset) -> StoneImage:
    """Cut an ultrasound image to its region, so that text burnt in outside of it is gone.

    Without a region, nothing is cut: `burnt_in_annotation` tells. A curve (M mode, Doppler
    spectrum) is no region.

    Raises
    ------
    InputError
        If the region does not lie in the image.
    """
    region = region_of(dataset)
    if region is None:
        return image
    height, width = image.shape
    x0, y0, x1, y1 = region.box
    box = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    if box[0] >= box[2] or box[1] >= box[3]:
        raise InputError(
            f"{image.name}: an ultrasound region {x0},{y0},{x1},{y1} outside of the image of "
            f"{width}x{height}; the file is damaged; export it again"
        )
    return image.with_(spacing_mm=region.spacing_mm).crop(box)


def _region(item: pydicom.Dataset) -> Region:
    edges = [
        int(item.get(keyword))
        for keyword in (
            "RegionLocationMinX0",
            "RegionLocationMinY0",
            "RegionLocationMaxX1",
            "RegionLocationMaxY1",
        )
    ]
    across, down = (
        abs(float(item.get(f"PhysicalDelta{axis}") or 0)) * _MM_PER_CM
        if _is(item, f"PhysicalUnits{axis}Direction", _CENTIMETRES)
        else 0.0
        for axis in "XY"
    )
    # The last pixel belongs to the region (C.8.5.5.1.2).
    box = edges[0], edges[1], edges[2] + 1, edges[3] + 1
    return Region(box, (down, across) if down > 0 and across > 0 else None)


def _is(item: pydicom.Dataset, keyword: str, code: int) -> bool:
    value: Any = item.get(keyword)
    return value is not None and int(value) == code
