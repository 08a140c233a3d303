"""`ImageSource`: where an image is, read when it is needed and only the part that is meant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.alignment import require_same_place
from ksfeat.io.formats import decode, require_file
from ksfeat.io.masks import read_mask
from ksfeat.io.second import with_second

Box: TypeAlias = tuple[int, int, int, int]
DETACHED = (".mhd", ".nhdr", ".hdr", ".img")  # a header that names another file, or that file
_EIGHT_BIT = {np.dtype(np.uint8), np.dtype(np.bool_)}
_VOLUMES_KEPT = 2  # slices of one volume are read one after the other


@dataclass(frozen=True)
class SlicePlace:
    """Which slice of a volume.

    Parameters
    ----------
    axis : {"axial", "coronal", "sagittal"}
        Normal of the slice.
    index : int
        Place along it, counted from 0 upwards, backwards or to the patient's left.

    Examples
    --------
    >>> SlicePlace("axial", 12)
    SlicePlace(axis='axial', index=12)
    """

    axis: str
    index: int


@dataclass(frozen=True)
class ImageSource:
    """Where an image is.

    Parameters
    ----------
    path : Path
        The image file, or a folder of one DICOM series.
    key : str
        How a reader knows it: the path relative to the data, with slice and crop if there are any.
    crop : tuple of int, optional
        Half-open box x0, y0, x1, y1, applied at reading.
    mask : Path, optional
        A mask file in the size of the whole image or volume.
    mask_label : int, optional
        The value of the region in the mask; all but zero by default.
    place : SlicePlace, optional
        The slice that is meant, of a file that holds a volume.
    unit : {"HU"}, optional
        Said by the user of a file that cannot say it, such as NIfTI; by default what the file says.
    second : Path, optional
        The same image or volume at a second energy, in its size. Where both files say their tube
        voltage, the lower one becomes the first energy.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> path = Path(tempfile.mkdtemp()) / "a.png"
    >>> Image.fromarray(np.zeros((6, 10), dtype=np.uint8)).save(path)
    >>> image = ImageSource(path, "a.png[0,0,5,6]", crop=(0, 0, 5, 6)).read()
    >>> image.key, image.unit, image.shape
    ('a.png[0,0,5,6]', 'grey', (6, 5))
    """

    path: Path
    key: str
    crop: Box | None = None
    mask: Path | None = None
    mask_label: int | None = None
    place: SlicePlace | None = None
    unit: str | None = None
    second: Path | None = None

    def read(self) -> StoneImage:
        """Read the image, its second energy, its mask, its slice and its crop."""
        if self.place is None:
            image = _whole(self, self.key)
        else:
            files = (self.path, self.mask, self.second)
            changed = tuple(None if file is None else _changed(file) for file in files)
            name = self.key.partition("[")[0]  # of the volume, as all its slices call it
            whole = ImageSource(
                self.path, name, mask=self.mask, mask_label=self.mask_label, second=self.second
            )
            volume = _kept_volume(whole, changed)
            image = volume.slice(self.place.index, self.place.axis).with_(key=self.key)
        image = image.crop(self.crop) if self.crop is not None else image
        return image if self.unit is None else _in_unit(image, self.unit)


def require_attached(path: Path, name: str) -> None:
    """Raise an `InputError` if a file is one half of a volume: its header, or its voxels."""
    if path.suffix.lower() in DETACHED:
        raise InputError(
            f"{name}: {path.suffix.lower()}, one of two files of a volume; expected its header and "
            "voxels in one, since no file that another one names is opened; "
            "save it as .mha, .nrrd or .nii.gz"
        )


@lru_cache(maxsize=_VOLUMES_KEPT)
def _kept_volume(source: ImageSource, changed: object) -> StoneImage:
    """Return a volume that was read already, unless a file has `changed` since."""
    return _whole(source, source.key)


def _changed(path: Path) -> tuple[int, int] | None:
    """Return when a file was written last, and its size; None where there is none."""
    if not path.exists():
        return None
    return path.stat().st_mtime_ns, path.stat().st_size


def _whole(source: ImageSource, name: str) -> StoneImage:
    """Return all that a file holds, with its second energy and its mask."""
    require_attached(source.path, name)
    image, mask = decode(source.path, name), source.mask
    if source.second is not None:
        require_attached(source.second, f"second energy of {name}")
        image = with_second(image, source.second, name)
    if mask is None:
        return image
    require_attached(mask, f"mask of {name}")
    require_file(mask, f"mask of {name}")
    region = read_mask(mask, image, f"mask of {name}", source.mask_label)
    require_same_place(image, mask, f"mask of {name}")
    return image.with_(mask=region)


def _in_unit(image: StoneImage, unit: str) -> StoneImage:
    """Take the user's word for what a file does not say."""
    if unit == image.unit:
        return image
    if unit != "HU":
        raise InputError(
            f"{image.name}: unit {unit!r}, but it is {image.unit!r}; "
            "expected 'HU' of a file that does not say it, or no unit"
        )
    second = image.pixels if image.second_energy is None else image.second_energy
    if image.unit == "rgb" or {image.pixels.dtype, second.dtype} & _EIGHT_BIT:
        found = "colours" if image.unit == "rgb" else "pixels of 8 bit"
        raise InputError(
            f"{image.name}: {found}, which hold no Hounsfield units (-1000 to 3000); "
            "leave the unit out, or read the scan itself"
        )
    return image.with_(unit="HU")
