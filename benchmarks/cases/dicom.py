"""DICOM files, series of them, and what was drawn on them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset as Elements
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from benchmarks.cases.case import COLOUR, DEEP, GREY, Case, reads_file
from benchmarks.made_dicom import as_bytes, contours, enhanced, made_slice
from ksfeat.cli.export import export_image
from ksfeat.image import StoneImage
from ksfeat.io import ImageSource, read_image
from ksfeat.io.write import write_mask

STACK = np.stack([DEEP] * 4)


def _slice(pixels: np.ndarray, name: str = "a.dcm", **changes: Any) -> Callable[[Path], Any]:
    """Return what reads a slice with some elements changed, or removed where None."""
    return reads_file(name, as_bytes(_changed(made_slice(pixels), **changes)))


def _changed(dataset: Elements, **changes: Any) -> Elements:
    for keyword, value in changes.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset


def _packed(syntax: str) -> Callable[[Path], Any]:
    dataset = made_slice(DEEP)
    dataset.compress(syntax, generate_instance_uid=False)
    return reads_file("a.dcm", as_bytes(dataset))


def _encapsulated(syntax: str) -> Callable[[Path], Any]:
    """Return what reads a slice that is packed in a way that nothing here can unpack."""
    dataset = made_slice(DEEP)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate([b"\xff\xd8" + bytes(98)])
    return reads_file("a.dcm", as_bytes(dataset))


def _baseline() -> Callable[[Path], Any]:
    """Return what reads a photograph in JPEG's usual form, as ultrasound machines store theirs."""
    buffer = io.BytesIO()
    Image.fromarray(COLOUR).save(buffer, format="JPEG", subsampling=0)
    dataset = _changed(made_slice(COLOUR), Modality="XC", PhotometricInterpretation="YBR_FULL")
    dataset.file_meta.TransferSyntaxUID = uid.JPEGBaseline8Bit
    dataset.PixelData = encapsulate([buffer.getvalue()])
    return reads_file("a.dcm", as_bytes(dataset))


def _series(order: tuple[int, ...] = (2, 0, 3, 1), **changes: Any) -> Callable[[Path], Any]:
    def make(folder: Path) -> StoneImage:
        return read_image(_written_series(folder / "scan", order, **changes))

    return make


def _written_series(scan: Path, order: tuple[int, ...], **changes: Any) -> Path:
    scan.mkdir()
    for number, place in enumerate(order):
        dataset = _changed(made_slice(DEEP + place, place), **changes)
        (scan / f"{number}.dcm").write_bytes(as_bytes(dataset))
    return scan


def dicom() -> Iterator[Case]:
    """Yield the cases of slices and series."""
    kind = "DICOM"
    signed = GREY.astype(np.int16) - 1000
    region = Elements()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 4, 8
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 59, 43
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = 0.025
    scan = {"Modality": "US", "RescaleSlope": None, "RescaleIntercept": None, "KVP": None}
    ultrasound = {**scan, "SequenceOfUltrasoundRegions": Sequence([region])}
    yield Case(kind, "CT slice, uncompressed", _slice(DEEP))
    yield Case(kind, "CT slice, signed, intercept 0", _slice(signed, RescaleIntercept="0"))
    yield Case(kind, "CT slice, no file ending", _slice(DEEP, "IM0001"))
    yield Case(kind, "no rescale", _slice(DEEP, RescaleSlope=None, RescaleIntercept=None))
    yield Case(kind, "MR slice", _slice(DEEP, Modality="MR"))
    yield Case(kind, "photograph, RGB", _slice(COLOUR, Modality="XC"))
    yield Case(kind, "photograph, JPEG baseline", _baseline())
    for name, syntax in (
        ("RLE", uid.RLELossless),
        ("JPEG 2000, lossless", uid.JPEG2000Lossless),
        ("JPEG-LS, lossless", uid.JPEGLSLossless),
    ):
        yield Case(kind, f"CT slice, {name}", _packed(syntax))
    sv1 = _encapsulated(uid.JPEGLosslessSV1)
    yield Case(kind, "JPEG lossless, no decoder installed", sv1, reads=False)
    yield Case(kind, "video (MPEG-4)", _encapsulated(uid.MPEG4HP41), reads=False)
    yield Case(kind, "multi-frame CT (enhanced)", reads_file("a.dcm", as_bytes(enhanced(STACK))))
    yield Case(kind, "clip of 4 frames", _slice(STACK), reads=False)
    yield Case(kind, "ultrasound with its region", _slice(GREY, **ultrasound))
    yield Case(kind, "ultrasound without regions", _slice(GREY, **scan))
    yield Case(kind, "series, names in no order", _series())
    yield Case(kind, "series with a slice missing", _series((0, 1, 3)), reads=False)
    yield Case(kind, "series with a slice twice", _series((0, 1, 1, 2)), reads=False)
    lost = _series(ImagePositionPatient=None)
    yield Case(kind, "series without positions", lost, reads=False)
    yield Case(kind, "slope 0", _slice(DEEP, RescaleSlope="0"), reads=False)
    yield Case(kind, "65535x65535 claimed", _slice(DEEP, Rows=65535, Columns=65535), reads=False)
    yield Case(kind, "without pixels", _slice(DEEP, PixelData=None), reads=False)
    yield Case(kind, "SEG as an image", _slice(GREY, Modality="SEG"), reads=False)
    yield Case(kind, "RTSTRUCT as an image", _slice(GREY, Modality="RTSTRUCT"), reads=False)
    yield Case(
        kind, "cut in half", reads_file("a.dcm", as_bytes(made_slice(DEEP))[:2000]), reads=False
    )


