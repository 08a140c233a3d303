"""A DICOM file to its data elements, and every failure to one line that repeats none of them."""

from __future__ import annotations

import logging
import os
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pydicom
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from ksfeat.errors import InputError, KsfeatError

_SUFFIXES = (".dcm", ".dicom", ".ima")
_MARK = slice(128, 132)  # where a DICOM file says "DICM", whatever its name is
_DEFER_BYTES = 65_536  # pixels stay in the file until they are decoded
_AT_ONCE_BYTES = 2**26  # a larger file is judged by its header before its pixels are read
_META_BYTES = 4_096  # file meta information takes some hundred
_SHORT_VRS, _LONG_VRS = {b"UI", b"SH", b"AE", b"UL"}, {b"OB"}  # of file meta (DICOM PS3.10 7.1)
_MAX_INFLATED = 256_000_000  # a deflated file of many slices; one that holds more is a bomb
_LONGEST_LABEL = 40
_LOGGING = ("pydicom", "pylibjpeg", "openjpeg", "jpeg_ls")
_UNPAIRED = {  # Modality: what it is, and what to do with it
    "SEG": ("a segmentation (SEG)", "give it as the mask of its series"),
    "RTSTRUCT": ("contours (RTSTRUCT)", "give it as the mask of its series, with a ROI's number"),
    "RTDOSE": ("a radiation dose (RTDOSE)", "give the CT it was planned on"),
    "RTPLAN": ("a treatment plan (RTPLAN)", "give the CT it was planned on"),
    "SR": ("a structured report (SR)", "give the images that it reports on"),
    "PR": ("a presentation state (PR)", "give the images that it shows"),
    "KO": ("a selection of key objects (KO)", "give the images that it selects"),
    "REG": ("a registration (REG)", "give the registered images"),
    "DOC": ("a document (DOC)", "give the images"),
}


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Let nothing but a `KsfeatError` out of the block, and no value of the file with it.

    Parameters
    ----------
    name : str
        How to call the file in an error.

    Examples
    --------
    >>> with reading("a.dcm"):
    ...     float("DOE^JANE")
    Traceback (most recent call last):
    ksfeat.errors.InputError: a.dcm: cannot be decoded (ValueError); the file is truncated or ...
    """
    with warnings.catch_warnings(), _kept_from_logs():
        # pydicom warns of each value that breaks a rule, and quotes it: it may be a name.
        warnings.simplefilter("ignore")
        try:
            yield
        except KsfeatError:
            raise
        except PermissionError:
            raise InputError(f"{name}: no permission to read it; change the file's mode") from None
        except Exception as error:
            # "from None": the text of pydicom's errors quotes values, and so would a traceback.
            raise InputError(
                f"{name}: cannot be decoded ({type(error).__name__}); "
                "the file is truncated or damaged; export it again"
            ) from None


def dicom_files(folder: Path) -> list[Path]:
    """Return the files of a folder that say DICOM by their ending or first bytes, by name."""
    return sorted(path for path in folder.iterdir() if _may_be_dicom(path))


def open_dicom(path: Path, name: str, *, at_once: bool = False) -> pydicom.Dataset:
    """Read all data elements but the pixels, which are read when they are decoded.

    Parameters
    ----------
    path : Path
        The file, with or without its first 132 bytes and its file meta information.
    name : str
        How to call it in an error.
    at_once : bool, default=False
        Read the pixels too, unless there are very many: faster where they are needed anyway.

    Returns
    -------
    pydicom.Dataset
        With a transfer syntax in ``file_meta``, also where the file says none.

    Raises
    ------
    InputError
        If the file is empty, no DICOM, or inflates beyond all measure.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_META_BYTES)
            if not start:
                raise InputError(
                    f"{name}: an empty file (0 bytes); expected DICOM; export it again"
                )
            if _may_be_deflated(start):
                _refuse_bomb(file, name)
            if at_once and os.fstat(file.fileno()).st_size <= _AT_ONCE_BYTES:
                file.seek(0)
                return pydicom.dcmread(file)
        return pydicom.dcmread(path, defer_size=_DEFER_BYTES)
    except InvalidDicomError:
        return _without_meta(path, name)


def refuse_unless_image(dataset: pydicom.Dataset, name: str) -> None:
    """Raise an `InputError` that says what the object is, and how it is used, unless an image."""
    if (kind := _UNPAIRED.get(text(dataset.get("Modality")))) is not None:
        what, mend = kind
        raise InputError(f"{name}: {what}, not an image; {mend}")
    if "PixelData" not in dataset:
        raise InputError(
            f"{name}: DICOM without pixels, or cut before them; "
            "expected an image; export it with its pixels"
        )


