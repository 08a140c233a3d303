"""The image at a second energy, from a file of its own."""

from __future__ import annotations

from pathlib import Path

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.alignment import require_same_place
from ksfeat.io.formats import decode


def with_second(image: StoneImage, path: Path, name: str) -> StoneImage:
    """Return an image with the one at a second energy.

    Where both files say their tube voltage, the lower one becomes the first energy, and they must
    lie at one place; else the order is the user's.

    Parameters
    ----------
    image : StoneImage
        The whole image or volume.
    path : Path
        The file, or folder of a DICOM series, of the other.
    name : str
        How to call the image; the other file is never named.

    Raises
    ------
    InputError
        If the file cannot be read, or is of another size, unit or place.
    """
    called = f"second energy of {name}"
    other = decode(path, called)
    if (other.shape, other.unit) != (image.shape, image.unit) or image.unit == "rgb":
        raise InputError(
            f"{called}: {_size(other)} of unit {other.unit!r}; expected the image's "
            f"{_size(image)} in HU or grey; reconstruct both alike"
        )
    if image.kvp is not None and other.kvp is not None:
        from ksfeat.io.dicom import pair_energies

        return pair_energies(image, other).with_(key=name)
    require_same_place(image, path, called)
    return image.with_(second_energy=other.pixels)


def _size(image: StoneImage) -> str:
    lengths = "x".join(str(length) for length in reversed(image.shape))
    return f"{lengths} {'voxels' if image.volume else 'pixels'}"
