"""A DICOM slice, or an enhanced file of several, of a patient that a test makes up."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid


def write(
    path: Path,
    patient: str,
    number: int = 0,
    modality: str = "CT",
    frames: int = 1,
    **tags: object,
) -> None:
    """Write a CT slice of 6 x 5 pixels at 3 mm times its number, with other tags where given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    uid = generate_uid(entropy_srcs=[patient, str(number), modality])
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid
    dataset.SeriesInstanceUID = generate_uid(entropy_srcs=[patient])
    dataset.StudyInstanceUID = generate_uid(entropy_srcs=[patient, "study"])
    dataset.PatientID, dataset.PatientName, dataset.Modality = patient, "DOE^JANE", modality
    dataset.Rows, dataset.Columns, dataset.PixelSpacing = 6, 5, [2, 2]
    dataset.SliceThickness = 3
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [0, 0, 3 * number]
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1000
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    dataset.NumberOfFrames = frames
    if frames > 1:
        del dataset.ImagePositionPatient, dataset.ImageOrientationPatient
        dataset.SharedFunctionalGroupsSequence = [Dataset()]  # required, if empty
        dataset.PerFrameFunctionalGroupsSequence = [place_of(3 * frame) for frame in range(frames)]
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    dataset.PixelData = np.full((frames, 6, 5), 1000 + number, dtype=np.uint16).tobytes()
    dataset.save_as(path, enforce_file_format=True)


def place_of(height_mm: float) -> Dataset:
    """Where one frame lies, as an enhanced CT file says it."""
    place, turn, measures, groups = (Dataset() for _ in range(4))
    place.ImagePositionPatient = [0, 0, height_mm]
    turn.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    measures.PixelSpacing = [2, 2]
    groups.PlanePositionSequence = [place]
    groups.PlaneOrientationSequence = [turn]
    groups.PixelMeasuresSequence = [measures]
    return groups