def values() -> Iterator[Case]:
    """Yield the cases of what stored values mean."""
    kind = "DICOM"
    signed = GREY.astype(np.int16) - 1000
    yield Case(kind, "CT slice, MONOCHROME1", _slice(DEEP, PhotometricInterpretation="MONOCHROME1"))
    inverted = {"PhotometricInterpretation": "MONOCHROME1"}
    grey = {**inverted, "Modality": "DX", "RescaleSlope": None, "RescaleIntercept": None}
    yield Case(kind, "MONOCHROME1, signed, not CT", _slice(signed, **grey))
    yield Case(kind, "padding below air", _slice(signed, PixelPaddingValue=-2000))
    mr = {"Modality": "MR", "PixelPaddingValue": 0}
    yield Case(kind, "padding of MR, given its darkest pixel", _slice(DEEP, **mr))
    for term in ("RHO_Z", "IODINE", "Z_EFF", "EFF Z", "MAT_SPECIFIC"):
        made = {"ImageType": ["DERIVED", "SECONDARY", "AXIAL", term]}
        yield Case(kind, f"map computed from CT, image type {term}", _slice(DEEP, **made))
    yield Case(kind, "map by rescale type Z_EFF", _slice(DEEP, RescaleType="Z_EFF"))
    yield Case(kind, "rescale type in lower case, hu", _slice(DEEP, RescaleType="hu"))
    keV = {"ImageType": ["DERIVED", "PRIMARY", "AXIAL", "VMI"], "RescaleType": "HU"}
    yield Case(kind, "virtual mono-energetic CT", _slice(DEEP, **keV))
    capture = {"Modality": "OT", "SOPClassUID": uid.SecondaryCaptureImageStorage}
    yield Case(kind, "secondary capture (a warning: text in it?)", _slice(GREY, **capture))


def _masked(mask: Callable[[Path, Path], Path]) -> Callable[[Path], Any]:
    """Return what reads a series with the mask that a function writes for it."""

    def make(folder: Path) -> StoneImage:
        scan = _written_series(folder / "scan", (0, 1, 2, 3))
        return ImageSource(scan, "scan", mask=mask(folder, scan)).read()

    return make


def _contour(at: float) -> Callable[[Path, Path], Path]:
    """Return what draws a square at a height in mm."""
    square = np.array([[3, 3, at], [12, 3, at], [12, 12, at], [3, 12, at]], dtype=float)

    def draw(folder: Path, _scan: Path) -> Path:
        (folder / "rt.dcm").write_bytes(as_bytes(contours(square)))
        return folder / "rt.dcm"

    return draw


def masks() -> Iterator[Case]:
    """Yield the cases of masks."""
    kind = "Masks of a DICOM series"

    def segment(folder: Path, scan: Path) -> Path:
        inside = np.zeros((4, *DEEP.shape), dtype=bool)
        inside[1:3, 10:20, 10:20] = True
        slices = [pydicom.dcmread(path) for path in sorted(scan.iterdir())]
        return write_mask(inside, folder / "seg.dcm", like=scan, series=slices)

    def png(folder: Path, _scan: Path) -> Path:
        Image.fromarray(GREY).save(folder / "mask.png")
        return folder / "mask.png"

    yield Case(kind, "RTSTRUCT, one contour", _masked(_contour(3.0)))
    yield Case(kind, "RTSTRUCT, drawn elsewhere", _masked(_contour(90.0)), reads=False)
    yield Case(kind, "SEG, written here by highdicom", _masked(segment))
    yield Case(kind, "PNG of one slice", _masked(png), reads=False)


def _again(ending: str) -> Callable[[Path], Any]:
    def make(folder: Path) -> StoneImage:
        scan, out = _written_series(folder / "scan", (0, 1, 2, 3)), folder / f"out{ending}"
        drawn = _contour(3.0)(folder, scan)
        export_image(str(scan), out, mask=str(drawn), pseudonyms=True)
        return ImageSource(scan, "scan", mask=out).read()

    return make


def _picture(folder: Path) -> StoneImage:
    scan = _written_series(folder / "scan", (0, 1, 2, 3))
    export_image(str(scan), folder / "a.png", index=1, window="stone")
    return read_image(folder / "a.png")


def _among_slices(folder: Path) -> StoneImage:
    scan = _written_series(folder / "scan", (0, 1, 2, 3))
    export_image(str(scan), scan / "1.dcm", mask=str(_contour(3.0)(folder, scan)))
    return read_image(scan)


def exports() -> Iterator[Case]:
    """Yield the cases of what is written of a series."""
    kind = "Export of a DICOM series"
    for ending in (".nii.gz", ".nrrd", ".dcm"):
        yield Case(kind, f"RTSTRUCT, exported as {ending}", _again(ending))
    yield Case(kind, "export of a slice, window stone", _picture)
    yield Case(kind, "export among the slices", _among_slices, reads=False)