def is_beside_images(dataset: pydicom.Dataset) -> bool:
    """Whether the object belongs into a series' folder without being one of its slices."""
    return text(dataset.get("Modality")) in _UNPAIRED or "DirectoryRecordSequence" in dataset


def attribute(dataset: pydicom.Dataset, keyword: str, frame: int = 0) -> Any:
    """Return an attribute of one frame: its own, the shared one, or the file's; else None.

    Parameters
    ----------
    dataset : pydicom.Dataset
        An image of one or many frames.
    keyword : str
        DICOM keyword.
    frame : int, default=0
        Number of the frame, from 0.
    """
    sequence = _FUNCTIONAL_GROUP.get(keyword)
    if sequence is not None and _SHARED_GROUPS in dataset:
        own = dataset.get("PerFrameFunctionalGroupsSequence") or []
        shared = dataset[_SHARED_GROUPS].value or []
        for groups in (*own[frame : frame + 1], *shared[:1]):
            for item in (groups.get(sequence) or [])[:1]:
                if item.get(keyword) is not None:
                    return item.get(keyword)
    return dataset.get(keyword)


def text(value: Any) -> str:
    """Return a coded text without padding; "" for None."""
    return "" if value is None else str(value).strip(" \0")


def one_line(value: Any) -> str:
    """Return a label that a person gave, as an error may show it: short, without line breaks."""
    return " ".join(text(value).split())[:_LONGEST_LABEL]


_SHARED_GROUPS = 0x52009229  # every file of functional groups has it, and no other one
_FUNCTIONAL_GROUP = {  # DICOM PS3.3 C.7.6.16.2 and C.8.15.3
    "ImagePositionPatient": "PlanePositionSequence",
    "ImageOrientationPatient": "PlaneOrientationSequence",
    "PixelSpacing": "PixelMeasuresSequence",
    "RescaleSlope": "PixelValueTransformationSequence",
    "RescaleIntercept": "PixelValueTransformationSequence",
    "RescaleType": "PixelValueTransformationSequence",
    "KVP": "CTXRayDetailsSequence",
    "FrameType": "CTImageFrameTypeSequence",
    "ReferencedSegmentNumber": "SegmentIdentificationSequence",
}


@contextmanager
def _kept_from_logs() -> Iterator[None]:
    """Keep what pydicom and its decoders log, values and paths, from the program's log."""
    loggers = [logging.getLogger(library) for library in _LOGGING]
    before = [logger.propagate for logger in loggers]
    try:
        for logger in loggers:
            logger.propagate = False
        yield
    finally:
        for logger, propagates in zip(loggers, before, strict=True):
            logger.propagate = propagates


def _may_be_dicom(path: Path) -> bool:
    if path.name.startswith(".") or not path.is_file():
        return False
    if path.name.lower().endswith(_SUFFIXES):
        return True
    with path.open("rb") as file:
        return file.read(132)[_MARK] == b"DICM"


def _without_meta(path: Path, name: str) -> pydicom.Dataset:
    with path.open("rb") as file:
        _refuse_bomb(file, name, place=0)  # where pydicom looks for it if there is no preamble
    dataset = pydicom.dcmread(path, defer_size=_DEFER_BYTES, force=True)
    if not {"Rows", "Columns", "PixelData"} <= set(dataset.dir()):
        raise InputError(f"{name}: not DICOM, whatever its name says; expected a DICOM file")
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit, little = dataset.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
    return dataset


def _may_be_deflated(start: bytes) -> bool:
    """Return False only where file meta information of the plainest kind says another syntax."""
    place = 132
    while start[place : place + 2] == b"\2\0":
        kind, length = start[place + 4 : place + 6], start[place + 6 : place + 8]
        if kind in _LONG_VRS:
            place, length = place + 4, start[place + 8 : place + 12]
        elif kind not in _SHORT_VRS:
            return True
        place += 8 + int.from_bytes(length, "little")
    # What does not end in the part that was read, nobody has looked at.
    return place + 2 > len(start) or DeflatedExplicitVRLittleEndian.encode() in start[:place]


def _refuse_bomb(file: BinaryIO, name: str, place: int = 132) -> None:
    file.seek(place)
    meta = read_dataset(file, False, True, stop_when=lambda tag, *_: tag.group != 2)
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        return
    inflate, total = zlib.decompressobj(-zlib.MAX_WBITS), 0
    while chunk := file.read(_DEFER_BYTES):
        total += len(inflate.decompress(chunk))
        if total > _MAX_INFLATED:
            raise InputError(
                f"{name}: inflates to more than {_MAX_INFLATED:,} bytes; "
                "a small file that does so may be a decompression bomb"
            )
