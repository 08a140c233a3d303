"""A path, an array or an image to a `StoneImage`; the one door through which images come in."""

from __future__ import annotations

import hashlib
import os
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage, from_array
from ksfeat.io.source import Box, ImageSource

_OFTEN_ANNOTATED = ("US", "OT")  # modalities of images that are screens: ultrasound, captures
ImageLike: TypeAlias = str | os.PathLike[str] | np.ndarray | StoneImage | ImageSource


def read_image(
    path: str | os.PathLike[str], *, crop: Box | None = None, unit: str | None = None
) -> StoneImage:
    """Read one image file: an image, or a volume where it holds one.

    Parameters
    ----------
    path : path-like
        PNG, JPEG, TIFF, WebP, BMP or a still GIF, grey or colour; DICOM, NIfTI, NRRD or MHA.
    crop : tuple of int, optional
        Half-open box x0, y0, x1, y1 in pixels; what is outside does not exist for any feature.
    unit : {"HU"}, optional
        Your word that the numbers are Hounsfield units, where the format cannot say it: NIfTI,
        NRRD, MHA and 16-bit or float rasters.

    Returns
    -------
    StoneImage
        Of unit "HU" only if a DICOM file or `unit` says so, else "grey" or "rgb".

    Raises
    ------
    InputError
        If the file is missing, broken, hostile or in a format that is not read.

    Warns
    -----
    UserWarning
        If text may be burnt into the pixels of a DICOM ultrasound image or capture, and no crop is
        given; once a place of a program, as Python's warnings are.

    Examples
    --------
    >>> import tempfile, pathlib, numpy as np
    >>> from PIL import Image
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "slice.png"
    >>> Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(path)
    >>> read_image(path, crop=(0, 0, 4, 8)).shape
    (8, 4)
    """
    image = ImageSource(Path(path), Path(path).name, crop, unit=unit).read()
    # Of DICOM alone a modality is known; a crop is taken to cut text off.
    if image.modality in _OFTEN_ANNOTATED and crop is None and Path(path).is_file():
        _warn_of_burnt_in_text(Path(path))
    return image


def _warn_of_burnt_in_text(path: Path) -> None:
    from ksfeat.io.dicom.header import open_dicom, reading
    from ksfeat.io.dicom.ultrasound import burnt_in_annotation

    with reading("DICOM file"):
        header = open_dicom(path, "DICOM file")
    if burnt_in_annotation(header):
        warnings.warn(
            "text, a name perhaps, may be burnt into the pixels of a DICOM image (ultrasound "
            "without its regions, a screen capture, or marked so in the header); give a crop",
            stacklevel=3,
        )


def as_image(image: ImageLike) -> StoneImage:
    """Return a `StoneImage` from anything image-like: a path, an array, an image, a source.

    Examples
    --------
    >>> import numpy as np
    >>> as_image(np.eye(8, dtype=np.uint8)).shape
    (8, 8)
    """
    if isinstance(image, StoneImage):
        return image
    if isinstance(image, ImageSource):
        return image.read()
    if isinstance(image, str | os.PathLike):
        return read_image(image)
    return from_array(_as_array(image))


def image_digest(image: ImageLike) -> str:
    """Return a hash of the decoded pixels, to tell whether an image was seen before.

    A file is hashed whole: another crop of it, or the same pixels in another format, are the same.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    >>> image_digest(pixels) == image_digest(StoneImage(pixels))
    True
    """
    if isinstance(image, ImageSource):
        image = replace(image, crop=None, mask=None, mask_label=None, second=None)
    pixels = np.ascontiguousarray(as_image(image).pixels)
    content = hashlib.sha256(repr((pixels.shape, pixels.dtype.str)).encode())
    content.update(pixels.tobytes())
    return content.hexdigest()[:16]


def _as_array(image: Any) -> np.ndarray:
    if hasattr(image, "toarray"):
        raise InputError(
            f"a sparse matrix ({type(image).__name__}); expected images; use .toarray()"
        )
    return np.asarray(image)
