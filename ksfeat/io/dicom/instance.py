"""One DICOM file to an image: a slice, a photograph, or a volume of many frames."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pydicom

from ksfeat.errors import InputError
from ksfeat.image import StoneImage, handed_over
from ksfeat.io.dicom.frames import decode_frames, frame_count, require_size
from ksfeat.io.dicom.geometry import Plane, plane_of, spacing_of, stack
from ksfeat.io.dicom.header import open_dicom, reading, refuse_unless_image, text
from ksfeat.io.dicom.ultrasound import cropped_to_region
from ksfeat.io.dicom.values import tube_voltage, unit_of, values_of
from ksfeat.io.orientation import Grid, upright
from ksfeat.io.raster import grey_if_equal

# Of images (DICOM PS3.3 C.7.3.1.1.1); in a damaged file anything may stand there, a name too.
_MODALITIES = {
    *(
        "BI",
        "CR",
        "CT",
        "DG",
        "DX",
        "EC",
        "ES",
        "GM",
        "IO",
        "IVOCT",
        "IVUS",
        "LS",
        "MG",
        "MR",
        "NM",
    ),
    *("OCT", "OP", "OPM", "OPT", "OT", "PT", "PX", "RF", "RG", "RTIMAGE", "SM", "TG", "US", "XA"),
    "XC",
}


def read_instance(path: Path, name: str) -> StoneImage:
    """Read one DICOM file.

    A slice keeps the orientation that it was stored in, which `direction` tells: unit vectors of
    its normal, down its columns and along its rows, to the patient's left, back and head.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        How to call it in an error, and the image's key.

    Returns
    -------
    StoneImage
        (H, W) in HU for CT that says so, else "grey" or "rgb"; a volume of many frames is sorted
        along the normal and turned to superior, posterior and left. Ultrasound is cut to its
        region.

    Raises
    ------
    InputError
        If the file is broken or hostile, no image, or frames that are no volume.
    MissingExtraError
        If its pixels need a decoder that is not installed.

    Examples
    --------
    >>> from pydicom.data import get_testdata_file
    >>> path = Path(get_testdata_file("CT_small.dcm", download=False))
    >>> image = read_instance(path, "CT_small.dcm")
    >>> image.unit, image.shape, image.kvp, image.spacing_mm
    ('HU', (128, 128), 120.0, (0.661468, 0.661468))
    """
    with reading(name):
        return image_of(open_dicom(path, name, at_once=True), name)


def image_of(dataset: pydicom.Dataset, name: str) -> StoneImage:
    """Return the image of an opened file; see `read_instance`."""
    refuse_unless_image(dataset, name)
    frames = frame_count(dataset)
    require_size(dataset, name, frames)
    if frames > 1:
        return _many_frames(dataset, frames, name)
    (raw,) = decode_frames(dataset, name)
    unit = unit_of(dataset)
    pixels = values_of(dataset, raw, unit, name)
    if unit == "rgb":
        image = StoneImage(pixels, unit=unit, key=name, modality=modality_of(dataset))
    else:
        image = _with_geometry(pixels, unit, dataset, name)
    if image.modality == "US":
        image = cropped_to_region(image, dataset)
    if unit == "rgb":
        # Once it is cut: a coloured logo outside of the region does not make tissue coloured.
        colours, unit = grey_if_equal(image.pixels)
        image = image.with_(pixels=colours, unit=unit)
    return image


def piled(slices: Iterable[np.ndarray], order: np.ndarray) -> np.ndarray:
    """Return slices as one array, each of them laid at its place at once.

    Parameters
    ----------
    slices : iterable of ndarray
        Slices of one shape, in the order in which they are read.
    order : ndarray of int
        Which of them comes first, second and so on.

    Examples
    --------
    >>> import numpy as np
    >>> piled(iter([np.zeros((1, 2)), np.ones((1, 2))]), np.array([1, 0])).tolist()
    [[[1.0, 1.0]], [[0.0, 0.0]]]
    """
    volume = np.empty((len(order), 0, 0), dtype=np.int8)
    for place, values in zip(np.argsort(order), slices, strict=True):
        if volume.size == 0:
            volume = np.empty((len(order), *values.shape), values.dtype)
        elif values.dtype != volume.dtype:
            volume = volume.astype(np.promote_types(volume.dtype, values.dtype))
        volume[place] = values
    return volume


def volume_of(
    pixels: np.ndarray, grid: Grid, dataset: pydicom.Dataset, unit: str, name: str
) -> StoneImage:
    """Return a stack of slices as a volume that runs to superior, posterior and left."""
    turned, grid = upright(pixels, grid)
    return StoneImage(
        handed_over(np.ascontiguousarray(turned)),
        unit=unit,
        spacing_mm=grid.spacing_mm,
        direction=grid.direction,
        origin_mm=grid.origin_mm,
        frame_of_reference=frame_of_reference(dataset.get("FrameOfReferenceUID")),
        kvp=tube_voltage(dataset),
        modality=modality_of(dataset),
        key=name,
        volume=True,
    )


def modality_of(dataset: pydicom.Dataset) -> str | None:
    """Return the modality, or None where the file says none that is known for images."""
    modality = text(dataset.get("Modality"))
    return modality if modality in _MODALITIES else None


def frame_of_reference(uid: object) -> str | None:
    """Return a hash of a frame of reference: it tells two apart and names neither patient."""
    value = text(uid)
    return hashlib.sha256(value.encode()).hexdigest()[:12] if value else None


def planes_of_frames(dataset: pydicom.Dataset, frames: int, name: str) -> list[Plane]:
    """Return where each frame lies, or an `InputError` that they are no volume."""
    says_where = "PerFrameFunctionalGroupsSequence" in dataset
    planes = [plane_of(dataset, frame) for frame in range(frames)] if says_where else []
    known = [plane for plane in planes if plane is not None]
    if len(known) < frames:
        raise InputError(
            f"{name}: {frames} frames without positions in the patient (a clip, or a scan that "
            "lost them); expected one image or a volume; export the frame you mean as its own file"
        )
    return known


def _with_geometry(
    pixels: np.ndarray, unit: str, dataset: pydicom.Dataset, name: str
) -> StoneImage:
    plane = plane_of(dataset)
    return StoneImage(
        handed_over(pixels),
        unit=unit,
        spacing_mm=spacing_of(dataset),
        direction=None if plane is None else np.vstack([plane.normal, plane.along]),
        origin_mm=None if plane is None else plane.position,
        frame_of_reference=frame_of_reference(dataset.get("FrameOfReferenceUID")),
        kvp=tube_voltage(dataset),
        modality=modality_of(dataset),
        key=name,
    )


def _many_frames(dataset: pydicom.Dataset, frames: int, name: str) -> StoneImage:
    unit, *others = sorted({unit_of(dataset, frame) for frame in range(frames)})
    if others or unit == "rgb":
        raise InputError(
            f"{name}: {frames} frames of unit {' and '.join([unit, *others])}; expected one unit, "
            "HU or grey, for a volume; export the frame you mean as its own file"
        )
    shape = int(dataset.Rows), int(dataset.Columns)
    order, grid = stack(planes_of_frames(dataset, frames, name), shape, name)
    decoded = enumerate(decode_frames(dataset, name))
    slices = (values_of(dataset, raw, unit, name, frame) for frame, raw in decoded)
    return volume_of(piled(slices, order), grid, dataset, unit, name)
