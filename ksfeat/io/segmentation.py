"""A mask as a DICOM segmentation object of the series it was drawn on, by highdicom."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ksfeat import __version__
from ksfeat.errors import InputError, KsfeatError, MissingExtraError
from ksfeat.io.formats import format_of
from ksfeat.io.orientation import Grid, checked_grid, upright

# Of patient and study (PS3.3, C.7.1.1 and C.7.2.1), each must be there and may be empty: highdicom
# copies them, and anonymisers take them away.
_TYPE_2 = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
)


# What a segmentation needs of a slice to be laid on it.
_GEOMETRY = (
    "SpecificCharacterSet",
    "SOPClassUID",
    "SOPInstanceUID",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "PositionReferenceIndicator",
    "Modality",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "SpacingBetweenSlices",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "DimensionOrganizationSequence",
    "DimensionIndexSequence",
)


def encode_segmentation(region: np.ndarray, series: Sequence[Any] | None, name: str) -> bytes:
    """Return a DICOM SEG file with one binary segment.

    Patient and study are copied from the series, as the standard has it: the file is as
    confidential as the scan. Each call makes new identifiers.

    Parameters
    ----------
    region : ndarray of bool
        (Z, H, W), upright; or (H, W) as the one slice of the series has it.
    series : sequence of pydicom Dataset
        The slices, in any order.
    name : str
        How to call the image in an error.
    """
    if not series:
        raise InputError(
            f"{name}: no DICOM series; a DICOM segmentation refers to its slices; "
            "give them as series=[pydicom.dcmread(file) for file in ...], or write .nii.gz"
        )
    try:
        import highdicom
    except ImportError as error:
        raise MissingExtraError("writing DICOM segmentations", "dicom") from error
    try:
        slices, grid = _stack(series, name)
        stack = _stored(region, grid, name)
        with warnings.catch_warnings():
            # Of a name that is no DICOM name it would print the name.
            warnings.simplefilter("ignore")
            made = _segmentation(highdicom, slices, stack)
    except KsfeatError:
        raise
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError(
            f"{name}: the series cannot be referred to ({str(error).splitlines()[0][:80]}); "
            "expected the slices of one DICOM series as they were received"
        ) from error
    buffer = io.BytesIO()
    made.save_as(buffer)
    return buffer.getvalue()


def read_slices(path: Path, name: str) -> list[Any] | None:
    """Return the headers of a DICOM file, or of the one series of a folder, for `series`.

    Parameters
    ----------
    path : Path
        What was read as an image already.
    name : str
        How to call it in an error.

    Returns
    -------
    list of pydicom Dataset, or None
        In no order; None where the path is no DICOM.
    """
    import pydicom

    from ksfeat.io.dicom import list_series
    from ksfeat.io.dicom.header import reading

    files: Sequence[Path] = [path]
    if path.is_dir():
        found = list_series(path, name)
        if len(found) > 1:
            raise InputError(
                f"{name}: {len(found)} series; a DICOM segmentation refers to one; "
                "keep the one that was masked in the folder"
            )
        files = found[0].paths
    elif (kind := format_of(path)) is None or kind.name != "DICOM":
        return None
    with reading(name):
        read = [pydicom.dcmread(file, stop_before_pixels=True, force=True) for file in files]
    for item, keyword in product(read, _TYPE_2):
        if keyword not in item:
            setattr(item, keyword, "")
    return read


def without_patient(slices: Sequence[Any]) -> list[Any]:
    """Return headers that name patient and study by keyed hashes only, for a segmentation.

    What was written of them besides is left out or empty. The UIDs of series, slices and frame of
    reference stay, without which no viewer could lay the segmentation on the scan.

    Parameters
    ----------
    slices : sequence of pydicom Dataset
        Of `read_slices`.
    """
    import pydicom

    from ksfeat.io.dicom.header import text
    from ksfeat.io.dicom.pseudonyms import identities_of, pseudonym, pseudonymous_uid

    hidden = []
    for item in slices:
        kept = pydicom.Dataset()
        for keyword in (word for word in _GEOMETRY if word in item):
            kept[keyword] = item[keyword]
        for keyword in _TYPE_2:
            setattr(kept, keyword, "")
        patient = dict(identities_of(item)).get("patient")
        if patient is not None:
            kept.PatientID = kept.PatientName = pseudonym("patient", patient)
        kept.StudyInstanceUID = pseudonymous_uid(text(item.get("StudyInstanceUID")))
        kept.file_meta = item.file_meta
        hidden.append(kept)
    return hidden


def _stack(series: Sequence[Any], name: str) -> tuple[list[Any], Grid]:
    """Sort the slices along their normal and return where their voxels lie."""
    across, down = np.array(series[0].ImageOrientationPatient, dtype=float).reshape(2, 3)
    normal = np.cross(across, down)
    slices = sorted(series, key=lambda item: float(normal @ np.array(item.ImagePositionPatient)))
    places = np.array([item.ImagePositionPatient for item in slices], dtype=float)
    step = (places[-1] - places[0]) / (len(slices) - 1) if len(slices) > 1 else normal
    row_mm, column_mm = (float(value) for value in slices[0].PixelSpacing)
    steps = np.array([step, down * row_mm, across * column_mm])
    shape = (len(slices), int(slices[0].Rows), int(slices[0].Columns))
    return slices, checked_grid(shape, steps, places[0], name)


def _stored(region: np.ndarray, grid: Grid, name: str) -> np.ndarray:
    """Return the region in the order of the slices, their rows and their columns."""
    stack = np.zeros(grid.shape, dtype=bool)
    view = upright(stack, grid)[0] if region.ndim == 3 else stack[0]
    if view.shape != region.shape:
        raise InputError(
            f"{name}: a mask of shape {region.shape}; expected the series' {view.shape}; "
            "give the series that the mask was drawn on"
        )
    view[...] = region
    return stack


def _segmentation(highdicom: Any, slices: list[Any], stack: np.ndarray) -> Any:
    from pydicom.sr.codedict import codes

    segment = highdicom.seg.SegmentDescription(
        segment_number=1,
        segment_label="region",
        segmented_property_category=codes.SCT.SpatialAndRelationalConcept,
        segmented_property_type=codes.DCM.ImageRegion,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.MANUAL,
    )
    return highdicom.seg.Segmentation(
        source_images=slices,
        pixel_array=stack,
        omit_empty_frames=bool(stack.any()),  # or it says on stderr that it cannot omit all
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[segment],
        series_instance_uid=highdicom.UID(),
        series_number=1,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer="ksfeat",
        manufacturer_model_name="ksfeat",
        software_versions=__version__,
        device_serial_number="none",
    )
