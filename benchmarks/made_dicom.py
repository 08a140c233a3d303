"""DICOM files made in memory: slices, enhanced multi-frame images, segments and contours."""

from __future__ import annotations

import io

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, ExplicitVRLittleEndian

STEP = 3.0  # mm between slices


def made_slice(pixels: np.ndarray, place: int = 0) -> Dataset:
    """Return an axial CT slice of 0.75 mm pixels; (H, W, 3) is colour, (N, H, W) are N frames."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    unique = f"1.2.1.1.{place + 1}"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = unique
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.1", "1.2.1.1"
    dataset.FrameOfReferenceUID = "1.2.3"
    dataset.PatientID, dataset.PatientName = "P1", "SIMULATED"
    dataset.PatientBirthDate = dataset.PatientSex = dataset.StudyID = ""
    dataset.StudyDate = dataset.StudyTime = dataset.AccessionNumber = ""
    dataset.ReferringPhysicianName = dataset.Manufacturer = ""
    dataset.SeriesNumber, dataset.InstanceNumber = 1, place + 1
    dataset.Modality, dataset.KVP = "CT", "120"
    dataset.RescaleSlope, dataset.RescaleIntercept = "1", "-1024"
    dataset.ImagePositionPatient = [0.0, 0.0, STEP * place]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing, dataset.SliceThickness = [0.75, 0.75], STEP
    _set_pixels(dataset, pixels)
    return dataset


def _set_pixels(dataset: Dataset, pixels: np.ndarray) -> None:
    colour = pixels.ndim == 3 and pixels.shape[-1] == 3
    dataset.SamplesPerPixel = 3 if colour else 1
    dataset.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        dataset.PlanarConfiguration = 0
    elif pixels.ndim == 3:
        dataset.NumberOfFrames = len(pixels)
    dataset.Rows, dataset.Columns = pixels.shape[:2] if colour else pixels.shape[-2:]
    dataset.BitsAllocated = dataset.BitsStored = 8 * pixels.itemsize
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OB" if pixels.itemsize == 1 else "OW"


def enhanced(frames: np.ndarray) -> Dataset:
    """Return an enhanced CT of frames (N, H, W), each with its position."""
    dataset = made_slice(frames)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = EnhancedCTImageStorage
    shared, measures, turned, rescale = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = dataset.PixelSpacing, STEP
    turned.ImageOrientationPatient = dataset.ImageOrientationPatient
    rescale.RescaleSlope, rescale.RescaleIntercept = "1", "-1024"
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.PlaneOrientationSequence = Sequence([turned])
    shared.PixelValueTransformationSequence = Sequence([rescale])
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    groups = []
    for place in range(len(frames)):
        group, position = Dataset(), Dataset()
        position.ImagePositionPatient = [0.0, 0.0, STEP * place]
        group.PlanePositionSequence = Sequence([position])
        groups.append(group)
    dataset.PerFrameFunctionalGroupsSequence = Sequence(groups)
    for keyword in ("PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient"):
        delattr(dataset, keyword)
    return dataset


def contours(points: np.ndarray) -> Dataset:
    """Return an RTSTRUCT of one closed contour, (n, 3) in mm, around a stone."""
    dataset = made_slice(np.zeros((1, 1), dtype=np.uint8))
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(dataset, keyword)
    dataset.Modality = "RTSTRUCT"
    roi, contour, drawn = Dataset(), Dataset(), Dataset()
    roi.ROINumber, roi.ROIName, roi.ReferencedFrameOfReferenceUID = 1, "stone", "1.2.3"
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", len(points)
    contour.ContourData = [float(value) for value in points.ravel()]
    drawn.ReferencedROINumber, drawn.ContourSequence = 1, Sequence([contour])
    dataset.StructureSetROISequence = Sequence([roi])
    dataset.ROIContourSequence = Sequence([drawn])
    return dataset


def as_bytes(dataset: Dataset) -> bytes:
    """Return the file."""
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
