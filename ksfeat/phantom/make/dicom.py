"""A simulated slice as CT Image Storage (DICOM PS3.3 A.3), its identifiers from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from ksfeat import __version__
from ksfeat.image import StoneImage
from ksfeat.phantom.make.case import Case
from ksfeat.phantom.make.parameters import kvp_of
from ksfeat.phantom.scanner import Scan

_WHAT = "simulated: ksfeat phantom, not a patient"


@dataclass(frozen=True)
class Study:
    """What the slices of a series share.

    Parameters
    ----------
    case : Case
        Who was scanned.
    scan : Scan
        How.
    energy : int
        Which of the beams: a series each.
    window : tuple of float or None
        The window that a viewer opens with; the pixels stay HU.
    """

    case: Case
    scan: Scan
    energy: int
    window: tuple[float, float] | None

    @property
    def beam(self) -> str:
        """The beam of this series."""
        return self.scan.beams[self.energy]

    def uid(self, *parts: object) -> str:
        """Return an identifier that the seed, the patient, the scan and `parts` decide."""
        case, scan = self.case, self.scan
        source = ("ksfeat phantom", case.random_state, case.number, case.label, scan, *parts)
        return str(generate_uid(entropy_srcs=[repr(source)]))


def write_slice(path: Path, image: StoneImage, number: int, study: Study) -> None:
    """Write a slice in HU as a DICOM file."""
    dataset = Dataset()
    _set_patient(dataset, study)
    _set_series(dataset, study)
    _set_place(dataset, image, number, study)
    _set_acquisition(dataset, study)
    _set_pixels(dataset, image.pixels)
    dataset.file_meta = _meta(dataset)
    dataset.save_as(path, enforce_file_format=True)


def _meta(dataset: Dataset) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return meta


def _set_patient(dataset: Dataset, study: Study) -> None:
    case = study.case
    dataset.PatientID = f"PHANTOM-{case.random_state}-{case.number:03d}"
    dataset.PatientName = f"PHANTOM^{case.number:03d}"
    dataset.PatientBirthDate = dataset.PatientSex = ""
    dataset.StudyInstanceUID = study.uid("study")
    dataset.StudyID = str(case.number)
    # No date: the same seed gives the same bytes, and nobody was examined.
    dataset.StudyDate = dataset.StudyTime = dataset.AccessionNumber = ""
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = _WHAT


def _set_series(dataset: Dataset, study: Study) -> None:
    dataset.Modality = "CT"
    dataset.SeriesInstanceUID = study.uid("series", study.beam)
    dataset.SeriesNumber = study.energy + 1
    filtered = ", tin filter" if study.beam.startswith("Sn") else ""
    dataset.SeriesDescription = f"{kvp_of(study.beam)} kV{filtered}, {study.scan.kernel} kernel"
    dataset.FrameOfReferenceUID = study.uid("frame")
    dataset.PositionReferenceIndicator = ""
    dataset.Manufacturer = dataset.ManufacturerModelName = "ksfeat"
    dataset.SoftwareVersions = __version__
    dataset.BodyPartExamined = "ABDOMEN"
    dataset.PatientPosition = "HFS"


def _set_place(dataset: Dataset, image: StoneImage, number: int, study: Study) -> None:
    assert image.direction is not None
    assert image.origin_mm is not None
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = study.uid("image", study.beam, number)
    dataset.ImageType = ["DERIVED", "PRIMARY", study.scan.plane.upper()]
    dataset.InstanceNumber = number + 1
    dataset.ContentDate = dataset.ContentTime = ""
    dataset.ImageComments = _WHAT
    dataset.BurnedInAnnotation = "NO"
    dataset.PixelSpacing = [_decimal(step) for step in image.spacing_mm or ()]
    down, along = image.direction[1:]
    dataset.ImageOrientationPatient = [_decimal(part) for part in (*along, *down)]
    dataset.ImagePositionPatient = [_decimal(part) for part in image.origin_mm]
    dataset.SliceThickness = _decimal(study.scan.thickness_mm)


def _set_acquisition(dataset: Dataset, study: Study) -> None:
    dataset.KVP = kvp_of(study.beam)
    dataset.AcquisitionNumber = 1
    dataset.ReconstructionDiameter = _decimal(study.scan.field_mm)
    dataset.ConvolutionKernel = study.scan.kernel.upper()
    phase = study.case.patient.contrast.phase
    if phase != "none":
        dataset.ContrastBolusAgent = f"IODINE, {phase.upper()}"
    if study.window is not None:
        low, high = study.window
        dataset.WindowCenter, dataset.WindowWidth = _decimal((low + high) / 2), _decimal(high - low)


def _set_pixels(dataset: Dataset, hu: np.ndarray) -> None:
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = hu.shape
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = 0, 1, "HU"
    dataset.PixelData = hu.astype("<i2").tobytes()
    dataset["PixelData"].VR = "OW"


def _decimal(value: float) -> str:
    """Return a number in the 16 characters of a decimal string."""
    return f"{value:.10g}"[:16]
