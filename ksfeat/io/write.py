"""Masks and images back to files: PNG, NIfTI and NRRD on the grid they came from, and DICOM SEG."""

from __future__ import annotations

import gzip
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.atomic import replacing, require_folder
from ksfeat.io.encode import encode_nifti, encode_nrrd, encode_png
from ksfeat.io.read import ImageLike, as_image
from ksfeat.io.segmentation import encode_segmentation


def write_mask(
    mask: Any,
    path: str | os.PathLike[str],
    like: ImageLike,
    *,
    series: Sequence[Any] | None = None,
) -> Path:
    """Write a mask where its image lies, so that any viewer shows it on the image.

    Parameters
    ----------
    mask : array-like of bool
        In the shape of the image's grid.
    path : path-like
        Ends in .png (one slice; 255 is the region), .nii, .nii.gz, .nrrd (1 is the region) or .dcm
        (a DICOM segmentation). A file that stands there is replaced in one step.
    like : image-like
        The image that was masked: its spacing, direction and origin are written.
    series : sequence of pydicom Dataset, optional
        The slices of the DICOM series that was masked, in any order; for .dcm only.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the mask does not fit, or the format cannot hold it.
    MissingExtraError
        Without nibabel (NIfTI) or highdicom (DICOM).

    Examples
    --------
    >>> import tempfile, pathlib, numpy as np
    >>> from ksfeat.io import read_image
    >>> image = StoneImage(np.zeros((3, 8, 8)), spacing_mm=(5, 0.8, 0.8), volume=True)
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "mask.nrrd"
    >>> read_image(write_mask(image.pixels == 0, path, image)).spacing_mm
    (5.0, 0.8, 0.8)
    """
    image = as_image(like)
    region = image.with_(mask=np.asarray(mask)).mask
    assert region is not None
    target = Path(path)
    if target.name.lower().endswith(".dcm"):
        return _replace(target, encode_segmentation(region, series, image.name))
    marked = image.with_(
        pixels=region.astype(np.uint8), unit="grey", mask=None, second_energy=None, boxes=None
    )
    if target.suffix.lower() == ".png":
        marked = marked.with_(pixels=marked.pixels * np.uint8(255))
    return _replace(target, _encoded(marked, target))


def write_image(image: StoneImage, path: str | os.PathLike[str]) -> Path:
    """Write an image; what is read back has its pixels and spacing, a volume its place too.

    Parameters
    ----------
    image : StoneImage
        For PNG of 8 or 16 bit, grey or colour; for NIfTI and NRRD a grey image or volume or one in
        HU, of which neither format says the unit: read it back with ``unit="HU"``.
    path : path-like
        Ends in .png, .nii, .nii.gz or .nrrd. A file that stands there is replaced in one step.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the format cannot hold the image.
    """
    target = Path(path)
    return _replace(target, _encoded(image, target))


def _encoded(image: StoneImage, target: Path) -> bytes:
    lower = target.name.lower()
    if lower.endswith(".png"):
        return encode_png(image)
    if lower.endswith(".nrrd"):
        return encode_nrrd(image)
    if lower.endswith(".nii"):
        return encode_nifti(image)
    if lower.endswith(".nii.gz"):
        # No time of writing in the file: the same image gives the same bytes.
        return gzip.compress(encode_nifti(image), 6, mtime=0)
    raise InputError(
        f"{target.name}: cannot be written; expected a name that ends in .png, .nii, .nii.gz or "
        ".nrrd, or for a mask in .dcm"
    )


def _replace(target: Path, content: bytes) -> Path:
    require_folder(target)
    with replacing(target) as partial:
        partial.write_bytes(content)
    return target
