"""DICOM files made by hand, each test changing what it is about."""

import copy

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

AXIAL = (1, 0, 0, 0, 1, 0)


def _slice(pixels, position=(-10.0, -20.0, 30.0), orientation=AXIAL, syntax=ExplicitVRLittleEndian):
    pixels = np.asarray(pixels)
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.1", "1.2.1.1"
    dataset.FrameOfReferenceUID = "1.2.3"
    dataset.PatientName, dataset.PatientID = "DOE^JANE", "MRN-4711"
    dataset.PatientBirthDate, dataset.PatientSex = "19500102", "F"
    dataset.StudyID, dataset.AccessionNumber = "77", "ACC-0815"
    dataset.StudyDate = dataset.StudyTime = dataset.ReferringPhysicianName = ""
    dataset.Manufacturer = ""
    dataset.SeriesNumber, dataset.InstanceNumber = 1, 1
    dataset.Modality, dataset.KVP = "CT", "120"
    dataset.RescaleSlope, dataset.RescaleIntercept = "1", "-1024"
    dataset.ImagePositionPatient = [float(value) for value in position]
    dataset.ImageOrientationPatient = [float(value) for value in orientation]
    dataset.PixelSpacing, dataset.SliceThickness = ["0.5", "0.75"], "9"
    _set_pixels(dataset, pixels)
    return dataset


def _set_pixels(dataset, pixels):
    bits = 8 * pixels.dtype.itemsize
    colour = pixels.ndim > 2 and pixels.shape[-1] == 3
    dataset.SamplesPerPixel = 3 if colour else 1
    dataset.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = pixels.shape[-3:-1] if colour else pixels.shape[-2:]
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OW" if bits > 8 else "OB"


@pytest.fixture
def make_slice():
    """Return a function that makes a CT slice: pixels, position, orientation, syntax."""
    return _slice


@pytest.fixture
def save(tmp_path):
    """Return a function that writes a dataset, with some elements changed, and gives its path."""

    def save(dataset, name="a.dcm", **changes):
        changed = copy.deepcopy(dataset)
        for keyword, value in changes.items():
            if value is None:
                delattr(changed, keyword)
            else:
                setattr(changed, keyword, value)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        changed.save_as(path, enforce_file_format=True)
        return path

    return save


@pytest.fixture
def body():
    """A volume (Z, Y, X) = superior, posterior, left of 5x6x7 voxels, all different, in HU."""
    return np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7) * 7 - 600


@pytest.fixture
def save_series(save):
    """Return a function that writes a volume (Z, Y, X) in one of its three planes.

    Voxels are 3 mm along z, 0.5 mm along y and 0.75 mm along x; the first one is at (-10, -20, 30).
    """
    corner = np.array([-10.0, -20.0, 30.0])
    planes = {  # what a row and a column of the file run along, and what the stack does
        "axial": ("xy", "z"),
        "feet first": ("xy", "z"),
        "prone": ("XY", "z"),
        "upside down": ("xY", "z"),
        "coronal": ("xZ", "y"),
        "sagittal": ("yZ", "x"),
    }
    unit, mm = np.eye(3), {"x": 0.75, "y": 0.5, "z": 3.0}

    def save_series(volume, plane="axial", order=None, folder="series", change=None):
        (row, column), through = planes[plane]
        axes = {"z": 0, "y": 1, "x": 2}
        count = volume.shape[axes[through]]
        paths = []
        for number, place in enumerate(range(count) if order is None else order):
            start = dict.fromkeys("xyz", 0)
            start[through] = place
            pixels = np.take(volume, place, axis=axes[through])
            left = [axis for axis in "zyx" if axis != through]
            pixels = pixels.transpose([left.index(column.lower()), left.index(row.lower())])
            for axis, letter in enumerate((column, row)):
                if letter.isupper():
                    pixels = np.flip(pixels, axis)
                    start[letter.lower()] = volume.shape[axes[letter.lower()]] - 1
            position = corner + [start[a] * mm[a] for a in "xyz"]
            cosines = [
                (-1 if a.isupper() else 1) * unit["xyz".index(a.lower())] for a in (row, column)
            ]
            dataset = _slice(
                (np.ascontiguousarray(pixels) + 1024).astype(np.uint16),
                position,
                np.concatenate(cosines),
            )
            dataset.PixelSpacing = [mm[column.lower()], mm[row.lower()]]
            dataset.InstanceNumber = number + 1
            if change is not None:
                change(dataset, place)
            paths.append(save(dataset, f"{folder}/{number:03d}.dcm"))
        return paths[0].parent

    return save_series


@pytest.fixture
def reread():
    """Return a function that reads a file with pydicom alone."""
    return pydicom.dcmread
