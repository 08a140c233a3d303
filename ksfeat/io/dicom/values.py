"""Stored values to Hounsfield units, grey or colour, as the file says and never by guessing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pydicom
from pydicom.pixels.processing import apply_color_lut

from ksfeat.errors import InputError
from ksfeat.io.dicom.header import attribute, text

AIR_HU = -1024  # outside the scanned circle there is nothing; below it only padding
_INT16 = np.iinfo(np.int16)
_OF_HU = ("", "HU", "US")  # Rescale Type (DICOM PS3.3 C.11.1.1.2); "US": unspecified
# Terms of Image Type that name a map, by their letters alone: the standard's for value 4
# (C.8.2.1.1.1), and those that scanners write at any place. Vendors' names are no closed list.
MAP_TERMS = ("EFFATOMICNUM", "ELECTRONDENSITY", "RHOZ", "ZEFF", "EFFZ", "IODINE")
_MAPS_OF_MATERIALS, _VIRTUAL_NON_CONTRAST = "MAT_", "MAT_REMOVED"
_WHOLE_LIMIT = 32_768  # slopes and intercepts whose product with 16-bit values fits 32 bits


def unit_of(dataset: pydicom.Dataset, frame: int = 0) -> str:
    """Return "HU", "grey" or "rgb".

    Hounsfield units need modality CT, a rescale slope and intercept, a rescale type that does not
    deny them (see `is_map`), and an image that is no localizer: its values are sums along the ray.
    The rescale type "US", unspecified, is HU of an ORIGINAL image, of which the standard demands HU
    (DICOM PS3.3 C.8.15.3.10). How HU are shown, MONOCHROME1 or 2, does not change them.
    """
    photometric = text(dataset.get("PhotometricInterpretation"))
    if int(dataset.get("SamplesPerPixel") or 1) == 3 or photometric == "PALETTE COLOR":
        return "rgb"
    is_hu = (
        text(dataset.get("Modality")) == "CT"
        and photometric in ("MONOCHROME1", "MONOCHROME2")
        and "LOCALIZER" not in _image_type(dataset, frame)
        and attribute(dataset, "RescaleSlope", frame) is not None
        and attribute(dataset, "RescaleIntercept", frame) is not None
        and not is_map(dataset, frame)
        and (_rescale_type(dataset, frame) != "US" or "ORIGINAL" in _image_type(dataset, frame))
    )
    return "HU" if is_hu else "grey"


def is_map(dataset: pydicom.Dataset, frame: int = 0) -> bool:
    """Return whether a CT image shows another quantity than attenuation, computed from it.

    Such are maps of the effective atomic number, of electron density, of a material (iodine) or of
    its share, and images whose HU were modified to show one. Virtual mono-energetic and virtual
    non-contrast images are none: they are in HU. A map is known by its rescale type, or by a term
    of its image type that holds one of `MAP_TERMS`, however it is punctuated; one that is called
    by neither cannot be told from a CT image.

    Parameters
    ----------
    dataset : pydicom.Dataset
        The header.
    frame : int, default=0
        Number of the frame, from 0.

    Examples
    --------
    >>> header = pydicom.Dataset()
    >>> header.Modality, header.RescaleType = "CT", "HU"
    >>> header.ImageType = ["DERIVED", "PRIMARY", "AXIAL", "MAT_SPECIFIC"]
    >>> is_map(header)
    True
    >>> header.ImageType = ["DERIVED", "PRIMARY", "AXIAL", "VMI"]
    >>> is_map(header)
    False
    """
    if text(dataset.get("Modality")) != "CT":
        return False
    return _rescale_type(dataset, frame) not in _OF_HU or any(
        _names_map(term) for term in _image_type(dataset, frame)
    )


def _names_map(term: str) -> bool:
    letters = "".join(filter(str.isalpha, term))
    of_material = term.startswith(_MAPS_OF_MATERIALS) and term != _VIRTUAL_NON_CONTRAST
    return of_material or any(word in letters for word in MAP_TERMS)


def values_of(
    dataset: pydicom.Dataset, raw: np.ndarray, unit: str, name: str, frame: int = 0
) -> np.ndarray:
    """Turn the stored values of one frame into what they mean.

    Parameters
    ----------
    dataset : pydicom.Dataset
        The header.
    raw : ndarray
        Stored values, (H, W), or (H, W, 3) for RGB.
    unit : {"HU", "grey", "rgb"}
        What `unit_of` says.
    name : str
        How to call the file in an error.
    frame : int, default=0
        Number of the frame, from 0.

    Returns
    -------
    ndarray
        Hounsfield units from -1024 (padding too), as int16 where they fit; grey values, rescaled
        where the file says how, inverted for MONOCHROME1, padding as the lowest of the others; or
        colours of 8 bits.

    Raises
    ------
    InputError
        If the rescale slope is 0 or not finite.
    """
    if unit == "rgb":
        return _colours(dataset, raw)
    slope = _number(attribute(dataset, "RescaleSlope", frame), 1.0)
    intercept = _number(attribute(dataset, "RescaleIntercept", frame), 0.0)
    if slope == 0 or not math.isfinite(slope) or not math.isfinite(intercept):
        raise InputError(
            f"{name}: rescale slope {slope:g}, intercept {intercept:g}; "
            "expected finite numbers and a slope other than 0; the file is damaged; export it again"
        )
    if unit == "HU":
        values = _rescaled(raw, slope, intercept)
        if (ends := _padding(dataset, raw.dtype)) is not None:
            low, high = ends
            # Nearly always it lies below air, where it is cut in any case.
            if max(low * slope, high * slope) + intercept > AIR_HU:
                values[(raw >= low) & (raw <= high)] = AIR_HU
        # A row against each row: numpy compares arrays of one type several times faster than an
        # array and a number.
        air = np.full(values.shape[-1], AIR_HU, dtype=values.dtype)
        return np.maximum(values, air, out=values)
    is_inverted = text(dataset.get("PhotometricInterpretation")) == "MONOCHROME1"
    stored = _inverted(dataset, raw) if is_inverted else raw
    is_scaled = (slope, intercept) != (1, 0)
    values = _rescaled(stored, slope, intercept) if is_scaled else np.array(stored)
    _blacken(values, raw, _padding(dataset, raw.dtype))
    return values


def tube_voltage(dataset: pydicom.Dataset, frame: int = 0) -> float | None:
    """Return the tube voltage in kV; None where it is missing or not positive, or of a map."""
    if is_map(dataset, frame):
        return None  # or it would be paired with an image as its second energy
    kvp = _number(attribute(dataset, "KVP", frame), 0.0)
    return kvp if 0 < kvp < np.inf else None


def _rescaled(raw: np.ndarray, slope: float, intercept: float) -> np.ndarray:
    """Return raw * slope + intercept in a new array: whole numbers where both of them are."""
    small = max(abs(slope), abs(intercept)) < _WHOLE_LIMIT and raw.dtype.itemsize <= 2
    if not (small and slope == int(slope) and intercept == int(intercept)):
        return (raw.astype(np.float64) * slope + intercept).astype(np.float32)
    ends = int(raw.min()), int(raw.max())
    reached = [end * int(slope) + more for end in ends for more in (0, int(intercept))]
    fits = _INT16.min <= min(*ends, *reached) and max(*ends, *reached) <= _INT16.max
    values: np.ndarray = raw.astype(np.int16 if fits else np.int32)
    if slope != 1:
        values *= int(slope)
    values += int(intercept)
    return values


def _padding(dataset: pydicom.Dataset, dtype: np.dtype) -> tuple[int, int] | None:
    """Return the lowest and highest stored value that is padding (DICOM PS3.3 C.7.5.1.1.2)."""
    value = dataset.get("PixelPaddingValue")
    if value is None:
        return None
    limit = dataset.get("PixelPaddingRangeLimit")
    ends = _stored(value, dtype), _stored(value if limit is None else limit, dtype)
    return min(ends), max(ends)


def _blacken(values: np.ndarray, raw: np.ndarray, ends: tuple[int, int] | None) -> None:
    """Give padding the lowest of the other values, since it lies anywhere and moves statistics."""
    if ends is None:
        return
    padding = (raw >= ends[0]) & (raw <= ends[1])
    if padding.any() and not padding.all():
        values[padding] = values[~padding].min()


def _stored(value: Any, dtype: np.dtype) -> int:
    """Return the value as the pixels store it: some writers give a signed one as unsigned."""
    bits = 8 * dtype.itemsize
    unsigned = int(value) % (1 << bits)
    return unsigned - (1 << bits) if dtype.kind == "i" and unsigned >> (bits - 1) else unsigned


def _inverted(dataset: pydicom.Dataset, raw: np.ndarray) -> np.ndarray:
    bits = int(dataset.get("BitsStored") or 8 * raw.dtype.itemsize)
    # Lowest plus highest value: -1 for signed ones, all bits set for unsigned ones.
    total = -1 if raw.dtype.kind == "i" else (1 << bits) - 1
    return (total - raw.astype(np.int64)).astype(raw.dtype)


def _colours(dataset: pydicom.Dataset, raw: np.ndarray) -> np.ndarray:
    if text(dataset.get("PhotometricInterpretation")) == "PALETTE COLOR":
        colours = apply_color_lut(raw, dataset)[..., :3]
        bits = 8 * colours.dtype.itemsize
    else:
        colours, bits = raw, int(dataset.get("BitsStored") or 8 * raw.dtype.itemsize)
    return (colours >> (bits - 8) if bits > 8 else colours).astype(np.uint8)


def _rescale_type(dataset: pydicom.Dataset, frame: int) -> str:
    return text(attribute(dataset, "RescaleType", frame)).upper()


def _image_type(dataset: pydicom.Dataset, frame: int) -> list[str]:
    """Return what a frame is, or the file: of a file with several kinds, that says MIXED."""
    return _items(attribute(dataset, "FrameType", frame) or dataset.get("ImageType"))


def _items(value: Any) -> list[str]:
    if value is None or isinstance(value, str):
        return [text(value).upper()]
    return [text(item).upper() for item in value]


def _number(value: Any, default: float) -> float:
    return default if value is None or text(value) == "" else float(value)
