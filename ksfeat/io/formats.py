"""Which reader a file needs: by its ending, or by its first bytes where it has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from ksfeat.errors import InputError
from ksfeat.image import StoneImage

_DICOM_MARK = slice(128, 132)  # where every DICOM file says "DICM"


@dataclass(frozen=True)
class Format:
    """A kind of file and who reads it.

    Parameters
    ----------
    name : str
        What a person calls it.
    suffixes : tuple of str
        Endings, in lower case.
    module : str
        The module whose ``read(path, name)`` returns a `StoneImage`: one image, or a volume.
    volumes : bool
        Whether a file may hold a volume.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    volumes: bool = False

    @property
    def read(self) -> Callable[[Path, str], StoneImage]:
        """The reader, imported when it is first needed."""
        return import_module(self.module).read


FORMATS = (
    Format(
        "raster image",
        (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif"),
        "ksfeat.io.raster",
    ),
    Format("DICOM", (".dcm", ".dicom", ".ima"), "ksfeat.io.dicom", volumes=True),
    Format("NIfTI", (".nii", ".nii.gz"), "ksfeat.io.nifti", volumes=True),
    Format("NRRD", (".nrrd",), "ksfeat.io.itk", volumes=True),
    Format("MetaImage", (".mha",), "ksfeat.io.itk", volumes=True),
)
_DICOM = FORMATS[1]
SUFFIXES = tuple(suffix for kind in FORMATS for suffix in kind.suffixes)


def decode(path: Path, name: str) -> StoneImage:
    """Read one file of any known format, or a folder as one DICOM series.

    Parameters
    ----------
    path : Path
        The file or folder.
    name : str
        How to call it in an error, and the image's key.

    Returns
    -------
    StoneImage
        Without crop or mask; a volume where the file holds one.

    Raises
    ------
    InputError
        If the file is missing, broken, hostile, or of a format that is not read.
    """
    if path.is_dir():
        return _DICOM.read(path, name)
    require_file(path, name)
    kind = format_of(path)
    if kind is None:
        raise InputError(
            f"{name}: files of type {path.suffix or 'without an ending'!r} are not read; "
            f"expected one of {', '.join(SUFFIXES)}"
        )
    return kind.read(path, name)


def format_of(path: Path) -> Format | None:
    """Return the format of a file, or None where it is none that is read."""
    lower = path.name.lower()
    for kind in FORMATS:
        if lower.endswith(kind.suffixes):
            return kind
    # Archives name DICOM files by their UID, dots and all: only the first bytes tell.
    return _DICOM if path.is_file() and _says_dicom(path) else None


def require_file(path: Path, name: str) -> None:
    """Raise an `InputError` unless there is a file at `path`."""
    if path.is_dir():
        raise InputError(f"{name}: a folder; expected an image file")
    if not path.is_file():
        raise InputError(f"{name}: no such file; check the path")


def _says_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[_DICOM_MARK] == b"DICM"
