"""DICOM: files and series to images, and what was drawn on them to masks."""

from __future__ import annotations

from pathlib import Path

from ksfeat.image import StoneImage
from ksfeat.io.dicom.delineation import read_delineation
from ksfeat.io.dicom.energies import pair_energies
from ksfeat.io.dicom.geometry import grid_of
from ksfeat.io.dicom.instance import read_instance
from ksfeat.io.dicom.series import Series, list_series, read_series

__all__ = [
    "Series",
    "grid_of",
    "list_series",
    "pair_energies",
    "read",
    "read_delineation",
    "read_instance",
    "read_series",
]


def read(path: Path, name: str) -> StoneImage:
    """Read a DICOM file, or a folder as one series; see `read_instance` and `read_series`."""
    return read_series(path, name) if path.is_dir() else read_instance(path, name)
