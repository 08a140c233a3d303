"""What was drawn on a DICOM image, segments or contours, as a mask on its grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ksfeat.image import StoneImage
from ksfeat.io.dicom.contours import contour_mask
from ksfeat.io.dicom.header import open_dicom, reading, text
from ksfeat.io.dicom.segmentation import segment_mask


def read_delineation(
    path: Path, image: StoneImage, name: str, label: int | str | None = None
) -> np.ndarray | None:
    """Read a DICOM SEG or RTSTRUCT file as a mask of an image, placed by position.

    Parameters
    ----------
    path : Path
        A DICOM file.
    image : StoneImage
        A DICOM slice or volume, before any crop.
    name : str
        How to call the file in an error.
    label : int or str, optional
        Number of the segment or ROI, or a ROI's name. By default all segments; of contours the
        only ROI.

    Returns
    -------
    ndarray of bool or None
        In the shape of the image's grid; None where the file is neither SEG nor RTSTRUCT.

    Raises
    ------
    InputError
        If the file is broken, lacks the label, was drawn elsewhere, or the image has no position.

    Examples
    --------
    >>> import tempfile
    >>> import pydicom
    >>> from ksfeat.io.dicom import read_series
    >>> from ksfeat.io.write import write_mask
    >>> tests = Path(pydicom.data.get_testdata_file("CT_small.dcm", download=False)).parent
    >>> folder = tests / "dicomdirtests" / "98892001" / "CT5N"
    >>> volume = read_series(folder)
    >>> slices = [pydicom.dcmread(file) for file in folder.iterdir()]
    >>> path = Path(tempfile.mkdtemp()) / "dense.dcm"
    >>> dense = volume.pixels > volume.pixels.mean()
    >>> path = write_mask(dense, path, volume, series=slices)
    >>> mask = read_delineation(path, volume, "dense.dcm")
    >>> bool((mask == dense).all())
    True
    """
    with reading(name):
        dataset = open_dicom(path, name)
        modality = text(dataset.get("Modality"))
        if modality == "SEG":
            return segment_mask(dataset, image, name, label)
        if modality == "RTSTRUCT":
            return contour_mask(dataset, image, name, label)
        return None
