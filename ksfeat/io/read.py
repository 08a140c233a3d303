"""A path, an array or an image to a `StoneImage`; the one door through which images come in."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage, from_array
from ksfeat.io.masks import read_mask
from ksfeat.io.raster import SUFFIXES, read_raster

Box: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True)
class ImageSource:
    """Where an image is: read when it is needed, and only the part that is meant.

    Parameters
    ----------
    path : Path
        The image file.
    key : str
        How a reader knows it: the path relative to the data, with the crop if there is one.
    crop : tuple of int, optional
        Half-open box x0, y0, x1, y1, applied at reading.
    mask : Path, optional
        A mask file in the size of the whole image.
    """

    path: Path
    key: str
    crop: Box | None = None
    mask: Path | None = None

    def read(self) -> StoneImage:
        """Read the image, its mask and its crop."""
        pixels, unit = _decode(self.path, self.key)
        image = StoneImage(pixels, unit=unit, key=self.key)
        if self.mask is not None:
            _require_file(self.mask, f"mask of {self.key}")
            mask = read_mask(self.mask, image.shape, f"mask of {self.key}")
            image = image.with_(mask=mask)
        return image.crop(self.crop) if self.crop is not None else image


ImageLike: TypeAlias = str | os.PathLike[str] | np.ndarray | StoneImage | ImageSource


def read_image(path: str | os.PathLike[str], *, crop: Box | None = None) -> StoneImage:
    """Read one image file.

    Parameters
    ----------
    path : path-like
        PNG, JPEG, TIFF, WebP, BMP or a still GIF, of 8 or 16 bit, grey or colour.
    crop : tuple of int, optional
        Half-open box x0, y0, x1, y1 in pixels; what is outside does not exist for any feature.

    Returns
    -------
    StoneImage
        Of unit "grey" or "rgb": a raster file does not say Hounsfield units.

    Raises
    ------
    InputError
        If the file is missing, broken, hostile or in a format that is not read.

    Examples
    --------
    >>> import tempfile, pathlib, numpy as np
    >>> from PIL import Image
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "slice.png"
    >>> Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(path)
    >>> read_image(path, crop=(0, 0, 4, 8)).shape
    (8, 4)
    """
    return ImageSource(Path(path), Path(path).name, crop).read()


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
    whole = replace(image, crop=None, mask=None) if isinstance(image, ImageSource) else image
    pixels = np.ascontiguousarray(as_image(whole).pixels)
    content = hashlib.sha256(repr((pixels.shape, pixels.dtype.str)).encode())
    content.update(pixels.tobytes())
    return content.hexdigest()[:16]


def _as_array(image: Any) -> np.ndarray:
    if hasattr(image, "toarray"):
        raise InputError(
            f"a sparse matrix ({type(image).__name__}); expected images; use .toarray()"
        )
    return np.asarray(image)


def _decode(path: Path, name: str) -> tuple[np.ndarray, str]:
    _require_file(path, name)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{name}: files of type {path.suffix or 'without an ending'!r} are not read; "
            f"expected one of {', '.join(SUFFIXES)}"
        )
    return read_raster(path, name)


def _require_file(path: Path, name: str) -> None:
    if path.is_dir():
        raise InputError(f"{name}: a folder; expected an image file")
    if not path.is_file():
        raise InputError(f"{name}: no such file; check the path")
